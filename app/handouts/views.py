"""The URLs of handouts."""

import re
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import Refused, require
from app.core.guards import public
from app.core.i18n import _, language_tag
from app.documents.render import render_pdf
from app.documents.word import WORD_TYPE
from app.events.models import Event
from app.events.pages import open_event
from app.handouts import files, papers, policy, queries, shelf
from app.handouts.errors import NothingToPrint
from app.people.queries import find_person, person_of
from app.sheets.writing import XLSX_TYPE
from app.speakers import queries as speakers

blueprint = Blueprint("handouts", __name__)

HANDOUTS = "/events/<ref:event_ref>/handouts"
PDF_TYPE = "application/pdf"


@blueprint.route(HANDOUTS)
@public
def show(event_ref: str) -> ResponseReturnValue:
    """Everything that can be printed or taken along, for whoever reads this programme."""
    event = open_event(event_ref)
    return _page(event)


def _page(event: Event, refusal: Refused | None = None) -> tuple[str, int]:
    edition = _edition(event)
    me = person_of(current_user)
    page = render_template(
        "handouts/show.html",
        event=event,
        edition=edition,
        edition_words=papers.edition_words(edition),
        asked=_asked(),
        days=sorted({each.day for each in queries.rooms_by_day(edition)}),
        rooms=queries.rooms_of(edition),
        may_choose=policy.may_choose_version(current_user, event) and event.release_number > 0,
        may_print_internal=policy.may_print_internal(current_user, event),
        may_print_sheets=policy.may_print_sheets(current_user, event),
        own=me if me is not None and speakers.speaks_in(event, current_user) else None,
        refusal=refusal,
    )
    return page, refusal.status if refusal else 200


def _asked() -> dict[str, str]:
    """What the address asks for, as it goes on to the files: `version=working`, `internal=1`."""
    asked = {}
    if request.args.get("version") == "working":
        asked["version"] = "working"
    if request.args.get("internal") == "1":
        asked["internal"] = "1"
    return asked


def _edition(event: Event) -> queries.Edition:
    asked = _asked()
    return queries.edition_for(event, current_user, working="version" in asked, internal="internal" in asked)


def _told(event: Event) -> tuple[bool, bool]:
    """What of the asked for is granted: by it the same file serves everybody who may have it."""
    asked = _asked()
    working = event.release_number == 0 or ("version" in asked and policy.may_choose_version(current_user, event))
    return working, "internal" in asked and policy.may_print_internal(current_user, event)


@blueprint.route(f"{HANDOUTS}/booklet.pdf")
@public
def booklet(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)

    def make() -> bytes:
        return render_pdf("booklet", papers.booklet(_edition(event)), lang=language_tag())

    return _kept(event, "booklet", make, PDF_TYPE, _("Programme.pdf"))


@blueprint.route(f"{HANDOUTS}/doors.pdf")
@public
def doors(event_ref: str) -> ResponseReturnValue:
    """A sign for each room and day; `?room=` and `?day=` choose."""
    event = open_event(event_ref)
    room, day = request.args.get("room", "")[:16], _day(request.args.get("day", ""))

    def make() -> bytes:
        edition = _edition(event)
        signs = queries.rooms_by_day(edition, room=room, day=day)
        if not signs:
            raise NothingToPrint(_("Nothing in the programme has both a time and a room there: no door needs a sign."))
        return render_pdf("door_sign", papers.door_signs(edition, signs), lang=language_tag())

    return _kept(event, f"doors {room} {day}", make, PDF_TYPE, _("Door signs.pdf"))


@blueprint.route(f"{HANDOUTS}/speakers.pdf")
def speaker_sheets(event_ref: str) -> ResponseReturnValue:
    """A sheet for each speaker, or for one (`?speaker=`); a speaker may print their own."""
    event = open_event(event_ref)
    ref = request.args.get("speaker", "")[:16]
    if ref:
        person = find_person(ref) or abort(404)
        require(policy.may_print_sheet_of(current_user, event, person))
    else:
        require(policy.may_print_sheets(current_user, event))
    try:
        edition = _edition(event)
        found = queries.sheets(edition, person=ref)
        if not found:
            raise NothingToPrint(_("Nobody speaks in this programme: there is no sheet to print."))
        body = render_pdf("speaker_sheet", papers.speaker_sheets(edition, found), lang=language_tag())
    except Refused as refusal:
        return _page(event, refusal)
    return _file(body, PDF_TYPE, _("Speakers.pdf"))


@blueprint.route(f"{HANDOUTS}/programme.xlsx")
@public
def workbook(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return _kept(event, "xlsx", lambda: files.workbook(_edition(event)), XLSX_TYPE, _("Programme.xlsx"))


@blueprint.route(f"{HANDOUTS}/programme.docx")
@public
def word_document(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return _kept(event, "docx", lambda: files.word_document(_edition(event)), WORD_TYPE, _("Programme.docx"))


@blueprint.route(f"{HANDOUTS}/programme.json")
@public
def as_json(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return _kept(event, "json", lambda: files.as_json(_edition(event)), files.JSON_TYPE, _("Programme.json"))


@blueprint.route(f"{HANDOUTS}/print")
@public
def print_page(event_ref: str) -> ResponseReturnValue:
    """The programme as a page made for paper, from the browser."""
    event = open_event(event_ref)
    return render_template("handouts/print.html", event=event, paper=papers.booklet(_edition(event)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _kept(event: Event, what: str, make: Any, media_type: str, name: str) -> ResponseReturnValue:
    """From the shelf; what cannot be made is said in words on the page it was asked for from."""
    try:
        body = shelf.find(shelf.key_of(event, what, *_told(event)), make)
    except Refused as refusal:
        return _page(event, refusal)
    return _file(body, media_type, name)


def _file(body: bytes, media_type: str, name: str) -> Any:
    """To be kept by the browser. The name is told as RFC 6266 wants: plain, and with all its signs."""
    response = make_response(body)
    response.content_type = media_type
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name)
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
