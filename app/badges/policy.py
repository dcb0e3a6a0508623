"""Who prints. A sheet of badges names everybody who comes, so it is the organizer's alone."""

from app.core.roles import Actor
from app.events.models import Event
from app.events.policy import may_plan
from app.people.queries import person_of
from app.registration.models import Registration


def may_print(actor: Actor, event: Event) -> bool:
    return may_plan(actor, event)


def may_fetch_certificate(actor: Actor, registration: Registration) -> bool:
    """One's own, and the organizer everybody's."""
    if may_print(actor, registration.event):
        return True
    person = person_of(actor)
    return person is not None and person.id == registration.person_id
