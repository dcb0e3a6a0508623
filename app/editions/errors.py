"""How making one gathering from another can be refused."""

from app.core.errors import Refused


class BadTemplate(Refused):
    """What was given is no template that this version reads. `problems` says what is wrong where, line by line."""

    def __init__(self, sentence: object, problems: list[str] | None = None) -> None:
        super().__init__(sentence, field="content")
        self.problems = problems or []


class BadRule(Refused):
    """A recurrence without an end, with too many dates, or with none."""


class NameTaken(Refused):
    """Somebody saved an edition of this name in the same moment."""
