"""How acts on decisions are refused."""

from app.core.errors import Refused


class NothingDecided(Refused):
    """A decision has words."""


class NotOfThisSession(Refused):
    """What is named belongs to another session."""


class VotesDoNotFit(Refused):
    """The numbers of a vote contradict what is said to have come of it."""


class WasWithdrawn(Refused):
    """A withdrawn decision stays as it was."""


class WasHandedOut(Refused):
    """Somebody works by these words: they do not change any more."""


class NotCarried(Refused):
    """What was not carried is not handed to anybody."""
