"""Who keeps the door, and who sees who came."""

from datetime import datetime, timedelta

from app.core.roles import Actor, Role, holds
from app.door.models import CheckIn
from app.events.models import Event
from app.events.policy import may_keep_door, may_plan, may_record

OWN_UNDO = timedelta(minutes=15)


def may_check_in(actor: Actor, event: Event) -> bool:
    return may_keep_door(actor, event)


def may_see_present(actor: Actor, event: Event) -> bool:
    """Door staff, the organizer, the secretary who writes the minutes, the auditor."""
    return may_keep_door(actor, event) or may_record(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_see_departments(actor: Actor, event: Event) -> bool:
    """Door staff see a name, a state and a time, and nothing else of a person (AZ13)."""
    return may_record(actor, event) or may_plan(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_undo(actor: Actor, check_in: CheckIn) -> bool:
    """Whether undoing is the actor's at all; `is_undo_in_time` says whether still."""
    return may_keep_door(actor, check_in.event)


def is_undo_in_time(actor: Actor, check_in: CheckIn, now: datetime) -> bool:
    """Who let the person in has a quarter of an hour; the organizer may undo later, and what others did."""
    own = check_in.by_id == actor.id and now - check_in.at <= OWN_UNDO
    return own or may_plan(actor, check_in.event)
