"""Long minutes as PDF or Word, made while their reader waits."""

from sqlalchemy import select

from app.core.db import db
from app.core.errors import Refused
from app.core.i18n import _
from app.core.jobs import job
from app.core.roles import Actor
from app.documents.word import WORD_TYPE
from app.minutes import paper, word
from app.minutes.models import MinutesVersion
from app.minutes.paper import Paper
from app.progress import services as progress
from app.progress.models import Progress
from app.progress.services import Made, Tell
from app.signing.canonical import fingerprint


def key_of(version: MinutesVersion, sheet: Paper, form: str) -> str:
    """By everything that is printed: as soon as a record changes a draft, its paper is another one."""
    told = sheet.document.content_hash if sheet.document is not None else fingerprint(sheet.content)
    template = version.minutes.template
    looks = template.docx.sha256[:16] if form == "docx" and template is not None and template.docx is not None else ""
    return f"minutes-{form}:{told}:{looks}"


def make_long(
    version: MinutesVersion, clearance: int, sheet: Paper, form: str, *, actor: Actor, then: str
) -> Progress:  # fmt: skip
    """Have a long PDF or Word document made for one reader. `then` is the address that gives it."""
    title = _("The PDF is being made") if form == "pdf" else _("The Word document is being made")
    return progress.begin(
        key_of(version, sheet, form), "make_long_minutes", actor=actor, title=title, then=then, total=2,
        version=version.ref, clearance=int(clearance), form=form,
    )  # fmt: skip


@job
def make_long_minutes(progress_ref: str) -> None:
    progress.carry_out(progress_ref, _made)


def _made(asked: Progress, tell: Tell) -> Made:
    version, sheet = _sheet(asked)
    template = word.template_of(version.minutes) if asked.arguments["form"] == "docx" else None
    tell(1, _("The text is read, and its pages are being set"))
    if asked.arguments["form"] == "docx":
        return Made(word.to_word(sheet, template), "minutes.docx", WORD_TYPE)
    return Made(paper.pdf_for(sheet), "minutes.pdf", paper.PDF_TYPE)


def _sheet(asked: Progress) -> tuple[MinutesVersion, Paper]:
    """What is asked for, read again: its reader was looked at when they asked."""
    ref, clearance = asked.arguments["version"], asked.arguments["clearance"]
    version = db.session.scalar(select(MinutesVersion).where(MinutesVersion.ref == ref))
    sheet = paper.paper_for(version, clearance) if version is not None else None
    if version is None or sheet is None:
        raise Refused(_("This text is not there any more."))
    return version, sheet
