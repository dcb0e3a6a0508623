"""Serving processes are killed while people register: is anything lost, doubled or half done? (R2)

    python -m tests.load.kills --on sqlite postgres --kills 50

Each person sends the same form, with the same intent, until it is answered. Afterwards every acknowledged
registration must be there once, with its place, its mail and its row of the log, and nothing else.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import func, select, text

from tests.load.processes import free_port, postgres, running, tree
from tests.load.product import Product

FIRST_PERSON = 501  # those before are registered for the first event
BETWEEN = (1.6, 2.6)  # seconds: a process that dies sooner after its start than 2 s counts as one that cannot start
PATIENCE = 60.0


@dataclass
class Kills:
    """What was seen from outside, and what the database says afterwards."""

    killed: int = 0
    again: int = 0  # sent again because no answer came
    acknowledged: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def register_surely(side: Product, port: int, person: int, event: int, seen: Kills) -> None:
    """Send one form until it is answered, however often the server dies meanwhile."""
    until = time.monotonic() + PATIENCE
    form = browser = None
    try:
        while time.monotonic() < until:
            try:
                browser = browser or side.browser(port, person)
                form = form or side.open_form(browser, event)
                answer = browser.send(form)
            except (OSError, HTTPException, AssertionError, LookupError):
                seen.again += 1
                time.sleep(0.05)
                continue
            if answer.status == 303:
                seen.acknowledged.add(person)
                return
            if answer.status != 503:
                seen.faults.append(f"person {person} was answered {answer.status}")
                return
            time.sleep(0.2)
        seen.faults.append(f"person {person} had no answer in {PATIENCE:.0f} s")
    finally:
        if browser is not None:
            browser.close()


def kill_now_and_then(process: int, kills: int, seen: Kills, stop: threading.Event) -> None:
    chance = random.Random(7)
    while seen.killed < kills and not stop.wait(chance.uniform(*BETWEEN)):
        workers = [each for each in tree(process) if each != process]
        if workers:
            os.kill(chance.choice(workers), signal.SIGKILL)
            seen.killed += 1


def run(database: str, folder: Path, *, kills: int, clients: int = 8) -> Kills:
    """Clients register one person after the other until the last kill is done."""
    side, seen, stop = Product(), Kills(), threading.Event()
    side.prepare(database, folder, [100_000, 100_000])
    port, people = free_port(), iter(range(FIRST_PERSON, 1200))
    lock = threading.Lock()

    def client() -> None:
        while not stop.is_set():
            with lock:
                person = next(people, None)
            if person is None:
                return
            register_surely(side, port, person, 1, seen)

    with running(
        side.command(port, 2), port=port, environment=side.environment, log=folder / "kills.log"
    ) as server, ThreadPoolExecutor(clients) as pool:  # fmt: skip
        sent = [pool.submit(client) for _ in range(clients)]
        kill_now_and_then(server.process, kills, seen, stop)
        stop.set()
        for each in sent:
            each.result()
    examine(side, seen)
    return seen


def examine(side: Product, seen: Kills) -> None:
    """Registration, place, counter, mail and log agree with what was acknowledged."""
    from app.core import audit
    from app.core.audit import AuditEntry
    from app.core.db import db
    from app.events.models import Event
    from app.mail.models import MailMessage
    from app.people.models import Person
    from app.registration.models import PlaceCounter, Registration, Reservation

    with side.app().app_context():
        event = db.session.scalar(select(Event).where(Event.ref == side.events[1]))
        assert event is not None
        rows = db.session.execute(
            select(Person.email, Registration.ref)
            .join(Registration, Registration.person_id == Person.id)
            .where(Registration.event_id == event.id)
        ).all()
        there = {int(email.removeprefix("person").partition("@")[0]) for email, _ref in rows}
        counter = db.session.scalar(select(PlaceCounter).where(PlaceCounter.event_id == event.id))
        assert counter is not None
        held = db.session.scalar(select(func.count()).where(Reservation.counter_id == counter.id, Reservation.is_held))
        mails = db.session.scalar(select(func.count()).where(MailMessage.scope == event.ref))
        logged = db.session.scalar(
            select(func.count()).where(AuditEntry.scope == event.ref, AuditEntry.subject_type == "Registration")
        )
        if lost := seen.acknowledged - there:
            seen.faults.append(f"acknowledged and not there: {sorted(lost)}")
        figures = {
            "rows": len(rows),
            "people": len(there),
            "counter": counter.taken,
            "places": held,
            "mails": mails,
            "log": logged,
        }
        if set(figures.values()) != {len(there)}:
            seen.faults.append(f"half done: {figures}")
        if audit.verify().broken_at is not None:
            seen.faults.append("the log is broken")
        if db.engine.dialect.name == "sqlite":
            verdict = db.session.execute(text("PRAGMA integrity_check")).scalar()
            if verdict != "ok":
                seen.faults.append(f"integrity check: {verdict}")
        db.session.remove()
        db.engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--on", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    parser.add_argument("--kills", type=int, default=50)
    asked = parser.parse_args()
    bad = False
    for name in asked.on:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            if name == "sqlite":
                database = f"sqlite:///{folder / 'kills.db'}"
            else:
                database = stack.enter_context(postgres()).create("kills")
            seen = run(database, folder, kills=asked.kills)
            print(
                f"{name}: {seen.killed} kills, {len(seen.acknowledged)} acknowledged, {seen.again} tries without an answer, "
                f"{'; '.join(seen.faults) or 'none lost, none doubled, none half done'}"
            )
            bad = bad or bool(seen.faults)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
