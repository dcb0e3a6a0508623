"""Who may see and who may plan a gathering. `select_visible` in queries says the same in SQL."""

from app.core.roles import Actor, Role, holds
from app.events.models import Audience, Event, Participation, Status
from app.events.roles import HERE
from app.people.models import Clearance


def is_surely_visible(actor: Actor, event: Event) -> bool:
    """Whether the event may be named to the actor, without asking the database about parts in it: in doubt, no."""
    if holds(actor, Role.ADMINISTRATOR, Role.AUDITOR):
        return True
    if any(grant.event_id == event.id and grant.role in HERE for grant in getattr(actor, "grants", ())):
        return True
    if event.audience == Audience.RESTRICTED:
        return False
    if event.is_draft:
        return holds(actor, Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER)
    return event.is_public or actor.is_authenticated


def may_create(actor: Actor) -> bool:
    return holds(actor, Role.ORGANIZER, Role.ADMINISTRATOR)


def may_plan(actor: Actor, event: Event) -> bool:
    """Everything that shapes the gathering: dates, programme, registration, publishing."""
    return holds(actor, Role.ORGANIZER, Role.ADMINISTRATOR, scope=event.id)


def may_record(actor: Actor, event: Event) -> bool:
    """What was said and done: speeches, requirements, minutes, ceremonies."""
    return holds(actor, Role.SECRETARY, Role.ORGANIZER, scope=event.id)


def may_supervise(actor: Actor, event: Event) -> bool:
    """Hand requirements over, urge, propose closure."""
    return holds(actor, Role.SUPERVISOR, Role.ORGANIZER, scope=event.id)


def may_preside(actor: Actor, event: Event) -> bool:
    """Confirm wording, sign off minutes, close requirements."""
    return holds(actor, Role.PRESIDING_LEADER, scope=event.id)


def may_keep_door(actor: Actor, event: Event) -> bool:
    return holds(actor, Role.DOOR, Role.ORGANIZER, scope=event.id)


def may_read_log(actor: Actor, event: Event) -> bool:
    return holds(actor, Role.ADMINISTRATOR, Role.AUDITOR, Role.ORGANIZER, scope=event.id)


def has_role_here(actor: Actor, event: Event) -> bool:
    return holds(actor, *HERE, scope=event.id)


def may_name_people(actor: Actor, event: Event) -> bool:
    """Who took part is also told by the secretary, who writes the minutes."""
    return may_plan(actor, event) or may_record(actor, event)


def may_give_roles(actor: Actor, event: Event) -> bool:
    return may_plan(actor, event)


def may_take_out(actor: Actor, event: Event, part: Participation) -> bool:
    """What an act of its own has written (invitation, registration, speaking) is taken back there."""
    return may_name_people(actor, event) and part.role in ("presiding_leader", "guest", "speaker")


def is_open_to_change(event: Event) -> bool:
    """A cancelled gathering stays as it was; a concluded one may be put right."""
    return event.status != Status.CANCELLED


def usual_clearance(event: Event) -> int:
    """What is recorded there is classified so until somebody says otherwise."""
    return Clearance.PUBLIC if event.audience == Audience.PUBLIC else Clearance.INTERNAL
