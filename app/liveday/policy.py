"""Who says on the day what has begun and finished."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event


def may_operate(actor: Actor, event: Event) -> bool:
    """Planners, and those who keep the record and so follow every item anyway."""
    return events.may_plan(actor, event) or events.may_record(actor, event)
