"""How a request for more time can be refused."""

from app.core.errors import Refused


class OneAtATime(Refused):
    """A request waits for its decision already."""


class NotLater(Refused):
    """More time means a later day."""


class DecidedAlready(Refused):
    """Of two who decide at once, one is first."""
