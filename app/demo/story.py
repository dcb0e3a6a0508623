"""What happened, told in the order in which it happened, each act at its own time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.core import audit, clock
from app.core.db import db

Act = Callable[[], object]
MINUTE = timedelta(minutes=1)


class Story:
    """Collects acts with their moments. Nothing of it lies after `now`: what is told of today has just happened."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._acts: list[tuple[datetime, int, Act]] = []

    def tell(self, at: datetime, act: Act) -> None:
        self._acts.append((min(at, self.now), len(self._acts), act))

    def thread(self, after: datetime | None = None) -> "Thread":
        """A new thread; `after` is a moment that all of its acts follow."""
        return Thread(self, after)

    def happen(self) -> None:
        """Run all acts by time, inside the caller's unit of work.

        The rows of the audit log are written after each act, so that a document issued later names a head that
        stands in the log.
        """
        for at, _order, act in sorted(self._acts, key=lambda each: each[:2]):
            with clock.at(at):
                act()
                db.session.flush()
                audit.write_waiting()


class Thread:
    """Acts of which each needs the one before: they keep their order also when two days fall together."""

    def __init__(self, story: Story, after: datetime | None) -> None:
        self._story = story
        self._last = after

    def tell(self, at: datetime, act: Act) -> None:
        if self._last is not None and at <= self._last:
            at = self._last + MINUTE
        self._last = at
        self._story.tell(at, act)
