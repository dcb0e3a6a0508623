"""Who is here. Door staff learn name, state and time, and nothing else of a person (AZ13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.i18n import in_language
from app.core.text import fold
from app.door.models import CheckIn, Point, PointKind
from app.events.models import Event
from app.people.models import Person
from app.registration.models import Registration, State

FOUND_AT_ONCE = 20


@dataclass(frozen=True)
class Count:
    present: int
    expected: int


def count_present(event: Event) -> Count:
    """How many are here, of how many with a place."""
    present = select(func.count(CheckIn.id)).where(CheckIn.event_id == event.id, CheckIn.undone_at.is_(None))
    expected = select(func.count(Registration.id)).where(
        Registration.event_id == event.id, Registration.state == State.CONFIRMED
    )
    row = db.session.execute(select(present.scalar_subquery(), expected.scalar_subquery())).one()
    return Count(row[0], row[1])


def find_arrival(event: Event) -> Point | None:
    """The point of arrival, unless nobody has needed it yet."""
    return db.session.scalar(select(Point).where(Point.event_id == event.id, Point.kind == PointKind.ARRIVAL))


def find_standing(event: Event, person: Person) -> CheckIn | None:
    """The check-in of a person that was not undone."""
    return db.session.scalar(
        select(CheckIn)
        .where(CheckIn.event_id == event.id, CheckIn.person_id == person.id, CheckIn.undone_at.is_(None))
        .options(joinedload(CheckIn.person))
    )


def find_check_in(event: Event, ref: str) -> CheckIn | None:
    return db.session.scalar(
        select(CheckIn).where(CheckIn.event_id == event.id, CheckIn.ref == ref).options(joinedload(CheckIn.person))
    )


@dataclass(frozen=True)
class Found:
    """One whom the door staff may let in, as much of them as they may know."""

    ref: str
    name: str
    state: str
    since: datetime | None


def search_expected(event: Event, words: str) -> list[Found]:
    """People of the event by a part of their name; the first letters count most, and each word must occur."""
    parts = fold(words).split()[:5]
    if not parts:
        return []
    first = case((Person.name_key.startswith(parts[0], autoescape=True), 0), else_=1)
    rows = db.session.execute(
        select(Registration.ref, Person.name, Person.name_local, Registration.state, CheckIn.at)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(
            CheckIn,
            and_(
                CheckIn.event_id == event.id, CheckIn.person_id == Registration.person_id, CheckIn.undone_at.is_(None)
            ),
        )
        .where(
            Registration.event_id == event.id,
            *(
                or_(
                    Person.name_key.contains(part, autoescape=True),
                    func.lower(Person.name).contains(part, autoescape=True),
                    Person.name_local.contains(part, autoescape=True),
                )
                for part in parts
            ),
        )
        .order_by(first, Person.name)
        .limit(FOUND_AT_ONCE)
    )
    return [Found(ref, in_language(local, name), state, at) for ref, name, local, state, at in rows]


@dataclass(frozen=True)
class Present:
    """A row of the list of those who are here."""

    ref: str
    name: str
    department: str
    at: datetime
    by_name: str
    means: str


def list_present(event: Event, words: str = "") -> list[Present]:
    """Who is here, the newest first."""
    parts = fold(words).split()[:5]
    rows = db.session.scalars(
        select(CheckIn)
        .join(Person, Person.id == CheckIn.person_id)
        .where(
            CheckIn.event_id == event.id,
            CheckIn.undone_at.is_(None),
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
        )
        for each in rows
    ]


def list_newest(event: Event, most: int = 5) -> Sequence[CheckIn]:
    """The last who came in, for the door to look back at and to undo."""
    return db.session.scalars(
        select(CheckIn)
        .where(CheckIn.event_id == event.id, CheckIn.undone_at.is_(None))
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
        .limit(most)
        .options(joinedload(CheckIn.person))
    ).all()


def list_present_ids(event: Event) -> set[int]:
    """Ids of the people who are here; the minutes take their attendance from it."""
    return set(
        db.session.scalars(select(CheckIn.person_id).where(CheckIn.event_id == event.id, CheckIn.undone_at.is_(None)))
    )
