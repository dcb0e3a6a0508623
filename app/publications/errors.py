"""How acts on releases are refused."""

from app.core.errors import Refused


class WrongState(Refused):
    """The release is not in the state that this act needs."""


class NothingWritten(Refused):
    """A release without a text or a summary says nothing."""


class NotForThePublic(Refused):
    """The gathering's audience allows an internal release only."""


class ReasonMissing(Refused):
    """Readers who come back are owed a reason."""
