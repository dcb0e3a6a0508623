"""Who asks, who answers, and who agrees."""

from app.assistants.queries import acts_for
from app.core.roles import Actor, Role, holds
from app.registration.policy import is_own, may_act_for, may_organize
from app.substitutions.models import Substitution


def may_ask(actor: Actor, substitution: Substitution) -> bool:
    """Whoever may act for the one who sends."""
    return may_act_for(actor, substitution.event, substitution.registration.person)


def may_answer(actor: Actor, substitution: Substitution) -> bool:
    """The one who is asked to come, or a standing assistant of theirs, told as "A for B"."""
    if holds(actor, Role.AUDITOR):
        return False
    return is_own(actor, substitution.to_person) or acts_for(actor, substitution.to_person)


def may_agree(actor: Actor, substitution: Substitution) -> bool:
    """The line manager; the organizers in any case, and they alone where there is no manager."""
    if may_organize(actor, substitution.event):
        return True
    approver = substitution.approver
    return approver is not None and is_own(actor, approver) and not holds(actor, Role.AUDITOR)
