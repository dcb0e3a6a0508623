"""How acts about speakers are refused."""

from app.core.errors import Refused


class IllegalStep(Refused):
    """The table of states knows no such step from here."""

    status = 409


class LinkEnded(Refused):
    """A link to answer by that was replaced, or whose item or event is over."""

    status = 410


class NobodyToAsk(Refused):
    """The choice holds nobody who can be asked or reminded."""


class FileRefused(Refused):
    """Too large, of another type than this kind takes, or not what its name says."""


class OwnWork(Refused):
    """Nobody judges what they owe themselves."""
