"""How a counter-proposal can be refused."""

from app.core.errors import Refused


class NothingOtherOffered(Refused):
    """Other words, another date or other resources: one of them it must be."""


class DateIsNotNegotiable(Refused):
    """Accepted before, or passed before anybody spoke of it (rules 2 and 8)."""


class BallElsewhere(Refused):
    """It is the other side's turn, the rounds are used up, or somebody has answered already."""
