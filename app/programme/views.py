"""The URLs of programmes."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.calendars.writer import CONTENT_TYPE, calendar_file
from app.carryovers import policy as carryover_policy
from app.carryovers import queries as carryovers
from app.core import clock
from app.core.config import settings_now
from app.core.errors import require
from app.core.forms import filled, options, press, record_options
from app.core.guards import public
from app.core.i18n import _, language_tag
from app.core.roles import NOBODY
from app.decisions import policy as decisions
from app.events.models import Event
from app.events.pages import open_event
from app.liveday import printed as liveday
from app.liveday.policy import may_operate
from app.notes import policy as note_taking
from app.people import queries as people
from app.people.models import Person, Team
from app.programme import calendar, policy, printed, queries, services
from app.programme.clashes import Around, Code, Slot, find_clashes
from app.programme.findings import Group, grouped
from app.programme.forms import (
    BreakForm,
    GiveWayForm,
    ItemForm,
    MoveForm,
    RoomForm,
    SessionForm,
    StopForm,
    TrackForm,
    WindowForm,
    length_in_minutes,
)
from app.programme.models import (
    COLOUR_LABELS,
    ITEM_KIND_LABELS,
    SESSION_KIND_LABELS,
    AgendaItem,
    Room,
    Session,
    Track,
)
from app.programme.wording import sentence
from app.provenance.queries import note, notes_of
from app.registration import queries as registration
from app.releases import queries as releases
from app.speakers import queries as speakers
from app.timetable import services as timetable

blueprint = Blueprint("programme", __name__)

EVENT = "/events/<ref:event_ref>"
MOST_TOLD = 5  # after saving; the others stand in the programme
UNMARKED = {Code.NO_BREAK, Code.UNCONFIRMED_SPEAKER, Code.MISSING_DELIVERABLE}  # told of, but no clash with anything


@blueprint.route(f"{EVENT}/programme")
@public
def show(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    now = clock.now()
    mine = request.args.get("mine") == "1" and current_user.is_authenticated
    plans = policy.may_change(current_user, event)
    clashes, groups, unreleased = [], [], 0
    if plans or mine or event.source_id:
        sessions, items = releases.told(event, current_user)
        unreleased = releases.count_unreleased(event, sessions, items) if plans and event.release_number else 0
        if plans:
            plan = _judged(event, sessions, items)
            clashes = find_clashes(*plan)
            groups = grouped(clashes, *plan, event)
        if mine:
            sessions, items = queries.only_mine(sessions, items, current_user)
        rows = printed.draw(
            "programme/days.html",
            event,
            current_user,
            now,
            sessions,
            items,
            plans=plans,
            clashing={
                key
                for clash in clashes
                if clash.code not in UNMARKED
                for key in (clash.first.key, clash.second.key if clash.second else None)
            },
            notes=notes_of(event.ref) if event.source_id else {},
        )
    else:
        rows = printed.rows(
            "programme/days.html",
            event,
            current_user,
            now,
            told=lambda: releases.told(event, current_user),
            working=releases.sees_working(current_user, event),
        )
    return render_template(
        "programme/show.html",
        event=event,
        now=now,
        rows=rows.strip(),
        mine=mine,
        plans=plans,
        unreleased=unreleased,
        groups=groups,
    )


@blueprint.route(f"{EVENT}/now")
@public
def now(event_ref: str) -> ResponseReturnValue:
    """What runs, what is next, in which room: for phones, and with `?screen=1` for the screen of a room.

    A screen shows what everybody may see, and sends only what has changed: it may stand there for days.
    """
    event = open_event(event_ref)
    moment = clock.now()
    room = request.args.get("room", "")
    still = request.args.get("still") == "1"  # for whoever needs longer than ten seconds to read it
    screen = bool(request.args.get("screen"))
    if screen:
        page = liveday.screen(event, NOBODY, moment, room=room, still=still)
    else:
        page = render_template(
            "programme/now.html",
            event=event,
            rows=liveday.now_rows("programme/moment.html", event, current_user, moment, room=room, still=still),
            now=moment,
            still=still,
            operates=may_operate(current_user, event),
        )
    response = make_response(page)
    if not still:
        response.headers["Refresh"] = "10"  # for browsers without JavaScript, as for all others
    response.headers["Cache-Control"] = "no-store"
    if screen:
        response.headers["Cache-Control"] = "no-cache" if event.is_public else "private, no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response


# --- calendars ----------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/calendar.ics")
@public
def calendar_file_of_event(event_ref: str) -> ResponseReturnValue:
    """What everybody in the audience may see, whoever asks."""
    event = open_event(event_ref)
    base_url = settings_now().base_url.rstrip("/")
    etag = calendar.etag_of("event", event.ref, *_told_version(event), language_tag(), base_url)

    def make() -> bytes:
        sessions, items = releases.told(event, NOBODY)
        return calendar.calendar_of(event, sessions, items, base_url=base_url)

    return _calendar(event, etag, make, f"event-{event.ref}.ics")


@blueprint.route(f"{EVENT}/sessions/<ref:session_ref>/calendar.ics")
@public
def calendar_file_of_session(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    session = releases.find_told_session(event, NOBODY, session_ref) or abort(404)
    base_url = settings_now().base_url.rstrip("/")
    entry = calendar.session_entry(event, session, base_url=base_url) or abort(404)
    etag = calendar.etag_of("session", session.ref, *_told_version(event), language_tag(), base_url)
    return _calendar(
        event, etag, lambda: calendar_file([entry], name=session.display_title), f"session-{session.ref}.ics"
    )


def _told_version(event: Event) -> tuple[object, ...]:
    """What a calendar file depends on: the newest release, or before there is one the working version."""
    return (event.version, event.release_number, event.release_number or event.programme_version)


def _calendar(event: Event, etag: str, make: Any, name: str) -> ResponseReturnValue:
    response = make_response()
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache" if event.is_public else "private, no-cache"
    if request.if_none_match.contains(etag):
        response.status_code = 304
        return response
    response.data = calendar.SHELF.find(etag, make)
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- sessions -----------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/sessions/<ref:session_ref>")
@public
def show_session(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    if releases.sees_working(current_user, event):
        session = queries.find_session(event, session_ref) or abort(404)
        items = queries.list_items(event, current_user, session=session)
    else:
        told = releases.told(event, current_user)
        session = told.session(session_ref) or abort(404)
        items = told.items_of(session)
    return render_template(
        "programme/session.html",
        event=event,
        session=session,
        items=items,
        now=clock.now(),
        plans=policy.may_change(current_user, event),
        notes=notes_of(event.ref) if event.source_id else {},
        note=note,
        portraits=speakers.portraits_of(event, items),
        kinds=ITEM_KIND_LABELS,
        session_kinds=SESSION_KIND_LABELS,
        became=_became(event),
        to=event,
        follows_decisions=decisions.may_follow(current_user, event),
        may_note=note_taking.may_note(current_user, event),
    )


def _became(event: Event) -> carryovers.Became | None:
    """What became of the last session's requirements, for those who follow them."""
    follows = event.previous_id is not None and carryover_policy.may_look(current_user, event)
    return carryovers.became_of_last(event, current_user) if follows else None


@blueprint.route(f"{EVENT}/sessions/new", methods=["GET", "POST"])
def add_session(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form, chairs, rooms = _session_form(event, None)
    made: list[str] = []

    def then(session: Session) -> str:
        made.append(session.ref)
        return url_for("programme.show_session", event_ref=event.ref, session_ref=session.ref)

    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_session(event, actor=current_user, **_session_values(form, event, chairs, rooms)),
            then=then,
            said=_("The session is in the programme."),
        )
        if answer is not None:
            return _warned(answer, event, "".join(made))
    return render_template("programme/edit_session.html", form=form, event=event, session=None), form.status


@blueprint.route(f"{EVENT}/sessions/<ref:session_ref>/settings", methods=["GET", "POST"])
def change_session(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    session = queries.find_session(event, session_ref) or abort(404)
    require(policy.may_change(current_user, event))
    form, chairs, rooms = _session_form(event, session)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_session(
                session,
                actor=current_user,
                version=form.opened_version,
                **_session_values(form, event, chairs, rooms),
            ),
            then=url_for("programme.show_session", event_ref=event.ref, session_ref=session.ref),
            said=_("The session is saved."),
        )
        if answer is not None:
            return _warned(answer, event, session.ref)
    groups = _groups(event, session.ref)
    page = render_template("programme/edit_session.html", form=form, event=event, session=session, groups=groups)
    return page, form.status


@blueprint.route(f"{EVENT}/sessions/<ref:session_ref>/removal", methods=["POST"])
def remove_session(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    session = queries.find_session(event, session_ref) or abort(404)
    require(policy.may_change(current_user, event))
    return press(
        lambda: services.remove_session(session, actor=current_user),
        url_for("programme.show", event_ref=event.ref),
        _("The session is removed."),
        refused=url_for("programme.change_session", event_ref=event.ref, session_ref=session.ref),
    )


@blueprint.route(f"{EVENT}/sessions/<ref:session_ref>/order", methods=["POST"])
def order_session(event_ref: str, session_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    session = queries.find_session(event, session_ref) or abort(404)
    require(policy.may_change(current_user, event))
    up = request.form.get("to") == "up"
    return press(
        lambda: services.move_session(session, actor=current_user, up=up),
        url_for("programme.show", event_ref=event.ref),
    )


def _session_form(
    event: Event, session: Session | None
) -> tuple[SessionForm, Mapping[str, Person], Mapping[str, Room]]:
    chairs = _people(session.chair if session else None)
    rooms = {each.ref: each for each in queries.list_rooms(event)}
    form = SessionForm(obj=session)
    form.chair.choices = record_options(chairs.values(), nothing=_("not stated"))
    form.room.choices = record_options(rooms.values(), nothing=_("not stated"))
    if session is not None and not form.is_submitted():
        form.chair.data = session.chair.ref if session.chair else ""
        form.room.data = session.room.ref if session.room else ""
        form.starts_at.show(session.starts_at, event.time_zone)
        form.ends_at.show(session.ends_at, event.time_zone)
    return form, chairs, rooms


def _session_values(
    form: SessionForm, event: Event, chairs: Mapping[str, Person], rooms: Mapping[str, Room]
) -> dict[str, Any]:
    return {
        **form.values("chair", "room", "starts_at", "ends_at"),
        "chair": chairs.get(form.chair.data or ""),
        "room": rooms.get(form.room.data or ""),
        "starts_at": form.starts_at.moment(event.time_zone),
        "ends_at": form.ends_at.moment(event.time_zone),
    }


def _people(*more: Person | None) -> dict[str, Person]:
    """Who can be chosen, and who is chosen already, even if they left meanwhile."""
    return {each.ref: each for each in (*people.list_choosable_people(), *more) if each is not None}


# --- agenda items -------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/items/new", methods=["GET", "POST"])
def add_item(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form, known = _item_form(event, None)
    made: list[str] = []

    def then(item: AgendaItem) -> str:
        made.append(item.ref)
        return url_for("programme.show", event_ref=event.ref, _anchor=f"item-{item.ref}")

    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_item(event, actor=current_user, **_item_values(form, event, known)),
            then=then,
            said=_("The item is in the programme."),
        )
        if answer is not None:
            return _warned(answer, event, "".join(made))
    return render_template("programme/edit_item.html", form=form, event=event, item=None), form.status


@blueprint.route(f"{EVENT}/items/<ref:item_ref>", methods=["GET", "POST"])
def change_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    form, known = _item_form(event, item)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_item(
                item, actor=current_user, version=form.opened_version, **_item_values(form, event, known)
            ),
            then=url_for("programme.show", event_ref=event.ref, _anchor=f"item-{item.ref}"),
            said=_("The item is saved."),
        )
        if answer is not None:
            return _warned(answer, event, item.ref)
    page = render_template(
        "programme/edit_item.html", form=form, event=event, item=item, groups=_groups(event, item.ref)
    )
    return page, form.status


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/place", methods=["GET", "POST"])
def move_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    rooms = {each.ref: each for each in queries.list_rooms(event)}
    form = MoveForm(obj=item)
    form.room.choices = record_options(rooms.values(), nothing=_("not stated"))
    if not form.is_submitted():
        form.room.data = item.room.ref if item.room else ""
        form.starts_at.show(item.starts_at, event.time_zone)
        form.minutes.data = length_in_minutes(item)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: timetable.move(
                item,
                _place(form, item, rooms),
                actor=current_user,
                version=form.opened_version,
                minutes=form.minutes.data,
            ),
            then=lambda _step: _back_from_move(event, item),
            said=_("The item is moved."),
        )
        if answer is not None:
            return _warned(answer, event, item.ref)
    return render_template("programme/move_item.html", form=form, event=event, item=item), form.status


def _place(form: MoveForm, item: AgendaItem, rooms: Mapping[str, Room]) -> timetable.Place:
    minutes = form.minutes.data if form.minutes.data is not None else length_in_minutes(item)
    starts_at = form.starts_at.moment(item.event.time_zone)
    ends_at = starts_at + timedelta(minutes=minutes) if starts_at and minutes is not None else None
    return timetable.Place(starts_at, ends_at, rooms.get(form.room.data or ""), item.session)


def _back_from_move(event: Event, item: AgendaItem) -> str:
    """To where the move was begun."""
    anchor = f"item-{item.ref}"
    if request.args.get("from") != "timetable":
        return url_for("programme.show", event_ref=event.ref, _anchor=anchor)
    day = item.starts_at.astimezone(ZoneInfo(event.time_zone)).date().isoformat() if item.starts_at else None
    return url_for("timetable.show", event_ref=event.ref, day=day, _anchor=anchor)


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/break", methods=["GET", "POST"])
def insert_break(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    form = BreakForm(obj=item)
    if not form.is_submitted():
        form.minutes.data = 15
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.insert_break(
                item, actor=current_user, version=form.opened_version, minutes=form.minutes.data or 0
            ),
            then=lambda pause: url_for("programme.show", event_ref=event.ref, _anchor=f"item-{pause.ref}"),
            said=_("The break is in the programme. What follows begins later."),
        )
        if answer is not None:
            return _warned(answer, event, item.ref)
    return render_template("programme/insert_break.html", form=form, event=event, item=item), form.status


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/order", methods=["POST"])
def order_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    up = request.form.get("to") == "up"
    return press(
        lambda: services.reorder_item(item, actor=current_user, up=up),
        url_for("programme.show", event_ref=event.ref, _anchor=f"item-{item.ref}"),
    )


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/cancellation", methods=["POST"])
def cancel_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    return press(
        lambda: services.cancel_item(item, actor=current_user),
        url_for("programme.show", event_ref=event.ref),
        _("The item is cancelled. It stays in the programme, struck through."),
    )


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/restoration", methods=["POST"])
def restore_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    return press(
        lambda: services.restore_item(item, actor=current_user),
        url_for("programme.show", event_ref=event.ref),
        _("The item takes place again."),
    )


@blueprint.route(f"{EVENT}/items/<ref:item_ref>/removal", methods=["POST"])
def remove_item(event_ref: str, item_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    item = queries.find_item(event, current_user, item_ref) or abort(404)
    require(policy.may_change(current_user, event))
    return press(
        lambda: services.remove_item(item, actor=current_user),
        url_for("programme.show", event_ref=event.ref),
        _("The item is removed."),
        refused=url_for("programme.change_item", event_ref=event.ref, item_ref=item.ref),
    )


def _item_form(event: Event, item: AgendaItem | None) -> tuple[ItemForm, Mapping[str, Any]]:
    """The form, and by ref whatever can be chosen in it: sessions, rooms, people and teams of this event's choosers."""
    sessions = queries.list_sessions(event)
    rooms = queries.list_rooms(event)
    tracks = queries.list_tracks(event)
    needed = [each.person for each in item.needed] if item else []
    speaking = [each.person or each.team for each in item.speakers] if item else []
    persons = _people(*(each for each in speaking if isinstance(each, Person)), *needed)
    teams = {each.ref: each for each in (*people.list_choosable_teams(), *speaking) if isinstance(each, Team)}
    form = ItemForm(obj=item)
    titles = {each.ref: each.display_title for each in sessions}
    form.session.choices = options(titles, nothing=_("none: it belongs to the day"))
    form.room.choices = record_options(rooms, nothing=_("not stated"))
    form.track.choices = record_options(tracks, nothing=_("none"))
    form.speakers.choices = record_options([*teams.values(), *persons.values()])
    form.needed.choices = record_options(persons.values())
    if not form.is_submitted():
        chosen = item.session.ref if item and item.session else request.args.get("session", "")
        form.session.data = chosen if item or any(each.ref == chosen for each in sessions) else ""
        form.room.data = item.room.ref if item and item.room else ""
        form.track.data = item.track.ref if item and item.track else ""
        form.speakers.data = [each.ref for each in speaking if each is not None]
        form.needed.data = [each.ref for each in needed]
        form.starts_at.show(item.starts_at if item else None, event.time_zone)
        form.ends_at.show(item.ends_at if item else None, event.time_zone)
    known = {each.ref: each for each in (*sessions, *rooms, *tracks, *teams.values(), *persons.values())}
    return form, known


def _item_values(form: ItemForm, event: Event, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **form.values("session", "room", "track", "speakers", "needed", "starts_at", "ends_at"),
        "session": known.get(form.session.data or ""),
        "room": known.get(form.room.data or ""),
        "track": known.get(form.track.data or ""),
        "needed": [known[ref] for ref in form.needed.data or []],
        "speakers": [known[ref] for ref in form.speakers.data or []],
        "starts_at": form.starts_at.moment(event.time_zone),
        "ends_at": form.ends_at.moment(event.time_zone),
    }


def _whole(event: Event) -> tuple[Sequence[Session], Sequence[AgendaItem]]:
    return queries.list_sessions(event), queries.list_items(event, current_user)


def _judged(event: Event, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> tuple[list[Slot], Around]:
    """The plan with what only those above it know: what speakers still owe, and how many people come."""
    return queries.judged(
        event, current_user, sessions, items,
        missing=speakers.missing_of(event), crowd=registration.crowd_of(event),
    )  # fmt: skip


def _groups(event: Event, key: str) -> list[Group]:
    """What one session or item clashes with, and what would mend that."""
    plan = _judged(event, *_whole(event))
    return grouped([each for each in find_clashes(*plan) if each.concerns(key)], *plan, event)


def _warned(answer: ResponseReturnValue, event: Event, key: str) -> ResponseReturnValue:
    """Saved all the same, but the planner is told what it clashes with now."""
    found = [
        each
        for each in find_clashes(*_judged(event, *_whole(event)))
        if each.concerns(key) and each.code not in UNMARKED
    ]
    for clash in found[:MOST_TOLD]:
        flash(sentence(clash, event.time_zone), "warning")
    return answer


# --- rooms --------------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/rooms", methods=["GET", "POST"])
def rooms(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form = RoomForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_room(event, actor=current_user, **form.values()),
            then=url_for("programme.rooms", event_ref=event.ref),
            said=_("The room is added."),
        )
        if answer is not None:
            return answer
    page = render_template("programme/rooms.html", form=form, event=event, rooms=queries.list_rooms(event))
    return page, form.status


@blueprint.route(f"{EVENT}/rooms/<ref:room_ref>", methods=["GET", "POST"])
def change_room(event_ref: str, room_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    room = queries.find_room(event, room_ref) or abort(404)
    form = RoomForm(obj=room)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_room(room, actor=current_user, version=form.opened_version, **form.values()),
            then=url_for("programme.rooms", event_ref=event.ref),
            said=_("The room is saved."),
        )
        if answer is not None:
            return answer
    return render_template("programme/edit_room.html", form=form, event=event, room=room), form.status


@blueprint.route(f"{EVENT}/rooms/<ref:room_ref>/removal", methods=["GET", "POST"])
def remove_room(event_ref: str, room_ref: str) -> ResponseReturnValue:
    """An empty room goes at a press; of one in use it is asked where that goes."""
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    room = queries.find_room(event, room_ref) or abort(404)
    others = {each.ref: each for each in queries.list_rooms(event) if each is not room}
    return _give_way(event, room, others, services.remove_room, "programme.rooms", _("The room is removed."))


# --- tracks -------------------------------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/tracks", methods=["GET", "POST"])
def tracks(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form = TrackForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_track(event, actor=current_user, **form.values()),
            then=url_for("programme.tracks", event_ref=event.ref),
            said=_("The track is added."),
        )
        if answer is not None:
            return answer
    page = render_template(
        "programme/tracks.html", form=form, event=event, tracks=queries.list_tracks(event), colours=COLOUR_LABELS
    )
    return page, form.status


@blueprint.route(f"{EVENT}/tracks/<ref:track_ref>", methods=["GET", "POST"])
def change_track(event_ref: str, track_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    track = queries.find_track(event, track_ref) or abort(404)
    form = TrackForm(obj=track)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.change_track(track, actor=current_user, version=form.opened_version, **form.values()),
            then=url_for("programme.tracks", event_ref=event.ref),
            said=_("The track is saved."),
        )
        if answer is not None:
            return answer
    return render_template("programme/edit_track.html", form=form, event=event, track=track), form.status


@blueprint.route(f"{EVENT}/tracks/<ref:track_ref>/order", methods=["POST"])
def order_track(event_ref: str, track_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    track = queries.find_track(event, track_ref) or abort(404)
    up = request.form.get("to") == "up"
    return press(
        lambda: services.move_track(track, actor=current_user, up=up),
        url_for("programme.tracks", event_ref=event.ref),
    )


@blueprint.route(f"{EVENT}/tracks/<ref:track_ref>/removal", methods=["GET", "POST"])
def remove_track(event_ref: str, track_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    track = queries.find_track(event, track_ref) or abort(404)
    others = {each.ref: each for each in queries.list_tracks(event) if each is not track}
    return _give_way(event, track, others, services.remove_track, "programme.tracks", _("The track is removed."))


def _give_way(
    event: Event, record: Room | Track, others: Mapping[str, Any], act: Any, endpoint: str, said: str
) -> ResponseReturnValue:
    """Tell what uses the room or the track, and ask where that goes."""
    form = GiveWayForm()
    form.to.choices = record_options(others.values(), nothing=_("nowhere"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: act(record, actor=current_user, to=others.get(form.to.data or "")),
            then=url_for(endpoint, event_ref=event.ref),
            said=said,
        )
        if answer is not None:
            return answer
    uses = queries.uses_of(record)
    page = render_template(
        "programme/give_way.html", form=form, event=event, record=record, uses=uses, others=others, endpoint=endpoint
    )
    return page, form.status


# --- availability and hard stops ----------------------------------------------------------------------------------


@blueprint.route(f"{EVENT}/availability", methods=["GET", "POST"])
def availability(event_ref: str) -> ResponseReturnValue:
    """When people and rooms can be had, or cannot."""
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form = WindowForm()
    rooms = {each.ref: each for each in queries.list_rooms(event)}
    persons = _people()
    form.who.choices = {
        _("Rooms"): record_options(rooms.values()),
        _("People"): record_options(persons.values()),
    }
    known: dict[str, Any] = {**rooms, **persons}
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_window(
                event,
                actor=current_user,
                who=known[form.who.data],
                starts_at=filled(form.starts_at.moment(event.time_zone)),
                ends_at=filled(form.ends_at.moment(event.time_zone)),
                is_free=form.kind.data == "free",
                note=form.note.data,
            ),
            then=url_for("programme.availability", event_ref=event.ref),
            said=_("That is noted, and counts for the clashes."),
        )
        if answer is not None:
            return answer
    page = render_template("programme/availability.html", form=form, event=event, windows=queries.list_windows(event))
    return page, form.status


@blueprint.route(f"{EVENT}/availability/<ref:window_ref>/removal", methods=["POST"])
def remove_window(event_ref: str, window_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    window = queries.find_window(event, window_ref) or abort(404)
    return press(
        lambda: services.remove_window(window, actor=current_user),
        url_for("programme.availability", event_ref=event.ref),
        _("That is removed."),
    )


@blueprint.route(f"{EVENT}/stops", methods=["GET", "POST"])
def stops(event_ref: str) -> ResponseReturnValue:
    """Moments that nothing may run over."""
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    form = StopForm()
    persons = _people()
    form.person.choices = record_options(persons.values(), nothing=_("everybody"))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_stop(
                event,
                actor=current_user,
                at=filled(form.at.moment(event.time_zone)),
                person=persons.get(form.person.data or ""),
                reason=filled(form.reason.data),
                reason_local=form.reason_local.data,
            ),
            then=url_for("programme.stops", event_ref=event.ref),
            said=_("The hard stop is noted."),
        )
        if answer is not None:
            return answer
    page = render_template("programme/stops.html", form=form, event=event, stops=queries.list_stops(event))
    return page, form.status


@blueprint.route(f"{EVENT}/stops/<ref:stop_ref>/removal", methods=["POST"])
def remove_stop(event_ref: str, stop_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_change(current_user, event))
    stop = queries.find_stop(event, stop_ref) or abort(404)
    return press(
        lambda: services.remove_stop(stop, actor=current_user),
        url_for("programme.stops", event_ref=event.ref),
        _("The hard stop is removed."),
    )
