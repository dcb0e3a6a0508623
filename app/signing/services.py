"""Issuing documents that anybody can check later."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.core import audit, clock
from app.core.db import db
from app.core.jobs import later
from app.core.roles import SYSTEM
from app.files.models import StoredFile
from app.signing.canonical import fingerprint
from app.signing.models import IssuedDocument
from app.signing.tokens import new_code


def issue(
    kind: str, *, title: str, subject_ref: str, edition: int, content: dict[str, Any], is_complete: bool = True,
    is_title_public: bool = False, supersede: bool = True,
) -> IssuedDocument:  # fmt: skip
    """Issue one edition of a document under a new code; earlier ones are superseded from now on, unless it is one more
    paper of the same edition (`supersede=False`).

    `content` is the canonical data (no floats) whose fingerprint every copy carries. Called inside the act that makes
    the document final; its PDF is attached afterwards by a job (`attach_pdf`), since it is slow to make.
    """
    now = clock.now()
    if supersede:
        _end(subject_ref, "superseded", IssuedDocument.superseded_at, by=edition)
    document = IssuedDocument(
        code=new_code(), kind=kind, title=title, is_title_public=is_title_public, subject_ref=subject_ref, edition=edition,
        content=content, content_hash=fingerprint(content), audit_head=audit.head(), issued_at=now, is_complete=is_complete,
    )  # fmt: skip
    db.session.add(document)
    db.session.flush()
    # The log holds the fingerprint too: whoever rewrites the row and its hash is still found out.
    audit.record(SYSTEM, "document.issued", document, content_hash=document.content_hash)
    return document


def attach_pdf(document: IssuedDocument, file: StoredFile) -> None:
    """Keep the PDF that was made from the content, its fingerprint in the log too. Doing it twice changes nothing."""
    if document.pdf_hash is None:
        document.file_id, document.pdf_hash = file.id, file.sha256
        audit.record(SYSTEM, "document.printed", document, pdf_hash=file.sha256)


def supersede(subject_ref: str, *, by: int) -> None:
    """Something newer holds, of the edition `by`; the page that checks the older ones says so."""
    _end(subject_ref, "superseded", IssuedDocument.superseded_at, by=by)


def withdraw(subject_ref: str) -> None:
    """All editions of a thing are void; the page that checks them says so."""
    _end(subject_ref, "withdrawn", IssuedDocument.withdrawn_at)


def _end(subject_ref: str, deed: str, column: InstrumentedAttribute[datetime | None], **details: Any) -> None:
    """In the log too, so that an evidence pack can show it; one that was made before is made anew."""
    ended = select(IssuedDocument).where(IssuedDocument.subject_ref == subject_ref, column.is_(None))
    for document in db.session.scalars(ended.order_by(IssuedDocument.id)).all():
        setattr(document, column.key, clock.now())
        audit.record(SYSTEM, f"document.{deed}", document, content_hash=document.content_hash, **details)
        if document.pack_id is not None:
            later("make_evidence_pack", document_ref=document.ref)
