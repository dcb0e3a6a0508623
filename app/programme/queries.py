"""Questions about programmes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event, Status
from app.people.models import Person
from app.programme import policy
from app.programme.clashes import Around, Clash, Named, Place, Slot, find_clashes
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, ItemKind, Room, Session

AGAIN = "again"  # has said yes to a time that is not the item's any more
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


def is_mine(record: AgendaItem | Session, actor: Actor) -> bool:
    """Whether the actor's person speaks in the item, or chairs the session."""
    if actor.id is None:
        return False
    if not hasattr(record, "speakers"):  # a session, of the working version or of a release
        return record.chair is not None and record.chair.account_id == actor.id
    return any(each.person is not None and each.person.account_id == actor.id for each in record.speakers)


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


@dataclass(frozen=True)
class Moment:
    """What is on now, and what comes next, in each room."""

    running: list[AgendaItem]
    following: list[AgendaItem]


def at_moment(items: Iterable[AgendaItem], now: datetime, room: Room | None = None) -> Moment:
    """`following`: the items that begin next, all those of the same moment. Cancelled ones do not count."""
    here = [each for each in items if each.cancelled_at is None and _is_in(each, room)]
    running = [each for each in here if each.is_on_at(now)]
    later = [each for each in here if each.starts_at is not None and each.starts_at > now]
    first = min((each.starts_at for each in later if each.starts_at), default=None)
    return Moment(running, [each for each in later if each.starts_at == first])


def _is_in(item: AgendaItem, room: Room | None) -> bool:
    return room is None or (item.room is not None and item.room.ref == room.ref)


# --- clashes ------------------------------------------------------------------------------------------------------


def bounds(event: Event) -> tuple[datetime, datetime]:
    """The first moment of the first day, and the first after the last, in the event's zone."""
    zone = ZoneInfo(event.time_zone)
    first = datetime.combine(event.starts_on, time(), zone)
    last = datetime.combine(event.ends_on + timedelta(days=1), time(), zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def clashes_in(event: Event, actor: Actor, sessions: Sequence[Session], items: Sequence[AgendaItem]) -> list[Clash]:
    """All clashes of this event; of other events only what the actor may see has a title. One statement at most."""
    slots = [slot_of_session(each) for each in sessions if each.starts_at]
    slots += [_whole_day(each, event) for each in sessions if each.day and not each.starts_at]
    slots += [slot_of_item(each) for each in items if each.starts_at and each.cancelled_at is None]
    opens_at, closes_at = bounds(event)
    return find_clashes(
        slots, Around(opens_at=opens_at, closes_at=closes_at, elsewhere=_elsewhere(event, actor, slots))
    )


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


def slot_of_item(item: AgendaItem, needed: Sequence[Named] = ()) -> Slot:
    """A break is nobody's turn: only its room counts, and who is needed at it."""
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
        answers=tuple(_answer(each) for each in speakers),
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


def _elsewhere(event: Event, actor: Actor, slots: Sequence[Slot]) -> list[Slot]:
    """What the people of these slots do in other events meanwhile: items they speak in, sessions they chair."""
    people = {who.key for slot in slots for who in slot.people}
    if not people:
        return []
    earliest, latest = min(slot.starts_at for slot in slots), max(slot.until for slot in slots)
    seen = Event.id.in_(events.select_visible_ids(actor)).label("seen")

    def told(model: type[AgendaItem] | type[Session]) -> Select[*tuple[Any, ...]]:
        return (
            select(model.ref, model.title, model.starts_at, model.ends_at, Person.ref, Person.name, seen)
            .join(Event, Event.id == model.event_id)
            .where(
                Person.ref.in_(people),
                model.event_id != event.id,
                Event.status != Status.CANCELLED,
                model.starts_at < latest,
                or_(model.ends_at > earliest, model.ends_at.is_(None) & (model.starts_at >= earliest)),
            )
        )

    speaking = (
        told(AgendaItem)
        .join(AgendaSpeaker, AgendaSpeaker.item_id == AgendaItem.id)
        .join(Person, Person.id == AgendaSpeaker.person_id)
        .where(AgendaItem.cancelled_at.is_(None), AgendaItem.kind != ItemKind.BREAK)
    )
    chairing = told(Session).join(Person, Person.id == Session.chair_id)
    return [
        Slot(
            key=ref,
            title=title if is_seen else None,
            starts_at=starts_at,
            ends_at=ends_at,
            people=(Named(person_ref, name),),
            elsewhere=True,
        )
        for ref, title, starts_at, ends_at, person_ref, name, is_seen in db.session.execute(
            union_all(speaking, chairing)
        ).all()
    ]
