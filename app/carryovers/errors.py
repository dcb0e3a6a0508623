"""How carrying over can be refused."""

from app.core.errors import Refused


class NothingChosen(Refused):
    """None of the rows is chosen."""


class DecidedAlready(Refused):
    """Somebody else was faster."""


class NoSession(Refused):
    """What is carried over needs a session to be treated in."""


class NoReason(Refused):
    """What is left out needs a reason that stays."""
