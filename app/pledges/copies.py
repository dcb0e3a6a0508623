"""Everybody who signed receives the sealed document itself, as soon as it is complete."""

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, unit_of_work
from app.core.jobs import every_minute, one_by_one
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile
from app.mail.services import Attachment, Recipient, queue_mail
from app.pledges import papers
from app.pledges.models import Pledge, Signature, SignatureSlot
from app.signing.models import IssuedDocument


@every_minute
def send_missing_copies() -> None:
    """The complete paper goes to each signatory, and to whoever signed as deputy; each of them once."""
    waiting = (
        select(SignatureSlot.ref)
        .join(Pledge, Pledge.id == SignatureSlot.pledge_id)
        .join(IssuedDocument, IssuedDocument.id == Pledge.document_id)
        .join(Signature, Signature.slot_id == SignatureSlot.id)
        .where(
            SignatureSlot.copy_sent_at.is_(None),
            IssuedDocument.is_complete,
            IssuedDocument.file_id.is_not(None),
            Pledge.in_force_at.is_not(None),
        )
        .order_by(SignatureSlot.id)
    )
    one_by_one(_send_copy, db.session.scalars(waiting).all())


def _send_copy(slot_ref: str) -> None:
    with unit_of_work():
        slot = db.session.scalar(select(SignatureSlot).where(SignatureSlot.ref == slot_ref))
        if slot is not None and slot.copy_sent_at is None:
            _send(slot)


def _send(slot: SignatureSlot) -> None:
    pledge, document = slot.pledge, slot.pledge.document
    if document is None or slot.signature is None:
        return
    stored = db.session.get_one(StoredFile, document.file_id)
    paper = Attachment(papers.file_name(document), "application/pdf", files.read(stored))
    signer = slot.signature.person or slot.person
    for person in {slot.person.id: slot.person, signer.id: signer}.values():
        queue_mail(
            Recipient(person.display_name, person.email, person.language),
            "pledges/mail/copy",
            kind="pledge_copy",
            scope=pledge.event.ref,
            dedupe_key=f"pledge_copy:{slot.ref}:{person.ref}",
            attachments=[paper],
            event=pledge.event,
            pledge=pledge,
            slot=slot,
            document=document,
        )
    slot.copy_sent_at = clock.now()
    audit.record(SYSTEM, "pledge.copy_sent", slot, pledge=pledge, pdf_hash=document.pdf_hash)
