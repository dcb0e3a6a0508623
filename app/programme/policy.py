"""Who may see and who may shape a programme."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event


def may_change(actor: Actor, event: Event) -> bool:
    return events.may_plan(actor, event)


def may_see_internal(actor: Actor, event: Event) -> bool:
    """Internal items (set-up, rehearsal) are for those who plan, keep the record or the door, or preside."""
    return events.has_role_here(actor, event)
