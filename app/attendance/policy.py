"""Who reads and who corrects the record of attendance."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.events.policy import may_keep_door, may_record


def may_see_record(actor: Actor, event: Event) -> bool:
    """The organizer, the secretary who writes the minutes, the auditor. Door staff see who is here, and no more."""
    return may_record(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_correct(actor: Actor, event: Event) -> bool:
    return may_record(actor, event)


def may_show_code(actor: Actor, event: Event) -> bool:
    """Put the room's code on a screen."""
    return may_keep_door(actor, event) or may_record(actor, event)
