"""Who may register whom, and who may see the list."""

from app.assistants.acting import ActingFor
from app.assistants.queries import acts_for
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
    """Register or withdraw this person: oneself, anybody as the organizer, or as a standing assistant of theirs.

    An auditor writes nothing.
    """
    if may_organize(actor, event):
        return True
    if holds(actor, Role.AUDITOR):
        return False
    return is_own(actor, person) or acts_for(actor, person)


def in_whose_name(actor: Actor, event: Event, person: Person) -> Actor:
    """The actor as the log names them, once `may_act_for` has said yes: an assistant becomes "A for B"."""
    if isinstance(actor, ActingFor) or is_own(actor, person) or may_organize(actor, event):
        return actor
    return ActingFor(actor, person)


def is_own(actor: Actor, person: Person) -> bool:
    return actor.id is not None and person.account_id == actor.id


def is_in_name_of(actor: Actor, person: Person) -> bool:
    """By the person, or by an assistant who acts for them: what the person would do themselves."""
    return is_own(actor, person) or (isinstance(actor, ActingFor) and actor.principal_ref == person.ref)
