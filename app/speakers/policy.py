"""Who asks speakers, who answers for them, who sees what they bring in and who judges it."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.people.models import Person
from app.speakers.models import Deliverable


def may_organize(actor: Actor, event: Event) -> bool:
    """Ask speakers, say what they owe, remind them."""
    return events.may_plan(actor, event)


def may_see_list(actor: Actor, event: Event) -> bool:
    """Who was asked, who answered, what is missing. The auditor reads it too."""
    return events.may_plan(actor, event) or events.may_record(actor, event) or holds(actor, Role.AUDITOR)


def is_own(actor: Actor, person: Person | None) -> bool:
    return person is not None and actor.id is not None and person.account_id == actor.id


def acts_for_self(actor: Actor, person: Person | None) -> bool:
    """An auditor writes nothing, not even for themselves."""
    return is_own(actor, person) and not holds(actor, Role.AUDITOR)


def may_speak_for(actor: Actor, event: Event, person: Person | None) -> bool:
    """Answer, write the profile, bring something in: the speaker, or the organizer in the speaker's name."""
    return acts_for_self(actor, person) or may_organize(actor, event)


def may_see(actor: Actor, deliverable: Deliverable) -> bool:
    """The deliverable and its files: the speaker, the organizers, the secretary, and the auditor to read."""
    return is_own(actor, deliverable.person) or may_see_list(actor, deliverable.event)


def may_judge(actor: Actor, deliverable: Deliverable) -> bool:
    """Accept or send back. What one owes oneself is judged by somebody else (services say so in words)."""
    event = deliverable.event
    return events.may_plan(actor, event) or events.may_record(actor, event)
