"""What became of an issued document."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from app.core.audit import AuditEntry, digest
from app.core.db import db
from app.signing.canonical import NotCanonical, fingerprint
from app.signing.models import IssuedDocument
from app.signing.tokens import normalise


class Finding(StrEnum):
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    OLDER = "older"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """The verdict on a code, and on a file where one was given."""

    finding: Finding
    document: IssuedDocument | None = None
    file_checked: bool = False


def check(code: str, *, file_hash: str | None = None) -> Check:
    """Whether a document with this code exists and is unchanged here; with a file's SHA-256 also whether it is ours."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.code == normalise(code)))
    if document is None:
        return Check(Finding.UNKNOWN)
    given = file_hash is not None and document.pdf_hash is not None  # a PDF that is still being made tells nothing
    if not is_intact(document) or (given and file_hash != document.pdf_hash):
        return Check(Finding.CHANGED, document, given)
    if document.withdrawn_at is not None:
        return Check(Finding.WITHDRAWN, document, given)
    if document.superseded_at is not None:
        return Check(Finding.OLDER, document, given)
    return Check(Finding.COMPLETE if document.is_complete else Finding.INCOMPLETE, document, given)


def is_intact(document: IssuedDocument) -> bool:
    """The stored content still has its fingerprint, the log's row of its issue is whole and names the same fingerprint,
    and the log still holds the head that the copies carry."""
    try:
        if fingerprint(document.content) != document.content_hash:
            return False
    except NotCanonical:
        return False
    issued = select(AuditEntry.__table__).where(
        AuditEntry.action == "document.issued", AuditEntry.subject_ref == document.ref
    )
    row = db.session.execute(issued).mappings().first()
    if row is None or row["details"].get("content_hash") != document.content_hash or digest(dict(row)) != row["hash"]:
        return False
    if set(document.audit_head) == {"0"}:
        return True
    return db.session.scalar(select(AuditEntry.seq).where(AuditEntry.hash == document.audit_head)) is not None


def find_by_hash(pdf_hash: str) -> IssuedDocument | None:
    return db.session.scalar(select(IssuedDocument).where(IssuedDocument.pdf_hash == pdf_hash))
