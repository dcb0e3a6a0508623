"""How the door can refuse."""

from app.core.errors import Refused


class DoorClosed(Refused):
    """The event is not published, or cancelled."""


class TooLateToUndo(Refused):
    """A quarter of an hour has passed: now only the organizer may undo it, and says why."""


class NoWalkIns(Refused):
    """Only who is registered is let in at this point."""


class NotPaired(Refused):
    """A pairing code that is wrong, used, or older than ten minutes."""


class TooManyTries(Refused):
    """Guessing at pairing codes is slowed."""

    status = 429
