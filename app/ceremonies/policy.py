"""Who may record ceremonies. Whoever sees the event sees them."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)
