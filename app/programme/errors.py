"""How acts on the programme are refused."""

from app.core.errors import Refused


class EndsBeforeStart(Refused):
    """The end does not lie after the start."""


class StartMissing(Refused):
    """An end without a start."""


class TooLong(Refused):
    """Longer than a day and a half: most likely a wrong date."""


class NotOfThisEvent(Refused):
    """A room or a session of another gathering."""


class NameTaken(Refused):
    """Two rooms of one gathering have different names."""


class InUse(Refused):
    """Something was recorded that would be lost."""


class EventIsCancelled(Refused):
    """A cancelled gathering keeps its programme as it was."""


class WrongState(Refused):
    """The item is cancelled already, or is not."""


class HasTime(Refused):
    """An item with a time stands where its time puts it."""


class OutsideEvent(Refused):
    """A moment that belongs to none of the event's days."""
