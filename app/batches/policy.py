"""Who may register many people at once."""

from app.batches.models import Batch
from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.registration.policy import may_organize, may_see_list


def may_register_tables(actor: Actor, event: Event) -> bool:
    """Tables name anybody: the organizer's."""
    return may_organize(actor, event)


def may_register_groups(actor: Actor, event: Event, *, leads: bool) -> bool:
    """The organizer chooses among everybody, the head of a department (`leads`) among their own people."""
    return may_organize(actor, event) or (leads and not holds(actor, Role.AUDITOR))


def may_see(actor: Actor, batch: Batch) -> bool:
    return may_see_list(actor, batch.event) or is_own(actor, batch)


def is_own(actor: Actor, batch: Batch) -> bool:
    return actor.is_authenticated and batch.by_id == actor.id


def may_work_on(actor: Actor, batch: Batch) -> bool:
    """Apply, drop, take back: whoever made it, and any organizer once it is applied."""
    if batch.applied_at is not None and may_organize(actor, batch.event):
        return True
    return is_own(actor, batch) and (may_organize(actor, batch.event) or not holds(actor, Role.AUDITOR))
