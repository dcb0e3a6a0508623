"""Who prepares circulars and who reads them: their distribution list, and those who follow the work anyway."""

from app.circulars.models import Circular, CircularState
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.requirements.policy import FOLLOWING, is_account_of


def may_prepare(actor: Actor, event: Event | None) -> bool:
    """The supervision office: of one gathering, or of all of them."""
    if event is not None:
        return events.may_supervise(actor, event)
    return holds(actor, Role.SUPERVISOR, Role.ORGANIZER)


def may_read(actor: Actor, circular: Circular) -> bool:
    """A draft is seen by those who prepare it; a published one by its distribution list and by those who follow."""
    if circular.state == CircularState.DRAFT:
        return may_prepare(actor, circular.event)
    if any(is_account_of(actor, each.person) for each in circular.readers):
        return True
    return holds(actor, *FOLLOWING, scope=circular.event_id)
