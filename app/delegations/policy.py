"""Who may give the right to sign away, enter a paper that gives it, see it, and end it."""

from app.core.roles import Actor, Role, holds
from app.delegations.models import Delegation
from app.events import policy as events
from app.events.models import Event
from app.people.models import Person


def is_self(actor: Actor, person: Person) -> bool:
    return actor.id is not None and person.account_id == actor.id


def may_enter(actor: Actor, event: Event) -> bool:
    """For somebody else, from a paper: those who prepare what is signed there."""
    return events.may_record(actor, event)


def may_list(actor: Actor, event: Event) -> bool:
    return may_enter(actor, event) or holds(actor, Role.AUDITOR, Role.ADMINISTRATOR, scope=event.id)


def may_see(actor: Actor, delegation: Delegation) -> bool:
    if is_self(actor, delegation.principal) or is_self(actor, delegation.deputy) or holds(actor, Role.AUDITOR):
        return True
    return delegation.event is not None and may_list(actor, delegation.event)


def may_revoke(actor: Actor, delegation: Delegation) -> bool:
    if is_self(actor, delegation.principal) or is_self(actor, delegation.deputy):
        return True
    return delegation.event is not None and may_enter(actor, delegation.event)
