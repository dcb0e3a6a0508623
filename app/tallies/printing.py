"""The PDF of a tally's certificate, made after the answer."""

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.jobs import every_minute, job, one_by_one
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile
from app.signing import services as signing
from app.signing.models import IssuedDocument
from app.tallies import papers


@job
def issue_tally_pdf(document_ref: str) -> None:
    """Print the frozen content and keep the file. Running twice changes nothing."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.pdf_hash is not None:
        return
    data = papers.render(document)
    with unit_of_work():
        if document.pdf_hash is None:
            name = f"{document.content['number']}.pdf"
            signing.attach_pdf(document, files.store(data, name, "application/pdf", actor=SYSTEM))


@every_minute
def issue_forgotten_tallies() -> None:
    """What was conferred before the process ended, or could not be queued."""
    waiting = select(IssuedDocument.ref).where(IssuedDocument.kind == "tally", IssuedDocument.pdf_hash.is_(None))
    one_by_one(issue_tally_pdf, db.session.scalars(waiting.order_by(IssuedDocument.id)).all())


def read(document: IssuedDocument) -> bytes:
    """The kept file, else the same bytes made now."""
    stored = db.session.get(StoredFile, document.file_id) if document.file_id else None
    return files.read(stored) if stored is not None else papers.render(document)
