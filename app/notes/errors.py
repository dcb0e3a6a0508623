"""How a live note can be refused."""

from app.core.errors import Refused


class NothingNoted(Refused):
    """A line without words."""


class NotOfThisSession(Refused):
    """The agenda item belongs to another session."""


class IsRecorded(Refused):
    """There is a record of this line already."""


class WasRemoved(Refused):
    """The line was taken away meanwhile."""

    status = 409
