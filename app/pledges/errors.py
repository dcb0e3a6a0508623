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


class WrongPassword(Refused):
    """The password that was given again is not the signatory's."""
