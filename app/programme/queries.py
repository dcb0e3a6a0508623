"""Questions about programmes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    CompoundSelect,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import UTCDateTime, db
from app.core.i18n import in_language
from app.core.roles import Actor
from app.core.text import fold
from app.events import queries as events
from app.events.models import Event, Status
from app.people.models import Person
from app.programme import policy
from app.programme.clashes import Around, Clash, Named, Place, Slot, Stop, Window, find_clashes
from app.programme.models import (
    AgendaItem,
    AgendaSpeaker,
    Consent,
    HardStop,
    ItemKind,
    NeededPerson,
    Room,
    Session,
    Track,
)
from app.programme.models import Window as Window_

AGAIN = "again"  # has said yes to a time that is not the item's any more
NEAR = timedelta(days=14)  # so long before a draft's first day its speakers should have said yes
IN_ORDER = (
    Session.day.is_(None),
    Session.day,
    Session.starts_at.is_(None),
    Session.starts_at,
    Session.position,
    Session.id,
)


def list_sessions(event: Event) -> Sequence[Session]:
    """All sessions with chair and room, in the order in which they take place, as far as that is known."""
    return db.session.scalars(
        select(Session)
        .where(Session.event_id == event.id)
        .options(joinedload(Session.chair), joinedload(Session.room))
        .order_by(*IN_ORDER)
    ).all()


def list_sessions_and_person(event: Event, actor: Actor) -> tuple[Sequence[Session], Person | None]:
    """`list_sessions`, and the directory's person behind the actor, in one statement: an event's home counts them."""
    if actor.id is None:
        return list_sessions(event), None
    rows = db.session.execute(
        select(Person, Session)
        .outerjoin(Session, Session.event_id == event.id)
        .where(Person.account_id == actor.id)
        .options(joinedload(Session.chair), joinedload(Session.room))
        .order_by(*IN_ORDER)
    ).all()
    if not rows:
        return list_sessions(event), None
    return [session for _person, session in rows if session is not None], rows[0][0]


def find_session(event: Event, ref: str) -> Session | None:
    return db.session.scalar(
        select(Session)
        .where(Session.event_id == event.id, Session.ref == ref)
        .options(joinedload(Session.chair), joinedload(Session.room))
    )


def list_items(event: Event, actor: Actor, *, session: Session | None = None) -> Sequence[AgendaItem]:
    """The items that the actor may see, with room and speakers, by time and then by their order. One statement."""
    items = (
        select(AgendaItem)
        .where(AgendaItem.event_id == event.id)
        .options(
            joinedload(AgendaItem.room),
            joinedload(AgendaItem.track),
            joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.person),
            joinedload(AgendaItem.speakers).joinedload(AgendaSpeaker.team),
        )
        .order_by(AgendaItem.starts_at.is_(None), AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)
    )
    if session is not None:
        items = items.where(AgendaItem.session_id == session.id)
    if not policy.may_see_internal(actor, event):
        items = items.where(AgendaItem.is_internal.is_(False))
    return db.session.scalars(items).unique().all()


def find_item(event: Event, actor: Actor, ref: str) -> AgendaItem | None:
    """An item of this event that the actor may see."""
    item = select(AgendaItem).where(AgendaItem.event_id == event.id, AgendaItem.ref == ref)
    if not policy.may_see_internal(actor, event):
        item = item.where(AgendaItem.is_internal.is_(False))
    return db.session.scalar(item.options(joinedload(AgendaItem.room), joinedload(AgendaItem.session)))


def list_rooms(event: Event) -> Sequence[Room]:
    return db.session.scalars(select(Room).where(Room.event_id == event.id).order_by(Room.name)).all()


def find_room(event: Event, ref: str) -> Room | None:
    return db.session.scalar(select(Room).where(Room.event_id == event.id, Room.ref == ref))


def list_tracks(event: Event) -> Sequence[Track]:
    return db.session.scalars(
        select(Track).where(Track.event_id == event.id).order_by(Track.position, Track.name)
    ).all()


def find_track(event: Event, ref: str) -> Track | None:
    return db.session.scalar(select(Track).where(Track.event_id == event.id, Track.ref == ref))


def list_windows(event: Event) -> Sequence[Window_]:
    """When people and rooms can be had, with both, by start."""
    return db.session.scalars(
        select(Window_)
        .where(Window_.event_id == event.id)
        .options(joinedload(Window_.person), joinedload(Window_.room))
        .order_by(Window_.starts_at, Window_.id)
    ).all()


def find_window(event: Event, ref: str) -> Window_ | None:
    return db.session.scalar(select(Window_).where(Window_.event_id == event.id, Window_.ref == ref))


def list_stops(event: Event) -> Sequence[HardStop]:
    return db.session.scalars(
        select(HardStop)
        .where(HardStop.event_id == event.id)
        .options(joinedload(HardStop.person))
        .order_by(HardStop.at, HardStop.id)
    ).all()


def find_stop(event: Event, ref: str) -> HardStop | None:
    return db.session.scalar(select(HardStop).where(HardStop.event_id == event.id, HardStop.ref == ref))


@dataclass(frozen=True)
class Uses:
    """What takes place in a room, or belongs to a track."""

    sessions: Sequence[Session]
    items: Sequence[AgendaItem]

    def __bool__(self) -> bool:
        return bool(self.sessions or self.items)

    @property
    def titles(self) -> list[str]:
        return [each.display_title for each in (*self.sessions, *self.items)]


def uses_of(record: Room | Track) -> Uses:
    if isinstance(record, Track):
        items = select(AgendaItem).where(AgendaItem.track_id == record.id)
        return Uses([], db.session.scalars(items.order_by(AgendaItem.starts_at, AgendaItem.id)).all())
    items = select(AgendaItem).where(AgendaItem.room_id == record.id).order_by(AgendaItem.starts_at, AgendaItem.id)
    sessions = select(Session).where(Session.room_id == record.id).order_by(*IN_ORDER)
    return Uses(db.session.scalars(sessions).all(), db.session.scalars(items).all())


def list_row_from(item: AgendaItem) -> Sequence[AgendaItem]:
    """The item and what follows on its day in its row of sittings, by start: of its session, else its track, else its room."""
    assert item.starts_at is not None
    zone = ZoneInfo(item.event.time_zone)
    row = select(AgendaItem).where(
        AgendaItem.event_id == item.event_id,
        AgendaItem.cancelled_at.is_(None),
        AgendaItem.starts_at >= item.starts_at,
        AgendaItem.starts_at < _midnight_after(item.starts_at, zone),
    )
    if item.session_id is not None:
        row = row.where(AgendaItem.session_id == item.session_id)
    elif item.track_id is not None:
        row = row.where(AgendaItem.session_id.is_(None), AgendaItem.track_id == item.track_id)
    elif item.room_id is not None:
        row = row.where(
            AgendaItem.session_id.is_(None), AgendaItem.track_id.is_(None), AgendaItem.room_id == item.room_id
        )
    else:
        row = row.where(AgendaItem.id == item.id)
    return db.session.scalars(row.order_by(AgendaItem.starts_at, AgendaItem.id)).all()


def is_mine(record: AgendaItem | Session, actor: Actor) -> bool:
    """Whether the actor's person speaks in the item, or chairs the session."""
    if actor.id is None:
        return False
    # By what it has: a session or an item of a release reads like the records and is none.
    people = [getattr(record, "chair", None), *(each.person for each in getattr(record, "speakers", ()))]
    return any(person is not None and person.account_id == actor.id for person in people)


def only_mine(
    sessions: Sequence[Session], items: Sequence[AgendaItem], actor: Actor
) -> tuple[list[Session], list[AgendaItem]]:
    """The items in which the actor's person speaks, and the sessions that they chair, with all of those sessions' items."""
    chaired = {each.id for each in sessions if is_mine(each, actor)}
    mine = [each for each in items if is_mine(each, actor) or each.session_id in chaired]
    kept = chaired | {each.session_id for each in mine}
    return [each for each in sessions if each.id in kept], mine


# --- the programme as it is printed -------------------------------------------------------------------------------


@dataclass
class Sitting:
    """A session with its items on one day; without a session, what belongs to the day itself."""

    session: Session | None
    items: list[AgendaItem] = field(default_factory=list)


@dataclass
class Day:
    """A day of the programme, or (day None) what has none."""

    day: date | None
    sittings: list[Sitting] = field(default_factory=list)

    @property
    def sessions(self) -> list[Session]:
        return list(dict.fromkeys(each.session for each in self.sittings if each.session is not None))


def by_day(event: Event, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> list[Day]:
    """Days in order, what has no day last. Inside a day by time; a session without items shows as an empty sitting."""
    zone = ZoneInfo(event.time_zone)
    known = {session.id: session for session in sessions}
    days: dict[date | None, list[tuple[Session | None, AgendaItem]]] = {}
    for session in sessions:
        days.setdefault(session.day, [])
    for item in items:
        session = known.get(item.session_id) if item.session_id else None
        day = item.starts_at.astimezone(zone).date() if item.starts_at else (session.day if session else None)
        days.setdefault(day, []).append((session, item))
    ordered = sorted(day for day in days if day is not None) + ([None] if None in days else [])
    return [Day(day, _sittings(day, days[day], sessions)) for day in ordered]


def _sittings(
    day: date | None, row: Sequence[tuple[Session | None, AgendaItem]], sessions: Sequence[Session]
) -> list[Sitting]:
    """Runs of items of one session: a lunch in the middle of a session stands in the middle of it."""
    sittings: list[Sitting] = []
    row = sorted(row, key=lambda pair: _place_of(*pair, sessions)) if day is None else row
    for session, item in row:
        if not sittings or sittings[-1].session is not session:
            sittings.append(Sitting(session))
        sittings[-1].items.append(item)
    told = {id(each.session) for each in sittings}
    return sittings + [Sitting(each) for each in sessions if each.day == day and id(each) not in told]


def _place_of(session: Session | None, item: AgendaItem, sessions: Sequence[Session]) -> tuple[int, int]:
    return (sessions.index(session) if session is not None else -1, item.position)


# --- clashes ------------------------------------------------------------------------------------------------------


def bounds(event: Event) -> tuple[datetime, datetime]:
    """The first moment of the first day, and the first after the last, in the event's zone."""
    zone = ZoneInfo(event.time_zone)
    first = datetime.combine(event.starts_on, time(), zone)
    last = datetime.combine(event.ends_on + timedelta(days=1), time(), zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def clashes_in(
    event: Event,
    actor: Actor,
    sessions: Sequence[Session],
    items: Sequence[AgendaItem],
    *,
    missing: Mapping[str, Sequence[Named]] | None = None,
    crowd: int | None = None,
) -> list[Clash]:
    """All clashes of this event; of other events only what the actor may see has a title. Two statements at most.

    `missing`: by the ref of an item, what is still to be brought in for it, in words. `crowd`: how many people come.
    """
    return find_clashes(*judged(event, actor, sessions, items, missing=missing, crowd=crowd))


def judged(
    event: Event,
    actor: Actor,
    sessions: Sequence[Session],
    items: Sequence[AgendaItem],
    *,
    missing: Mapping[str, Sequence[Named]] | None = None,
    crowd: int | None = None,
) -> tuple[list[Slot], Around]:
    """What `find_clashes` is asked about: the slots of a programme, and all that they are judged by."""
    facts = _facts_of(event)
    opens_at, closes_at = bounds(event)
    now = clock.now()
    slots = [slot_of_session(each) for each in sessions if each.starts_at]
    slots += [_whole_day(each, event) for each in sessions if each.day and not each.starts_at]
    slots += [
        slot_of_item(each, facts.needed.get(each.ref, ()), is_over=closes_at <= now)
        for each in items
        if each.starts_at and each.cancelled_at is None
    ]
    is_time = event.status == Status.PUBLISHED or (event.is_draft and opens_at - now < NEAR)
    return slots, Around(
        opens_at=opens_at,
        closes_at=closes_at,
        elsewhere=_elsewhere(event, actor, slots, facts.names),
        windows=facts.windows,
        stops=facts.stops,
        missing=missing or {},
        unconfirmed=(Consent.NAMED, Consent.ASKED, AGAIN) if is_time else (),
        crowd=crowd,
        rooms=facts.rooms,
        zone=ZoneInfo(event.time_zone),
    )


@dataclass
class Facts:
    """What surrounds a programme: rooms, availability, hard stops, and who has to be in which item."""

    windows: list[Window] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    rooms: list[Place] = field(default_factory=list)
    needed: dict[str, list[Named]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # the refs of rooms by their folded names, in both languages


def _facts_of(event: Event) -> Facts:
    """One statement."""
    facts = Facts()
    zone = ZoneInfo(event.time_zone)
    rows: Sequence[Any] = db.session.execute(_facts(), {"event_id": event.id}).all()
    for kind, item, ref, name, name_local, starts_at, ends_at, is_free, words, words_local, seats, building in rows:
        who = None if ref is None else Named(ref, in_language(name_local, name))
        if kind == "stop":
            reason = in_language(words_local, words)
            facts.stops.append(Stop(at=starts_at, until=_midnight_after(starts_at, zone), reason=reason, who=who))
        elif who is None:
            continue
        elif kind == "window":
            facts.windows.append(
                Window(who=who, starts_at=starts_at, ends_at=ends_at, is_free=bool(is_free), note=words)
            )
        elif kind == "needed":
            facts.needed.setdefault(item, []).append(who)
        else:
            facts.rooms.append(Place(who.key, who.name, seats, building))
            facts.names |= {fold(each): who.key for each in (name, name_local) if each}
    facts.rooms.sort(key=lambda room: room.name)
    return facts


def _midnight_after(moment: datetime, zone: ZoneInfo) -> datetime:
    day = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


@cache
def _facts() -> CompoundSelect[Any]:
    event_id = bindparam("event_id", type_=Integer)
    no_text, no_time = cast(null(), String()), cast(null(), UTCDateTime())
    no_flag, no_number = cast(null(), Boolean()), cast(null(), Integer())
    person = (Person.ref, Person.name, Person.name_local)
    room = (Room.ref, Room.name, Room.name_local)
    window = (Window_.starts_at, Window_.ends_at, Window_.is_free, Window_.note, no_text, no_number, no_text)
    nothing = (no_time, no_time, no_flag, no_text, no_text)
    return union_all(
        select(literal("window"), no_text, *person, *window)
        .join(Window_, Window_.person_id == Person.id)
        .where(Window_.event_id == event_id),
        select(literal("window"), no_text, *room, *window)
        .join(Window_, Window_.room_id == Room.id)
        .where(Window_.event_id == event_id),
        select(
            literal("stop"), no_text, *person, HardStop.at, no_time, no_flag, HardStop.reason, HardStop.reason_local,
            no_number, no_text,
        )
        .select_from(HardStop)
        .outerjoin(Person, Person.id == HardStop.person_id)
        .where(HardStop.event_id == event_id),
        select(literal("needed"), AgendaItem.ref, *person, *nothing, no_number, no_text)
        .join(NeededPerson, NeededPerson.person_id == Person.id)
        .join(AgendaItem, AgendaItem.id == NeededPerson.item_id)
        .where(AgendaItem.event_id == event_id),
        select(literal("room"), no_text, *room, *nothing, Room.seats, Room.building).where(Room.event_id == event_id),
    )  # fmt: skip


def slot_of_session(session: Session) -> Slot:
    assert session.starts_at is not None
    return Slot(
        key=session.ref,
        title=session.display_title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        room=_room(session.room),
        people=(_person(session.chair),) if session.chair else (),
        group=session.ref,
        group_name=session.display_title,
        frame=True,
        version=getattr(session, "version", 0),
    )


def _whole_day(session: Session, event: Event) -> Slot:
    """A session of which only the day is known: it can lie outside the event, and clash with nothing."""
    assert session.day is not None
    zone = ZoneInfo(event.time_zone)
    return Slot(
        key=session.ref,
        title=session.display_title,
        starts_at=datetime.combine(session.day, time(), zone).astimezone(UTC),
        ends_at=datetime.combine(session.day + timedelta(days=1), time(), zone).astimezone(UTC),
        group=session.ref,
        frame=True,
    )


def slot_of_item(item: AgendaItem, needed: Sequence[Named] = (), *, is_over: bool = False) -> Slot:
    """A break is nobody's turn: only its room counts, and who is needed at it. Afterwards nobody's answer matters."""
    assert item.starts_at is not None
    session, is_break = item.session, item.kind == ItemKind.BREAK
    speakers = () if is_break else item.speakers
    return Slot(
        key=item.ref,
        title=item.display_title,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        room=_room(item.room),
        people=tuple(_named(each) for each in speakers),
        answers=() if is_over else tuple(_answer(each) for each in speakers),
        needed=tuple(needed),
        group=session.ref if session else None,
        group_name=session.display_title if session else "",
        track=Named(item.track.ref, item.track.display_name) if getattr(item, "track", None) else None,
        pause=is_break,
        expected=getattr(item, "expected", None),
        version=getattr(item, "version", 0),
    )


def _answer(speaker: AgendaSpeaker) -> str:
    """A team is not asked. Who has agreed to another time has to be asked again."""
    if getattr(speaker, "person", None) is None:
        return Consent.ACCEPTED
    if getattr(speaker, "agreed_to_another_time", False):
        return AGAIN
    return getattr(speaker, "consent", Consent.ACCEPTED)


def _room(room: Room | None) -> Place | None:
    return Place(room.ref, room.display_name, room.seats, room.building) if room else None


def _person(person: Person) -> Named:
    return Named(person.ref, person.display_name)


def _named(speaker: AgendaSpeaker) -> Named:
    who = speaker.person or speaker.team
    assert who is not None
    return Named(who.ref, who.display_name)


def _elsewhere(event: Event, actor: Actor, slots: Sequence[Slot], names: Mapping[str, str]) -> list[Slot]:
    """What the people of these slots do in other events meanwhile: where they speak, chair, or have to be; and what
    takes place in the same rooms of the same house, by their folded `names`. One statement.
    """
    people = {who.key for slot in slots for who in (*slot.people, *slot.needed)}
    # Without a house nobody can say that a room is the same.
    rooms = {slot.room.key: slot.room for slot in slots if slot.room is not None} if event.venue else {}
    if not people and not rooms:
        return []
    earliest, latest = min(slot.starts_at for slot in slots), max(slot.until for slot in slots)
    seen = Event.id.in_(events.select_visible_ids(actor)).label("seen")
    no_house = (cast(null(), String()), cast(null(), String()))

    def told(model: type[AgendaItem] | type[Session], *columns: Any) -> Select[*tuple[Any, ...]]:
        return (
            select(model.ref, model.title, model.starts_at, model.ends_at, seen, *columns)
            .join(Event, Event.id == model.event_id)
            .where(
                model.event_id != event.id,
                Event.status != Status.CANCELLED,
                model.starts_at < latest,
                or_(model.ends_at > earliest, model.ends_at.is_(None) & (model.starts_at >= earliest)),
            )
        )

    def of_people(model: type[AgendaItem] | type[Session]) -> Select[*tuple[Any, ...]]:
        return told(model, Person.ref, Person.name, *no_house).where(Person.ref.in_(people))

    def in_rooms(model: type[AgendaItem] | type[Session]) -> Select[*tuple[Any, ...]]:
        found = told(model, Room.name, Room.name_local, Event.city, Event.venue)
        return found.join(Room, Room.id == model.room_id).where(Event.venue.is_not(None))

    speaking = (
        of_people(AgendaItem)
        .join(AgendaSpeaker, AgendaSpeaker.item_id == AgendaItem.id)
        .join(Person, Person.id == AgendaSpeaker.person_id)
        .where(AgendaItem.cancelled_at.is_(None), AgendaItem.kind != ItemKind.BREAK)
    )
    needed = (
        of_people(AgendaItem)
        .join(NeededPerson, NeededPerson.item_id == AgendaItem.id)
        .join(Person, Person.id == NeededPerson.person_id)
        .where(AgendaItem.cancelled_at.is_(None))
    )
    chairing = of_people(Session).join(Person, Person.id == Session.chair_id)
    inside = select(AgendaItem.id).where(AgendaItem.session_id == Session.id, AgendaItem.starts_at.is_not(None))
    taking = (
        in_rooms(AgendaItem).where(AgendaItem.cancelled_at.is_(None)),
        in_rooms(Session).where(~inside.exists()),  # a session with times inside is told by its items
    )
    found = []
    for ref, title, starts_at, ends_at, is_seen, who, name, city, venue in db.session.execute(
        union_all(speaking, needed, chairing, *(taking if rooms else ()))
    ).all():
        room = None
        if venue is not None:
            if _house(city, venue) != _house(event.city, event.venue):
                continue
            room = next(
                (rooms[names[each]] for each in (fold(who), fold(name or "")) if names.get(each) in rooms), None
            )
            if room is None:
                continue
        found.append(
            Slot(
                key=ref,
                title=title if is_seen else None,
                starts_at=starts_at,
                ends_at=ends_at,
                room=room,
                people=() if room else (Named(who, name),),
                elsewhere=True,
            )
        )
    return found


def _house(city: str | None, venue: str | None) -> tuple[str, str]:
    return fold(city or ""), fold(venue or "")
