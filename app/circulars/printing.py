"""The PDF of a published circular, made after the answer."""

from sqlalchemy import select

from app.circulars import paper
from app.core.db import db, unit_of_work
from app.core.jobs import job
from app.core.roles import SYSTEM
from app.files import services as files
from app.signing import services as signing
from app.signing.models import IssuedDocument


@job
def issue_circular_pdf(document_ref: str) -> None:
    """Print the frozen content and keep the file. Running twice changes nothing."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.pdf_hash is not None:
        return
    data = paper.render(document.content, document=document, language=document.content["language"])
    with unit_of_work():
        if document.pdf_hash is not None:
            return
        name = f"{document.content['number']}.pdf"
        signing.attach_pdf(document, files.store(data, name, "application/pdf", actor=SYSTEM))
