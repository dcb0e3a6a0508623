"""The door, for a phone in one hand; who is here; and what the organizer arranges there."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.config import settings_now
from app.core.errors import require
from app.core.forms import filled, options, press, record_options
from app.core.i18n import _, pgettext
from app.core.text import one_line
from app.documents.qr import qr_svg
from app.door import devices, points, policy, queries, services, wording
from app.door import scanner as _scanner  # noqa: F401 — names its routes
from app.door.forms import CodeForm, DeviceForm, PointForm, UndoForm
from app.door.models import POINT_LABELS, PROFILE_LABELS, REPEAT_LABELS, CheckIn, Outcome, Point, PointKind
from app.door.paths import EVENT, blueprint
from app.door.services import Answer
from app.events.models import Event
from app.events.pages import open_event
from app.programme.queries import list_sessions
from app.registration.models import STATE_LABELS
from app.registration.queries import find_own, find_registration
from app.sheets.answers import sheet_answer

WAYS = ("in", "out")


def _door(event_ref: str) -> Event:
    event = open_event(event_ref)
    require(policy.may_check_in(current_user, event))
    return event


def _arranged(event_ref: str) -> Event:
    event = open_event(event_ref)
    require(policy.may_arrange(current_user, event))
    return event


# --- the door, without a script -----------------------------------------------------------------------------------


@blueprint.route(EVENT, methods=["GET", "POST"])
def show(event_ref: str) -> ResponseReturnValue:
    """One field for hand scanner and fingers, one large answer."""
    event = _door(event_ref)
    known = queries.list_points(event, open_only=True)
    chosen = request.form.get("point") or request.args.get("point", "")
    point = next((each for each in known if each.ref == chosen), known[0] if known else None)
    form = CodeForm()
    if form.validate_on_submit():
        code, way = filled(form.code.data), _way()
        answer = form.attempt(
            lambda: services.admit(point or services.arrival_of(event), code, current_user, direction=way),
            then=lambda found: _told(event, point, found),
        )
        if answer is not None:
            return answer
    words = request.args.get("q", "")[:200]
    answer = _answer(event, point)
    return render_template(
        "door/door.html",
        event=event, form=form, words=words, found=queries.search_expected(event, words, point), points=known, point=point,
        answer=answer, told=wording.tell(answer, event) if answer else None, Outcome=Outcome, state_labels=STATE_LABELS,
        count=queries.count_present(event), newest=queries.list_newest(event, point), now=clock.now(), policy=policy,
    ), form.status  # fmt: skip


def _way() -> str:
    way = request.form.get("direction", "in")
    return way if way in WAYS else "in"


def _told(event: Event, point: Point | None, answer: Answer) -> str:
    """The address at which the door shows this answer; asking for it again changes nothing."""
    own = find_own(event, answer.person)
    return url_for(
        "door.show", event_ref=event.ref, told=str(answer.outcome), person=own.ref if own else None,
        point=point.ref if point else None, way=answer.direction if answer.direction == "out" else None,
    )  # fmt: skip


def _answer(event: Event, point: Point | None) -> Answer | None:
    told = request.args.get("told", "")
    if told not in list(Outcome):
        return None
    registration = find_registration(event, one_line(request.args.get("person", "")))
    if registration is None:
        return Answer(Outcome.UNKNOWN)
    way = "out" if request.args.get("way") == "out" else "in"
    person, passes = registration.person, queries.list_standing(point, registration.person) if point else ()
    last = next((each for each in reversed(passes) if each.direction == way), None)
    if told in (Outcome.ADMITTED, Outcome.ALREADY) and last is None:
        return None
    instead = queries.find_substitute(registration) if told == Outcome.REPLACED else None
    return Answer(Outcome(told), person, last, instead, way)


@blueprint.route(f"{EVENT}/<ref:registration_ref>", methods=["POST"])
def admit(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    event = _door(event_ref)
    registration = find_registration(event, registration_ref) or abort(404)
    point = queries.find_point(event, one_line(request.form.get("point", "")))
    way = _way()
    return press(
        lambda: services.admit(point or services.arrival_of(event), registration, current_user, direction=way),
        lambda answer: _told(event, point, answer),
        refused=url_for("door.show", event_ref=event.ref, point=point.ref if point else None),
    )


@blueprint.route(f"{EVENT}/check-ins/<ref:check_in_ref>/undoing", methods=["POST"])
def undo(event_ref: str, check_in_ref: str) -> ResponseReturnValue:
    """A button, for who has let the person in just now."""
    event = _door(event_ref)
    check_in = queries.find_check_in(event, check_in_ref) or abort(404)
    return press(lambda: services.undo(check_in, actor=current_user), _back_to(check_in), _undone(check_in))


@blueprint.route(f"{EVENT}/check-ins/<ref:check_in_ref>/taking-back", methods=["GET", "POST"])
def take_back(event_ref: str, check_in_ref: str) -> ResponseReturnValue:
    """For the organizer, later and of others: a page that asks why."""
    event = _arranged(event_ref)
    check_in = queries.find_check_in(event, check_in_ref) or abort(404)
    require(policy.may_undo_later(current_user, check_in) and policy.may_undo(current_user, check_in, clock.now()))
    form = UndoForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.undo(check_in, actor=current_user, reason=filled(form.reason.data)),
            then=_back_to(check_in),
            said=_undone(check_in),
        )
        if answer is not None:
            return answer
    return render_template("door/undo.html", event=event, check_in=check_in, form=form), form.status


def _back_to(check_in: CheckIn) -> str:
    return url_for("door.show", event_ref=check_in.event.ref, point=check_in.point.ref)


def _undone(check_in: CheckIn) -> str:
    return _("%(name)s is no longer checked in.", name=check_in.person.display_name)


@blueprint.route(f"{EVENT}/count")
def count(event_ref: str) -> ResponseReturnValue:
    """For the number that counts by itself: {"present": 12, "expected": 60}."""
    found = queries.count_present(_door(event_ref))
    return jsonify(present=found.present, expected=found.expected)


# --- who is here --------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/present")
def list_present(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_present(current_user, event))
    words = request.args.get("q", "")[:200]
    known = queries.list_points(event)
    point = next((each for each in known if each.ref == request.args.get("point")), None)
    return render_template(
        "door/present.html",
        event=event, words=words, present=queries.list_present(event, words, point), count=queries.count_present(event),
        points=known, point=point, may_check_in=policy.may_check_in(current_user, event),
        may_arrange=policy.may_arrange(current_user, event),
        shows_departments=policy.may_see_departments(current_user, event),
    )  # fmt: skip


@blueprint.route(f"{EVENT}/present.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """The list as it is shown, with the same search."""
    event = open_event(event_ref)
    require(policy.may_see_present(current_user, event))
    zone = ZoneInfo(event.time_zone)
    point = queries.find_point(event, one_line(request.args.get("point", "")))
    present = queries.list_present(event, request.args.get("q", "")[:200], point)
    columns = [pgettext("person", "Name"), _("Came at"), _("Let in by")]
    rows = [[each.name, each.at.astimezone(zone), each.by_name] for each in present]
    if policy.may_see_departments(current_user, event):
        columns.insert(1, _("Department"))
        for row, each in zip(rows, present, strict=True):
            row.insert(1, each.department)
    if point is not None and point.counts_out:
        columns.append(pgettext("door", "In or out"))
        for row, each in zip(rows, present, strict=True):
            row.append(pgettext("door", "Out") if each.direction == "out" else pgettext("door", "In"))
    return sheet_answer(kind, columns, rows, title=_("Attendance"), name=f"present-{event.ref}")


# --- points -------------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/points", endpoint="points")
def list_points(event_ref: str) -> ResponseReturnValue:
    """Where people are let in, and how many have come there; the numbers count by themselves."""
    event = _arranged(event_ref)
    return render_template(
        "door/points.html",
        event=event, points=queries.list_points(event), counts=queries.counts_by_point(event),
        nobody=queries.PointCount(), may_check_in=policy.may_check_in(current_user, event), labels=POINT_LABELS, repeats=REPEAT_LABELS, refused=len(queries.list_refused(event)),
    )  # fmt: skip


@blueprint.route(f"{EVENT}/points/new", methods=["GET", "POST"])
def make_point(event_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    form, sessions = _point_form(event, None)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: points.make_point(
                event, actor=current_user, session=sessions.get(form.session.data or ""), **form.values("session")
            ),
            then=url_for("door.points", event_ref=event.ref),
            said=_("The point is there: phones can scan at it now."),
        )
        if answer is not None:
            return answer
    return render_template("door/edit_point.html", event=event, form=form, point=None), form.status


@blueprint.route(f"{EVENT}/points/<ref:point_ref>", methods=["GET", "POST"])
def change_point(event_ref: str, point_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    point = queries.find_point(event, point_ref) or abort(404)
    form, sessions = _point_form(event, point)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: points.change_point(
                point, actor=current_user, version=form.opened_version,
                session=sessions.get(form.session.data or "") if "session" in form else None,
                **form.values("session"),
            ),
            then=url_for("door.points", event_ref=event.ref),
            said=_("The point is saved."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("door/edit_point.html", event=event, form=form, point=point), form.status


def _point_form(event: Event, point: Point | None):
    """The fields that this kind of point has; what it is for does not change once people may have passed."""
    form = PointForm(obj=point)
    sessions = {each.ref: each for each in list_sessions(event)}
    form.session.choices = options({ref: each.display_title for ref, each in sessions.items()}, nothing=_("none"))
    if not form.is_submitted():
        form.session.data = point.session.ref if point and point.session else ""
    if point is not None:
        del form.kind
        if point.kind != PointKind.SESSION:
            del form.session, form.chosen_only
        if point.kind == PointKind.ARRIVAL:
            del form.name, form.name_local
    return form, sessions


@blueprint.route(f"{EVENT}/points/<ref:point_ref>/closing", methods=["POST"])
def close_point(event_ref: str, point_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    point = queries.find_point(event, point_ref) or abort(404)
    return press(
        lambda: points.close_point(point, actor=current_user),
        url_for("door.points", event_ref=event.ref),
        _("Nobody is let in at “%(name)s” any more.", name=point.display_name),
    )


@blueprint.route(f"{EVENT}/points/<ref:point_ref>/opening", methods=["POST"])
def reopen_point(event_ref: str, point_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    point = queries.find_point(event, point_ref) or abort(404)
    return press(
        lambda: points.reopen_point(point, actor=current_user),
        url_for("door.points", event_ref=event.ref),
        _("“%(name)s” is open again.", name=point.display_name),
    )


# --- devices ------------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/devices", methods=["GET", "POST"], endpoint="devices")
def list_devices(event_ref: str) -> ResponseReturnValue:
    """Phones that keep a door without an account."""
    event = _arranged(event_ref)
    known = {each.ref: each for each in queries.list_points(event)}
    form = DeviceForm()
    form.point.choices = record_options(known.values(), nothing=pgettext("door", "all points"))
    if not form.is_submitted():
        last = max(event.ends_on, event.day_at(clock.now()))
        form.expires_at.data = datetime.combine(last, time(23, 59))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: devices.make_device(
                event, actor=current_user, name=filled(form.name.data), profile=form.profile.data,
                point=known.get(form.point.data or ""), expires_at=filled(form.expires_at.moment(event.time_zone)),
            ),
            then=lambda device: url_for("door.show_device", event_ref=event.ref, device_ref=device.ref),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template(
        "door/devices.html",
        event=event, form=form, devices=queries.list_devices(event), profiles=PROFILE_LABELS, now=clock.now(),
    ), form.status  # fmt: skip


@blueprint.route(f"{EVENT}/devices/<ref:device_ref>")
def show_device(event_ref: str, device_ref: str) -> ResponseReturnValue:
    """While it can be paired: the code, to be scanned or typed."""
    event = _arranged(event_ref)
    device = queries.find_device(event, device_ref) or abort(404)
    now, code, link, drawing = clock.now(), None, None, None
    if device.can_be_paired_at(now):
        code = devices.pairing_code(device)
        link = settings_now().base_url.rstrip("/") + url_for("door.pair", code=code)
        drawing = qr_svg(link, title=_("Link that pairs a phone"), scale=6)
    return render_template(
        "door/device.html", event=event, device=device, profiles=PROFILE_LABELS, now=now, code=code, link=link,
        drawing=drawing, pair_url=settings_now().base_url.rstrip("/") + url_for("door.pair"),
    )  # fmt: skip


@blueprint.route(f"{EVENT}/devices/<ref:device_ref>/pairing", methods=["POST"])
def offer_device(event_ref: str, device_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    device = queries.find_device(event, device_ref) or abort(404)
    return press(
        lambda: devices.offer_again(device, actor=current_user),
        url_for("door.show_device", event_ref=event.ref, device_ref=device.ref),
    )


@blueprint.route(f"{EVENT}/devices/<ref:device_ref>/ending", methods=["POST"])
def revoke_device(event_ref: str, device_ref: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    device = queries.find_device(event, device_ref) or abort(404)
    return press(
        lambda: devices.revoke(device, actor=current_user),
        url_for("door.devices", event_ref=event.ref),
        _("“%(name)s” lets nobody in any more.", name=device.name),
    )


# --- what went wrong without a line -------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/doubles")
def doubles(event_ref: str) -> ResponseReturnValue:
    """Who was let in by a phone without a line, although they should not have been: most of them twice."""
    event = _arranged(event_ref)
    return render_template("door/doubles.html", event=event, rows=_doubles(event))


@blueprint.route(f"{EVENT}/doubles.<any(csv, xlsx):kind>")
def export_doubles(event_ref: str, kind: str) -> ResponseReturnValue:
    event = _arranged(event_ref)
    zone = ZoneInfo(event.time_zone)
    columns = [
        pgettext("person", "Name"), pgettext("door", "Point"), _("Scanned at"), _("Scanned by"), _("What was wrong"),
        _("Let in first"), _("By whom"), _("Where"),
    ]  # fmt: skip
    rows = [
        [
            told.name, each.point.display_name, each.at.astimezone(zone), each.by_name, told.title,
            each.first.at.astimezone(zone) if each.first else "", each.first.by_name if each.first else "",
            each.first.point.display_name if each.first else "",
        ]
        for each, told in _doubles(event)
    ]  # fmt: skip
    return sheet_answer(kind, columns, rows, title=_("Double admissions"), name=f"doubles-{event.ref}")


def _doubles(event: Event):
    return [
        (each, wording.tell(Answer(Outcome(each.outcome), each.person, each.first), event))
        for each in queries.list_refused(event)
    ]
