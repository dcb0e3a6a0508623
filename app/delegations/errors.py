"""How acts on delegations can be refused."""

from app.core.errors import Refused


class PaperMissing(Refused):
    """What somebody else enters rests on a paper."""


class NotAPair(Refused):
    """A delegation is from one person to another, neither of them who enters it for themselves."""
