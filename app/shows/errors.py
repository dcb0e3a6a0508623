"""How acts on a run of show can be refused."""

from app.core.errors import Refused


class CueHasBegun(Refused):
    """What was called on the evening stays in its table."""


class NotOfThisEvent(Refused):
    """A session, a pledge, a tally or an award of another event was named."""


class EventIsCancelled(Refused):
    """Nothing new is planned for a cancelled event."""


class TooManyCues(Refused):
    """More rows than anybody can call in an evening."""


class NothingChanged(Refused):
    """A version that equals the one before helps nobody."""


class NeedsReason(Refused):
    """Whoever departs from the order of precedence says why (rule 34)."""


class NothingToShorten(Refused):
    """All hard stops hold, or nothing that is still to come can give way."""


class RowsRefused(Refused):
    """A table that cannot be read in. `rows` are the numbers of its rows, each with what is wrong there."""

    def __init__(self, sentence: object, *, rows: list[tuple[int, str]]) -> None:
        super().__init__(sentence, field="file")
        self.rows = rows
