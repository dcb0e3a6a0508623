"""How acts on campaigns can be refused."""

from app.core.errors import Refused


class NotPossibleNow(Refused):
    """The state of the campaign does not allow this."""


class ObjectiveMissing(Refused):
    """A campaign is proposed with what it wants to reach."""


class PlaceTaken(Refused):
    """Another campaign of this event has the same year and number."""


class NumberTooHigh(Refused):
    """The third of two does not exist."""


class EndsBeforeStart(Refused):
    """The last day lies before the first."""


class AssessorInTeam(Refused):
    """Whoever fights a campaign does not judge its chances."""


class ScoreMissing(Refused):
    """All five dimensions are scored, from 1 to 5."""


class NotReady(Refused):
    """Something is missing before the campaign can go on."""


class ReviewIncomplete(Refused):
    """The review lacks a part without which nothing can be learnt from it (rule 17)."""


class DeputyIsCommander(Refused):
    """One person does not stand in for themselves."""


class Unowned(Refused):
    """A task on the combat map has nobody who answers for it (rule 14)."""


class DayPassed(Refused):
    """Something is needed or promised for a day that has passed."""


class OutOfReach(Refused):
    """Whoever would have to answer could not open the page."""


class ReasonMissing(Refused):
    """A refusal, a sending back or a decision is told with its reason."""


class NotOfThisEvent(Refused):
    """A session of another event was named."""
