"""What the daily mail asks besides assignments: told by the features above, which say so here themselves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.people.models import Person


@dataclass(frozen=True)
class Asked:
    """One thing that waits for one person. `say` gives its sentence in the language of whoever reads it."""

    person: Person
    label: str
    title: str
    say: Callable[[], str]
    path: str
    zone: str  # of its gathering: there it has to be a working day for it to be told first
    asked_at: datetime

    @property
    def words(self) -> str:
        return self.say()

    def is_new_since(self, last: datetime | None) -> bool:
        return last is None or self.asked_at > last


Source = Callable[[datetime], Iterable[Asked]]
_sources: list[Source] = []


def asks(source: Source) -> Source:
    """Make a function one of those whose answers stand in the daily mails."""
    _sources.append(source)
    return source


def list_asked(now: datetime) -> list[Asked]:
    return [each for source in _sources for each in source(now)]
