"""The floor: the least that Flask, Jinja and SQLAlchemy must do to show the same rows. Nothing here is safe or nice.

It shows whatever the product shows for the same data: an event's home has all its items by day with room and
speaker, and the visitor's own registration; a visitor is known by one look at a table of visits. It has no frame,
no rights, no languages, no forms that check anything, no log and no headers.

    python -m tests.load.floor --database sqlite:////tmp/floor.db --port 8500 --workers 2

`--gate naive` counts and then inserts, and must oversell: it proves that the storm is able to see it.
"""

import argparse
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import icalendar
from flask import Flask, abort, g, redirect, render_template, request, url_for
from sqlalchemy import ForeignKey, create_engine, event, func, insert, select, update
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    scoped_session,
    selectinload,
    sessionmaker,
)

from app.core.listening import listen_on
from app.core.server import serve

NOW = datetime(2030, 1, 1, 9, tzinfo=UTC).replace(tzinfo=None)
PEOPLE = 1200
ITEMS = 60
LISTED = 500
BODIES: dict[tuple[int, datetime], bytes] = {}


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    position: Mapped[str]
    department: Mapped[str]


class Event(Base):
    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    place: Mapped[str]
    description: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    sessions: Mapped[list["Sitting"]] = relationship(order_by="Sitting.begins_at")


class Visit(Base):
    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    person: Mapped[Person] = relationship()


class Sitting(Base):
    __tablename__ = "sitting"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id), index=True)
    title: Mapped[str]
    room: Mapped[str]
    chair: Mapped[str]
    begins_at: Mapped[datetime]
    items: Mapped[list["Item"]] = relationship(order_by="Item.begins_at")


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey(Sitting.id), index=True)
    speaker_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    title: Mapped[str]
    kind: Mapped[str]
    description: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    speaker: Mapped[Person] = relationship()


class Registration(Base):
    __tablename__ = "registration"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey(Event.id), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    state: Mapped[str]
    remark: Mapped[str]
    at: Mapped[datetime]
    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime]


class Mail(Base):
    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime]


# ── The database, with the same manners as the product's ─────────────────────────────────────────────────────────


def open_database(url: str) -> sessionmaker[Session]:
    engine = create_engine(url, pool_size=10, max_overflow=20)
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def manners(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            for each in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
                connection.execute(f"PRAGMA {each}")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:
            writes = connection.get_execution_options().get("writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return sessionmaker(engine)


def fill(url: str, *, events: Iterable[int] = (100_000,)) -> list[int]:
    """Make the tables anew, with one event for each given capacity; the first has the long lists. Gives their ids."""
    make = open_database(url)
    engine = make.kw["bind"]
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with make.begin() as session:
        session.execute(insert(Person), [_person(number) for number in range(1, PEOPLE + 1)])
        session.execute(insert(Visit), [{"token": visit_of(n), "person_id": n} for n in range(1, PEOPLE + 1)])
        made = [_event(number, capacity) for number, capacity in enumerate(events, 1)]
        session.add_all(made)
        session.flush()
        session.execute(
            insert(Registration),
            [
                {"event_id": made[0].id, "person_id": n, "state": "confirmed", "remark": "", "at": NOW}
                for n in range(1, LISTED + 1)
            ],
        )
        made[0].taken = LISTED
        ids = [each.id for each in made]
    engine.dispose()
    return ids


def visit_of(person: int) -> str:
    return f"visit-of-{person:032}"


def _person(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person {number} 李伟",
        "email": f"person{number}@example.org",
        "position": f"Position {number % 40}",
        "department": f"Department {number % 9}",
    }


def _event(number: int, capacity: int) -> Event:
    made = Event(
        title=f"Gathering {number}",
        place="Hall 1, Example City",
        description="A gathering of two days. " * 8,
        begins_at=NOW,
        ends_at=NOW + timedelta(days=2),
        changed_at=NOW,
        capacity=capacity,
        taken=0,
    )
    for each in range(4):
        at = NOW + timedelta(hours=12 * each)
        sitting = Sitting(title=f"Session {each}", room=f"Room {each}", chair=f"Person {each}", begins_at=at)
        sitting.items = [
            Item(
                title=f"Item {one} of session {each}",
                kind="speech",
                description="What is said here and why it matters. " * 3,
                begins_at=at + timedelta(minutes=20 * one),
                ends_at=at + timedelta(minutes=20 * one + 20),
                speaker_id=1 + (each * 15 + one) % PEOPLE,
            )
            for one in range(ITEMS // 4)
        ]
        made.sessions.append(sitting)
    return made


# ── The pages ────────────────────────────────────────────────────────────────────────────────────────────────────


def make_floor(url: str, *, gate: str = "guarded") -> Flask:
    app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))
    make_session = open_database(url)
    session = scoped_session(make_session)
    app.extensions["close"] = make_session.kw["bind"].dispose

    @app.teardown_appcontext
    def give_back(_error: BaseException | None) -> None:
        session.remove()

    @app.before_request
    def know_the_visitor() -> None:
        mine = select(Visit).where(Visit.token == request.cookies["visit"]).options(joinedload(Visit.person))
        g.person = session.scalars(mine).one().person

    def get(event_id: int) -> Event:
        return session.get(Event, event_id) or abort(404)

    @app.get("/events/<int:event_id>")
    def home(event_id: int) -> str:
        event = get(event_id)
        waiting = session.scalar(
            select(func.count()).where(Registration.event_id == event_id, Registration.state == "waiting")
        )
        mine = session.scalar(
            select(Registration).where(Registration.event_id == event_id, Registration.person_id == g.person.id)
        )
        return render_template(
            "event.html", event=event, days=_days(_sittings(session, event_id)), mine=mine, waiting=waiting
        )

    @app.get("/events/<int:event_id>/programme")
    def programme(event_id: int) -> str:
        return render_template("programme.html", event=get(event_id), sessions=_sittings(session, event_id))

    @app.get("/events/<int:event_id>/programme.ics")
    def calendar(event_id: int) -> tuple[bytes, dict[str, str]]:
        event = get(event_id)
        key = (event.id, event.changed_at)
        if key not in BODIES:
            BODIES[key] = _calendar(event, _sittings(session, event_id))
        return BODIES[key], {"Content-Type": "text/calendar; charset=utf-8"}

    @app.get("/events/<int:event_id>/registrations")
    def registrations(event_id: int) -> str:
        rows = session.scalars(
            select(Registration)
            .where(Registration.event_id == event_id)
            .order_by(Registration.id)
            .limit(LISTED)
            .options(joinedload(Registration.person))
        ).all()
        return render_template("registrations.html", event=get(event_id), rows=rows)

    @app.get("/events/<int:event_id>/register")
    def register(event_id: int) -> str:
        return render_template("register.html", event=get(event_id), token=secrets.token_urlsafe(16))

    @app.post("/events/<int:event_id>/register")
    def send(event_id: int) -> Any:
        place, person_id = naive if gate == "naive" else guarded, g.person.id
        session.rollback()  # the place is taken in a transaction of its own, which begins with the writing lock
        return redirect(url_for("confirmation", registration_id=place(event_id, person_id)), 303)

    def guarded(event_id: int, person_id: int) -> int:
        session.connection(execution_options={"writes": True})
        won = session.execute(
            update(Event).where(Event.id == event_id, Event.taken < Event.capacity).values(taken=Event.taken + 1)
        )
        made = _insert(session, event_id, person_id, "confirmed" if won.rowcount else "waiting")
        session.commit()
        return made

    def naive(event_id: int, person_id: int) -> int:
        held = session.scalar(
            select(func.count()).where(Registration.event_id == event_id, Registration.state == "confirmed")
        )
        free = (held or 0) < get(event_id).capacity
        session.commit()
        session.connection(execution_options={"writes": True})
        made = _insert(session, event_id, person_id, "confirmed" if free else "waiting")
        session.commit()
        return made

    @app.get("/registrations/<int:registration_id>")
    def confirmation(registration_id: int) -> str:
        shown = [joinedload(Registration.event), joinedload(Registration.person)]  # and not the event's whole programme
        found = session.get(Registration, registration_id, options=shown) or abort(404)
        return render_template("confirmation.html", registration=found)

    return app


def _sittings(session: Any, event_id: int) -> list[Sitting]:
    return list(
        session.scalars(
            select(Sitting)
            .where(Sitting.event_id == event_id)
            .order_by(Sitting.begins_at)
            .options(selectinload(Sitting.items).joinedload(Item.speaker))
        )
    )


def _days(sittings: list[Sitting]) -> list[tuple[date, list[Sitting]]]:
    return [(day, list(each)) for day, each in groupby(sittings, key=lambda sitting: sitting.begins_at.date())]


def _insert(session: Any, event_id: int, person_id: int, state: str) -> int:
    remark = request.form.get("remark", "")
    made = Registration(event_id=event_id, person_id=person_id, state=state, remark=remark, at=NOW)
    session.add(made)
    session.flush()
    session.add(Mail(to=f"person{person_id}@example.org", subject="Your place", body="You have registered.", at=NOW))
    session.add(Audit(action="registration.made", subject=str(made.id), at=NOW))
    session.flush()
    return made.id


def _calendar(event: Event, sittings: list[Sitting]) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Floor//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", event.title)
    for sitting in sittings:
        for item in sitting.items:
            entry = icalendar.Event()
            entry.add("uid", f"item-{item.id}@example.org")
            entry.add("dtstamp", event.changed_at.replace(tzinfo=UTC))
            entry.add("dtstart", item.begins_at.replace(tzinfo=UTC))
            entry.add("dtend", item.ends_at.replace(tzinfo=UTC))
            entry.add("summary", item.title)
            entry.add("location", f"{sitting.room}, {event.place}")
            entry.add("description", f"{item.speaker.name}: {item.description}")
            calendar.add_component(entry)
    return calendar.to_ical()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--gate", choices=["guarded", "naive"], default="guarded")
    given = parser.parse_args()
    listening = listen_on("localhost", given.port)
    serve(lambda: make_floor(given.database, gate=given.gate), listening=listening, workers=given.workers)


if __name__ == "__main__":
    main()
