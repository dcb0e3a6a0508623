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


class ParagraphGone(Refused):
    """The paragraph is not in the text any more as it was read."""

    status = 409


class CutLoose(Refused):
    """A sentence that follows its record would become free text."""


class FindingsStand(Refused):
    """The checks before the sign-off found something that nobody mended or let stand."""


class RoundIsOpen(Refused):
    """Reviewers have been asked and still have time."""


class NotAsked(Refused):
    """Only who was asked answers, and only as long as they are asked."""


class DecidedAlready(Refused):
    """Somebody else has decided about this meanwhile."""

    status = 409


class MarkGone(Refused):
    """The marked line is no longer in the text."""

    status = 409
