"""How questions can refuse."""

from app.core.errors import Refused


class FormChanged(Refused):
    """Another version of the form was published while somebody was answering."""

    status = 409


class NotAnswered(Refused):
    """An answer is missing or is none: beside the field of the question."""


class OptionFull(Refused):
    """The places of this choice are taken."""


class TooLate(Refused):
    """Answers change by request from now on."""


class Decided(Refused):
    """Somebody was faster: the change is accepted, refused or taken back already."""

    status = 409


class Problem(Refused):
    """The form does not hold together: what is wrong, and with which field of the question."""
