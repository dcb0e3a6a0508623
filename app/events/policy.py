"""Who may see and who may plan a gathering. `select_visible` in queries says the same in SQL."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event

HERE = (
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.ORGANIZER,
    Role.SECRETARY,
    Role.SUPERVISOR,
    Role.PRESIDING_LEADER,
    Role.DOOR,
)


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
