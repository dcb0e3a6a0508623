"""The one file of an issued document: drawn after the answer, kept for good, so that any copy can be compared with it.

A feature says how documents of its kind are drawn (`draws`); the file is then made by the job `keep_paper`, or within
the minute when no job could run. Pledges keep their papers themselves, revision by revision.
"""

from collections.abc import Callable

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.jobs import every_minute, job, one_by_one
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile
from app.signing.models import IssuedDocument
from app.signing.services import attach_pdf

Draw = Callable[[IssuedDocument], bytes]
Name = Callable[[IssuedDocument], str]

_known: dict[str, tuple[Draw, Name]] = {}


def named_by_code(document: IssuedDocument) -> str:
    return f"{document.code}.pdf"


def named_by_number(document: IssuedDocument) -> str:
    return f"{document.content['number']}.pdf"


def draws(kind: str, *, name: Name = named_by_code) -> Callable[[Draw], Draw]:
    """Says that this function makes the PDF of documents of a kind, from their frozen content alone: always the same."""

    def register(draw: Draw) -> Draw:
        _known[kind] = (draw, name)
        return draw

    return register


def kept(document: IssuedDocument) -> bytes | None:
    """The file as it was kept; None before the job has made it."""
    stored = db.session.get(StoredFile, document.file_id) if document.file_id else None
    return files.read(stored) if stored is not None else None


def read(document: IssuedDocument) -> bytes:
    """The kept file, else the same bytes made now."""
    return kept(document) or _known[document.kind][0](document)


def keep(document: IssuedDocument, paper: bytes, name: str) -> None:
    """Keep the paper that was drawn. Doing it twice changes nothing."""
    with unit_of_work():
        if document.pdf_hash is None:
            attach_pdf(document, files.store(paper, name, "application/pdf", actor=SYSTEM))


@job
def keep_paper(document_ref: str) -> None:
    """Draw and keep the file of one document; the drawing stays outside of the unit of work, so nobody waits for it."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.pdf_hash is not None:
        return
    draw, name = _known[document.kind]
    keep(document, draw(document), name(document))


@every_minute
def keep_missing_papers() -> None:
    """What was issued before the process ended, or could not be queued."""
    missing = select(IssuedDocument.ref).where(IssuedDocument.kind.in_(_known), IssuedDocument.pdf_hash.is_(None))
    one_by_one(keep_paper, db.session.scalars(missing.order_by(IssuedDocument.id)).all())
