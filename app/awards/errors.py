"""How acts on awards and tallies can be refused."""

from app.core.errors import Refused


class ConferredAlready(Refused):
    """What was conferred does not change any more."""


class RecipientsMissing(Refused):
    """Nobody to confer it on, as far as is said."""


class NamedAlready(Refused):
    """This person or team receives it already."""


class NotOfThisEvent(Refused):
    """A ceremony of another event was named."""


class EventIsCancelled(Refused):
    """Nothing new is conferred in a cancelled event."""
