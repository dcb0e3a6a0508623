"""How acts on pledges can be refused."""

from app.core.errors import Refused


class ScoreMissing(Refused):
    """What was partly kept was kept to a degree, which is said."""


class TextIsFrozen(Refused):
    """The pledge was opened for signature: neither its text nor its signatories change any more."""


class NotPossibleNow(Refused):
    """The state of the pledge does not allow this."""


class NotReady(Refused):
    """Something is missing before it can be opened for signature."""


class HasARoleAlready(Refused):
    """One person holds at most one role in one pledge."""


class SignedAlready(Refused):
    """Nobody signs twice."""


class TextHasChanged(Refused):
    """What was shown to the signatory is not what is stored."""

    status = 409


class NotOfThisEvent(Refused):
    """A round or a campaign that this event does not know was named."""


class DeadlinePassed(NotPossibleNow):
    """After the deadline nothing is taken out of the count any more: what became of it is said first."""


class EvidenceMissing(Refused):
    """A verdict rests on something that others can look at."""


class AppealedAlready(Refused):
    """A verdict is appealed against once."""


class SomeRowsRefused(Refused):
    """Of many that were to be drafted at once one cannot be: none is."""


class NotReadToTheEnd(Refused):
    """Nobody signs a text that was not read to its end in the same session."""


class ConsentMissing(Refused):
    """Nobody signs electronically without having agreed to that."""


class NotYourTurn(Refused):
    """The pledge is signed in the order of its places, and somebody before has not signed yet."""


class WrongPassword(Refused):
    """The password that was given again is not the signatory's."""
