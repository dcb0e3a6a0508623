"""The PDF of approved minutes, made after the answer."""

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.jobs import job
from app.core.roles import SYSTEM
from app.files import services as files
from app.minutes import paper
from app.signing import services as signing
from app.signing.models import IssuedDocument


@job
def issue_minutes_pdf(document_ref: str) -> None:
    """Print the frozen content and keep the file. Running twice changes nothing."""
    document = db.session.scalar(select(IssuedDocument).where(IssuedDocument.ref == document_ref))
    if document is None or document.pdf_hash is not None:
        return
    data = paper.render(document.content, document=document)
    with unit_of_work():
        if document.pdf_hash is not None:
            return
        name = f"{document.content['number']} v{document.edition}.pdf"
        signing.attach_pdf(document, files.store(data, name, "application/pdf", actor=SYSTEM))
