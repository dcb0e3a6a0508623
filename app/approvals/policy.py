"""Who may decide a request to come."""

from app.core.roles import Actor, Role, holds
from app.registration import policy
from app.registration.models import Approval


def may_decide(actor: Actor, approval: Approval) -> bool:
    """Whoever was asked, and the organizers in their place. Nobody decides about themselves; an auditor writes nothing."""
    if policy.is_own(actor, approval.registration.person):
        return False
    if policy.may_organize(actor, approval.event):
        return True
    asked = approval.approver is not None and policy.is_own(actor, approval.approver)
    return asked and not holds(actor, Role.AUDITOR)


def may_decide_some(actor: Actor) -> bool:
    """Whether anybody could ask this actor at all."""
    return not holds(actor, Role.AUDITOR)
