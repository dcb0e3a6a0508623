"""How a change of the directory can be refused."""

from app.core.errors import Refused


class AlreadyThere(Refused):
    """An address, a number or a code that must be one of a kind belongs to somebody or something else."""


class NotInOrder(Refused):
    """Days that contradict each other, or somebody above themselves."""


class StillNeeded(Refused):
    """A department in which people work, or that has others below it, cannot be dissolved."""


class ImportRefused(Refused):
    """A table that cannot be taken over as it is."""
