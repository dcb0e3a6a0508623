"""A place that goes from hand to hand in several processes at once. Run by the storm tests, never by pytest."""

import time
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.events.models import Event as Gathering
from app.people.models import Person
from app.registration import handing_over, services
from app.registration.models import EndedCode, Registration, State
from tests.conftest import build


def hand_on(folder: Path, url: str, event_id: int, people: list[int], start: Barrier, answers: Any) -> None:
    """One process: whoever has the place now sends the next of these people, as fast as it goes."""
    app = build(folder, database_url=url)
    with app.app_context():
        start.wait(60)
        done = refused = 0
        for each in people:
            db.session.rollback()
            holder = db.session.scalars(_holders(event_id)).first()
            time.sleep(0.003)  # meanwhile others hand it on too: this one acts on what it has read
            try:
                with unit_of_work():
                    handing_over.substitute(holder, db.session.get_one(Person, each), actor=SYSTEM)
                done += 1
            except Refused:
                refused += 1
        answers.put((done, refused))
        db.session.remove()
        db.engine.dispose()


def line_up(folder: Path, url: str, event_id: int, people: list[int], start: Barrier, answers: Any) -> None:
    """One process of people who would like to have the place, and come and go on the waiting list."""
    app = build(folder, database_url=url)
    with app.app_context():
        event = db.session.get_one(Gathering, event_id)
        start.wait(60)
        states = []
        for each in people:
            with unit_of_work():
                mine = services.register_person(event, db.session.get_one(Person, each), actor=SYSTEM)
            states.append(str(mine.state))
            if each % 2:
                with unit_of_work():
                    services.withdraw(mine, actor=SYSTEM)
        answers.put(states)
        db.session.remove()
        db.engine.dispose()


def watch(folder: Path, url: str, event_id: int, start: Barrier, over: Event, answers: Any) -> None:
    """One process that counts all the time, in one statement each: who has the place, and which codes still admit."""
    app = build(folder, database_url=url)
    ended = select(EndedCode.id).where(EndedCode.code == Registration.door_code).exists()
    count = select(func.count(), func.count().filter(ended)).where(
        Registration.event_id == event_id, Registration.state == State.CONFIRMED
    )
    with app.app_context():
        start.wait(60)
        seen: set[tuple[int, int]] = set()
        looks = 0
        while not over.is_set():
            db.session.rollback()
            seen.add(tuple(db.session.execute(count).one()))
            looks += 1
            time.sleep(0.001)
        answers.put((seen, looks))
        db.session.remove()
        db.engine.dispose()


def _holders(event_id: int) -> Any:
    return select(Registration).where(Registration.event_id == event_id, Registration.state == State.CONFIRMED)
