"""What became of an issued document."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.core.audit import AuditEntry, digest
from app.core.db import db
from app.signing.canonical import NotCanonical, fingerprint
from app.signing.models import IssuedDocument, Revision
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
    document = find_document(code)
    if document is None:
        return Check(Finding.UNKNOWN)
    given = file_hash is not None and document.pdf_hash is not None  # a PDF that is still being made tells nothing
    told = _told(document)
    fits = _is_intact(document, told) and _is_surely_complete(document, told)
    if not fits or (given and file_hash != document.pdf_hash):
        return Check(Finding.CHANGED, document, given)
    # A column that was emptied by hand revives nothing: the row of the log stands.
    if document.withdrawn_at is not None or _named(told, "document.withdrawn"):
        return Check(Finding.WITHDRAWN, document, given)
    if document.superseded_at is not None or _named(told, "document.superseded"):
        return Check(Finding.OLDER, document, given)
    return Check(Finding.COMPLETE if document.is_complete else Finding.INCOMPLETE, document, given)


FATE = ("document.issued", "document.completed", "document.superseded", "document.withdrawn")
Row = dict[str, Any]


def _told(document: IssuedDocument) -> list[Row]:
    """What the log tells of the document itself."""
    rows = select(AuditEntry.__table__).where(
        AuditEntry.subject_type == "IssuedDocument", AuditEntry.subject_ref == document.ref, AuditEntry.action.in_(FATE)
    )  # fmt: skip
    return [dict(each) for each in db.session.execute(rows.order_by(AuditEntry.seq)).mappings()]


def _named(told: list[Row], action: str) -> list[Row]:
    return [each for each in told if each["action"] == action]


def _is_surely_complete(document: IssuedDocument, told: list[Row]) -> bool:
    """A paper with a field for each who has to sign is complete when a whole row of the log says so of this very file,
    not when a column does. Who has to sign stands in the content, which the log holds by its fingerprint."""
    if not document.is_complete or not any(each.get("field") for each in document.content.get("signatories") or []):
        return True
    return any(
        row["details"].get("pdf_hash") == document.pdf_hash and digest(row) == row["hash"]
        for row in _named(told, "document.completed")
    )


def _is_intact(document: IssuedDocument, told: list[Row]) -> bool:
    """The stored content still has its fingerprint, the log's row of its issue is whole and names the same fingerprint,
    and the log still holds the head that the copies carry."""
    try:
        if fingerprint(document.content) != document.content_hash:
            return False
    except NotCanonical:
        return False
    row = next(iter(_named(told, "document.issued")), None)
    if row is None or row["details"].get("content_hash") != document.content_hash or digest(row) != row["hash"]:
        return False
    if set(document.audit_head) == {"0"}:
        return True
    return db.session.scalar(select(AuditEntry.seq).where(AuditEntry.hash == document.audit_head)) is not None


def log_holds_file(document: IssuedDocument) -> bool | None:
    """Whether the log tells the hash of the PDF that is kept as the whole one, in a row that is whole itself; None for a
    document of before the log told it."""
    told = select(AuditEntry.__table__).where(
        AuditEntry.subject_type == "IssuedDocument", AuditEntry.subject_ref == document.ref,
        AuditEntry.action.in_(("document.completed", "document.printed")),
    )  # fmt: skip
    rows = [{str(name): value for name, value in each.items()} for each in db.session.execute(told).mappings()]
    if not rows:
        return None
    return any(row["details"].get("pdf_hash") == document.pdf_hash and digest(row) == row["hash"] for row in rows)


def replaced_by(document: IssuedDocument) -> int | None:
    """The edition that took its place, as the log tells; None for one of before the log told it."""
    ended = select(AuditEntry.details).where(
        AuditEntry.action == "document.superseded", AuditEntry.subject_ref == document.ref
    )
    return (db.session.scalar(ended) or {}).get("by")


def list_heads() -> dict[str, tuple[str, datetime]]:
    """The heads of the log that documents carry out of the house: which one, and since when."""
    documents = select(IssuedDocument.audit_head, IssuedDocument.code, IssuedDocument.issued_at)
    revisions = select(Revision.audit_head, IssuedDocument.code, Revision.created_at).join(Revision.document)
    rows = [*db.session.execute(documents).all(), *db.session.execute(revisions).all()]
    return {head: (code, at) for head, code, at in rows}


def find_document(code: str) -> IssuedDocument | None:
    return db.session.scalar(select(IssuedDocument).where(IssuedDocument.code == normalise(code)))


def find_by_hash(pdf_hash: str) -> IssuedDocument | None:
    return db.session.scalar(select(IssuedDocument).where(IssuedDocument.pdf_hash == pdf_hash))
