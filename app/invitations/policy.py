"""Who may see how an event is answered, and who may nudge whom."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.invitations.units import Units
from app.registration.policy import may_organize, may_see_list


def may_see_board(actor: Actor, event: Event, units: Units) -> bool:
    """The organizer and the auditor see all, the head of a department their own with those below it."""
    return may_see_list(actor, event) or bool(units.headed)


def may_nudge(actor: Actor, event: Event, units: Units, department_id: int | None) -> bool:
    """Remind the silent of a department, or of the whole event. An auditor writes nothing."""
    if may_organize(actor, event):
        return True
    return department_id in units.headed and not holds(actor, Role.AUDITOR)
