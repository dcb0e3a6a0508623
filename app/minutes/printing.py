"""The PDF of minutes, made after the answer: of approved ones for good, of long ones while their reader waits."""

from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.i18n import _
from app.core.jobs import job
from app.core.roles import SYSTEM, Actor
from app.files import services as files
from app.minutes import paper
from app.minutes.models import MinutesVersion
from app.minutes.paper import Paper
from app.progress import services as progress
from app.progress.models import Progress
from app.progress.services import Made, Tell
from app.signing import services as signing
from app.signing.canonical import fingerprint
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
        signing.attach_pdf(document, files.store(data, name, paper.PDF_TYPE, actor=SYSTEM))


def key_of(sheet: Paper) -> str:
    """By everything that is printed: as soon as a record changes a draft, its paper is another one."""
    told = sheet.document.content_hash if sheet.document is not None else fingerprint(sheet.content)
    return f"minutes-pdf:{told}"


def print_long(version: MinutesVersion, clearance: int, sheet: Paper, *, actor: Actor, then: str) -> Progress:
    """Have a long paper made for one reader. `then` is the address that gives it."""
    return progress.begin(
        key_of(sheet), "print_long_minutes", actor=actor, title=_("The PDF is being made"), then=then, total=2,
        version=version.ref, clearance=int(clearance),
    )  # fmt: skip


@job
def print_long_minutes(progress_ref: str) -> None:
    progress.carry_out(progress_ref, _printed)


def _printed(asked: Progress, tell: Tell) -> Made:
    sheet = _sheet(asked)
    tell(1, _("The text is read, and its pages are being set"))
    return Made(paper.pdf_for(sheet), "minutes.pdf", paper.PDF_TYPE)


def _sheet(asked: Progress) -> Paper:
    """What is asked for, read again: its reader was looked at when they asked."""
    ref, clearance = asked.arguments["version"], asked.arguments["clearance"]
    version = db.session.scalar(select(MinutesVersion).where(MinutesVersion.ref == ref))
    sheet = paper.paper_for(version, clearance) if version is not None else None
    if sheet is None:
        raise Refused(_("This text is not there any more."))
    return sheet
