"""Who is here. Door staff learn name, state and time, and nothing else of a person (AZ13)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.i18n import in_language
from app.core.text import fold
from app.door import names
from app.door.models import CheckIn, Device, Point, PointKind, RefusedScan
from app.events.models import Event
from app.people.models import Department, Organization, Person
from app.registration.models import GONE, EndedCode, PlaceCounter, Registration, Reservation, State

FOUND_AT_ONCE = 20
STANDING = CheckIn.undone_at.is_(None)


# --- who came -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    present: int
    expected: int


def select_arrived(event: Event) -> Select[int]:
    """Ids of the people who came in at the point of arrival, each once."""
    return (
        select(CheckIn.person_id)
        .join(Point, Point.id == CheckIn.point_id)
        .where(CheckIn.event_id == event.id, Point.kind == PointKind.ARRIVAL, CheckIn.direction == "in", STANDING)
        .distinct()
    )


def count_arrived(events: Collection[int]) -> dict[int, int]:
    """How many people came, by the id of the event; events without anybody are left out."""
    counted = (
        select(CheckIn.event_id, func.count(CheckIn.person_id.distinct()))
        .join(Point, Point.id == CheckIn.point_id)
        .where(CheckIn.event_id.in_(events), Point.kind == PointKind.ARRIVAL, CheckIn.direction == "in", STANDING)
        .group_by(CheckIn.event_id)
    )
    return {event_id: number for event_id, number in db.session.execute(counted)}


def count_present(event: Event) -> Count:
    """How many people came, of how many with a place."""
    arrived = select_arrived(event).subquery()
    present = select(func.count()).select_from(arrived)
    expected = select(func.count(Registration.id)).where(
        Registration.event_id == event.id, Registration.state == State.CONFIRMED
    )
    row = db.session.execute(select(present.scalar_subquery(), expected.scalar_subquery())).one()
    return Count(row[0], row[1])


def list_present_ids(event: Event) -> set[int]:
    """Ids of the people who came; the minutes take their attendance from it."""
    return set(db.session.scalars(select_arrived(event)))


@dataclass(frozen=True)
class Pass:
    """One pass that was not undone, in plain values: what the record of attendance is made of."""

    ref: str
    person_id: int
    point_id: int
    kind: str
    session_id: int | None
    direction: str
    at: datetime
    means: str
    by_name: str


def passes_of(event: Event) -> list[Pass]:
    """Every pass at every point of the event, the earliest first."""
    rows = db.session.execute(
        select(
            CheckIn.ref, CheckIn.person_id, CheckIn.point_id, Point.kind, Point.session_id, CheckIn.direction, CheckIn.at,
            CheckIn.means, CheckIn.by_name,
        )
        .join(Point, Point.id == CheckIn.point_id)
        .where(CheckIn.event_id == event.id, STANDING)
        .order_by(CheckIn.at, CheckIn.id)
    )  # fmt: skip
    return [Pass(*row) for row in rows]


# --- points -------------------------------------------------------------------------------------------------------


def find_arrival(event: Event) -> Point | None:
    """The point of arrival, unless nobody has needed it yet."""
    return db.session.scalar(select(Point).where(Point.event_id == event.id, Point.kind == PointKind.ARRIVAL))


def find_point(event: Event, ref: str) -> Point | None:
    return db.session.scalar(
        select(Point).where(Point.event_id == event.id, Point.ref == ref).options(joinedload(Point.session))
    )


def list_points(event: Event, *, open_only: bool = False) -> Sequence[Point]:
    """In the order of the organizer, arrival first."""
    listed = select(Point).where(Point.event_id == event.id).options(joinedload(Point.session))
    if open_only:
        listed = listed.where(Point.closed_at.is_(None))
    return db.session.scalars(listed.order_by(Point.position, Point.id)).all()


@dataclass(frozen=True)
class PointCount:
    """How many different people came in, and how many of them have not gone out again."""

    people: int = 0
    inside: int = 0


def counts_by_point(event: Event) -> dict[int, PointCount]:
    is_in = case((CheckIn.direction == "in", 1), else_=-1)
    person = case((CheckIn.direction == "in", CheckIn.person_id))
    rows = db.session.execute(
        select(CheckIn.point_id, func.count(person.distinct()), func.sum(is_in))
        .where(CheckIn.event_id == event.id, STANDING)
        .group_by(CheckIn.point_id)
    )
    return {point_id: PointCount(people, max(0, inside)) for point_id, people, inside in rows}


# --- one person at one point --------------------------------------------------------------------------------------


def list_standing(point: Point, person: Person) -> Sequence[CheckIn]:
    """The passes of a person at a point that were not undone, the earliest first."""
    return db.session.scalars(
        select(CheckIn)
        .where(CheckIn.point_id == point.id, CheckIn.person_id == person.id, STANDING)
        .order_by(CheckIn.at, CheckIn.id)
    ).all()


def find_check_in(event: Event, ref: str) -> CheckIn | None:
    return db.session.scalar(
        select(CheckIn)
        .where(CheckIn.event_id == event.id, CheckIn.ref == ref)
        .options(joinedload(CheckIn.person), joinedload(CheckIn.point))
    )


def find_scan(scan_id: str) -> CheckIn | RefusedScan | None:
    """What this very scan led to when it was sent before."""
    return db.session.scalar(
        select(CheckIn).where(CheckIn.scan_id == scan_id).options(joinedload(CheckIn.person))
    ) or db.session.scalar(
        select(RefusedScan)
        .where(RefusedScan.scan_id == scan_id)
        .options(joinedload(RefusedScan.person), joinedload(RefusedScan.first))
    )


def find_ended_code(event: Event, code: str) -> EndedCode | None:
    return db.session.scalar(
        select(EndedCode)
        .where(EndedCode.event_id == event.id, EndedCode.code == code)
        .options(joinedload(EndedCode.person), joinedload(EndedCode.replaced_by))
    )


def find_substitute(registration: Registration) -> Person | None:
    """Who comes instead of somebody whose place went to them."""
    return db.session.scalar(
        select(Person)
        .join(Registration, Registration.person_id == Person.id)
        .where(
            Registration.event_id == registration.event_id,
            Registration.instead_of_id == registration.person_id,
            Registration.state.not_in(GONE),
        )
    )


def has_chosen(registration: Registration, point: Point) -> bool:
    """Whether this person holds a place in the session of the point; a session without places of its own is everybody's."""
    counter = db.session.scalar(select(PlaceCounter.id).where(PlaceCounter.session_id == point.session_id))
    if counter is None:
        return True
    held = select(Reservation.id).where(
        Reservation.registration_id == registration.id, Reservation.counter_id == counter, Reservation.is_held
    )
    return db.session.scalar(held) is not None


# --- finding by name ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """One whom the door staff may let in, as much of them as they may know."""

    ref: str
    name: str
    state: str
    since: datetime | None
    inside: bool = False


def search_expected(event: Event, words: str, point: Point | None = None) -> list[Found]:
    """People of the event by a part of their name, the best match first, with whether they have passed this point."""
    if not words.strip():
        return []
    rows = db.session.execute(
        select(Registration.ref, Person.id, Person.name, Person.name_local, Registration.state)
        .join(Person, Person.id == Registration.person_id)
        .where(Registration.event_id == event.id)
    ).all()
    found = names.best(rows, words, lambda row: (row.name, row.name_local), most=FOUND_AT_ONCE)
    last = _last_passes(event, point, [row.id for row in found])
    return [
        Found(row.ref, in_language(row.name_local, row.name), row.state, *last.get(row.id, (None, False)))
        for row in found
    ]


def _last_passes(event: Event, point: Point | None, people: list[int]) -> dict[int, tuple[datetime, bool]]:
    at_point = CheckIn.point_id == point.id if point is not None else Point.kind == PointKind.ARRIVAL
    rows = db.session.execute(
        select(CheckIn.person_id, CheckIn.at, CheckIn.direction)
        .join(Point, Point.id == CheckIn.point_id)
        .where(CheckIn.event_id == event.id, at_point, STANDING, CheckIn.person_id.in_(people))
        .order_by(CheckIn.at, CheckIn.id)
    )
    return {person_id: (at, direction == "in") for person_id, at, direction in rows}


@dataclass(frozen=True)
class Known:
    """Somebody of the directory who has no registration. The department stands only where two have one name."""

    ref: str
    name: str
    department: str


def search_directory(event: Event, words: str) -> list[Known]:
    """People of our company who could be let in without having registered."""
    if not words.strip():
        return []
    registered = select(Registration.person_id).where(
        Registration.event_id == event.id, Registration.state.not_in(GONE)
    )
    rows: Sequence[Any] = db.session.execute(
        select(Person.ref, Person.name, Person.name_local, Department.name, Department.name_local)
        .join(Organization, Organization.id == Person.organization_id)
        .outerjoin(Department, Department.id == Person.department_id)
        .where(
            Organization.is_own,
            or_(Person.left_on.is_(None), Person.left_on >= event.starts_on),
            Person.id.not_in(registered),
        )
    ).all()
    found = names.best(rows, words, lambda row: (row[1], row[2]), most=FOUND_AT_ONCE)
    alike = Counter(row[1] for row in found)
    return [
        Known(row[0], in_language(row[2], row[1]), in_language(row[4], row[3]) if alike[row[1]] > 1 else "")
        for row in found
    ]


# --- lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Present:
    """A row of the list of those who passed a point."""

    ref: str
    name: str
    department: str
    at: datetime
    by_name: str
    means: str
    direction: str


def list_present(event: Event, words: str = "", point: Point | None = None) -> list[Present]:
    """Who passed a point, without one that of arrival; the newest first."""
    parts = fold(words).split()[:5]
    at_point = CheckIn.point_id == point.id if point is not None else Point.kind == PointKind.ARRIVAL
    rows = db.session.scalars(
        select(CheckIn)
        .join(Person, Person.id == CheckIn.person_id)
        .join(Point, Point.id == CheckIn.point_id)
        .where(
            CheckIn.event_id == event.id,
            at_point,
            STANDING,
            *(Person.name_key.contains(part, autoescape=True) for part in parts),
        )
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
        .options(joinedload(CheckIn.person).joinedload(Person.department))
    )
    return [
        Present(
            each.ref,
            each.person.display_name,
            each.person.department.display_name if each.person.department else "",
            each.at,
            each.by_name,
            each.means,
            each.direction,
        )
        for each in rows
    ]


def list_newest(event: Event, point: Point | None = None, most: int = 5) -> Sequence[CheckIn]:
    """The last who passed, for the door to look back at and to undo."""
    at_point = (CheckIn.point_id == point.id,) if point is not None else ()
    return db.session.scalars(
        select(CheckIn)
        .where(CheckIn.event_id == event.id, STANDING, *at_point)
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
        .limit(most)
        .options(joinedload(CheckIn.person))
    ).all()


def list_refused(event: Event, device: Device | None = None, by: str | None = None) -> Sequence[RefusedScan]:
    """Scans that phones took while they had no line, and that admitted nobody; the newest first. All of the event, or
    those of a device or of somebody by name."""
    of_device = (RefusedScan.device_id == device.id,) if device is not None else ()
    if by is not None:
        of_device = (RefusedScan.device_id.is_(None), RefusedScan.by_name == by)
    return db.session.scalars(
        select(RefusedScan)
        .where(RefusedScan.event_id == event.id, *of_device)
        .order_by(RefusedScan.at.desc(), RefusedScan.id.desc())
        .limit(500)
        .options(
            joinedload(RefusedScan.person), joinedload(RefusedScan.point),
            joinedload(RefusedScan.first).joinedload(CheckIn.point),
        )
    ).all()  # fmt: skip


# --- devices ------------------------------------------------------------------------------------------------------


def list_devices(event: Event) -> Sequence[Device]:
    return db.session.scalars(
        select(Device)
        .where(Device.event_id == event.id)
        .order_by(Device.revoked_at.is_not(None), Device.name, Device.id)
        .options(joinedload(Device.point))
    ).all()


def find_device(event: Event, ref: str) -> Device | None:
    return db.session.scalar(select(Device).where(Device.event_id == event.id, Device.ref == ref))


def find_device_by_token(token_hash: str) -> Device | None:
    return db.session.scalar(select(Device).where(Device.token_hash == token_hash).options(joinedload(Device.event)))


def find_device_by_pairing(pairing_hash: str) -> Device | None:
    return db.session.scalar(
        select(Device).where(Device.pairing_hash == pairing_hash).options(joinedload(Device.event))
    )
