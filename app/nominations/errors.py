"""How acts on categories, nominations and scores can be refused."""

from app.core.errors import Refused


class CategoryIsDecided(Refused):
    """What was decided by a jury does not change under it."""


class NotOpen(Refused):
    """Proposals are taken from a day to a day."""


class WrongNominee(Refused):
    """This category is for others, or nobody is named, or two are."""


class NominatedAlready(Refused):
    """The same nominee stands there already."""


class EvidenceMissing(Refused):
    """A proposal without anything that speaks for it."""


class NotInThatState(Refused):
    """The nomination stands elsewhere on its way."""


class KeptOut(Refused):
    """A juror who proposed the nominee, or stands near, gives no score (rule 32)."""


class TooFewScores(Refused):
    """Fewer unconflicted jurors have scored than the category asks for."""
