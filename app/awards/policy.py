"""Who may record awards, and who sees them before they are conferred. `visible` in queries says the same in SQL."""

from app.awards.models import Award
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def sees_undecided(actor: Actor, event: Event) -> bool:
    """Until the moment of conferral only those who prepare it know, and the auditor (rule 31)."""
    return may_record(actor, event) or holds(actor, Role.AUDITOR)


def may_see(actor: Actor, award: Award) -> bool:
    return award.is_conferred or sees_undecided(actor, award.event)
