"""How recording what was said can be refused."""

from app.core.errors import Refused


class WordingIsConfirmed(Refused):
    """The wording is frozen: nothing in this speech changes any more."""


class NothingSaid(Refused):
    """A passage or a statement needs its wording or, where that is withheld, a summary."""


class NotPartOfThis(Refused):
    """A session, an agenda item or a passage of something else was named."""


class CountDiffers(Refused):
    """Another number of requirements was announced than was recorded (rule 4)."""


class CannotConfirm(Refused):
    """Somebody who could not, or must not, say that the wording is right."""
