"""The record of attendance, its corrections, sheets and the room's code."""

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.attendance import papers, policy, queries, roomcode, services
from app.attendance.forms import CorrectForm, HereForm, MarkManyForm, TickForm
from app.attendance.models import SOURCE_LABELS, STATUS_LABELS, MarkStatus
from app.attendance.queries import Attendee, Record
from app.attendance.spans import Span, span_now
from app.attendance.telling import UNKNOWN
from app.core import clock
from app.core.errors import Refused, require
from app.core.forms import filled, press
from app.core.i18n import _, language_tag, pgettext
from app.core.text import fold
from app.documents.qr import qr_svg
from app.documents.render import render_pdf
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import person_of
from app.registration.queries import find_own
from app.sheets.answers import sheet_answer

blueprint = Blueprint("attendance", __name__)

PER_PAGE = 100


def _chosen(whole: Record) -> Span | None:
    return whole.find_span(request.args.get("span", "")) or span_now(whole.spans, clock.now())


def _shown(whole: Record, span: Span | None) -> list[Attendee]:
    """The people whom the address asks for."""
    words = fold(request.args.get("q", "")[:200]).split()[:5]
    status = request.args.get("status", "")
    department = request.args.get("department", "")
    return [
        each
        for each in whole.people
        if all(word in each.person.name_key or word in fold(each.person.name) for word in words)
        and (not status or span is None or (each.cells.get(span.key, UNKNOWN).status or "unknown") == status)
        and (not department or (each.department.ref if each.department else "none") == department)
    ]


@blueprint.route("/events/<ref:event_ref>/attendance")
def record(event_ref: str) -> ResponseReturnValue:
    """Who was present, half-day by half-day, and what each line rests on."""
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    return _record_page(event, MarkManyForm())


def _record_page(event: Event, form: MarkManyForm) -> ResponseReturnValue:
    whole = queries.record(event)
    span = _chosen(whole)
    people = _shown(whole, span)
    pages = max(1, -(-len(people) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    units = queries.by_department(whole.people, span.key) if span else []
    totals: dict[str, int] = {}
    for unit in units:
        for status, number in unit.counts.items():
            totals[status] = totals.get(status, 0) + number
    return render_template(
        "attendance/record.html",
        event=event, record=whole, span=span, people=people[(page - 1) * PER_PAGE : page * PER_PAGE], units=units,
        totals=totals, total=len(people), page=page, pages=pages, words=request.args.get("q", "")[:200], form=form,
        labels=STATUS_LABELS, sources=SOURCE_LABELS, unknown=UNKNOWN, points=queries.list_open_points(event),
        may_correct=policy.may_correct(current_user, event), zone=ZoneInfo(event.time_zone), chosen=form_people(),
        is_over=event.has_ended_at(clock.now()),
    ), form.status  # fmt: skip


def form_people() -> set[str]:
    return set(request.form.getlist("person"))


@blueprint.route("/events/<ref:event_ref>/attendance.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """The record with a column for each half-day, for those whom the page shows."""
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    whole = queries.record(event)
    columns = [pgettext("person", "Name"), _("Department"), *(each.name for each in whole.spans)]
    rows = (
        [
            each.person.display_name,
            each.department.display_name if each.department else "",
            *(_cell_words(each, span) for span in whole.spans),
        ]
        for each in _shown(whole, _chosen(whole))
    )
    return sheet_answer(kind, columns, rows, title=_("Attendance"), name=f"attendance-{event.ref}")


def _cell_words(attendee: Attendee, span: Span) -> str:
    cell = attendee.cells.get(span.key, UNKNOWN)
    if cell.status is None:
        return ""
    words = str(STATUS_LABELS[cell.status])
    return _("%(status)s, %(number)d min", status=words, number=cell.minutes) if cell.minutes else words


def _span_or_404(event: Event, key: str) -> Span:
    return next((each for each in queries.list_spans(event) if each.key == key), None) or abort(404)


@blueprint.route("/events/<ref:event_ref>/attendance/people/<ref:person_ref>", methods=["GET", "POST"])
def correct(event_ref: str, person_ref: str) -> ResponseReturnValue:
    """What the record holds of one person and why; and a correction of one half-day."""
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    person = queries.find_person_of(event, person_ref) or abort(404)
    whole = queries.record(event, person=person)
    attendee = next(each for each in whole.people if each.person.id == person.id)
    span = _chosen(whole)
    mark = queries.find_mark(event, person, span.key) if span else None
    form = CorrectForm(data={"mark": mark.status, "minutes": mark.minutes, "reason": mark.reason} if mark else None)
    if request.method == "POST":
        require(policy.may_correct(current_user, event))
    if span is not None and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.correct(
                event, person, span, MarkStatus(form.mark.data), actor=current_user, reason=filled(form.reason.data),
                minutes=form.minutes.data,
            ),
            then=url_for("attendance.correct", event_ref=event.ref, person_ref=person.ref, span=span.key),
            said=_("The record is corrected."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template(
        "attendance/correct.html",
        event=event, record=whole, attendee=attendee, span=span, mark=mark, form=form, labels=STATUS_LABELS,
        sources=SOURCE_LABELS, may_correct=policy.may_correct(current_user, event), zone=ZoneInfo(event.time_zone),
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/attendance/people/<ref:person_ref>/taking-back", methods=["POST"])
def take_back(event_ref: str, person_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_correct(current_user, event))
    person = queries.find_person_of(event, person_ref) or abort(404)
    span = _span_or_404(event, request.args.get("span", ""))
    mark = queries.find_mark(event, person, span.key) or abort(404)
    return press(
        lambda: services.take_back(mark, actor=current_user),
        url_for("attendance.correct", event_ref=event.ref, person_ref=person.ref, span=span.key),
        _("What the door tells counts again."),
    )


@blueprint.route("/events/<ref:event_ref>/attendance/marks", methods=["POST"])
def mark_many(event_ref: str) -> ResponseReturnValue:
    """The people that are ticked on the page, in one act."""
    event = open_event(event_ref)
    require(policy.may_correct(current_user, event))
    span = _span_or_404(event, request.args.get("span", ""))
    form = MarkManyForm()
    if form.validate_on_submit():
        chosen = form_people()
        people = [each.person for each in queries.record(event).people if each.person.ref in chosen]
        answer = form.attempt(
            lambda: services.mark_many(
                event, people, span, MarkStatus(form.mark.data), actor=current_user, reason=filled(form.reason.data)
            ),
            then=url_for("attendance.record", event_ref=event.ref, span=span.key),
            said=lambda marks: _("Marked: %(number)d.", number=len(marks)),
        )
        if answer is not None:
            return answer
    return _record_page(event, form)


# --- sheets -------------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/attendance/sheets", methods=["GET", "POST"])
def sheets(event_ref: str) -> ResponseReturnValue:
    """Sign-in sheets: print one for a half-day, and give back what was signed."""
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    spans = queries.list_spans(event)
    if request.method == "POST":
        require(policy.may_correct(current_user, event))
        span = _span_or_404(event, request.args.get("span", ""))
        return press(
            lambda: services.print_sheet(event, span, actor=current_user),
            lambda sheet: url_for("attendance.sheet", event_ref=event.ref, signing_sheet_ref=sheet.ref),
            _("The sheet is ready to print."),
        )
    return render_template(
        "attendance/sheets.html",
        event=event, spans=spans, sheets=queries.list_sheets(event), names={each.key: each.name for each in spans},
        may_correct=policy.may_correct(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/attendance/sheets/<ref:signing_sheet_ref>", methods=["GET", "POST"])
def sheet(event_ref: str, signing_sheet_ref: str) -> ResponseReturnValue:
    """One sheet: its lines to tick, as they were printed."""
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    made = queries.find_sheet(event, signing_sheet_ref) or abort(404)
    if request.method == "POST":
        require(policy.may_correct(current_user, event))
    form = TickForm()
    ticked = [int(each) for each in request.form.getlist("line") if each.isdecimal() and len(each) < 6]
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.tick(made, {*ticked, *services.lines_in(form.lines.data or "")}, actor=current_user),
            then=url_for("attendance.record", event_ref=event.ref, span=made.span),
            said=lambda marks: _("Recorded from the sheet: %(number)d.", number=len(marks)),
        )
        if answer is not None:
            return answer
    whole = queries.record(event)
    return render_template(
        "attendance/sheet.html",
        event=event, sheet=made, people=queries.people_on(made), form=form, ticked=set(ticked),
        span=whole.find_span(made.span), cells={each.person.ref: each.cells.get(made.span) for each in whole.people},
        labels=STATUS_LABELS, may_correct=policy.may_correct(current_user, event),
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/attendance/sheets/<ref:signing_sheet_ref>.pdf")
def sheet_pdf(event_ref: str, signing_sheet_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_record(current_user, event))
    made = queries.find_sheet(event, signing_sheet_ref) or abort(404)
    span = next((each for each in queries.list_spans(event) if each.key == made.span), None)
    pdf = render_pdf("list", papers.sheet(event, made, span, queries.people_on(made)), lang=language_tag())
    name = f"sign-in-{event.ref}-{made.number}.pdf"
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


# --- the room's code ----------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/points/<ref:point_ref>/code")
def room_code(event_ref: str, point_ref: str) -> ResponseReturnValue:
    """For the screen of a room: the code of this half minute. The page renews itself."""
    event = open_event(event_ref)
    require(policy.may_show_code(current_user, event))
    point = queries.find_point(event, point_ref) or abort(404)
    now = clock.now()
    code = roomcode.code_at(point, now)
    link = url_for("attendance.here", event_ref=event.ref, point_ref=point.ref, code=code, _external=True)
    answer = make_response(
        render_template(
            "attendance/room_code.html",
            event=event, point=point, qr=qr_svg(link, title=_("Check yourself in")), code=code, now=now,
        )
    )  # fmt: skip
    answer.headers["Refresh"] = str(roomcode.STEP - int(now.timestamp()) % roomcode.STEP + 1)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/events/<ref:event_ref>/points/<ref:point_ref>/here", methods=["GET", "POST"])
def here(event_ref: str, point_ref: str) -> ResponseReturnValue:
    """Where the room's code leads: looking changes nothing, the button checks in."""
    event = open_event(event_ref)
    point = queries.find_point(event, point_ref) or abort(404)
    now = clock.now()
    form = HereForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.check_oneself_in(event, point, form.ticket.data or "", actor=current_user),
            then=url_for("attendance.here", event_ref=event.ref, point_ref=point.ref, done=1),
            said=_("You are checked in."),
        )
        if answer is not None:
            return answer
    ticket, refusal = form.ticket.data or "", None
    if request.method == "GET" and not request.args.get("done"):
        if roomcode.is_code(point, request.args.get("code", "")[:40], now):
            ticket = roomcode.ticket_for(point, current_user.id, now)
        else:
            refusal = Refused(_("This code has ended. Please scan the one on the screen again."))
    page = render_template(
        "attendance/here.html", event=event, point=point, form=form, ticket=ticket, refusal=refusal, now=now,
        done=bool(request.args.get("done")),
    )  # fmt: skip
    return page, 410 if refusal else form.status, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


# --- certificates -------------------------------------------------------------------------------------------------


@blueprint.route("/events/<ref:event_ref>/attendance/certificate", methods=["POST"])
def own_certificate(event_ref: str) -> ResponseReturnValue:
    """My certificate of attendance: issued now, if it was not before."""
    event = open_event(event_ref)
    registration = find_own(event, person_of(current_user)) or abort(404)
    return press(
        lambda: services.own_certificate(registration, actor=current_user),
        url_for("badges.certificate", event_ref=event.ref, registration_ref=registration.ref),
        refused=url_for("registration.mine", event_ref=event.ref),
    )


@blueprint.route("/events/<ref:event_ref>/attendance/certificates", methods=["POST"])
def issue_certificates(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_correct(current_user, event))
    return press(
        lambda: services.issue_certificates(event, actor=current_user),
        url_for("attendance.record", event_ref=event.ref),
        _(
            "The certificates are being issued. Each is found by its person under “My registration”, and with the badges."
        ),
    )
