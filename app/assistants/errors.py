"""How naming an assistant can be refused."""

from app.core.errors import Refused


class CannotAssist(Refused):
    """This person cannot act for that one, or does so already."""


class AlreadyEnded(Refused):
    """The assistantship is over."""
