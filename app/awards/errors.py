"""How acts on awards and tallies can be refused."""

from app.core.errors import Refused


class ConferredAlready(Refused):
    """What was conferred does not change any more."""


class RecipientsMissing(Refused):
    """Nobody to confer it on, as far as is said."""


class NamedAlready(Refused):
    """This person or team receives it already."""


class ChosenByTheJury(Refused):
    """Who receives it was decided; the office names nobody else in their place."""


class WrongDay(Refused):
    """A conferral that has not happened yet."""


class NotOfThisEvent(Refused):
    """A ceremony of another event was named."""


class EventIsCancelled(Refused):
    """Nothing new is conferred in a cancelled event."""


class AwardIsOver(Refused):
    """It was withdrawn, declined or revoked."""


class NotYetConferred(Refused):
    """Something that comes after the conferral."""


class NotYetHeld(Refused):
    """Nobody has the trophy with whom it could stay."""


class CueMissing(Refused):
    """What was decided is conferred by its cue on stage, or outside a ceremony with a reason."""


class TooManyWinners(Refused):
    """More than the category allows, or nobody."""


class DecisionUnexplained(Refused):
    """Others than the first by score were chosen, and nobody said why."""


class DecidesForOthers(Refused):
    """Who stands near a nominee does not decide the category (rule 32)."""
