"""Who may register whom, and who may see the list."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.events.policy import may_plan
from app.people.models import Person


def may_organize(actor: Actor, event: Event) -> bool:
    """Open and close registration, set capacities, invite, register and withdraw others."""
    return may_plan(actor, event)


def may_see_list(actor: Actor, event: Event) -> bool:
    """Who comes, and who waits. The auditor reads it too."""
    return may_plan(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_act_for(actor: Actor, event: Event, person: Person) -> bool:
    """Register or withdraw this person: oneself, or anybody as the organizer. An auditor writes nothing."""
    if may_organize(actor, event):
        return True
    return is_own(actor, person) and not holds(actor, Role.AUDITOR)


def is_own(actor: Actor, person: Person) -> bool:
    return actor.id is not None and person.account_id == actor.id
