"""Who may set up, assess and review campaigns. Whoever sees the event reads all of it."""

from app.campaigns.models import Campaign, SupportRequest
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.people.models import Department, Person


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_conclude(actor: Actor, event: Event) -> bool:
    """Say how it ended: the organizer or the presiding leader."""
    return holds(actor, Role.ORGANIZER, Role.PRESIDING_LEADER, scope=event.id)


def may_chart(actor: Actor, campaign: Campaign) -> bool:
    """Draw the combat map, name the risks, ask for support: those who fight it at the head, and who records the event."""
    return commands(actor, campaign) or may_record(actor, campaign.event)


def commands(actor: Actor, campaign: Campaign) -> bool:
    return any(_is(actor, each) for each in (campaign.commander, campaign.deputy))


def may_answer(actor: Actor, request: SupportRequest) -> bool:
    """Promise, deliver or refuse: the head of the department or of one above it; where there is none, who records."""
    heads = heads_of(request.to_department)
    return any(_is(actor, each) for each in heads) if heads else may_record(actor, request.event)


def may_confirm(actor: Actor, request: SupportRequest) -> bool:
    """Whoever may ask, unless the delivery is their own."""
    return may_chart(actor, request.campaign) and not any(_is(actor, each) for each in heads_of(request.to_department))


def may_decide(actor: Actor, request: SupportRequest) -> bool:
    """What becomes of a refusal: the leader, never about the own department."""
    own = any(_is(actor, each) for each in heads_of(request.to_department))
    return events.may_preside(actor, request.event) and not own


def heads_of(department: Department) -> list[Person]:
    """Who heads the department or one above it, the nearest first; nobody who left."""
    found: list[Person] = []
    place: Department | None = department
    while place is not None:
        if place.head is not None and place.head.left_on is None and place.head not in found:
            found.append(place.head)
        place = place.parent
    return found


def _is(actor: Actor, person: Person | None) -> bool:
    return person is not None and actor.id is not None and person.account_id == actor.id
