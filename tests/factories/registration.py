"""Registration, in as few words as possible; each in a unit of work of its own."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, insert, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Organization, Person
from app.programme.models import Session
from app.registration import services
from app.registration.models import PlaceCounter, Registration, Reservation, State
from tests.factories import make_event, make_person, make_session

PLAN = ("closes_at", "has_waiting_list", "invited_only")


def make_open_event(*, capacity: int | None = None, sessions: int = 0, places: int = 1, **values: Any) -> Event:
    """A published event that takes registrations, with so many sessions that have so many places each."""
    plan = {name: values.pop(name) for name in PLAN if name in values}
    with unit_of_work():
        event = make_event(**values)
        services.open_registration(event, actor=SYSTEM, capacity=capacity, **plan)
        for position in range(1, sessions + 1):
            session = make_session(event, position=position)
            services.set_capacity(event, session, places, actor=SYSTEM)
    return event


def make_people(number: int) -> list[Person]:
    with unit_of_work():
        return [make_person() for _each in range(number)]


def register(event: Event, person: Person, sessions: Collection[Session] = ()) -> Registration:
    with unit_of_work():
        return services.register_person(event, person, actor=SYSTEM, sessions=sessions)


def make_crowd(event: Event, number: int) -> None:
    """So many registered people, written as rows: thousands in a second, past all that an act would tell and record."""
    now = clock.now()
    with unit_of_work():
        company = db.session.scalar(select(Organization.id).where(Organization.is_own))
        last = db.session.scalar(select(func.max(Person.id))) or 0
        people = [
            {"id": each, "organization_id": company, "name": f"Crowd {each}", "name_key": f"crowd {each}"}
            for each in range(last + 1, last + number + 1)
        ]
        db.session.execute(insert(Person), people)
        counter = db.session.scalars(
            select(PlaceCounter).where(PlaceCounter.event_id == event.id, PlaceCounter.session_id.is_(None))
        ).one()
        first = (db.session.scalar(select(func.max(Registration.id))) or 0) + 1
        rows = [
            {
                "id": first + at, "event_id": event.id, "person_id": person["id"], "state": State.CONFIRMED,
                "joined_at": now, "confirmed_at": now, "door_code": f"C-{person['id']:06}",
            }
            for at, person in enumerate(people)
        ]  # fmt: skip
        db.session.execute(insert(Registration), rows)
        held = [{"registration_id": row["id"], "counter_id": counter.id, "is_held": True} for row in rows]
        db.session.execute(insert(Reservation), held)
        counter.taken += number
