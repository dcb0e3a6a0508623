"""Who builds the form, who answers for whom, and who reads what was answered."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.people.models import Person
from app.questions.phases import READERS
from app.registration.policy import is_own, may_act_for, may_organize, may_see_list


def may_build(actor: Actor, event: Event) -> bool:
    """Ask, publish, decide about changes that come late."""
    return may_organize(actor, event)


def may_answer_for(actor: Actor, event: Event, person: Person) -> bool:
    """The person, a standing assistant of theirs, and the organizer."""
    return may_act_for(actor, event, person)


def may_read_answers(actor: Actor, event: Event) -> bool:
    """The organizer and the auditor; nobody at the door."""
    return may_see_list(actor, event)


def reading_roles(actor: Actor, event: Event) -> frozenset[Role]:
    """The roles by which somebody who is no organizer reads answers that name them."""
    return frozenset(role for role in READERS if holds(actor, role, scope=event.id))


def may_read_health(actor: Actor, event: Event) -> bool:
    """What somebody cannot eat and what help they need is for the organizer alone."""
    return may_organize(actor, event)


def may_fetch_file(actor: Actor, event: Event, person: Person) -> bool:
    """A file somebody gave: themselves, their assistant and the organizer. An auditor reads that there is one."""
    return is_own(actor, person) or may_answer_for(actor, event, person)
