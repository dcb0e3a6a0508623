"""Who decides when somebody is reminded."""

from app.core.roles import Actor
from app.events.models import Event
from app.requirements import policy as requirements


def may_urge(actor: Actor, event: Event) -> bool:
    """Set the plan of reminders: whoever supervises the event."""
    return requirements.may_supervise(actor, event)
