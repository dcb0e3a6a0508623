"""Whose turn it is. Both sides are told apart by the assignment; nobody plays on both."""

from app.core.roles import Actor
from app.negotiations.models import CounterProposal
from app.requirements import policy as requirements
from app.requirements.models import Assignment


def may_take_part(actor: Actor, assignment: Assignment) -> bool:
    """Propose and agree: the responsible person or their assistant, and the supervising side."""
    return requirements.may_answer(actor, assignment) or requirements.may_settle(actor, assignment)


def may_answer(actor: Actor, proposal: CounterProposal) -> bool:
    """Only the side that did not make it."""
    if proposal.by_responsible:
        return requirements.may_settle(actor, proposal.assignment)
    return requirements.may_answer(actor, proposal.assignment)


def may_decide(actor: Actor, assignment: Assignment) -> bool:
    return requirements.may_decide(actor, assignment)


def may_see(actor: Actor, assignment: Assignment) -> bool:
    return requirements.may_follow(actor, assignment) or may_take_part(actor, assignment)
