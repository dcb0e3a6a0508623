"""The gate: the only code that writes place counters and reservations.

A place is taken by one guarded UPDATE that matches no row when the places are gone, so that two people can never
count the same place. Before it, the row of the event is locked: on PostgreSQL by FOR NO KEY UPDATE under READ COMMITTED,
on SQLite the transaction has begun IMMEDIATE. Whoever comes through here therefore sees the newest numbers, and nobody
waits for somebody who waits for them. The event's row stands still while its counters change: PostgreSQL lets those who
wait for a row that changes be overtaken by newcomers, who find its newest version first.

What always holds, and what `reconcile` looks for: a counter equals its rows, and never exceeds its capacity except by
what the organizer allowed with a reason.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.util import identity_key

from app.core.db import Base, db
from app.core.i18n import _, ngettext
from app.events.models import Event
from app.programme.models import Session
from app.registration.errors import AlreadyRegistered, BelowUse, NoPlaceLeft, NotRegistered, RegistrationClosed
from app.registration.models import GONE, PlaceCounter, Registration, RegistrationPlan, Reservation, State


@dataclass(frozen=True)
class Counters:
    """The counters of one event, which is locked: its own, those of sessions with places of their own, and those of options."""

    event_id: int
    event: int
    sessions: dict[int, int]
    options: dict[str, int]

    def of(self, sessions: Collection[Session], options: Collection[str] = ()) -> list[int]:
        """Ids of the counters that these need, with the event's, in the order in which they are taken."""
        return sorted({self.event, *self.only([*sessions, *options])})

    def only(self, wanted: Collection[Session | str]) -> list[int]:
        """Ids of the counters of sessions and options, rising. What has no counter has room for everybody."""
        found = (self.options.get(each) if isinstance(each, str) else self.sessions.get(each.id) for each in wanted)
        return sorted({each for each in found if each is not None})


LOCKED = (
    select(PlaceCounter.id, PlaceCounter.session_id, PlaceCounter.option)
    .join(Event, Event.id == PlaceCounter.event_id)
    .where(Event.id == bindparam("event_id"))
    .with_for_update(of=Event, key_share=True)
)


def lock(event: Event) -> Counters:
    """Lock the places of an event for this transaction; what is read afterwards is the newest.

    Raises RegistrationClosed where registration was never set up: the event's own counter is made with the plan.
    """
    found = db.session.execute(LOCKED, {"event_id": event.id}).all()
    own = next((row.id for row in found if row.session_id is None and row.option is None), None)
    if own is None:
        raise RegistrationClosed(_("There is no registration for this event."))
    return Counters(
        event.id,
        own,
        {row.session_id: row.id for row in found if row.session_id is not None},
        {row.option: row.id for row in found if row.option is not None},
    )


def open_counter(
    event: Event,
    session: Session | None = None,
    *,
    option: str | None = None,
    name: str | None = None,
    name_local: str | None = None,
) -> PlaceCounter:
    """The counter of an event, of one of its sessions, or of an option; made without a limit if there is none.

    An option is named by its key, such as `dinner/vegan`, and `name` is what people read; a new name replaces the old.
    """
    wanted = (
        (PlaceCounter.session_id == session.id if session else PlaceCounter.session_id.is_(None)),
        PlaceCounter.option == option if option else PlaceCounter.option.is_(None),
    )
    counter = db.session.scalar(select(PlaceCounter).where(PlaceCounter.event_id == event.id, *wanted))
    if counter is None:
        counter = PlaceCounter(event=event, session=session, option=option, taken=0, waiting=0, allowed_over=0)
        db.session.add(counter)
    if option and name:
        counter.name, counter.name_local = name[:200], name_local[:200] if name_local else None
    db.session.flush()
    return counter


def take(
    registration: Registration,
    counters: Counters,
    sessions: Collection[Session],
    options: Collection[str] = (),
    *,
    may_wait: bool,
    now: datetime,
    pending: bool = False,
    pending_holds: bool = True,
) -> None:
    """Give the registration its places, all of them together; else put it at the end of the waiting list.

    A `pending` one holds them while it waits for approval, if `pending_holds`, and none otherwise. Raises NoPlaceLeft
    when there is no waiting list, having changed nothing. The rows are written with the next flush, the caller's own
    too.
    """
    wanted = counters.of(sessions, options)
    short = _first_short(wanted)
    held = short is None
    if short is not None and not may_wait:
        raise _nothing_left(short, counters)
    if held and pending and not pending_holds:
        _give_back(wanted)
        held = False
    registration.state = State.PENDING if pending else State.CONFIRMED if held else State.WAITING
    registration.joined_at = now
    registration.confirmed_at = now if registration.state == State.CONFIRMED else None
    registration.offer_until = registration.skipped = None
    if registration.state == State.WAITING:
        _count_waiting(wanted, 1)
    db.session.add(registration)
    db.session.add_all(Reservation(registration=registration, counter_id=each, is_held=held) for each in wanted)


def _nothing_left(counter_id: int, counters: Counters) -> NoPlaceLeft:
    if counter_id == counters.event:
        return NoPlaceLeft(_("All places are taken, and there is no waiting list."))
    return NoPlaceLeft(_("There is no place left in “%(name)s”.", name=_name_of(counter_id)))


def _name_of(counter_id: int) -> str:
    counter = db.session.get_one(PlaceCounter, counter_id)
    return counter.display_name


def _rows_of(registration: Registration) -> tuple[list[int], bool]:
    """Ids of the counters that a registration holds or waits for, rising, and whether it holds them: all or none."""
    rows = db.session.execute(
        select(Reservation.counter_id, Reservation.is_held)
        .where(Reservation.registration_id == registration.id)
        .order_by(Reservation.counter_id)
    ).all()
    return [row.counter_id for row in rows], bool(rows) and all(row.is_held for row in rows)


def confirm(registration: Registration, counters: Counters, *, may_wait: bool, now: datetime) -> None:
    """A pending or offered registration becomes one that counts: it keeps what it holds, or takes its places now.

    Without a place left it waits, where it stood when it registered; without a waiting list NoPlaceLeft is raised.
    """
    wanted, held = _rows_of(registration)
    short = None if held else _first_short(wanted)
    if short is not None and not may_wait:
        raise _nothing_left(short, counters)
    registration.state = State.CONFIRMED if short is None else State.WAITING
    registration.confirmed_at = now if short is None else None
    registration.offer_until = registration.skipped = None
    if short is not None:
        _count_waiting(wanted, 1)
    elif not held:
        _hold(registration.id)
    db.session.flush()
    db.session.expire(registration, ["reservations"])


def change(
    registration: Registration,
    counters: Counters,
    *,
    add: Collection[Session | str] = (),
    drop: Collection[Session | str] = (),
    now: datetime,
) -> list[Registration]:
    """Other sessions and options (keys) for somebody who is registered, all together or none; the event's stays.

    Raises NoPlaceLeft naming the first that is full, having changed nothing. Who waits or asks for approval waits for
    the new choice instead. Returns those who moved up into what was given back.
    """
    if registration.state in GONE:
        raise NotRegistered(_("%(name)s is not registered.", name=registration.person.display_name))
    there, held = _rows_of(registration)
    both = set(counters.only(add)) & set(counters.only(drop))
    wanted = [each for each in counters.only(add) if each not in there and each not in both]
    dropped = [each for each in counters.only(drop) if each in there and each not in both and each != counters.event]
    short = _first_short(wanted) if held else None
    if short is not None:
        raise _nothing_left(short, counters)
    if not held and registration.state == State.WAITING:
        _count_waiting(wanted, 1)
        _count_waiting(dropped, -1)
    if held:
        _give_back(dropped)
    db.session.add_all(Reservation(registration=registration, counter_id=each, is_held=held) for each in wanted)
    db.session.flush()
    if dropped:
        db.session.execute(
            delete(Reservation).where(
                Reservation.registration_id == registration.id, Reservation.counter_id.in_(dropped)
            ),
            execution_options={"synchronize_session": False},
        )
    db.session.expire(registration, ["reservations"])
    return promote(counters, now=now) if dropped else []


def hand_over(old: Registration, new: Registration, *, now: datetime) -> None:
    """Whoever comes instead takes over every place that `old` holds, without its ever being free: no counter moves.

    `new` may be a record not stored yet, or one of somebody who had withdrawn; its own places must be none. Locks the
    places of the event, so that nobody moves up meanwhile.
    """
    lock(old.event)
    db.session.refresh(old, ["state"])
    if old.state != State.CONFIRMED:
        raise NotRegistered(_("%(name)s has no place to hand over.", name=old.person.display_name))
    if new.id is not None and new.state not in GONE:
        raise AlreadyRegistered(_("%(name)s is registered already.", name=new.person.display_name))
    new.state, new.joined_at, new.priority, new.confirmed_at = State.CONFIRMED, old.joined_at, old.priority, now
    new.offer_until = new.skipped = new.withdrawn_at = new.withdraw_reason = None
    old.state, old.withdrawn_at, old.reconfirm_until = State.REPLACED, now, None
    db.session.add(new)
    db.session.flush()
    db.session.execute(
        update(Reservation).where(Reservation.registration_id == old.id).values(registration_id=new.id),
        execution_options={"synchronize_session": False},
    )
    for each in (old, new):
        db.session.expire(each, ["reservations"])


def release(
    registration: Registration, counters: Counters, *, now: datetime, state: State = State.WITHDRAWN
) -> list[Registration]:
    """Give back whatever the registration holds or waits for, and promote who comes next, in this same transaction.

    Returns those who now have a place or an offer of one, in the order of the list.
    """
    return release_many([registration], counters, now=now, state=state)


def release_many(
    registrations: Collection[Registration], counters: Counters, *, now: datetime, state: State = State.WITHDRAWN
) -> list[Registration]:
    """`release` for many, in as many statements as for one: nobody of them moves up into what another gave back."""
    held, in_line = _count_rows(registrations)
    for number, them in _by_number(held):
        _give_back(them, number)
    for number, them in _by_number(in_line):
        _count_waiting(them, -number)
    db.session.execute(
        delete(Reservation).where(Reservation.registration_id.in_([each.id for each in registrations])),
        execution_options={"synchronize_session": False},
    )
    for each in registrations:
        each.state = state
        each.withdrawn_at = now
        each.offer_until = each.reconfirm_until = None
    db.session.flush()
    for each in registrations:
        db.session.expire(each, ["reservations"])
    return promote(counters, now=now) if held else []


def _count_rows(registrations: Collection[Registration]) -> tuple[Counter[int], Counter[int]]:
    """How many places of each counter these hold, and in how many lines they wait."""
    waiting = {each.id for each in registrations if each.state == State.WAITING}
    rows = db.session.execute(
        select(Reservation.registration_id, Reservation.counter_id, Reservation.is_held).where(
            Reservation.registration_id.in_([each.id for each in registrations])
        )
    ).all()
    held = Counter(row.counter_id for row in rows if row.is_held)
    return held, Counter(row.counter_id for row in rows if not row.is_held and row.registration_id in waiting)


def _by_number(counted: Counter[int]) -> list[tuple[int, list[int]]]:
    """Counters from which the same number goes, together."""
    return [(number, sorted(at for at in counted if counted[at] == number)) for number in sorted(set(counted.values()))]


def promote(counters: Counters, *, now: datetime) -> list[Registration]:
    """Give free places to the waiting, first come first served by (priority, joined_at, id).

    Each needs all its places at once. One who waits for a full session or option lets those pass who do not need it,
    and the reason stays with the registration. Asking again promotes nobody twice. Where the plan says so, the places
    are offered until a moment instead of given; and somebody who waits for approval, and found none free, gets them to
    hold in turn, without being told.
    """
    promoted: list[int] = []
    full: set[int] = set()
    passed: dict[int, list[int]] = {}
    for (registration_id, state), wanted in _waiting_list(counters):
        short = next((each for each in wanted if each in full), None)
        if short is None:
            short = _first_short(wanted)
        if short is None:
            _hold(registration_id)
            if state == State.WAITING:
                _count_waiting(wanted, -1)
                promoted.append(registration_id)
            continue
        full.add(short)
        if short == counters.event:
            break
        passed.setdefault(short, []).append(registration_id)
    for short, them in passed.items():
        _note_skipped(short, them)
    until = _offered_until(counters.event_id, now) if promoted else None
    return [_move_up(each, now, until) for each in promoted]


def _hold(registration_id: int) -> None:
    db.session.execute(
        update(Reservation).where(Reservation.registration_id == registration_id).values(is_held=True),
        execution_options={"synchronize_session": False},
    )
    known = db.session.identity_map.get(identity_key(Registration, registration_id))
    if known is not None:
        db.session.expire(known, ["reservations"])


def _note_skipped(counter_id: int, registration_ids: Collection[int]) -> None:
    """The list passed by these, since this is full. `queries.why_skipped` says it in words."""
    reason = f"full {counter_id}"
    db.session.execute(
        update(Registration)
        .where(Registration.id.in_(registration_ids), Registration.skipped.is_distinct_from(reason))
        .values(skipped=reason),
        execution_options={"synchronize_session": False},
    )
    for each in registration_ids:
        known = db.session.identity_map.get(identity_key(Registration, each))
        if known is not None:
            db.session.expire(known, ["skipped"])


def _offered_until(event_id: int, now: datetime) -> datetime | None:
    """How long an offer of now lasts, never into the event itself; None where who moves up has the place at once."""
    plan, event = db.session.execute(
        select(RegistrationPlan, Event)
        .join(Event, Event.id == RegistrationPlan.event_id)
        .where(RegistrationPlan.event_id == event_id)
    ).one()
    begins = datetime.combine(event.starts_on, time(), ZoneInfo(event.time_zone))
    until = min(now + timedelta(hours=plan.offer_hours), begins)
    return until if until > now else None


def _waiting_list(counters: Counters) -> list[tuple[tuple[int, str], list[int]]]:
    """Who waits, in order, and the ids of the counters that each needs, rising; also who only waits to hold them."""
    to_hold = and_(Registration.state == State.PENDING, Reservation.is_held.is_(False), RegistrationPlan.pending_holds)
    rows = db.session.execute(
        select(Registration.id, Registration.state, Reservation.counter_id)
        .join(Reservation, Reservation.registration_id == Registration.id)
        .join(RegistrationPlan, RegistrationPlan.event_id == Registration.event_id)
        .where(Registration.event_id == counters.event_id, or_(Registration.state == State.WAITING, to_hold))
        .order_by(Registration.priority, Registration.joined_at, Registration.id, Reservation.counter_id)
    )
    wanted: dict[tuple[int, str], list[int]] = {}
    for registration_id, state, counter_id in rows:
        wanted.setdefault((registration_id, state), []).append(counter_id)
    return list(wanted.items())


def _move_up(registration_id: int, now: datetime, until: datetime | None) -> Registration:
    registration = db.session.get_one(
        Registration, registration_id, options=[joinedload(Registration.person)], populate_existing=True
    )
    registration.state = State.OFFERED if until else State.CONFIRMED
    registration.confirmed_at = None if until else now
    registration.offer_until = until
    registration.skipped = None
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


def _give_back(taken: Sequence[int], number: int = 1) -> None:
    """So many places less taken of each; what was allowed above the capacity shrinks with it."""
    if not taken:
        return
    left = PlaceCounter.taken - number
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
    in_line = and_(Reservation.is_held.is_(False), Registration.state == State.WAITING)  # not those to be approved
    asked = func.coalesce(func.sum(case((in_line, 1), else_=0)), 0)
    compared = (
        select(PlaceCounter, held.label("held"), asked.label("asked"))
        .outerjoin(Reservation, Reservation.counter_id == PlaceCounter.id)
        .outerjoin(Registration, Registration.id == Reservation.registration_id)
        .group_by(PlaceCounter.id)
        .having(or_(PlaceCounter.taken != held, PlaceCounter.waiting != asked))
        .execution_options(populate_existing=True)
    )
    if event is not None:
        compared = compared.where(PlaceCounter.event_id == event.id)
    return [Mismatch(row[0], row[1], row[2]) for row in db.session.execute(compared)]
