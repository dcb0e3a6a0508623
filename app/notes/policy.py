"""Who writes live notes, and who reads them: they are working papers of those who record, never given out."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event


def may_note(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_read(actor: Actor, event: Event) -> bool:
    """Those who record; the auditor reads everything."""
    return may_note(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)
