"""How sending somebody else can be refused."""

from app.core.errors import Refused


class NotAllowed(Refused):
    """The plan of the event does not let this person be sent, or nobody at all."""


class AskedAlready(Refused):
    """Somebody was asked and has not answered yet."""


class NoLongerAsked(Refused):
    """The question was answered, taken back, or lapsed."""

    status = 410
