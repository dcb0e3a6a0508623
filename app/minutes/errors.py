"""How acts on minutes are refused."""

from app.core.errors import Refused


class AlreadyThere(Refused):
    """The session has minutes in this language."""


class WrongStage(Refused):
    """The text is not where this act needs it."""


class TextIsFixed(Refused):
    """What was approved does not change; a change is a new version."""


class NothingWritten(Refused):
    """An empty text is no record."""


class CommentsOpen(Refused):
    """Somebody asked for a correction that nobody answered."""


class MayNotSee(Refused):
    """Somebody chosen could not open the page."""


class NewerVersion(Refused):
    """The text that was read is no longer the one in force."""

    status = 409


class RemindedToday(Refused):
    """One reminder a day is enough."""


class SectionTaken(Refused):
    """Somebody else is writing there."""

    status = 409


class SectionGone(Refused):
    """The section was taken away while somebody wrote in it."""

    status = 409


class MarkGone(Refused):
    """The marked line is no longer in the text."""

    status = 409
