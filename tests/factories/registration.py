"""Registration, in as few words as possible; each in a unit of work of its own."""

from collections.abc import Collection
from typing import Any

from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session
from app.registration import services
from app.registration.models import Registration
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
