"""Records for tests, made with as few words as possible. Each flushes; the test's unit of work commits."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.core import clock
from app.core.db import db
from app.core.text import fold
from app.events.models import Audience, Event, Participation, Status
from app.people.models import Department, Organization, Person, Team
from app.programme.models import AgendaItem, AgendaSpeaker, Room, Session
from app.speeches.models import Passage, Speech

_number = itertools.count(1)


def save(record: Any) -> Any:
    db.session.add(record)
    db.session.flush()
    return record


def make_event(**values: Any) -> Event:
    """A published internal gathering of two days, beginning in 30 days unless told otherwise."""
    starts = values.pop("starts_on", clock.today() + timedelta(days=30))
    given = {
        "title": f"Gathering {next(_number)}",
        "starts_on": starts,
        "ends_on": values.pop("ends_on", starts + timedelta(days=1)),
        "time_zone": "Asia/Shanghai",
        "city": "Foshan",
        "audience": Audience.INTERNAL,
        "status": Status.PUBLISHED,
    }
    return save(Event(**{**given, **values}))


def make_session(event: Event, **values: Any) -> Session:
    return save(Session(**{"event": event, "title": f"Session {next(_number)}", "kind": "strategy", **values}))


def make_item(event: Event, **values: Any) -> AgendaItem:
    """An agenda item of half an hour at nine o'clock (Shanghai) on the first day."""
    day = event.starts_on
    starts = datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
    given = {"title": f"Item {next(_number)}", "starts_at": starts, "ends_at": starts + timedelta(minutes=30)}
    people = values.pop("speakers", [])
    item = AgendaItem(**{"event": event, **given, **values})
    item.speakers = [AgendaSpeaker(person=each, position=n) for n, each in enumerate(people, 1)]
    return save(item)


def make_room(event: Event, **values: Any) -> Room:
    return save(Room(**{"event": event, "name": f"Room {next(_number)}", **values}))


def make_person(**values: Any) -> Person:
    n = next(_number)
    name = values.pop("name", f"Person {n}")
    company = db.session.query(Organization).filter_by(is_own=True).first()
    given = {"name": name, "name_key": fold(name), "email": f"p{n}@hufu.example", "email_key": f"p{n}@hufu.example"}
    return save(Person(**{"organization": company, **given, **values}))


def make_department(**values: Any) -> Department:
    n = next(_number)
    return save(Department(**{"code": f"D{n}", "name": f"Department {n}", **values}))


def make_team(**values: Any) -> Team:
    company = db.session.query(Organization).filter_by(is_own=True).first()
    return save(Team(**{"name": f"Team {next(_number)}", "organization": company, **values}))


def make_part(event: Event, person: Person, role: str = "invited") -> Participation:
    return save(Participation(event=event, person=person, role=role))


def make_speech(session: Session, speaker: Person, **values: Any) -> Speech:
    given = {"title": f"Speech {next(_number)}", "event": session.event, "session": session, "speaker": speaker}
    return save(Speech(**{**given, "speaker_name": speaker.name, **values}))


def make_passage(speech: Speech, **values: Any) -> Passage:
    n = next(_number)
    return save(
        Passage(**{"speech": speech, "position": n, "kind": "directive", "verbatim": f"Do thing {n}.", **values})
    )


def on(year: int, month: int, day: int) -> date:
    return date(year, month, day)
