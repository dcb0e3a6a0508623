"""How acts on ceremonies can be refused."""

from app.core.errors import Refused


class NotOfThisEvent(Refused):
    """A session, an agenda item or a round of another event was named."""


class ItemTaken(Refused):
    """Another ceremony stands at this place of the agenda."""


class EventIsCancelled(Refused):
    """No new ceremony in a cancelled event."""


class NoPhotograph(Refused):
    """Something else than a picture was given."""


class TooManyPhotographs(Refused):
    """More than anybody looks at."""
