"""The record of attendance: marks where somebody set them, and what the door and the answers tell where nobody did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.attendance.models import Mark, MarkStatus, SignInSheet, Source
from app.attendance.spans import Span, spans_of
from app.attendance.telling import EXCUSED, UNKNOWN, Cell, Pass, tell
from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.core.text import fold
from app.door.models import CheckIn, Point, PointKind, Repeat
from app.events.models import Event
from app.people.models import Department, Person
from app.people.queries import person_of
from app.programme.models import AgendaItem, Session
from app.registration.models import Answer, Invitation, Registration, State


@dataclass(frozen=True)
class Attendee:
    """One person of the record, with one cell for each span."""

    person: Person
    department: Department | None
    cells: Mapping[str, Cell]
    instead_of: str | None = None
    has_place: bool = True
    was_seen: bool = False  # at the point of arrival, whenever

    def was_there(self, spans: Iterable[Span]) -> bool:
        """Present in one of these spans at least; of one that is not over, seen at the door is enough."""
        cells = [self.cells.get(each.key, UNKNOWN) for each in spans]
        return any(each.was_there or (each.status is None and self.was_seen) for each in cells)

    def is_excused(self, spans: Iterable[Span]) -> bool:
        """Excused from each of these spans, or represented in it."""
        statuses = {self.cells.get(each.key, UNKNOWN).status for each in spans}
        return bool(statuses) and statuses <= {MarkStatus.EXCUSED, MarkStatus.SUBSTITUTED}


@dataclass(frozen=True)
class Record:
    """Everybody who was expected, came or sent word, by name; and the spans that the event is counted in."""

    spans: Sequence[Span]
    people: Sequence[Attendee]

    def find_span(self, key: str) -> Span | None:
        return next((each for each in self.spans if each.key == key), None)


def spans_during(spans: Sequence[Span], session: Session) -> list[Span]:
    """What tells of a session: its own span, else the half-days that it touches, else all of them."""
    own = [each for each in spans if each.session is not None and each.session.id == session.id]
    halves = [each for each in spans if each.session is None]
    if session.starts_at is not None and session.ends_at is not None:
        touched = [each for each in halves if each.starts_at < session.ends_at and session.starts_at < each.ends_at]
    elif session.day is not None:
        touched = [each for each in halves if each.day == session.day]
    else:
        touched = []
    return own or touched or halves


def list_spans(event: Event) -> list[Span]:
    """The half-days of the programme as it is worked on, and the sessions that have a point at the door."""
    return spans_of(event, _items(event), [each.session for each in _points(event) if each.session is not None])


def _items(event: Event) -> Iterable[AgendaItem]:
    return db.session.scalars(
        select(AgendaItem).where(AgendaItem.event_id == event.id, AgendaItem.starts_at.is_not(None))
    )


def _points(event: Event) -> Sequence[Point]:
    return db.session.scalars(
        select(Point).where(Point.event_id == event.id).options(joinedload(Point.session)).order_by(Point.id)
    ).all()


def record(event: Event, *, person: Person | None = None, now: datetime | None = None) -> Record:
    """The record as it stands; with `person` of that one alone. The number of statements does not depend on the people.

    A mark counts before everything else. Without one: who was replaced, substituted; who withdrew or declined, and was
    not seen, excused; else what the door tells. Who waits for a place or for approval is not in the record.
    """
    now = now or clock.now()
    points = _points(event)
    spans = spans_of(event, _items(event), [each.session for each in points if each.session is not None])
    registrations = _registrations(event, person)
    passes, seen = _passes(event, person)
    marks = _marks(event, person)
    declined = _declined(event, person)
    instead = {each.instead_of_id: each.person for each in registrations.values() if each.instead_of_id}
    known = {each.person_id: each.person for each in registrations.values()} | seen | declined
    known |= {person_id: own[0].person for person_id, own in marks.items() if own}
    zone = ZoneInfo(event.time_zone)
    arrival = next((each for each in points if each.kind == PointKind.ARRIVAL), None)
    people = []
    for person_id, somebody in known.items():
        registration = registrations.get(person_id)
        substitute = instead.get(person_id)
        cells = {
            span.key: _cell(span, registration, substitute, person_id in declined, passes, person_id, points, zone, now)
            for span in spans
        }
        cells |= {each.span: _marked(each) for each in marks.get(person_id, ())}
        if registration is not None and registration.instead_of is not None:
            instead_of = registration.instead_of.display_name
        else:
            instead_of = None
        has_place = registration is not None and registration.state == State.CONFIRMED
        was_seen = arrival is not None and (arrival.id, person_id) in passes
        people.append(Attendee(somebody, somebody.department, cells, instead_of, has_place, was_seen))
    return Record(spans, sorted(people, key=lambda each: (fold(each.person.name), each.person.id)))


def _cell(
    span: Span, registration: Registration | None, substitute: Person | None, declined: bool,
    passes: Mapping[tuple[int, int], list[Pass]], person_id: int, points: Sequence[Point], zone: ZoneInfo, now: datetime,
) -> Cell:  # fmt: skip
    point = _point_of(span, points)
    own = passes.get((point.id, person_id), []) if point is not None else []
    if registration is not None and registration.state == State.REPLACED:
        return Cell(MarkStatus.SUBSTITUTED, instead=substitute.display_name if substitute else None)
    gone = registration is not None and registration.state == State.WITHDRAWN
    if (gone or (declined and registration is None)) and not own:
        return EXCUSED
    told = tell(span, own, is_daily=point is not None and point.repeat != Repeat.ONCE, zone=zone, now=now)
    return told if registration is not None or own else UNKNOWN


def _point_of(span: Span, points: Sequence[Point]) -> Point | None:
    if span.session is not None:
        return next((each for each in points if each.session_id == span.session.id), None)
    return next((each for each in points if each.kind == PointKind.ARRIVAL), None)


def _marked(mark: Mark) -> Cell:
    return Cell(
        MarkStatus(mark.status), minutes=mark.minutes, source=Source(mark.source), at=mark.changed_at,
        by_name=mark.by_name, evidence=mark.evidence, reason=mark.reason,
        instead=mark.substitute.display_name if mark.substitute else None, is_corrected=True,
    )  # fmt: skip


COUNTED = (State.CONFIRMED, State.WITHDRAWN, State.REPLACED)


def _registrations(event: Event, person: Person | None) -> dict[int, Registration]:
    """Those who have or had a place. Who withdrew from the waiting list never had one, and is not missed."""
    found = (
        select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.state.in_(COUNTED),
            or_(Registration.state == State.CONFIRMED, Registration.confirmed_at.is_not(None)),
        )
        .options(joinedload(Registration.person).joinedload(Person.department), joinedload(Registration.instead_of))
    )
    if person is not None:
        found = found.where(or_(Registration.person_id == person.id, Registration.instead_of_id == person.id))
    return {
        each.person_id: each
        for each in db.session.scalars(found)
        if person is None or each.person_id == person.id or each.instead_of_id == person.id
    }


def _passes(event: Event, person: Person | None) -> tuple[dict[tuple[int, int], list[Pass]], dict[int, Person]]:
    """Passes that stand, by point and person in the order of time; and who passed."""
    rows = (
        select(CheckIn)
        .where(CheckIn.event_id == event.id, CheckIn.undone_at.is_(None))
        .options(joinedload(CheckIn.person).joinedload(Person.department))
        .order_by(CheckIn.at, CheckIn.id)
    )
    if person is not None:
        rows = rows.where(CheckIn.person_id == person.id)
    passes: dict[tuple[int, int], list[Pass]] = defaultdict(list)
    people = {}
    for each in db.session.scalars(rows):
        people[each.person_id] = each.person
        passes[each.point_id, each.person_id].append(
            Pass(each.at, each.direction == "in", each.ref, each.means, each.by_name)
        )
    return passes, people


def _marks(event: Event, person: Person | None) -> dict[int, list[Mark]]:
    found = (
        select(Mark)
        .where(Mark.event_id == event.id)
        .options(joinedload(Mark.person).joinedload(Person.department), joinedload(Mark.substitute))
    )
    if person is not None:
        found = found.where(Mark.person_id == person.id)
    marks: dict[int, list[Mark]] = defaultdict(list)
    for each in db.session.scalars(found):
        marks[each.person_id].append(each)
    return marks


def _declined(event: Event, person: Person | None) -> dict[int, Person]:
    found = (
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.answer == Answer.NO, Invitation.revoked_at.is_(None))
        .options(joinedload(Invitation.person).joinedload(Person.department))
    )
    if person is not None:
        found = found.where(Invitation.person_id == person.id)
    return {each.person_id: each.person for each in db.session.scalars(found)}


def find_mark(event: Event, person: Person, span: str) -> Mark | None:
    return db.session.scalar(
        select(Mark).where(Mark.event_id == event.id, Mark.person_id == person.id, Mark.span == span)
    )


@dataclass(frozen=True)
class UnitCount:
    """How many of a department were expected, and how many of them are told as what."""

    department: Department | None
    expected: int
    counts: Mapping[str, int]

    @property
    def there(self) -> int:
        return sum(self.counts.get(each, 0) for each in ("present", "late", "left_early", "remote"))


def by_department(people: Sequence[Attendee], span: str) -> list[UnitCount]:
    """Numbers of one span, the largest department first."""
    counts: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    units: dict[int | None, Department | None] = {}
    for each in people:
        key = each.department.id if each.department else None
        units[key] = each.department
        status = each.cells.get(span, UNKNOWN).status
        counts[key][status or "unknown"] += 1
    # A place that went to a substitute is expected once, where the substitute is counted.
    rows = [
        UnitCount(units[key], sum(own.values()) - own.get(MarkStatus.SUBSTITUTED, 0), dict(own))
        for key, own in counts.items()
    ]
    return sorted(rows, key=lambda each: (-each.expected, each.department.name if each.department else ""))


def attended(event: Event, actor: Actor) -> tuple[Person, list[Span]] | None:
    """The spans that the person behind this account was there for; None if they were never there."""
    person = person_of(actor)
    if person is None:
        return None
    whole = record(event, person=person)
    own = next((each for each in whole.people if each.person.id == person.id), None)
    there = [span for span in whole.spans if own is not None and own.cells.get(span.key, UNKNOWN).was_there]
    return (person, there) if there else None


def list_sheets(event: Event) -> Sequence[SignInSheet]:
    return db.session.scalars(
        select(SignInSheet).where(SignInSheet.event_id == event.id).order_by(SignInSheet.number.desc())
    ).all()


def find_sheet(event: Event, ref: str) -> SignInSheet | None:
    return db.session.scalar(select(SignInSheet).where(SignInSheet.event_id == event.id, SignInSheet.ref == ref))


def last_number(event: Event) -> int:
    return db.session.scalar(select(func.max(SignInSheet.number)).where(SignInSheet.event_id == event.id)) or 0


def people_on(sheet: SignInSheet) -> list[Person | None]:
    """The people of a sheet in the order of its lines; None where somebody is gone from the directory."""
    found = {
        each.ref: each
        for each in db.session.scalars(
            select(Person).where(Person.ref.in_(sheet.people)).options(joinedload(Person.department))
        )
    }
    return [found.get(ref) for ref in sheet.people]


def find_person_of(event: Event, ref: str) -> Person | None:
    """Somebody who is, or may be, in the record of this event."""
    person = db.session.scalar(select(Person).where(Person.ref == ref).options(joinedload(Person.department)))
    if person is None:
        return None
    whole = record(event, person=person)
    return person if any(each.person.id == person.id for each in whole.people) else None


def find_point(event: Event, ref: str) -> Point | None:
    return db.session.scalar(
        select(Point)
        .where(Point.event_id == event.id, Point.ref == ref, Point.closed_at.is_(None))
        .options(joinedload(Point.session))
    )


def list_open_points(event: Event) -> Sequence[Point]:
    return db.session.scalars(
        select(Point).where(Point.event_id == event.id, Point.closed_at.is_(None)).order_by(Point.position, Point.id)
    ).all()
