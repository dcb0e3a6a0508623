"""Who may record what a session decided, and who may see it before it stands in the minutes."""

from app.core.roles import Actor, Role, holds
from app.decisions.models import Decision
from app.events import policy as events
from app.events.models import Event
from app.people.models import Clearance
from app.people.queries import person_of

FOLLOWING = (Role.SECRETARY, Role.ORGANIZER, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.AUDITOR)


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_follow(actor: Actor, event: Event) -> bool:
    """Those who record, supervise, preside or audit; everybody else reads the minutes."""
    return holds(actor, *FOLLOWING, scope=event.id)


def reads_up_to(actor: Actor, event: Event) -> int:
    """The supervisor as far as the directory clears them, the others everything."""
    if may_record(actor, event) or events.may_preside(actor, event) or holds(actor, Role.AUDITOR, scope=event.id):
        return Clearance.SECRET
    person = person_of(actor)
    return person.clearance if person is not None else Clearance.INTERNAL


def may_see(actor: Actor, decision: Decision) -> bool:
    return may_follow(actor, decision.event) and decision.clearance <= reads_up_to(actor, decision.event)
