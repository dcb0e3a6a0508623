"""Who keeps the door, and who sees who came."""

from datetime import datetime, timedelta

from app.core.roles import Actor, Role, holds
from app.door.keeper import device_of
from app.door.models import CheckIn, Device, Point, Profile
from app.events.models import Event
from app.events.policy import may_keep_door, may_plan, may_record

OWN_UNDO = timedelta(minutes=15)


def may_check_in(actor: Actor, event: Event) -> bool:
    return may_keep_door(actor, event)


def may_arrange(actor: Actor, event: Event) -> bool:
    """Make points and devices, and read what went wrong at the doors."""
    return may_plan(actor, event)


def may_admit(actor: Actor, point: Point, now: datetime) -> bool:
    """Door staff at every point of their event; a device while it is on, at its own point or where it has none."""
    device = device_of(actor)
    if device is None:
        return may_keep_door(actor, point.event)
    return is_of(device, point.event, now) and device.point_id in (None, point.id)


def is_of(device: Device, event: Event, now: datetime) -> bool:
    return device.event_id == event.id and device.is_on_at(now)


def may_search(actor: Actor, event: Event, now: datetime) -> bool:
    """Look for people by name."""
    device = device_of(actor)
    if device is None:
        return may_keep_door(actor, event)
    return is_of(device, event, now) and device.profile == Profile.SEARCH


def may_see_present(actor: Actor, event: Event) -> bool:
    """Door staff, the organizer, the secretary who writes the minutes, the auditor."""
    return may_keep_door(actor, event) or may_record(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_see_departments(actor: Actor, event: Event) -> bool:
    """Door staff see a name, a state and a time, and nothing else of a person (AZ13)."""
    return may_record(actor, event) or may_plan(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_undo(actor: Actor, check_in: CheckIn, now: datetime) -> bool:
    """Whether undoing is the actor's at all; `is_undo_in_time` says whether without a reason."""
    device = device_of(actor)
    if device is None:
        return may_keep_door(actor, check_in.event)
    return is_of(device, check_in.event, now) and check_in.device_id == device.id


def is_undo_in_time(actor: Actor, check_in: CheckIn, now: datetime) -> bool:
    """Who let the person in has a quarter of an hour; what is older, or of others, the organizer undoes with a reason."""
    device = device_of(actor)
    own = check_in.device_id == device.id if device else actor.id is not None and check_in.by_id == actor.id
    return own and now - check_in.created_at <= OWN_UNDO


def may_undo_later(actor: Actor, check_in: CheckIn) -> bool:
    return device_of(actor) is None and may_plan(actor, check_in.event)
