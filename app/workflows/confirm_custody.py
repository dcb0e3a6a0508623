"""Confirming that a thing changed hands, or that it did not: what it means for the thing is known to its own feature."""

from app.core.roles import Actor
from app.custody import services as custody
from app.custody.models import TALLY_HALF, CustodyEvent, CustodyKind
from app.files.models import StoredFile
from app.tallies import services as tallies


def confirm(record: CustodyEvent, *, actor: Actor, photo: StoredFile | None = None) -> CustodyEvent:
    """Say that it was so. When both have said it, a half of a tally has a new holder, or the tally is returned."""
    custody.confirm(record, actor=actor, photo=photo)
    if record.object_kind == TALLY_HALF and record.is_settled:
        tallies.note_custody(record, actor=actor)
    return record


def withdraw(record: CustodyEvent, *, actor: Actor, reason: str | None) -> CustodyEvent:
    """Say that it was not so. A half that was found again is with whoever had it last."""
    custody.withdraw(record, actor=actor, reason=reason)
    if record.object_kind == TALLY_HALF and record.kind == CustodyKind.LOSS:
        tallies.note_found(record)
    return record
