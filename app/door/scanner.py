"""The scanner: a page that a phone can install, and what it asks for. Door staff use it, and paired devices, which may
call nothing else."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import Unauthorized

from app.core import clock
from app.core.config import ROOT, settings_now
from app.core.db import unit_of_work
from app.core.errors import Busy, Forbidden, Refused, require
from app.core.forms import filled
from app.core.guards import public
from app.core.headers import ALWAYS, POLICY
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import one_line
from app.door import devices, policy, queries, services, wording
from app.door.errors import NotPaired, TooManyTries
from app.door.forms import PairForm
from app.door.keeper import Keeper, device_of
from app.door.models import CheckIn, Outcome, Point
from app.door.paths import SCANNER, blueprint
from app.door.services import Answer
from app.events import queries as events
from app.events.models import Event
from app.people.queries import find_person
from app.registration.models import STATE_LABELS, State
from app.registration.queries import find_registration

COOKIE = "hufu_door"
AT_ONCE = 50  # scans in one request
SCAN_ID = re.compile(r"[0-9A-Za-z-]{8,40}")
# A reader of codes that is not built into the browser is WebAssembly, and the page shows what the camera sees.
OF_SCANNER = {
    "Content-Security-Policy": POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
    "Permissions-Policy": ALWAYS["Permissions-Policy"].replace("camera=()", "camera=(self)"),
}
SHELL = (
    "base/hufu.css", "base/hufu.js", "base/icons.svg", "base/favicon.svg", "door/scanner.css", "door/scanner.js",
    "vendor/barcode-detector/barcode-detector.js", "vendor/barcode-detector/zxing_reader.wasm",
)  # fmt: skip
MODULES = ("base/queue.js", "door/camera.js", "door/signals.js")


# --- who asks -----------------------------------------------------------------------------------------------------


def keeper_at(event_ref: str) -> tuple[Event, Actor]:
    """The event with whoever keeps its door here: door staff, or a paired device. Anybody else is a stranger."""
    event = events.find_visible(current_user, event_ref) if current_user.is_authenticated else None
    if event is not None and policy.may_check_in(current_user, event):
        g.event = event
        return event, current_user
    keeper = devices.keeper_of(request.cookies.get(COOKIE, ""))
    if keeper is not None and keeper.device.event.ref == event_ref:
        _see(keeper)
        return keeper.device.event, keeper
    if not current_user.is_authenticated:
        raise Unauthorized
    if event is None:
        abort(404)
    raise Forbidden


def _see(keeper: Keeper) -> None:
    """Note now and then that the device is there; a page waits for nobody."""
    if devices.is_seen_long_ago(keeper.device, clock.now()):
        try:
            with unit_of_work(wait=0.2):
                devices.see(keeper.device)
        except Busy:
            pass


def _points(event: Event, actor: Actor) -> list[Point]:
    """The open points that this keeper may scan at."""
    now = clock.now()
    return [each for each in queries.list_points(event, open_only=True) if policy.may_admit(actor, each, now)]


# --- the page, installable ----------------------------------------------------------------------------------------


@blueprint.route(f"{SCANNER}/")
@public
def start() -> ResponseReturnValue:
    """Where the installed page begins: a device at its event, door staff at theirs, anybody else at the pairing."""
    keeper = devices.keeper_of(request.cookies.get(COOKIE, ""))
    if keeper is not None:
        return redirect(url_for("door.scan", event_ref=keeper.device.event.ref))
    if not current_user.is_authenticated:
        return redirect(url_for("door.pair"))
    now = clock.now()
    kept = [
        each
        for each in events.list_visible(current_user)
        if policy.may_check_in(current_user, each) and each.day_at(now) <= each.ends_on + timedelta(days=1)
    ]
    return render_template("door/start.html", events=sorted(kept, key=lambda each: each.starts_on)[:50])


@blueprint.route(f"{SCANNER}/<ref:event_ref>")
@public
def scan(event_ref: str) -> ResponseReturnValue:
    """The scanner. It holds no name and no number, so that a phone may keep it for when there is no line."""
    try:
        event, actor = keeper_at(event_ref)
    except Unauthorized:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    device = device_of(actor)
    body = render_template(
        "door/scanner.html",
        event=event, device=device, points=_points(event, actor), searches=policy.may_search(actor, event, clock.now()),
    )  # fmt: skip
    return Response(body, headers=OF_SCANNER)


@blueprint.route(f"{SCANNER}/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    icons = [
        {"src": url_for("static", filename=f"door/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    body = jsonify(
        name=_("Hufu door"), short_name=_("Door"), start_url=url_for("door.start"), scope=url_for("door.start"),
        id=url_for("door.start"), display="standalone", background_color="#f7f4ee", theme_color="#83541a",
        icons=[*icons, {**icons[-1], "purpose": "maskable"}],
    )  # fmt: skip
    body.mimetype = "application/manifest+json"
    return body


@blueprint.route(f"{SCANNER}/worker.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker. It lives below the door's own address, so that it never answers for another page."""
    kept = [url_for("static", filename=each) for each in SHELL]
    kept += [url_for("static", filename=each, v=None) for each in MODULES]
    source = (Path(ROOT) / "static" / "door" / "worker.js").read_text("utf-8")
    answer = make_response(source.replace("[/* shell */]", repr(kept).replace("'", '"')))
    answer.mimetype = "text/javascript"
    return answer


# --- pairing ------------------------------------------------------------------------------------------------------


@blueprint.route(f"{SCANNER}/pairing", methods=["GET", "POST"])
@public
def pair() -> ResponseReturnValue:
    """A phone becomes a device by a code. Opening the link changes nothing, the button does."""
    form = PairForm()
    if not form.is_submitted():
        form.code.data = one_line(request.args.get("code", ""))[:40]
    if form.validate_on_submit():
        try:
            with unit_of_work():
                devices.count_try(request.remote_addr or "unknown")
            with unit_of_work():
                device, token = devices.pair(filled(form.code.data))
            return _paired(url_for("door.scan", event_ref=device.event.ref), token, device.expires_at)
        except (NotPaired, TooManyTries) as refusal:
            form.refuse(refusal)
    return render_template("door/pair.html", form=form), form.status


def _paired(location: str, token: str, until: datetime) -> ResponseReturnValue:
    answer = redirect(location, 303)
    answer.set_cookie(
        COOKIE, token, expires=until, path=url_for("door.start"), secure=settings_now().is_https, httponly=True,
        samesite="Lax",
    )  # fmt: skip
    return answer


# --- what the page asks for ---------------------------------------------------------------------------------------


@blueprint.route(f"{SCANNER}/<ref:event_ref>/state")
@public
def state(event_ref: str) -> ResponseReturnValue:
    """The numbers, the points, what went wrong while this keeper had no line, and a proof of origin for what is sent."""
    event, actor = keeper_at(event_ref)
    counts, device = queries.counts_by_point(event), device_of(actor)
    refused = queries.list_refused(event, device, by=None if device else actor.name)
    return jsonify(
        csrf=generate_csrf(),
        expected=queries.count_present(event).expected,
        points=[_point(each, counts.get(each.id, queries.PointCount())) for each in _points(event, actor)],
        doubles=[
            {"id": each.scan_id, **_verdict(Answer(Outcome(each.outcome), each.person, each.first), event, actor)}
            for each in refused
        ],
    )


def _point(point: Point, count: queries.PointCount) -> dict[str, Any]:
    return {
        "ref": point.ref, "name": point.display_name, "people": count.people, "inside": count.inside,
        "out": point.counts_out, "walkIns": point.takes_walk_ins,
    }  # fmt: skip


@blueprint.route(f"{SCANNER}/<ref:event_ref>/scans", methods=["POST"])
@public
def take_scans(event_ref: str) -> ResponseReturnValue:
    """Up to fifty scans, each judged by itself: {"sent": ms, "scans": [{"id", "point", "code" or "who", "at": ms,
    "direction", "late"}]}. `sent` and `at` are of the phone's clock, which may be wrong: only their difference counts.

    When the database is busy, the verdicts so far are the answer; what has none is to be sent again.
    """
    event, actor = keeper_at(event_ref)
    sent = _sent()
    scans = sent.get("scans")
    if not isinstance(scans, list) or not 0 < len(scans) <= AT_ONCE:
        abort(400)
    read = [_scan(each, sent.get("sent")) for each in scans]
    verdicts: list[dict[str, Any]] = []
    for each in read:
        try:
            verdicts.append({"id": each["id"], **_take(event, actor, each)})
        except Busy:
            if not verdicts:
                raise
            break
    return jsonify(verdicts=verdicts)


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else abort(400)


def _scan(raw: Any, sent: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not SCAN_ID.fullmatch(str(raw.get("id", ""))):
        abort(400)
    try:
        age = max(0, min(float(sent) - float(raw["at"]), 10**12)) if "at" in raw else 0
    except (TypeError, ValueError):
        abort(400)
    return {
        "id": str(raw["id"]),
        "point": str(raw.get("point", ""))[:16],
        "code": str(raw.get("code", ""))[:200],
        "who": one_line(str(raw.get("who", "")))[:16],
        "at": clock.now() - timedelta(milliseconds=age),
        "direction": "out" if raw.get("direction") == "out" else "in",
        "late": raw.get("late") is True,
    }


def _take(event: Event, actor: Actor, scan: dict[str, Any]) -> dict[str, Any]:
    shown = find_registration(event, scan["who"]) if scan["who"] else scan["code"]

    def act() -> Answer:
        point = _own_point(event, actor, scan["point"])
        if point is None and not scan["point"]:
            point = services.arrival_of(event)
        if point is None or shown is None:
            return Answer(Outcome.CLOSED if point is None else Outcome.UNKNOWN)
        return services.admit(
            point,
            shown,
            actor,
            at=scan["at"],
            scan_id=scan["id"],
            direction=scan["direction"],
            was_offline=scan["late"],
        )

    return _judged(event, actor, act)


def _own_point(event: Event, actor: Actor, ref: str) -> Point | None:
    """The point that was scanned at; a device that has one of its own is never elsewhere."""
    device = device_of(actor)
    if device is not None and device.point is not None:
        return device.point
    return queries.find_point(event, one_line(ref)) if ref else queries.find_arrival(event)


def _judged(event: Event, actor: Actor, act: Callable[[], Answer]) -> dict[str, Any]:
    """The verdict of an act in a unit of work of its own; a refusal is one too."""
    try:
        with unit_of_work():
            answer = act()
    except Refused as refusal:
        return {"outcome": "refused", "tone": "late", "title": str(refusal.sentence), "name": "", "detail": ""}
    return _verdict(answer, event, actor)


def _verdict(answer: Answer, event: Event, actor: Actor) -> dict[str, Any]:
    told = wording.tell(answer, event)
    mine = answer.outcome == Outcome.ADMITTED and answer.check_in is not None
    may_undo = mine and policy.is_undo_in_time(actor, answer.check_in, clock.now())  # type: ignore[arg-type]
    return {
        "outcome": str(answer.outcome), "tone": told.tone, "title": told.title, "name": told.name, "detail": told.detail,
        "undo": answer.check_in.ref if may_undo and answer.check_in else None,
    }  # fmt: skip


@blueprint.route(f"{SCANNER}/<ref:event_ref>/people")
@public
def find_people(event_ref: str) -> ResponseReturnValue:
    """Who comes, by a part of the name; and where walk-ins are let in, others of the company."""
    event, actor = keeper_at(event_ref)
    require(policy.may_search(actor, event, clock.now()))
    words = request.args.get("q", "")[:100]
    point = _own_point(event, actor, request.args.get("point", "")[:16])
    found = queries.search_expected(event, words, point)
    others = queries.search_directory(event, words) if point is not None and point.takes_walk_ins else []
    return jsonify(
        people=[
            {"ref": each.ref, "name": each.name, "state": str(STATE_LABELS[State(each.state)]),
             "has_place": each.state == State.CONFIRMED,
             "since": each.since and wording.since(each.since, event), "inside": each.inside}
            for each in found
        ],
        others=[{"ref": each.ref, "name": each.name, "department": each.department} for each in others],
    )  # fmt: skip


@blueprint.route(f"{SCANNER}/<ref:event_ref>/walk-ins", methods=["POST"])
@public
def take_walk_in(event_ref: str) -> ResponseReturnValue:
    """{"id", "point", "who": person}: registered through the gate, and let in."""
    event, actor = keeper_at(event_ref)
    require(policy.may_search(actor, event, clock.now()))
    sent = _sent()
    person = find_person(one_line(str(sent.get("who", "")))[:16]) or abort(404)
    scan_id = str(sent.get("id", ""))
    if not SCAN_ID.fullmatch(scan_id):
        abort(400)

    def act() -> Answer:
        point = _own_point(event, actor, str(sent.get("point", ""))[:16])
        return (
            services.admit_walk_in(point, person, actor, scan_id=scan_id) if point else Answer(Outcome.CLOSED, person)
        )

    return jsonify(_judged(event, actor, act))


@blueprint.route(f"{SCANNER}/<ref:event_ref>/undoing", methods=["POST"])
@public
def undo_scan(event_ref: str) -> ResponseReturnValue:
    """{"check_in"}: take back what was let in by mistake just now."""
    event, actor = keeper_at(event_ref)
    check_in: CheckIn = queries.find_check_in(event, one_line(str(_sent().get("check_in", "")))[:16]) or abort(404)
    require(policy.may_undo(actor, check_in, clock.now()))
    try:
        with unit_of_work():
            services.undo(check_in, actor=actor)
    except Refused as refusal:
        return jsonify(tone="late", title=str(refusal.sentence), name=check_in.person.display_name, detail="")
    return jsonify(tone="risk", title=_("Taken back: not checked in"), name=check_in.person.display_name, detail="")
