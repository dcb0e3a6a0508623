"""Minutes on paper and in files: each reader takes along what they read, and nothing else."""

from collections.abc import Callable
from urllib.parse import quote

from flask import Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import audit
from app.core.db import unit_of_work
from app.core.errors import Refused
from app.core.i18n import _, pgettext
from app.documents.word import WORD_TYPE
from app.events.pages import open_event
from app.minutes import paper, plain, policy, printing, queries, tables, word
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.paper import Paper
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people.models import Clearance
from app.progress import queries as progress
from app.sheets.writing import XLSX_TYPE

VERSION = f"{PATH}/versions/<ref:version_ref>"


@blueprint.route(f"{PATH}/pdf")
def pdf(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    return printed(minutes, queries.version_for(current_user, minutes) or abort(404))


@blueprint.route(f"{VERSION}/pdf")
def version_pdf(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    return printed(*asked_for(event_ref, minutes_ref, version_ref))


@blueprint.route(f"{VERSION}/word")
def version_word(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    """In the company's own template, where there is one."""
    minutes, version = asked_for(event_ref, minutes_ref, version_ref)
    return waited_for(minutes, version, "docx", WORD_TYPE, lambda sheet: word.to_word(sheet, word.template_of(minutes)))


@blueprint.route(f"{VERSION}/markdown")
def version_markdown(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    minutes, version = asked_for(event_ref, minutes_ref, version_ref)
    kind = "text/markdown; charset=utf-8"
    return sent(minutes, version, "md", kind, lambda sheet: plain.to_markdown_text(sheet).encode())


@blueprint.route(f"{VERSION}/text")
def version_text(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    """As it stands in a mail."""
    minutes, version = asked_for(event_ref, minutes_ref, version_ref)
    kind = "text/plain; charset=utf-8"
    return sent(minutes, version, "txt", kind, lambda sheet: plain.to_mail_text(sheet).encode())


@blueprint.route(f"{VERSION}/decisions")
def version_decisions(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    """What was decided and who does what, as a workbook."""
    minutes, version = asked_for(event_ref, minutes_ref, version_ref)
    clearance = policy.clearance_of(current_user, minutes.event)
    return sent(minutes, version, "xlsx", XLSX_TYPE, lambda _sheet: tables.decisions(version, clearance))


def asked_for(event_ref: str, minutes_ref: str, version_ref: str) -> tuple[Minutes, MinutesVersion]:
    minutes = find(open_event(event_ref), minutes_ref)
    return minutes, queries.find_version(current_user, minutes, version_ref) or abort(404)


def sheet_of(minutes: Minutes, version: MinutesVersion) -> Paper:
    return paper.paper_for(version, policy.clearance_of(current_user, minutes.event)) or abort(404)


def printed(minutes: Minutes, version: MinutesVersion) -> ResponseReturnValue:
    """The PDF as it was kept after the sign-off; else as long ones are given."""
    document = sheet_of(minutes, version).document
    if document is not None and document.file_id is not None:
        return sent(minutes, version, "pdf", paper.PDF_TYPE, paper.pdf_for)
    return waited_for(minutes, version, "pdf", paper.PDF_TYPE, paper.pdf_for)


def waited_for(
    minutes: Minutes, version: MinutesVersion, form: str, kind: str, make: Callable[[Paper], bytes]
) -> ResponseReturnValue:
    """A short one at once; a long one is made meanwhile, and its reader sees how far it is."""
    sheet = sheet_of(minutes, version)
    if sheet.length < paper.LONG:
        return sent(minutes, version, form, kind, make)
    made = progress.find_made(current_user, printing.key_of(version, sheet, form))
    if made is not None:
        return sent(minutes, version, form, kind, lambda _sheet: made)
    clearance = policy.clearance_of(current_user, minutes.event)
    endpoint = "version_pdf" if form == "pdf" else "version_word"
    then = page_of(minutes, endpoint, version_ref=version.ref)
    try:
        with unit_of_work():
            it = printing.make_long(version, clearance, sheet, form, actor=current_user, then=then)
    except Refused as refusal:
        return refused(minutes, refusal)
    return redirect(url_for("progress.show", progress_ref=it.ref), 303)


def sent(
    minutes: Minutes, version: MinutesVersion, ending: str, kind: str, make: Callable[[Paper], bytes]
) -> ResponseReturnValue:
    """The file, to be kept by the reader. What not everybody in the house may read leaves a line in the log."""
    sheet = sheet_of(minutes, version)
    try:
        data = make(sheet)
    except Refused as refusal:
        return refused(minutes, refusal)
    name = _file_name(minutes, version, ending)
    if sheet.content.get("clearance", 0) > Clearance.INTERNAL:
        with unit_of_work():
            audit.record(current_user, "minutes.taken_along", minutes, version=version.number, form=ending)
    return as_file(data, kind, name, f"minutes-v{version.number}.{ending}")


def as_file(data: bytes, kind: str, name: str, plain_name: str) -> Response:
    """A file to be kept, and powerless if opened. A header holds no Chinese: the whole name stands beside the plain one,
    quoted."""
    response = Response(data, content_type=kind)
    response.headers["Content-Disposition"] = (
        f"attachment; filename={plain_name}; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _file_name(minutes: Minutes, version: MinutesVersion, ending: str) -> str:
    number = f" {minutes.label}" if minutes.number else ""
    words = pgettext("document", "Minutes") + f"{number} v{version.number}"
    if ending == "xlsx":
        words += " " + _("decisions and actions")
    return f"{words}.{ending}"


def refused(minutes: Minutes, refusal: Refused) -> ResponseReturnValue:
    flash(str(refusal.sentence), "refused")
    return redirect(page_of(minutes))
