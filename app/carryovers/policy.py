"""Who sees what is still open of earlier editions, and who decides what becomes of it."""

from app.core.roles import Actor
from app.events.models import Event
from app.programme import policy as programme
from app.requirements import policy as requirements


def may_look(actor: Actor, event: Event) -> bool:
    return requirements.may_read_history(actor, event)


def may_decide(actor: Actor, event: Event) -> bool:
    """Whoever shapes the programme: taking something over is an agenda item."""
    return programme.may_change(actor, event)
