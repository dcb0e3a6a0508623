"""Who may set up, assess and review campaigns. Whoever sees the event reads all of it."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_conclude(actor: Actor, event: Event) -> bool:
    """Say how it ended: the organizer or the presiding leader."""
    return holds(actor, Role.ORGANIZER, Role.PRESIDING_LEADER, scope=event.id)
