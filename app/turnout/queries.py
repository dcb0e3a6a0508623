"""Everybody who was asked, has registered or came, read once; every number of the page is the length of a list of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from app.attendance.models import Mark, MarkStatus
from app.attendance.queries import list_spans
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.i18n import in_language
from app.core.text import fold
from app.door.models import CheckIn, Point, PointKind
from app.door.queries import list_points
from app.events.models import Event
from app.people.models import Department, Person
from app.programme.models import Session
from app.registration.models import GONE, Answer, Invitation, InvitationAnswer, PlaceCounter, Registration, Reservation
from app.registration.models import State as Place
from app.registration.queries import SessionPlaces, list_sessions_with_places

SLOT = timedelta(minutes=5)
LONGEST = 120  # days of the curve that are all shown; of a longer one, those on which something happened
WITHOUT = "none"  # the department of those who have none, in addresses


@dataclass(frozen=True, slots=True)
class Unit:
    ref: str
    name: str
    name_local: str | None

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


@dataclass(slots=True)
class Somebody:
    """One person with all that the numbers are made of."""

    id: int
    name: str
    name_local: str | None
    unit: Unit | None
    is_invited: bool = False
    answer: str | None = None
    answers: list[tuple[datetime, str]] = field(default_factory=list)  # all of them, in the order of time
    state: str | None = None
    joined_at: datetime | None = None
    passes: dict[int, list[datetime]] = field(default_factory=dict)  # ways in, by the id of the point
    held: set[int] = field(default_factory=set)  # ids of sessions
    waits: set[int] = field(default_factory=set)
    halves: dict[str, str] = field(default_factory=dict)  # what the record of attendance says, by half-day
    marks: dict[int, str] = field(default_factory=dict)  # and by the id of the session
    has_waited: bool = False
    moved_up: bool = False

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)

    @property
    def unit_key(self) -> str:
        return self.unit.ref if self.unit else WITHOUT

    @property
    def has_place(self) -> bool:
        return self.state == Place.CONFIRMED

    @property
    def is_silent(self) -> bool:
        return self.is_invited and self.answer is None and (self.state is None or self.state in GONE)


@dataclass(frozen=True)
class DayOfAnswers:
    """One day of the curve: what was said on it, and how many had answered or registered by its end."""

    day: date
    said: Counter[str]
    registered: int
    answered_so_far: int
    registered_so_far: int
    earlier_so_far: int = 0  # of the previous edition, as long before it


@dataclass(frozen=True)
class Slot:
    starts_at: datetime  # in the zone of the event
    number: int

    @property
    def key(self) -> str:
        return f"{self.starts_at:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True)
class UnitRow:
    unit: Unit | None
    counts: dict[str, int]

    @property
    def key(self) -> str:
        return self.unit.ref if self.unit else WITHOUT


@dataclass(frozen=True)
class SessionRow:
    places: SessionPlaces
    held: int
    waits: int
    came: int | None  # None without a point of its own


@dataclass(frozen=True)
class Turnout:
    event: Event
    people: Sequence[Somebody]
    points: Sequence[Point]
    sessions: Sequence[SessionPlaces]
    has_begun: bool
    half_days: int = 0
    earlier: Sequence[date] = ()  # days on which people registered for the previous edition, moved to this one's days

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.event.time_zone)

    @property
    def arrival(self) -> Point | None:
        return next((each for each in self.points if each.kind == PointKind.ARRIVAL), None)

    def came(self, person: Somebody) -> bool:
        """As the record of attendance tells: a mark counts before the door, and the door for a half-day without one."""
        if any(each in THERE for each in person.halves.values()):
            return True
        is_corrected = bool(person.halves) and len(person.halves) >= self.half_days
        return not is_corrected and self.arrival is not None and self.arrival.id in person.passes

    def came_to(self, person: Somebody, session_id: int) -> bool:
        if session_id in person.marks:
            return person.marks[session_id] in THERE
        point = self.point_of(session_id)
        return point is not None and point.id in person.passes

    def sign(self, of: str) -> Callable[[Somebody], bool]:
        """Whether a person belongs to the list of this name; of an unknown name nobody does."""
        known: dict[str, Callable[[Somebody], bool]] = {
            "invited": lambda each: each.is_invited,
            "yes": lambda each: each.is_invited and each.answer == Answer.YES,
            "no": lambda each: each.is_invited and each.answer == Answer.NO,
            "maybe": lambda each: each.is_invited and each.answer == Answer.MAYBE,
            "delegated": lambda each: each.is_invited and each.answer == Answer.DELEGATED,
            "silent": lambda each: each.is_silent,
            "place": lambda each: each.has_place,
            "waiting": lambda each: each.state == Place.WAITING,
            "withdrawn": lambda each: each.state == Place.WITHDRAWN,
            "came": self.came,
            "waited": lambda each: each.has_waited,
            "moved_up": lambda each: each.moved_up,
            "no_show": lambda each: self.has_begun and each.has_place and not self.came(each),
            "unexpected": lambda each: self.came(each) and not each.has_place,
        }
        return known.get(of, lambda _each: False)

    def listed(self, of: str, unit: str = "") -> list[Somebody]:
        sign = self.sign(of)
        return [each for each in self.people if sign(each) and (not unit or each.unit_key == unit)]

    def count(self, of: str) -> int:
        return len(self.listed(of))

    # --- answers ------------------------------------------------------------------------------------------------

    def on(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def answered_on(self, day: date, answer: str = "") -> list[Somebody]:
        """Who said something on that day (this, if it is given)."""
        return [
            each
            for each in self.people
            if any(self.on(at) == day and (not answer or said == answer) for at, said in each.answers)
        ]

    def registered_on(self, day: date) -> list[Somebody]:
        return [each for each in self.people if each.joined_at is not None and self.on(each.joined_at) == day]

    def curve(self) -> list[DayOfAnswers]:
        """From the first day on which somebody answered or registered to the last one."""
        said: dict[date, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        first: Counter[date] = Counter()
        joined: Counter[date] = Counter()
        for person in self.people:
            for at, answer in person.answers:
                said[self.on(at)][answer].add(person.id)
            if person.answers:
                first[self.on(person.answers[0][0])] += 1
            if person.joined_at is not None:
                joined[self.on(person.joined_at)] += 1
        days = sorted({*said, *joined})
        if not days:
            return []
        if (days[-1] - days[0]).days < LONGEST:
            days = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
        rows, answered, registered = [], 0, 0
        for day in days:
            answered, registered = answered + first[day], registered + joined[day]
            counts = Counter({answer: len(who) for answer, who in said.get(day, {}).items()})
            earlier = sum(each <= day for each in self.earlier)
            rows.append(DayOfAnswers(day, counts, joined[day], answered, registered, earlier))
        return rows

    # --- arrivals -----------------------------------------------------------------------------------------------

    def days_at(self, point: Point) -> list[date]:
        return sorted({self.on(at) for each in self.people for at in each.passes.get(point.id, ())})

    def slot_of(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        return local.replace(minute=local.minute - local.minute % 5, second=0, microsecond=0)

    def first_on(self, person: Somebody, point: Point, day: date) -> datetime | None:
        """When a person first came through on that day."""
        return min((at for at in person.passes.get(point.id, ()) if self.on(at) == day), default=None)

    def arrivals(self, point: Point, day: date) -> list[Slot]:
        """How many came first in each five minutes, from the first to the last."""
        moments = [self.first_on(each, point, day) for each in self.people]
        counted = Counter(self.slot_of(each) for each in moments if each is not None)
        if not counted:
            return []
        slots, at, last = [], min(counted), max(counted)
        while at <= last:
            slots.append(Slot(at, counted[at]))
            at = (at.astimezone(UTC) + SLOT).astimezone(self.zone)
        return slots

    def arrived_in(self, point: Point, key: str) -> list[Somebody]:
        """Who came first on its day in the five minutes that begin then (`2027-01-14T08:55`), or on that whole day."""
        found = []
        for each in self.people:
            for day in {self.on(at) for at in each.passes.get(point.id, ())}:
                first = self.first_on(each, point, day)
                if first is not None and f"{self.slot_of(first):%Y-%m-%dT%H:%M}".startswith(key):
                    found.append(each)
        return found

    # --- units and sessions ---------------------------------------------------------------------------------------

    def by_unit(self, columns: Iterable[str]) -> list[UnitRow]:
        """A row for each department, the largest first; those without one come last."""
        groups: dict[str, list[Somebody]] = defaultdict(list)
        for each in self.people:
            groups[each.unit_key].append(each)
        signs = {of: self.sign(of) for of in columns}
        rows = [
            UnitRow(own[0].unit, {of: sum(map(sign, own)) for of, sign in signs.items()}) for own in groups.values()
        ]
        return sorted(
            rows, key=lambda row: (row.unit is None, -sum(row.counts.values()), row.unit.name if row.unit else "")
        )

    def point_of(self, session_id: int) -> Point | None:
        return next((each for each in self.points if each.session_id == session_id), None)

    def session_rows(self) -> list[SessionRow]:
        """Sessions with places of their own or a point of their own, in the order of the programme."""
        held = Counter(each for person in self.people for each in person.held)
        waits = Counter(each for person in self.people for each in person.waits)
        rows = []
        for places in self.sessions:
            point = self.point_of(places.session.id)
            marked = any(places.session.id in person.marks for person in self.people)
            if places.capacity is None and point is None and not marked:
                continue
            id_ = places.session.id
            is_told = point is not None or any(id_ in person.marks for person in self.people)
            came = sum(self.came_to(person, id_) for person in self.people) if is_told else None
            rows.append(SessionRow(places, held[places.session.id], waits[places.session.id], came))
        return rows

    def in_session(self, session_id: int, of: str) -> list[Somebody]:
        return [
            each
            for each in self.people
            if (of == "held" and session_id in each.held)
            or (of == "waits" and session_id in each.waits)
            or (of == "came" and self.came_to(each, session_id))
        ]


THERE = (MarkStatus.PRESENT, MarkStatus.LATE, MarkStatus.LEFT_EARLY, MarkStatus.REMOTE)
UP = ("registration.promoted", "registration.offer_accepted")
WAITED = (*UP, "registration.offered", "registration.offer_expired", "registration.withdrawn")


def turnout_of(event: Event, *, previous: Event | None = None) -> Turnout:
    """A dozen statements, for five people as for five thousand. With `previous` also how that edition filled."""
    people = _people(event)
    for person_id, answer in db.session.execute(select(Invitation.person_id, Invitation.answer).where(_stands(event))):
        people[person_id].is_invited, people[person_id].answer = True, answer
    for person_id, answer, at in db.session.execute(
        select(Invitation.person_id, InvitationAnswer.answer, InvitationAnswer.created_at)
        .join(Invitation, Invitation.id == InvitationAnswer.invitation_id)
        .where(_stands(event))
        .order_by(InvitationAnswer.id)
    ):
        people[person_id].answers.append((at, answer))
    by_ref: dict[str, Somebody] = {}
    for person_id, ref, state, joined_at in db.session.execute(
        select(Registration.person_id, Registration.ref, Registration.state, Registration.joined_at).where(
            Registration.event_id == event.id
        )
    ):
        somebody = by_ref[ref] = people[person_id]
        somebody.state, somebody.joined_at, somebody.has_waited = (
            state,
            joined_at,
            state in (Place.WAITING, Place.OFFERED),
        )
    _read_waiting(event, by_ref)
    for person_id, span, session_id, status in db.session.execute(
        select(Mark.person_id, Mark.span, Mark.session_id, Mark.status).where(Mark.event_id == event.id)
    ):
        if session_id is None:
            people[person_id].halves[span] = status
        else:
            people[person_id].marks[session_id] = status
    for person_id, point_id, at in db.session.execute(
        select(CheckIn.person_id, CheckIn.point_id, CheckIn.at)
        .where(CheckIn.event_id == event.id, CheckIn.undone_at.is_(None), CheckIn.direction == "in")
        .order_by(CheckIn.at)
    ):
        people[person_id].passes.setdefault(point_id, []).append(at)
    for person_id, session_id, is_held in db.session.execute(
        select(Registration.person_id, PlaceCounter.session_id, Reservation.is_held)
        .join(Registration, Registration.id == Reservation.registration_id)
        .join(PlaceCounter, PlaceCounter.id == Reservation.counter_id)
        .where(Registration.event_id == event.id, PlaceCounter.session_id.is_not(None))
    ):
        chosen = people[person_id].held if is_held else people[person_id].waits
        chosen.add(session_id or 0)
    return Turnout(
        event=event,
        people=list(people.values()),
        points=list_points(event),
        sessions=list_sessions_with_places(event),
        has_begun=event.has_begun_at(clock.now()),
        half_days=sum(each.session is None for each in list_spans(event)),
        earlier=_earlier(event, previous) if previous is not None else (),
    )


def _read_waiting(event: Event, by_ref: dict[str, Somebody]) -> None:
    """Who had waited, and who of them moved up into a place: from the log, which never forgets it."""
    told = select(AuditEntry.action, AuditEntry.subject_ref, AuditEntry.details).where(
        AuditEntry.scope == event.ref, AuditEntry.action.in_(WAITED)
    )
    for action, ref, details in db.session.execute(told):
        if ref not in by_ref or (
            action == "registration.withdrawn" and details.get("was") not in ("waiting", "offered")
        ):
            continue
        by_ref[ref].has_waited = True
        by_ref[ref].moved_up = by_ref[ref].moved_up or action in UP


def _earlier(event: Event, previous: Event) -> list[date]:
    """As many days before its own first day as people registered then, counted from ours."""
    zone, by = ZoneInfo(previous.time_zone), event.starts_on - previous.starts_on
    joined = db.session.scalars(select(Registration.joined_at).where(Registration.event_id == previous.id))
    return sorted(each.astimezone(zone).date() + by for each in joined)


def _stands(event: Event) -> ColumnElement[bool]:
    return and_(Invitation.event_id == event.id, Invitation.revoked_at.is_(None))


def _people(event: Event) -> dict[int, Somebody]:
    """Everybody of the event, by name."""
    rows = db.session.execute(
        select(
            Person.id, Person.name, Person.name_local, Department.ref.label("unit"), Department.name.label("unit_name"),
            Department.name_local.label("unit_local"),
        )
        .outerjoin(Department, Department.id == Person.department_id)
        .where(
            or_(
                Person.id.in_(select(Invitation.person_id).where(_stands(event))),
                Person.id.in_(select(Registration.person_id).where(Registration.event_id == event.id)),
                Person.id.in_(select(CheckIn.person_id).where(CheckIn.event_id == event.id)),
                Person.id.in_(select(Mark.person_id).where(Mark.event_id == event.id)),
            )
        )
        .order_by(Person.name_key, Person.id)
    )  # fmt: skip
    units: dict[str, Unit] = {}
    found = {}
    for row in rows:
        unit = units.setdefault(row.unit, Unit(row.unit, row.unit_name, row.unit_local)) if row.unit else None
        found[row.id] = Somebody(row.id, row.name, row.name_local, unit)
    return found


def named(people: Iterable[Somebody], words: str) -> list[Somebody]:
    parts = fold(words).split()[:5]
    return [each for each in people if all(part in fold(f"{each.name} {each.name_local or ''}") for part in parts)]


def find_session(found: Turnout, ref: str) -> Session | None:
    return next((each.session for each in found.sessions if each.session.ref == ref), None)
