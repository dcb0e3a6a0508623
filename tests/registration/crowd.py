"""Many people at one gate, each process with a connection of its own. Run by the storm tests, never by pytest."""

import os
import signal
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.core.db import after_commit, before_commit, db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.people.models import Person
from app.registration import services
from app.registration.models import Registration, State
from tests.conftest import build


def naive(event: Event, person: Person) -> str:
    """The control: counts, then inserts. Both are transactions, and between them stands everybody else."""
    with unit_of_work():
        held = db.session.scalar(
            select(func.count()).where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        )
        free = (held or 0) < CONTROL_CAPACITY
    time.sleep(0.002)
    with unit_of_work():
        state = State.CONFIRMED if free else State.WAITING
        mine = Registration(
            event=event, person=person, state=state, joined_at=event.created_at, door_code=f"naive-{person.id}"
        )
        db.session.add(mine)
    return str(state)


def guarded(event: Event, person: Person) -> str:
    with unit_of_work():
        return str(services.register_person(event, person, actor=SYSTEM).state)


CONTROL_CAPACITY = 5
GATES = {"naive": naive, "guarded": guarded}


def press(folder: Path, url: str, gate: str, event_id: int, people: list[int], start: Barrier, answers: Any) -> None:
    """One process: register these people, one after the other, as fast as it goes; put the answers into the queue."""
    app = build(folder, database_url=url)
    with app.app_context():
        event = db.session.get_one(Event, event_id)
        everybody = {each.id: each for each in db.session.scalars(select(Person).where(Person.id.in_(people)))}
        start.wait(60)
        answers.put([GATES[gate](event, everybody[each]) for each in people])
        db.session.remove()
        db.engine.dispose()


def die(folder: Path, url: str, event_id: int, person_id: int, when: str) -> None:
    """One process that registers somebody and is killed: `before` the commit or right `after` it."""
    app = build(folder, database_url=url)

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context(), unit_of_work():
        event, person = db.session.get_one(Event, event_id), db.session.get_one(Person, person_id)
        services.register_person(event, person, actor=SYSTEM)
        db.session.flush()
        if when == "before":
            before_commit("zz_kill", kill)
        else:
            after_commit("zz_kill", kill)
