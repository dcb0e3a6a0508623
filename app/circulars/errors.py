"""How a circular can be refused."""

from app.core.errors import Refused


class PublishedAlready(Refused):
    """What is published is frozen (rule 39)."""


class PeriodUnclear(Refused):
    """A period ends on or after the day on which it begins, and not in the future."""


class Stranded(Refused):
    """An assignment of a dissolved department has to be transferred first (rule 40)."""


class NobodyToRead(Refused):
    """The distribution list is empty."""
