"""How the record of attendance can refuse."""

from app.core.errors import Refused


class CodeEnded(Refused):
    """The room's code has changed since it was scanned, or is of another room."""


class NotExpected(Refused):
    """Somebody without a place cannot mark themselves as present."""


class NothingTicked(Refused):
    """A sheet was handed back without any line."""
