"""What can be done with a programme. Clashes are warned of (clashes.py), never forbidden."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exc, func, select, update

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _, listed, ngettext
from app.core.roles import Actor
from app.events import policy as events_policy
from app.events.models import Event, Participation
from app.people.models import Person, Team
from app.programme import policy, queries
from app.programme.errors import (
    EndsBeforeStart,
    EventIsCancelled,
    HasTime,
    InUse,
    NameTaken,
    NotOfThisEvent,
    OutsideEvent,
    StartMissing,
    TooLong,
    WrongState,
)
from app.programme.models import (
    AgendaItem,
    AgendaSpeaker,
    Colour,
    HardStop,
    ItemKind,
    NeededPerson,
    Room,
    Session,
    SessionKind,
    Track,
    Window,
)
from app.search import services as search

LONGEST = timedelta(hours=36)
NAMED_USES = 3  # of what uses a room or a track, so many are named
WHEN_AND_WHERE = {"starts_at", "ends_at", "day", "room"}


# --- rooms --------------------------------------------------------------------------------------------------------


def add_room(
    event: Event,
    *,
    actor: Actor,
    name: str,
    name_local: str | None = None,
    seats: int | None = None,
    building: str | None = None,
) -> Room:
    _allow(actor, event)
    _check_seats(seats)
    _check_room_name(event, name, None)
    room = Room(event=event, name=name, name_local=name_local, seats=seats, building=building)
    db.session.add(room)
    db.session.flush()
    audit.record(actor, "room.added", room, seats=seats)
    return room


def change_room(room: Room, *, actor: Actor, version: int | None, **values: Any) -> None:
    """`values`: name, name_local, seats, building."""
    _allow(actor, room.event)
    _check_seats(values.get("seats", room.seats))
    _check_room_name(room.event, values.get("name", room.name), room)
    changes = edit(room, version=version, **values)
    db.session.flush()
    audit.record(actor, "room.changed", room, changes=changes)


def remove_room(room: Room, *, actor: Actor, to: Room | None = None) -> None:
    """What was in it goes to the room `to`; of a draft it may also stay without one."""
    event = room.event
    _allow(actor, event)
    uses = queries.uses_of(room)
    _check_way_out(event, room, to, uses)
    for each in (*uses.sessions, *uses.items):
        edit(each, version=None, room=to)
        each.calendar_sequence += 1
    audit.record(actor, "room.removed", room, scope=event, to=to.label if to else None, moved=len(uses.titles))
    db.session.flush()
    db.session.delete(room)
    db.session.flush()


def _check_way_out(event: Event, record: Room | Track, to: Room | Track | None, uses: queries.Uses) -> None:
    """People know where to go: nothing published loses its place, or its track, to a tidying hand."""
    if to is not None and (to.event_id != event.id or to is record):
        raise NotOfThisEvent(_("Please choose another one of this event."), field="to")
    if to is None and uses and not event.is_draft:
        titles = listed(f"“{title}”" for title in uses.titles[:NAMED_USES])
        more = len(uses.titles) - NAMED_USES
        if more > 0:
            sentence = ngettext(
                "%(name)s is in use, and the event is published: %(titles)s and one more. Choose where they go.",
                "%(name)s is in use, and the event is published: %(titles)s and %(num)s more. Choose where they go.",
                more, name=record.display_name, titles=titles,
            )  # fmt: skip
        else:
            sentence = _(
                "%(name)s is in use, and the event is published: %(titles)s. Choose where they go.",
                name=record.display_name, titles=titles,
            )  # fmt: skip
        raise InUse(sentence, field="to")


# --- tracks -------------------------------------------------------------------------------------------------------


def add_track(
    event: Event, *, actor: Actor, name: str, colour: str = Colour.BRONZE, name_local: str | None = None
) -> Track:
    """At the end of the order."""
    _allow(actor, event)
    _check_track_name(event, name, None)
    track = Track(
        event=event,
        name=name,
        name_local=name_local,
        colour=Colour(colour),
        position=_next_position(Track, event),
    )
    db.session.add(track)
    db.session.flush()
    audit.record(actor, "track.added", track, colour=track.colour)
    return track


def change_track(track: Track, *, actor: Actor, version: int | None, **values: Any) -> None:
    """`values`: name, name_local, colour."""
    _allow(actor, track.event)
    _check_track_name(track.event, values.get("name", track.name), track)
    changes = edit(track, version=version, **values)
    db.session.flush()
    audit.record(actor, "track.changed", track, changes=changes)


def move_track(track: Track, *, actor: Actor, up: bool) -> None:
    _allow(actor, track.event)
    _swap(list(queries.list_tracks(track.event)), track, up)
    audit.record(actor, "track.moved", track, up=up)


def remove_track(track: Track, *, actor: Actor, to: Track | None = None) -> None:
    """Its items go to the track `to`; of a draft they may also stay without one."""
    event = track.event
    _allow(actor, event)
    uses = queries.uses_of(track)
    _check_way_out(event, track, to, uses)
    for each in uses.items:
        edit(each, version=None, track=to)
    audit.record(actor, "track.removed", track, scope=event, to=to.label if to else None, moved=len(uses.titles))
    db.session.flush()
    db.session.delete(track)
    db.session.flush()


# --- availability and hard stops ----------------------------------------------------------------------------------


def add_window(
    event: Event,
    *,
    actor: Actor,
    who: Person | Room,
    starts_at: datetime,
    ends_at: datetime,
    is_free: bool,
    note: str | None = None,
) -> Window:
    """When a person or a room can be had, or cannot. Whoever has a free window is busy outside all of them."""
    _allow(actor, event)
    if ends_at <= starts_at:
        raise EndsBeforeStart(_("The end must lie after the start."), field="ends_at")
    person, room = (who, None) if isinstance(who, Person) else (None, who)
    _check_own(event, room=room)
    window = Window(
        event=event, person=person, room=room, starts_at=starts_at, ends_at=ends_at, is_free=is_free, note=note
    )
    db.session.add(window)
    db.session.flush()
    audit.record(actor, "availability.added", window, who=who.ref, is_free=is_free)
    return window


def remove_window(window: Window, *, actor: Actor) -> None:
    _allow(actor, window.event)
    who = window.person or window.room
    audit.record(actor, "availability.removed", window, scope=window.event, who=who.ref if who else None)
    db.session.delete(window)
    db.session.flush()


def add_stop(
    event: Event,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    reason_local: str | None = None,
    person: Person | None = None,
) -> HardStop:
    """A moment that nothing may run over on its day: of one person, or of everybody."""
    _allow(actor, event)
    opens_at, closes_at = queries.bounds(event)
    if not opens_at <= at <= closes_at:
        raise OutsideEvent(_("This lies outside the days of the event."), field="at")
    stop = HardStop(event=event, at=at, reason=reason, reason_local=reason_local, person=person)
    db.session.add(stop)
    db.session.flush()
    audit.record(actor, "hard_stop.added", stop, at=at.isoformat(), person=person.ref if person else None)
    return stop


def remove_stop(stop: HardStop, *, actor: Actor) -> None:
    _allow(actor, stop.event)
    audit.record(actor, "hard_stop.removed", stop, scope=stop.event)
    db.session.delete(stop)
    db.session.flush()


# --- sessions -----------------------------------------------------------------------------------------------------


def add_session(
    event: Event,
    *,
    actor: Actor,
    title: str,
    kind: str = SessionKind.OTHER,
    title_local: str | None = None,
    covers_year: int | None = None,
    theme: str | None = None,
    theme_local: str | None = None,
    purpose: str | None = None,
    purpose_local: str | None = None,
    chair: Person | None = None,
    room: Room | None = None,
    day: date | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Session:
    """A sitting at the end of the order. Day and time may stay unknown; the day follows from the start if there is one."""
    _allow(actor, event)
    _check_times(starts_at, ends_at)
    _check_year(covers_year)
    _check_own(event, room=room)
    session = Session(
        event=event,
        title=title,
        title_local=title_local,
        kind=SessionKind(kind),
        covers_year=covers_year,
        theme=theme,
        theme_local=theme_local,
        purpose=purpose,
        purpose_local=purpose_local,
        chair=chair,
        room=room,
        day=_day_of(starts_at, event) or day,
        starts_at=starts_at,
        ends_at=ends_at,
        position=_next_position(Session, event),
    )
    db.session.add(session)
    db.session.flush()
    _open_to([chair], event)
    index_session(session)
    audit.record(actor, "session.added", session, kind=session.kind)
    return session


def change_session(session: Session, *, actor: Actor, version: int | None, **values: Any) -> None:
    """`values` as for add_session. A new time or room reaches the calendars."""
    event = session.event
    _allow(actor, event)
    starts_at = values.get("starts_at", session.starts_at)
    _check_times(starts_at, values.get("ends_at", session.ends_at))
    _check_year(values.get("covers_year", session.covers_year))
    _check_own(event, room=values.get("room"))
    if starts_at is not None:
        values["day"] = _day_of(starts_at, event)
    before = [session.chair]
    changes = edit(session, version=version, **values)
    if changes.keys() & WHEN_AND_WHERE:
        session.calendar_sequence += 1
    db.session.flush()
    if "chair" in changes:
        _close_to(before, event)
        _open_to([session.chair], event)
    index_session(session)
    audit.record(actor, "session.changed", session, changes=changes)


def remove_session(session: Session, *, actor: Actor) -> None:
    """Only while nothing hangs on it but its agenda: what was recorded in a session is never lost with it."""
    event = session.event
    _allow(actor, event)
    if not event.is_draft:
        raise InUse(_("The event is published: people know of this session. Cancel its items instead."))
    items = db.session.scalars(select(AgendaItem).where(AgendaItem.session_id == session.id)).all()
    people = [session.chair, *(each.person for item in items for each in item.speakers)]
    audit.record(actor, "session.removed", session, scope=event, items=len(items))
    try:
        with db.session.begin_nested():
            for item in items:
                search.drop("item", item.ref)
                db.session.delete(item)
            db.session.flush()
            db.session.delete(session)
            db.session.flush()
    except exc.IntegrityError as error:
        raise InUse(_("Something was already recorded in this session. It stays.")) from error
    search.drop("session", session.ref)
    _close_to(people, event)


def move_session(session: Session, *, actor: Actor, up: bool) -> None:
    """One place earlier or later in the order, which is what counts where no time is known."""
    _allow(actor, session.event)
    all_of_it = select(Session).where(Session.event_id == session.event_id).order_by(Session.position, Session.id)
    _swap(_in_order(session.event_id, all_of_it), session, up)
    audit.record(actor, "session.moved", session, up=up)


# --- agenda items -------------------------------------------------------------------------------------------------


def add_item(
    event: Event,
    *,
    actor: Actor,
    title: str,
    kind: str = ItemKind.FREE,
    session: Session | None = None,
    title_local: str | None = None,
    summary: str | None = None,
    summary_local: str | None = None,
    room: Room | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    is_internal: bool = False,
    speakers: Sequence[Person | Team] = (),
    track: Track | None = None,
    expected: int | None = None,
    minutes: int | None = None,
    needed: Sequence[Person] = (),
) -> AgendaItem:
    """One slot, at the end of its session's order. Whoever speaks may from now on see a restricted event.

    `expected`: people in the room. `minutes`: how long it will take, while it has no time. `needed`: who has to be there.
    """
    _allow(actor, event)
    _check_times(starts_at, ends_at)
    _check_numbers(expected, minutes)
    _check_own(event, room=room, session=session, track=track)
    item = AgendaItem(
        event=event,
        session=session,
        kind=ItemKind(kind),
        title=title,
        title_local=title_local,
        summary=summary,
        summary_local=summary_local,
        room=room,
        starts_at=starts_at,
        ends_at=ends_at,
        is_internal=is_internal,
        track=track,
        expected=expected,
        minutes=minutes,
        position=_next_position(AgendaItem, event),
    )
    item.speakers = _speakers(speakers)
    item.needed = [NeededPerson(person=each) for each in dict.fromkeys(needed)]
    db.session.add(item)
    db.session.flush()
    _open_to(speakers, event)
    index_item(item)
    audit.record(actor, "item.added", item, kind=item.kind)
    return item


def change_item(
    item: AgendaItem,
    *,
    actor: Actor,
    version: int | None,
    speakers: Sequence[Person | Team] | None = None,
    needed: Sequence[Person] | None = None,
    **values: Any,
) -> None:
    """`values` as for add_item; `speakers` and `needed` None leave them as they are."""
    event = item.event
    _allow(actor, event)
    _check_times(values.get("starts_at", item.starts_at), values.get("ends_at", item.ends_at))
    _check_numbers(values.get("expected"), values.get("minutes"))
    _check_own(event, room=values.get("room"), session=values.get("session"), track=values.get("track"))
    if "kind" in values:
        values["kind"] = ItemKind(values["kind"])
    before = [each.person or each.team for each in item.speakers]
    changes = edit(item, version=version, **values)
    if speakers is not None and list(speakers) != before:
        _set_speakers(item, speakers)
        changes["speakers"] = [[each.ref for each in before if each], [each.ref for each in speakers]]
        if len(changes) == 1:
            item.version += 1
    if needed is not None and _set_needed(item, needed, changes) and len(changes) == 1:
        item.version += 1
    if changes.keys() & WHEN_AND_WHERE:
        item.calendar_sequence += 1
    if changes.keys() & {"starts_at", "ends_at"}:  # what the live day expected of its old times
        item.put_off = item.cut_to = item.expected_start = item.expected_end = None
    db.session.flush()
    if "speakers" in changes:
        _close_to(before, event)
        _open_to(speakers or (), event)
    index_item(item)
    audit.record(actor, "item.changed", item, changes=changes)


def move_item(item: AgendaItem, *, actor: Actor, version: int | None, starts_at: datetime, room: Room | None) -> None:
    """Another time, another room, the same length: the one it has, or was thought to have."""
    length = item.ends_at - item.starts_at if item.starts_at and item.ends_at else None
    if length is None and item.minutes:
        length = timedelta(minutes=item.minutes)
    change_item(
        item,
        actor=actor,
        version=version,
        starts_at=starts_at,
        ends_at=starts_at + length if length else None,
        room=room,
    )


def insert_break(item: AgendaItem, *, actor: Actor, version: int | None, minutes: int) -> AgendaItem:
    """A break where the item begins. It and what follows in its row that day begins later, until a gap takes that up."""
    event = item.event
    _allow(actor, event)
    if not 1 <= minutes <= 240:
        raise Refused(_("Please give between 1 and 240 minutes."), field="minutes")
    if item.starts_at is None:
        raise WrongState(_("This item has no time yet, so nothing can be put before it."))
    if version is not None and version != item.version:
        edit(item, version=version)  # raises Stale
    starts_at, length = item.starts_at, timedelta(minutes=minutes)
    later, latest = length, starts_at
    for each in queries.list_row_from(item):
        assert each.starts_at is not None
        later -= max(timedelta(), each.starts_at - latest)
        if later <= timedelta():
            break
        latest = max(latest, each.ends_at or each.starts_at)
        ends_at = each.ends_at + later if each.ends_at else None
        change_item(each, actor=actor, version=None, starts_at=each.starts_at + later, ends_at=ends_at)
    return add_item(
        event,
        actor=actor,
        title="Break",
        title_local="休息",
        kind=ItemKind.BREAK,
        session=item.session,
        room=item.room,
        track=item.track,
        starts_at=starts_at,
        ends_at=starts_at + length,
    )


def reorder_item(item: AgendaItem, *, actor: Actor, up: bool) -> None:
    """One place earlier or later among the items without a time of the same session."""
    _allow(actor, item.event)
    if item.starts_at is not None:
        raise HasTime(_("This item has a time, which decides where it stands. Change the time instead."))
    beside = select(AgendaItem).where(
        AgendaItem.event_id == item.event_id,
        AgendaItem.session_id == item.session_id if item.session_id else AgendaItem.session_id.is_(None),
        AgendaItem.starts_at.is_(None),
    )
    _swap(_in_order(item.event_id, beside.order_by(AgendaItem.position, AgendaItem.id)), item, up)
    audit.record(actor, "item.moved", item, up=up)


def cancel_item(item: AgendaItem, *, actor: Actor) -> None:
    """It stays in the programme, struck through, and in the calendars as cancelled."""
    _allow(actor, item.event)
    if item.cancelled_at is not None:
        raise WrongState(_("This item is cancelled already."))
    edit(item, version=None, cancelled_at=clock.now())
    item.calendar_sequence += 1
    db.session.flush()
    index_item(item)
    audit.record(actor, "item.cancelled", item)


def restore_item(item: AgendaItem, *, actor: Actor) -> None:
    _allow(actor, item.event)
    if item.cancelled_at is None:
        raise WrongState(_("This item is not cancelled."))
    edit(item, version=None, cancelled_at=None)
    item.calendar_sequence += 1
    db.session.flush()
    index_item(item)
    audit.record(actor, "item.restored", item)


def remove_item(item: AgendaItem, *, actor: Actor) -> None:
    """Out of a draft altogether; a published item is cancelled instead, so that people are not left wondering."""
    event = item.event
    _allow(actor, event)
    if not event.is_draft and not item.is_internal:
        raise InUse(_("The event is published: people know of this item. Cancel it instead."))
    people = [each.person for each in item.speakers]
    audit.record(actor, "item.removed", item, scope=event)
    search.drop("item", item.ref)
    db.session.delete(item)
    db.session.flush()
    _close_to(people, event)


# --- what the search finds ----------------------------------------------------------------------------------------


def index_session(session: Session) -> None:
    event = session.event
    if event.release_number:  # readers find what was released, which is indexed by the release
        return
    told = (session.title_local, session.theme, session.theme_local, session.purpose, session.purpose_local)
    search.put(
        "session",
        session.ref,
        url=f"/events/{event.ref}/sessions/{session.ref}",
        title=session.title,
        body="\n".join(part for part in told if part),
        event_id=event.id,
        on=session.day,
    )


def index_item(item: AgendaItem) -> None:
    """Internal and cancelled items are not found. After the first release an act of its own decides what is."""
    if item.event.release_number:
        return
    if item.is_internal or item.cancelled_at is not None:
        search.drop("item", item.ref)
        return
    event = item.event
    names = [name for each in item.speakers for name in _names(each)]
    told = (item.title_local, item.summary, item.summary_local, *names)
    search.put(
        "item",
        item.ref,
        url=f"/events/{event.ref}/programme#item-{item.ref}",
        title=item.title,
        body="\n".join(part for part in told if part),
        event_id=event.id,
        on=_day_of(item.starts_at, event),
    )


def _names(speaker: AgendaSpeaker) -> list[str]:
    who = speaker.person or speaker.team
    return [name for name in (who.name, who.name_local) if name] if who else []


# --- checks -------------------------------------------------------------------------------------------------------


def _allow(actor: Actor, event: Event) -> None:
    """May I, and is it possible? What was printed of this programme is old from here on, if the act succeeds."""
    require(policy.may_change(actor, event))
    if not events_policy.is_open_to_change(event):
        raise EventIsCancelled(_("This event was cancelled and stays as it was."))
    db.session.execute(
        update(Event)
        .where(Event.id == event.id)
        .values(programme_version=Event.programme_version + 1, changed_at=Event.changed_at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(event, ["programme_version"])


def _check_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    if ends_at is None:
        return
    if starts_at is None:
        raise StartMissing(_("Please give the start too, or leave both empty."), field="starts_at")
    if ends_at <= starts_at:
        raise EndsBeforeStart(_("The end must lie after the start."), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise TooLong(_("This is longer than 36 hours. Is the day of the end right?"), field="ends_at")


def _check_year(year: int | None) -> None:
    if year is not None and not 1900 <= year <= 2200:
        raise Refused(_("Please give a year between 1900 and 2200."), field="covers_year")


def _check_seats(seats: int | None) -> None:
    if seats is not None and not 1 <= seats <= 1_000_000:
        raise Refused(_("Please give a number between 1 and 1,000,000, or leave it empty."), field="seats")


def _check_room_name(event: Event, name: str, but: Room | None) -> None:
    same = select(Room).where(Room.event_id == event.id, Room.name == name)
    found = db.session.scalar(same)
    if found is not None and found is not but:
        raise NameTaken(_("There is a room of this name already."), field="name")


def _check_numbers(expected: int | None, minutes: int | None) -> None:
    if expected is not None and not 0 <= expected <= 1_000_000:
        raise Refused(_("Please give a number between 0 and 1,000,000, or leave it empty."), field="expected")
    if minutes is not None and not 1 <= minutes <= LONGEST // timedelta(minutes=1):
        raise Refused(_("Please give between 1 and 2,160 minutes, or leave it empty."), field="minutes")


def _check_track_name(event: Event, name: str, but: Track | None) -> None:
    found = db.session.scalar(select(Track).where(Track.event_id == event.id, Track.name == name))
    if found is not None and found is not but:
        raise NameTaken(_("There is a track of this name already."), field="name")


def _check_own(
    event: Event, *, room: Room | None = None, session: Session | None = None, track: Track | None = None
) -> None:
    if room is not None and room.event_id != event.id:
        raise NotOfThisEvent(_("This room belongs to another event."), field="room")
    if session is not None and session.event_id != event.id:
        raise NotOfThisEvent(_("This session belongs to another event."), field="session")
    if track is not None and track.event_id != event.id:
        raise NotOfThisEvent(_("This track belongs to another event."), field="track")


def _day_of(moment: datetime | None, event: Event) -> date | None:
    return None if moment is None else moment.astimezone(ZoneInfo(event.time_zone)).date()


def _next_position(model: type[Session] | type[AgendaItem] | type[Track], event: Event) -> int:
    last = db.session.scalar(select(func.max(model.position)).where(model.event_id == event.id))
    return (last or 0) + 1


def _in_order(event_id: int, row: Any) -> list[Any]:
    """The row as it stands now: of two who order one agenda at once, the second waits for the first (R6)."""
    db.session.execute(select(Event.id).where(Event.id == event_id).with_for_update(key_share=True))
    return list(db.session.scalars(row, execution_options={"populate_existing": True}))


def _swap(row: list[Any], one: Any, up: bool) -> None:
    """Give the row its order anew, with `one` a place further up or down."""
    at = row.index(one)
    to = at - 1 if up else at + 1
    if 0 <= to < len(row):
        row[at], row[to] = row[to], row[at]
    for position, each in enumerate(row, 1):
        each.position = position
    one.version += 1
    db.session.flush()


# --- speakers -----------------------------------------------------------------------------------------------------


def _speakers(who: Sequence[Person | Team]) -> list[AgendaSpeaker]:
    once = list(dict.fromkeys(who))
    return [
        AgendaSpeaker(person=each, position=n) if isinstance(each, Person) else AgendaSpeaker(team=each, position=n)
        for n, each in enumerate(once, 1)
    ]


def _set_speakers(item: AgendaItem, who: Sequence[Person | Team]) -> None:
    """Keep the rows of those who stay: a unique key forbids the new row while the old one is there."""
    kept = {each.person or each.team: each for each in item.speakers}
    rows = []
    for position, each in enumerate(dict.fromkeys(who), 1):
        row = kept.get(each) or _speakers([each])[0]
        row.position = position
        rows.append(row)
    item.speakers = rows


def _set_needed(item: AgendaItem, who: Sequence[Person], changes: dict[str, list[Any]]) -> bool:
    """Whether that changed anything. Being needed opens no event: whoever has to be there is invited besides."""
    kept = {each.person: each for each in item.needed}
    if set(kept) == set(who):
        return False
    changes["needed"] = [[each.ref for each in kept], [each.ref for each in who]]
    item.needed = [kept.get(each) or NeededPerson(person=each) for each in dict.fromkeys(who)]
    return True


def _open_to(who: Sequence[Person | Team | None], event: Event) -> None:
    """A part in the programme opens a restricted event. Not an act of its own: the item's log row tells of it."""
    for person in dict.fromkeys(each for each in who if isinstance(each, Person)):
        there = select(Participation.id).where(
            Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == "speaker"
        )
        if db.session.scalar(there) is None:
            position = person.position_on(event.starts_on)
            db.session.add(
                Participation(
                    event=event,
                    person=person,
                    role="speaker",
                    position_title=position.title if position else None,
                    position_title_local=position.title_local if position else None,
                )
            )
            db.session.flush()


def _close_to(who: Sequence[Person | Team | None], event: Event) -> None:
    """Whoever has nothing left to say or to chair here loses what that part had opened."""
    for person in dict.fromkeys(each for each in who if isinstance(each, Person)):
        speaks = select(AgendaSpeaker.id).join(AgendaItem)
        speaks = speaks.where(AgendaItem.event_id == event.id, AgendaSpeaker.person_id == person.id)
        chairs = select(Session.id).where(Session.event_id == event.id, Session.chair_id == person.id)
        if db.session.scalar(speaks.limit(1)) is None and db.session.scalar(chairs.limit(1)) is None:
            part = db.session.scalar(
                select(Participation).where(
                    Participation.event_id == event.id,
                    Participation.person_id == person.id,
                    Participation.role == "speaker",
                )
            )
            if part is not None:
                db.session.delete(part)
                db.session.flush()
