"""Who asks for more time, and who grants it."""

from app.core.roles import Actor
from app.requirements import policy as requirements
from app.requirements.models import Assignment


def may_ask(actor: Actor, assignment: Assignment) -> bool:
    """The responsible person, or a recorded assistant of theirs."""
    return requirements.may_answer(actor, assignment)


def may_decide(actor: Actor, assignment: Assignment) -> bool:
    """The supervising side or the leader, never about their own."""
    return requirements.may_settle(actor, assignment)
