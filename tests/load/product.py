"""The product itself, as a side of the bench: the same rows as the floor, signed in like a person."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from tests.load import floor
from tests.load.browser import Browser, Form, read_form
from tests.load.standing import Standing

PASSWORD = "the tally has two halves"
KEY = "b" * 40


@dataclass
class Product:
    name: str = "hufu"
    leaves: bool = True
    database: str = ""
    folder: Path = Path()
    events: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HUFU_INSTANCE": str(self.folder),
            "HUFU_DATABASE_URL": self.database,
            "HUFU_SECRET_KEY": KEY,
            "HUFU_PASSWORD_COST": "1",
            "HUFU_LOG_LEVEL": "INFO",
            "HUFU_LOCK_WAIT": "30",
        }

    def app(self):
        from app.core.config import read_settings
        from app.web import create_app

        return create_app(read_settings(self.environment))

    def prepare(self, database: str, folder: Path, capacities: Sequence[int]) -> None:
        from app.core import schema
        from app.core.db import db, unit_of_work

        self.database, self.folder = database, folder / self.name
        self.folder.mkdir(exist_ok=True)
        app = self.app()
        with app.app_context():
            schema.upgrade()
            with unit_of_work():
                self.events = fill(capacities)
            db.session.remove()
            db.engine.dispose()

    def command(self, port: int, workers: int) -> list[str]:
        return [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", str(workers)]

    def pages(self) -> dict[str, list[str]]:
        first = self.events[0]
        return {
            "event home": [f"/events/{first}"],
            "home, first": [f"/events/{each}" for each in self.events],
            "programme": [f"/events/{first}/programme"],
            "calendar, first": [f"/events/{each}/calendar.ics" for each in self.events],
            "calendar, again": [f"/events/{first}/calendar.ics"],
            "registrations": [f"/events/{first}/registrations?per_page={floor.LISTED}"],
        }

    def browser(self, port: int, person: int) -> Browser:
        browser = Browser(port)
        try:
            answer = browser.send(
                read_form(browser.get("/sign-in"), ending="/sign-in"), email=address(person), password=PASSWORD
            )
            assert answer.status == 303, answer.body[:500]
        except BaseException:
            browser.close()
            raise
        return browser

    def open_form(self, browser: Browser, event: int) -> Form:
        return read_form(browser.get(f"/events/{self.events[event]}/registration"), ending="/registration")

    def leave_form(self, browser: Browser, event: int) -> Form:
        own = f"/events/{self.events[event]}/registration/mine/withdrawal"
        return read_form(browser.get(own), ending="/withdrawal")

    def standing(self, event: int) -> Standing:
        from app.core.db import db
        from app.events.models import Event
        from app.registration.models import PlaceCounter, Registration

        with self.app().app_context():
            found = db.session.scalar(select(Event.id).where(Event.ref == self.events[event]))
            counted = db.session.scalar(select(PlaceCounter.taken).where(PlaceCounter.event_id == found)) or 0
            states = select(Registration.state, func.count()).where(Registration.event_id == found)
            count = {state: number for state, number in db.session.execute(states.group_by(Registration.state))}
            db.session.remove()
            db.engine.dispose()
        return Standing(counted, count.get("confirmed", 0), count.get("waiting", 0))


def address(person: int) -> str:
    return f"person{person}@example.org"


def fill(capacities: Sequence[int]) -> list[str]:
    """The floor's people, events, sessions, items and registrations, in the product's tables."""
    from app.accounts import passwords
    from app.accounts.models import Account, RoleGrant
    from app.core.db import db
    from app.core.roles import Role
    from app.core.text import fold
    from app.events.models import Audience, Event, Status
    from app.people.models import Department, Organization, Person, Position
    from app.programme.models import AgendaItem, AgendaSpeaker, Room, Session
    from app.registration.models import PlaceCounter, Registration, RegistrationPlan, Reservation, State

    stored = passwords.hash_password(PASSWORD)
    company = Organization(name="Example", is_own=True)
    departments = [Department(code=f"D{n}", name=f"Department {n}", organization=company) for n in range(9)]
    accounts, people = [], []
    for number in range(floor.PEOPLE + 1):
        name, email = f"Person {number} 李伟", address(number)
        accounts.append(Account(email=email, email_key=fold(email), name=name, password_hash=stored))
        person = Person(
            organization=company,
            department=departments[number % 9],
            name=name,
            name_key=fold(name),
            email=email,
            email_key=fold(email),
        )
        person.positions.append(Position(title=f"Position {number % 40}"))
        people.append(person)
    db.session.add_all([company, *departments, *accounts, *people])
    db.session.flush()
    for account, person in zip(accounts, people, strict=True):
        person.account_id = account.id
    db.session.add_all(
        [
            RoleGrant(account_id=accounts[0].id, role=Role.ADMINISTRATOR),
            RoleGrant(account_id=accounts[0].id, role=Role.ORGANIZER),
        ]
    )
    opening = (datetime.now(UTC) + timedelta(days=60)).replace(hour=1, minute=0, second=0, microsecond=0)  # noqa: TID251
    events = []
    for number, capacity in enumerate(capacities):
        begins = opening + timedelta(days=3 * number)
        event = Event(
            title=f"Gathering {number + 1}", starts_on=begins.date(), ends_on=begins.date() + timedelta(days=2), time_zone="Asia/Shanghai",
            venue="Hall 1", city="Example City", description="A gathering of two days. " * 8, audience=Audience.INTERNAL,
            status=Status.PUBLISHED,
        )  # fmt: skip
        counter = PlaceCounter(event=event, capacity=capacity)
        db.session.add_all([event, counter, RegistrationPlan(event=event, is_open=True)])
        for each in range(4):
            at = begins + timedelta(hours=12 * each)
            room = Room(event=event, name=f"Room {each}")
            session = Session(
                event=event, title=f"Session {each}", kind="strategy", room=room, chair=people[each + 1], starts_at=at, day=at.date(),
                ends_at=at + timedelta(hours=5), position=each,
            )  # fmt: skip
            db.session.add(session)
            for one in range(floor.ITEMS // 4):
                item = AgendaItem(
                    event=event, session=session, kind="speech", title=f"Item {one} of session {each}", room=room,
                    summary="What is said here and why it matters. " * 3, starts_at=at + timedelta(minutes=20 * one),
                    ends_at=at + timedelta(minutes=20 * one + 20), position=one,
                )  # fmt: skip
                item.speakers = [AgendaSpeaker(person=people[1 + (each * 15 + one) % floor.PEOPLE])]
                db.session.add(item)
        events.append((event, counter))
    db.session.flush()
    first, counter = events[0]
    for number in range(1, floor.LISTED + 1):
        registration = Registration(
            event=first,
            person=people[number],
            state=State.CONFIRMED,
            joined_at=opening,
            confirmed_at=opening,
            door_code=f"B-{number:06}",
        )
        registration.reservations.append(Reservation(counter=counter, is_held=True))
        db.session.add(registration)
    counter.taken = floor.LISTED
    db.session.flush()
    return [event.ref for event, _counter in events]
