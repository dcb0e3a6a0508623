"""How a change of hands can be refused."""

from app.core.errors import Refused


class NotTheHolder(Refused):
    """Who gives it does not hold it."""


class SamePerson(Refused):
    """Nothing changes hands between somebody and themselves."""


class WaitsForConfirmation(Refused):
    """The last change of hands of this thing is not confirmed yet."""


class NotPossibleNow(Refused):
    """It was confirmed, withdrawn or lost meanwhile."""


class ConditionMissing(Refused):
    """Giving back needs a word on the condition."""


class ReasonMissing(Refused):
    """Taking a record back is told with its reason."""


class WrongDay(Refused):
    """It lies in the future, or before the thing last changed hands."""


class OneForBoth(Refused):
    """Both parties confirm, and each of them is somebody else (rule 33)."""


class ReceiptMissing(Refused):
    """For somebody who cannot sign in the office confirms with a picture of the signed receipt."""
