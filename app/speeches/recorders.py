"""Who wrote down what was said; they cannot vouch that it was said so."""

from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db
from app.core.roles import Actor
from app.speeches.models import Speech

WRITTEN = ("passage.recorded", "passage.changed")


def has_recorded(actor: Actor, speech: Speech) -> bool:
    """Whether this account captured or mended a passage of the speech. One statement."""
    if actor.id is None or not speech.passages:
        return False
    asked = select(AuditEntry.seq).where(
        AuditEntry.subject_type == "Passage",
        AuditEntry.subject_ref.in_([each.ref for each in speech.passages]),
        AuditEntry.action.in_(WRITTEN),
        AuditEntry.actor_id == actor.id,
    )
    return db.session.scalar(asked.limit(1)) is not None
