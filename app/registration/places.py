"""The gate: the only code that writes place counters and reservations.

A place is taken by one guarded UPDATE that matches no row when the places are gone, so that two people can never
count the same place. Before it, the counters of the event are locked in the order of their ids: on PostgreSQL by
FOR UPDATE under READ COMMITTED, on SQLite by the transaction that begins IMMEDIATE. Whoever comes through here
therefore sees the newest numbers, and nobody waits for somebody who waits for them.

What always holds, and what `reconcile` looks for: a counter equals its rows, and never exceeds its capacity except by
what the organizer allowed with a reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.util import identity_key

from app.core.db import Base, db
from app.core.i18n import _, ngettext
from app.events.models import Event
from app.programme.models import Session
from app.registration.errors import BelowUse, NoPlaceLeft, RegistrationClosed
from app.registration.models import PlaceCounter, Registration, Reservation, State


@dataclass(frozen=True)
class Counters:
    """The locked counters of one event: that of the event itself, and those of sessions with places of their own."""

    event: int
    sessions: dict[int, int]

    def of(self, sessions: Collection[Session]) -> list[int]:
        """Ids of the counters that these sessions need, with the event's, in the order in which they are taken."""
        return sorted({self.event, *(self.sessions[each.id] for each in sessions if each.id in self.sessions)})


LOCKED = (
    select(PlaceCounter.id, PlaceCounter.session_id)
    .where(PlaceCounter.event_id == bindparam("event_id"))
    .order_by(PlaceCounter.id)
    .with_for_update()
)


def lock(event: Event) -> Counters:
    """Lock the places of an event for this transaction; what is read afterwards is the newest.

    Raises RegistrationClosed where registration was never set up: the event's own counter is made with the plan.
    """
    found = db.session.execute(LOCKED, {"event_id": event.id}).all()
    own = next((row.id for row in found if row.session_id is None), None)
    if own is None:
        raise RegistrationClosed(_("There is no registration for this event."))
    return Counters(own, {row.session_id: row.id for row in found if row.session_id is not None})


def open_counter(event: Event, session: Session | None = None) -> PlaceCounter:
    """The counter of an event or of one of its sessions, made without a limit if there is none."""
    wanted = PlaceCounter.session_id == session.id if session else PlaceCounter.session_id.is_(None)
    counter = db.session.scalar(select(PlaceCounter).where(PlaceCounter.event_id == event.id, wanted))
    if counter is None:
        counter = PlaceCounter(event=event, session=session, taken=0, waiting=0, allowed_over=0)
        db.session.add(counter)
        db.session.flush()
    return counter


def take(
    registration: Registration, counters: Counters, sessions: Collection[Session], *, may_wait: bool, now: datetime
) -> None:
    """Give the registration its places, all of them together; else put it at the end of the waiting list.

    Raises NoPlaceLeft when there is no waiting list. The rows are written with the next flush, the caller's own too.
    """
    wanted = counters.of(sessions)
    held = _take_all(wanted)
    if not held and not may_wait:
        raise NoPlaceLeft(_("All places are taken, and there is no waiting list."))
    registration.state = State.CONFIRMED if held else State.WAITING
    registration.joined_at = now
    registration.confirmed_at = now if held else None
    if not held:
        _count_waiting(wanted, 1)
    db.session.add(registration)
    db.session.add_all(Reservation(registration=registration, counter_id=each, is_held=held) for each in wanted)


def release(registration: Registration, counters: Counters, *, now: datetime) -> list[Registration]:
    """Give back whatever the registration holds or waits for, and promote who comes next, in this same transaction.

    Returns those who now have a place, in the order of the list.
    """
    rows = db.session.execute(
        select(Reservation.counter_id, Reservation.is_held)
        .where(Reservation.registration_id == registration.id)
        .order_by(Reservation.counter_id)
    ).all()
    held = [row.counter_id for row in rows if row.is_held]
    _give_back(held)
    _count_waiting([row.counter_id for row in rows if not row.is_held], -1)
    db.session.execute(delete(Reservation).where(Reservation.registration_id == registration.id))
    registration.state = State.WITHDRAWN
    registration.withdrawn_at = now
    db.session.flush()
    db.session.expire(registration, ["reservations"])
    return promote(counters, now=now) if held else []


def promote(counters: Counters, *, now: datetime) -> list[Registration]:
    """Give free places to the waiting, first come first served by (priority, joined_at, id).

    Each needs all its places at once. One who waits for a full session lets those pass who do not need it. Asking
    again promotes nobody twice.
    """
    promoted: list[int] = []
    full: set[int] = set()
    for registration_id, wanted in _waiting_list(counters):
        if full & set(wanted):
            continue
        short = _first_short(wanted)
        if short is None:
            _count_waiting(wanted, -1)
            db.session.execute(
                update(Reservation).where(Reservation.registration_id == registration_id).values(is_held=True),
                execution_options={"synchronize_session": False},
            )
            promoted.append(registration_id)
            continue
        full.add(short)
        if short == counters.event:
            break
    return [_confirm(each, now) for each in promoted]


def _waiting_list(counters: Counters) -> list[tuple[int, list[int]]]:
    """Who waits, in order, and the ids of the counters that each needs, rising."""
    rows = db.session.execute(
        select(Registration.id, Reservation.counter_id)
        .join(Reservation, Reservation.registration_id == Registration.id)
        .where(
            Registration.event_id
            == select(PlaceCounter.event_id).where(PlaceCounter.id == counters.event).scalar_subquery(),
            Registration.state == State.WAITING,
        )
        .order_by(Registration.priority, Registration.joined_at, Registration.id, Reservation.counter_id)
    )
    wanted: dict[int, list[int]] = {}
    for registration_id, counter_id in rows:
        wanted.setdefault(registration_id, []).append(counter_id)
    return list(wanted.items())


def _confirm(registration_id: int, now: datetime) -> Registration:
    registration = db.session.get_one(
        Registration, registration_id, options=[joinedload(Registration.person)], populate_existing=True
    )
    registration.state = State.CONFIRMED
    registration.confirmed_at = now
    registration.version += 1
    db.session.flush()
    db.session.expire(registration, ["reservations"])
    return registration


def set_capacity(
    counter: PlaceCounter, capacity: int | None, counters: Counters, *, reason: str | None, now: datetime
) -> list[Registration]:
    """Another number of places. More of them go to the waiting list first; returns those who now have one.

    Fewer than are taken needs a reason: nobody loses a place, and the surplus melts away as people withdraw.
    """
    limit = PlaceCounter.__table__.c.taken if capacity is None else capacity
    done = db.session.scalar(
        update(PlaceCounter)
        .where(PlaceCounter.id == counter.id, or_(PlaceCounter.taken <= limit, literal(bool(reason))))
        .values(
            capacity=capacity,
            allowed_over=case((PlaceCounter.taken > limit, PlaceCounter.taken - limit), else_=0),
        )
        .returning(PlaceCounter.id),
        execution_options={"synchronize_session": False},
    )
    _forget([counter.id])
    if done is None:
        raise BelowUse(
            ngettext(
                "%(num)d place is taken already. With a reason you can go below; nobody loses a place.",
                "%(num)d places are taken already. With a reason you can go below; nobody loses a place.",
                counter.taken,
            ),
            field="reason",
        )
    return promote(counters, now=now)


COUNTERS = Base.metadata.tables["place_counter"]  # the table itself: no record is kept of what this writes
TAKE_ONE = (  # the guarded update: no row when the places are gone
    update(COUNTERS)
    .where(
        COUNTERS.c.id == bindparam("counter_id"),
        or_(COUNTERS.c.capacity.is_(None), COUNTERS.c.taken + 1 <= COUNTERS.c.capacity + COUNTERS.c.allowed_over),
    )
    .values(taken=COUNTERS.c.taken + 1)
    .returning(COUNTERS.c.id)
)


def _take_all(wanted: Sequence[int]) -> bool:
    return _first_short(wanted) is None


def _first_short(wanted: Sequence[int]) -> int | None:
    """Take one place of each counter, or of none: the id of the first that has none left."""
    taken: list[int] = []
    for each in wanted:
        if db.session.scalar(TAKE_ONE, {"counter_id": each}) is None:
            _give_back(taken)
            return each
        taken.append(each)
    _forget(taken)
    return None


def _give_back(taken: Sequence[int]) -> None:
    """One place less taken of each; what was allowed above the capacity shrinks with it."""
    if not taken:
        return
    left = PlaceCounter.taken - 1
    db.session.execute(
        update(PlaceCounter)
        .where(PlaceCounter.id.in_(taken))
        .values(taken=left, allowed_over=case((left > PlaceCounter.capacity, left - PlaceCounter.capacity), else_=0)),
        execution_options={"synchronize_session": False},
    )
    _forget(taken)


def _count_waiting(wanted: Sequence[int], more: int) -> None:
    if not wanted:
        return
    db.session.execute(
        update(PlaceCounter).where(PlaceCounter.id.in_(wanted)).values(waiting=PlaceCounter.waiting + more),
        execution_options={"synchronize_session": False},
    )
    _forget(wanted)


def _forget(counter_ids: Sequence[int]) -> None:
    """Records that were read before show the new numbers."""
    for each in counter_ids:
        known = db.session.identity_map.get(identity_key(PlaceCounter, each))
        if known is not None:
            db.session.expire(known, ["capacity", "taken", "allowed_over", "waiting"])


@dataclass(frozen=True)
class Mismatch:
    """A counter that does not say what its rows say."""

    counter: PlaceCounter
    held: int
    asked: int


def reconcile(event: Event | None = None) -> list[Mismatch]:
    """Compare every counter with its rows; an empty list means that all is well. Changes nothing."""
    held = func.coalesce(func.sum(case((Reservation.is_held, 1), else_=0)), 0)
    asked = func.coalesce(func.sum(case((Reservation.is_held.is_(False), 1), else_=0)), 0)
    compared = (
        select(PlaceCounter, held.label("held"), asked.label("asked"))
        .outerjoin(Reservation, Reservation.counter_id == PlaceCounter.id)
        .group_by(PlaceCounter.id)
        .having(or_(PlaceCounter.taken != held, PlaceCounter.waiting != asked))
        .execution_options(populate_existing=True)
    )
    if event is not None:
        compared = compared.where(PlaceCounter.event_id == event.id)
    return [Mismatch(row[0], row[1], row[2]) for row in db.session.execute(compared)]
