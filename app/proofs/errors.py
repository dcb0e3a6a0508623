"""How a proof can be refused."""

from app.core.errors import Refused


class NotProven(Refused):
    """What was given does not prove who sits there."""


class ProofUsedUp(Refused):
    """A challenge or a code counts once, and only for a few minutes."""
