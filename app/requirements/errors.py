"""How requirements and assignments can be refused."""

from app.core.errors import Refused


class NumberTaken(Refused):
    """Requirement numbers are unique inside a speech (rule 5)."""


class NotInThePassage(Refused):
    """The demand must stand in the passage word for word."""


class WrongMoment(Refused):
    """The act does not fit the state that the record is in."""


class AddresseeUnresolved(Refused):
    """Somebody is addressed in words of which nobody has said yet which department they mean."""


class WrongPerson(Refused):
    """The person cannot carry or verify this assignment (rules 1 and 3)."""


class DueDatePassed(Refused):
    """A due date lies before today."""


class OriginalDueDateIsFixed(Refused):
    """Rule 2: the original due date never changes after acceptance."""


class EvidenceMissing(Refused):
    """A criterion without evidence (rule 13)."""


class NotALink(Refused):
    """Only http and https addresses are links."""


class ReasonMissing(Refused):
    """What goes back or ends early needs a reason."""


class EvaluationMissing(Refused):
    """What is closed is evaluated."""


class NotYours(Refused):
    """What only the responsible person may say or give."""


class PartsOpen(Refused):
    """What was handed on is still open, and nobody has said why the whole is done without it."""


class PartTooLate(Refused):
    """A part is due after the whole."""
