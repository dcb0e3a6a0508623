"""How many registrations at once can be refused."""

from app.core.errors import Refused


class BatchRefused(Refused):
    """Nothing of the group or the table was registered; the sentence tells why and what helps."""
