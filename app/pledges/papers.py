"""The printed pledge: made after it came into force, kept, and made on the fly until then."""

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.jobs import every_minute, job
from app.core.logs import log
from app.core.roles import SYSTEM
from app.documents.render import render_pdf
from app.files import services as files
from app.files.models import StoredFile
from app.pledges.deed import paper_of
from app.signing import services as signing
from app.signing.models import IssuedDocument


def read_paper(document: IssuedDocument) -> bytes:
    """The PDF of an issued pledge: the kept one, else the same bytes made now. Raises a refusal when it cannot be."""
    stored = db.session.get(StoredFile, document.file_id) if document.file_id else None
    return files.read(stored) if stored is not None else draw(document)


def draw(document: IssuedDocument) -> bytes:
    data, language = paper_of(document)
    return render_pdf("pledge", data, lang=language)


def file_name(document: IssuedDocument) -> str:
    return f"{document.content.get('label') or document.code}.pdf"


@job
def make_pledge_paper(document_ref: str) -> None:
    """Draw and keep the PDF. Doing it twice changes nothing."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.file_id is not None:
        return
    try:
        paper = draw(document)
    except Refused as refusal:
        log.warning("pledge not printed", document=document.code, why=str(refusal.sentence))
        return
    with unit_of_work():
        if document.file_id is None:
            stored = files.store(paper, file_name(document), "application/pdf", actor=SYSTEM)
            signing.attach_pdf(document, stored)


@every_minute
def make_missing_pledge_papers() -> None:
    """What was not drawn after the last signature, because the process ended or was busy."""
    missing = select(IssuedDocument.ref).where(IssuedDocument.kind == "pledge", IssuedDocument.file_id.is_(None))
    for document_ref in db.session.scalars(missing.order_by(IssuedDocument.id).limit(20)).all():
        make_pledge_paper(document_ref)
