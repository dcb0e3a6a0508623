"""Who chooses whom an event invites, and who keeps the saved groups."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.events.policy import may_plan


def may_choose(actor: Actor, event: Event) -> bool:
    """Look at an event's invitee list and change it."""
    return may_plan(actor, event)


def may_see_groups(actor: Actor) -> bool:
    """Who belongs together in the office's eyes is not for everybody."""
    return holds(actor, Role.ADMINISTRATOR, Role.ORGANIZER, Role.AUDITOR)


def may_keep_groups(actor: Actor) -> bool:
    return holds(actor, Role.ADMINISTRATOR, Role.ORGANIZER)
