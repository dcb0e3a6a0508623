"""Who may tell people of a programme. That something has changed may be known by everybody who sees it."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event


def may_release(actor: Actor, event: Event) -> bool:
    return events.may_plan(actor, event)
