"""The URLs of the timetable: the page on which a programme is arranged, and what its grid asks and sends."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from app.core import clock, intents
from app.core.db import unit_of_work
from app.core.errors import Busy, Refused, Stale, require
from app.core.forms import press
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.programme import policy
from app.programme import queries as programme
from app.programme import services as programme_acts
from app.programme.models import ITEM_KIND_LABELS, AgendaItem, Room
from app.timetable import forms, queries, services, telling
from app.timetable.services import Place

blueprint = Blueprint("timetable", __name__)

TIMETABLE = "/events/<ref:event_ref>/timetable"
MOST_DAYS = 62  # tabs; a gathering of two months is not arranged by the hour


@blueprint.route(TIMETABLE)
def show(event_ref: str) -> ResponseReturnValue:
    """The grid, and under it (or on a phone, or without a script, instead of it) the same day as a list by room."""
    event = _open(event_ref)
    timetable = queries.timetable_of(event, current_user)
    days = _days(event, timetable.items)
    day = _chosen_day(days)
    return render_template(
        "timetable/show.html",
        event=event,
        timetable=timetable,
        days=days,
        day=day,
        rows=_by_room(event, timetable, day),
        waiting=[each for each in timetable.items if each.starts_at is None or each.room is None],
        clashing=_sentences(event, timetable),
        pulse=queries.pulse_of(event, current_user),
        presence=telling.presence,
        kinds=ITEM_KIND_LABELS,
        proof=generate_csrf(),
        words=_words(),
    )


@blueprint.route(f"{TIMETABLE}/state")
def state(event_ref: str) -> ResponseReturnValue:
    """Everything on the grid; 304 while nothing has changed. The script keeps the tag itself, no browser keeps the answer."""
    event = _open(event_ref)
    pulse = queries.pulse_of(event, current_user)
    tag = telling.tag_of(event, pulse)
    if request.if_none_match.contains_weak(tag):
        response = make_response("", 304)
    else:
        told = telling.told_timetable(event, queries.timetable_of(event, current_user))
        response = jsonify(**told, **telling.told_pulse(pulse))
    response.set_etag(tag)
    return response


@blueprint.route(f"{TIMETABLE}/items", methods=["POST"])
def add_item(event_ref: str) -> ResponseReturnValue:
    """An item where somebody has drawn a range. The intent keeps a repetition from adding a second one."""
    event = _open(event_ref)
    sent = forms.read_object()
    intent = forms.read_intent(sent)
    key = intents.key_of(intent, current_user.id, session.get("csrf_token", ""))
    body = hashlib.sha256(json.dumps([request.path, sent], sort_keys=True).encode()).hexdigest()

    def act() -> AgendaItem:
        before = intents.claim(key, body)
        if before is not None:
            return _item(event, before.location)
        place = _place(event, forms.read_where(sent, event), None)
        item = programme_acts.add_item(
            event,
            actor=current_user,
            title=forms.read_title(sent),
            kind=forms.read_kind(sent),
            session=place.session,
            room=place.room,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
        )
        intents.lead_to(key, item.ref)
        return item

    return _carry_out(event, act, status=201)


@blueprint.route(f"{TIMETABLE}/items/<ref:item_ref>", methods=["PATCH"])
def move_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    """One move, based on a version. Sent again after a lost answer, it is answered as before."""
    event = open_event(event_ref)
    _item(event, item_ref)
    require(policy.may_change(current_user, event))
    sent = forms.read_object()
    version = forms.read_version(sent)
    wanted: list[Place] = []

    def act() -> AgendaItem:
        item = _item(event, item_ref)  # again, under the lock: it may have been removed while this waited for its turn
        where, minutes = forms.read_where(sent, event), forms.read_minutes(sent)
        wanted.append(_place(event, where, item))
        services.move(item, wanted[0], actor=current_user, version=version, minutes=minutes)
        return item

    return _carry_out(event, act, mine=wanted)


@blueprint.route(f"{TIMETABLE}/undo", methods=["POST"])
def undo(event_ref: str) -> ResponseReturnValue:
    """Take back one's own last move."""
    return _step(event_ref, services.undo, _("The move is taken back."))


@blueprint.route(f"{TIMETABLE}/redo", methods=["POST"])
def redo(event_ref: str) -> ResponseReturnValue:
    return _step(event_ref, services.redo, _("The move is done again."))


def _step(event_ref: str, act: Callable[..., AgendaItem], said: str) -> ResponseReturnValue:
    """From the grid as JSON; without a script, as a form of one button."""
    event = _open(event_ref)
    sent = forms.read_object() if request.is_json else request.form
    ref = forms.read_ref(sent.get("step"))
    if ref is None and not request.is_json:
        flash(_("There is nothing to take back."), "refused")
        return redirect(url_for("timetable.show", event_ref=event.ref), 303)
    ref = ref or abort(400)
    queries.find_step(event, current_user, ref) or abort(404)

    def take() -> AgendaItem:
        step = queries.find_step(event, current_user, ref) or abort(404)
        return act(step, actor=current_user)

    if request.is_json:
        return _carry_out(event, take)
    return press(take, url_for("timetable.show", event_ref=event.ref), said)


# --- answers ------------------------------------------------------------------------------------------------------


def _carry_out(
    event: Event, act: Callable[[], AgendaItem], *, mine: Sequence[Place] = (), status: int = 200
) -> ResponseReturnValue:
    """One unit of work, and what has come of it: the item, all clashes, or the sentence that refuses it."""
    zone = event.time_zone
    try:
        with unit_of_work():
            item = act()
    except Stale as stale:
        theirs: Any = stale.theirs
        return jsonify(
            sentence=str(stale.sentence),
            item=telling.told_item(theirs, zone),
            theirs=telling.words_of_place(theirs.starts_at, theirs.ends_at, theirs.room, zone),
            mine=telling.words_of_place(mine[0].starts_at, mine[0].ends_at, mine[0].room, zone) if mine else "",
        ), stale.status
    except Refused as refusal:
        return jsonify(sentence=str(refusal.sentence), field=refusal.field), refusal.status
    except Busy:
        sentence = _("The database is taken for a moment. Nothing is lost: it is sent again by itself.")
        return jsonify(sentence=sentence), 503
    timetable = queries.timetable_of(event, current_user)
    pulse = queries.pulse_of(event, current_user)
    response = jsonify(
        item=telling.told_item(item, zone),
        said=telling.said_of(item, timetable.clashes, zone),
        clashes=telling.told_clashes(timetable.clashes, zone),
        revision=event.programme_version,
        **telling.told_pulse(pulse),
    )
    response.status_code = status
    response.set_etag(telling.tag_of(event, pulse))
    return response


def _place(event: Event, where: forms.Where, item: AgendaItem | None) -> Place:
    """The records behind the refs; those of another event are not there."""
    room = programme.find_room(event, where.room) or abort(404) if where.room else None
    if where.keeps_session:
        sitting = item.session if item else None
    else:
        sitting = programme.find_session(event, where.session) or abort(404) if where.session else None
    return Place(where.starts_at, where.ends_at, room, sitting)


def _item(event: Event, ref: str) -> AgendaItem:
    return programme.find_item(event, current_user, ref) or abort(404)


def _open(event_ref: str) -> Event:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    return event


# --- the list -----------------------------------------------------------------------------------------------------


def _days(event: Event, items: Sequence[AgendaItem]) -> list[date]:
    """The days of the event, and those outside it on which something stands."""
    days = {
        event.starts_on + timedelta(days=n) for n in range(min((event.ends_on - event.starts_on).days + 1, MOST_DAYS))
    }
    return sorted(days | {_day_of(each.starts_at, event) for each in items if each.starts_at})


def _chosen_day(days: Sequence[date]) -> date:
    asked = request.args.get("day", "")
    return next((each for each in days if each.isoformat() == asked), _nearest(days, clock.today()))


def _nearest(days: Sequence[date], today: date) -> date:
    return today if today in days else days[0]


def _day_of(moment: datetime, event: Event) -> date:
    return moment.astimezone(ZoneInfo(event.time_zone)).date()


def _by_room(event: Event, timetable: queries.Timetable, day: date) -> list[tuple[Room, list[AgendaItem]]]:
    rooms: dict[int, list[AgendaItem]] = {each.id: [] for each in timetable.rooms}
    for item in timetable.items:
        if item.starts_at is not None and item.room_id is not None and _day_of(item.starts_at, event) == day:
            rooms[item.room_id].append(item)
    return [(room, rooms[room.id]) for room in timetable.rooms]


def _sentences(event: Event, timetable: queries.Timetable) -> Mapping[str, list[str]]:
    """ref → what the item clashes with."""
    found: dict[str, list[str]] = {}
    for clash in telling.told_clashes(timetable.clashes, event.time_zone):
        for ref in clash["refs"]:
            found.setdefault(ref, []).append(clash["words"])
    return found


def _words() -> dict[str, str]:
    """What the script says by itself, in the reader's language."""
    return {
        "minutes": _("%(n)s min", n="{n}"),
        "to": _("%(time)s, %(room)s", time="{time}", room="{room}"),
        "length": _("until %(time)s", time="{time}"),
        "noRoom": _("without a room"),
        "clashes": _("Clashes: %(sentences)s", sentences="{sentences}"),
        "cancelled": _("cancelled"),
        "internal": _("internal"),
        "saving": _("Saving…"),
        "saved": _("Saved."),
        "broken": _("That could not be saved, and the item is back where it was. Please try again."),
        "offline": _("The connection is gone. What you moved is kept here and sent again."),
        "signIn": _("Your sign-in has ended. Sign in again in another window; what you moved is kept here."),
        "gone": _("The item was removed meanwhile, or is no longer yours to move."),
        "edge": _("There is no further room on this side."),
        "nothing": _("There is nothing to take back."),
        "waits": _("“%(title)s” waits beside the timetable.", title="{title}"),
        "session": _("Session: %(title)s", title="{title}"),
        "let_go": _("“%(title)s” is let go.", title="{title}"),
        "clash_one": _("1 clash"),
        "clash_many": _("%(n)s clashes", n="{n}"),
    }
