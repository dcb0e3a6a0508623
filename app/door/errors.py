"""How the door can refuse."""

from app.core.errors import Refused


class DoorClosed(Refused):
    """The event is not published, or cancelled."""


class TooLateToUndo(Refused):
    """A quarter of an hour has passed: now only the organizer may undo it."""
