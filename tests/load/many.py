"""Many at once, at full size: a mailing through a mail server that refuses, and a table applied while the web is open.

    python -m tests.load.many                              SQLite
    python -m tests.load.many --on sqlite postgres         both

Ten workers deliver 500 mails to a server that refuses every fifth; a table of 200 people is applied for 150 places
while two processes register others. Both end with what must hold, and tell the seconds that it took.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.load.processes import postgres

CHILDREN = multiprocessing.get_context("spawn")
WORKERS, MAILS = 10, 500
IN_TABLE, PLACES, WEB, PROCESSES = 200, 150, 120, 2


def deliver(folder: Path, url: str, port: int, start: Any, step: Any, answers: Any) -> None:
    """One worker: rounds of delivery until nothing is due any more. Between them the clocks of all go on together."""
    from datetime import timedelta

    from sqlalchemy import func, select

    from app.core import clock, jobs
    from app.core.db import db
    from app.core.errors import Busy
    from app.mail.models import MailMessage, MailState
    from tests.conftest import build

    app = build(folder, database_url=url, smtp_url=f"smtp://127.0.0.1:{port}", mail_rate=60)
    open_ = (MailState.QUEUED, MailState.RETRY, MailState.SENDING)
    now, busy = clock.now(), 0
    with app.app_context():
        start.wait(120)
        for minute in range(0, 600, 5):
            with clock.at(now + timedelta(minutes=minute)):
                try:
                    jobs.run_now("deliver_mail")
                except Busy:
                    busy += 1
                db.session.rollback()
                step.wait(300)
                left = db.session.scalar(select(func.count()).where(MailMessage.state.in_(open_)))
                db.session.rollback()
            step.wait(300)
            if not left:
                break
        db.session.remove()
    answers.put(busy)


def measure_mailing(url: str, folder: Path) -> str:
    import random
    import threading

    from aiosmtpd.controller import Controller
    from sqlalchemy import select

    from app.core.db import db, unit_of_work
    from app.mail.models import MailMessage, MailState
    from app.mail.services import Letter, Recipient, queue_many
    from tests.conftest import build
    from tests.mail.test_delivery import Sink, free_port

    dice, guard = random.Random(4), threading.Lock()  # noqa: S311

    def answer(_address: str) -> str:
        with guard:
            number = dice.random()
        return "550 no such mailbox" if number < 0.1 else "451 try again" if number < 0.2 else "250 OK"

    sink = Sink(answer=answer, port=free_port())
    server = Controller(sink, hostname="127.0.0.1", port=sink.port)
    server.start()
    try:
        app = build(folder / "parent", database_url=url)
        letters = [Letter(Recipient(f"P {n}", f"p{n}@hufu.example"), "News", "Text", f"m/{n}") for n in range(MAILS)]
        with app.app_context():
            with unit_of_work():
                queue_many(letters, kind="mailing", scope="s", bundle="m")
            db.session.remove()
        start, step, answers = CHILDREN.Barrier(WORKERS + 1), CHILDREN.Barrier(WORKERS), CHILDREN.Queue()
        workers = [
            CHILDREN.Process(target=deliver, args=(folder / f"worker{n}", url, sink.port, start, step, answers))
            for n in range(WORKERS)
        ]
        for each in workers:
            each.start()
        start.wait(120)
        begun = time.perf_counter()
        busy = sum(answers.get(timeout=500) for _each in workers)
        seconds = time.perf_counter() - begun
        for each in workers:
            each.join(30)
        received = Counter(each["Message-ID"] for each in sink.mails())
        with app.app_context():
            mails = list(db.session.scalars(select(MailMessage)))
            failed = [mail for mail in mails if mail.state == MailState.FAILED]
            assert set(received.values()) == {1}, "a mail was delivered twice"
            assert {mail.message_id for mail in mails if mail.state == MailState.SENT} == set(received)
            assert len(received) + len(failed) == MAILS
            assert all(mail.trouble for mail in failed)
            db.session.remove()
            db.engine.dispose()
    finally:
        server.stop()
    return f"{MAILS} mails, {WORKERS} workers: {len(received)} once, {len(failed)} failed with a reason, {seconds:.1f} s, {busy} times busy"


def register(folder: Path, url: str, event_id: int, people: list[int], start: Any, answers: Any) -> None:
    """The open web: one after the other, each timed."""
    from app.core.db import db, unit_of_work
    from app.core.errors import Busy
    from app.core.roles import SYSTEM
    from app.events.models import Event
    from app.people.models import Person
    from app.registration import services
    from tests.conftest import build

    app = build(folder, database_url=url)
    told: list[tuple[str, float]] = []
    with app.app_context():
        start.wait(60)
        for each in people:
            begun = time.perf_counter()
            try:
                with unit_of_work():
                    event, person = db.session.get_one(Event, event_id), db.session.get_one(Person, each)
                    state = str(services.register_person(event, person, actor=SYSTEM).state)
            except Busy:
                state = "busy"
            told.append((state, time.perf_counter() - begun))
        db.session.remove()
    answers.put(told)


def measure_import(url: str, folder: Path) -> str:
    from app.batches import services
    from app.batches.verdicts import make_plan
    from app.core.db import db, unit_of_work
    from app.core.roles import SYSTEM
    from app.registration.models import State
    from app.sheets.reading import Row, Table
    from tests.conftest import build
    from tests.factories.registration import make_open_event, make_people
    from tests.registration.invariants import assert_sound, count_mails, count_rows

    app = build(folder / "parent", database_url=url)
    with app.app_context():
        event = make_open_event(capacity=PLACES)
        listed, web = make_people(IN_TABLE), [each.id for each in make_people(WEB)]
        rows = tuple(Row(number, (each.email or "",)) for number, each in enumerate(listed, start=2))
        with unit_of_work():
            batch = services.open_table(event, "people.csv", Table(("E-mail",), rows), actor=SYSTEM)
        start, answers = CHILDREN.Barrier(PROCESSES + 1), CHILDREN.Queue()
        shares = [web[number::PROCESSES] for number in range(PROCESSES)]
        crowds = [
            CHILDREN.Process(target=register, args=(folder / f"web{n}", url, event.id, share, start, answers))
            for n, share in enumerate(shares)
        ]
        for each in crowds:
            each.start()
        digest = make_plan(batch, actor=SYSTEM).digest
        db.session.rollback()
        start.wait(120)
        begun = time.perf_counter()
        with unit_of_work():
            placed = services.apply(batch, digest=digest, actor=SYSTEM, as_fits=True)
        seconds = time.perf_counter() - begun
        told = [one for _each in crowds for one in answers.get(timeout=300)]
        for each in crowds:
            each.join(30)
        states = Counter(state for state, _seconds in told)
        assert_sound(event, full=True)
        made = Counter(str(each.registration.state) for each in placed if each.registration)
        assert (
            made["confirmed"] + states["confirmed"]
            == count_rows(event, State.CONFIRMED)
            == count_mails(event)
            == PLACES
        )
        db.session.remove()
        db.engine.dispose()
    longest = max(seconds for _state, seconds in told)
    return (
        f"{IN_TABLE} rows for {PLACES} places beside {WEB} on the web: {made['confirmed']} + {states['confirmed']} have a place, "
        f"applied in {seconds:.1f} s, longest wait of the web {longest:.1f} s, {states['busy']} told to try again"
    )


def prepare(url: str, folder: Path) -> None:
    from app.core.db import db, unit_of_work
    from tests import cast as the_cast
    from tests.conftest import build

    app = build(folder, database_url=url)
    with app.app_context():
        db.create_all()
        with unit_of_work():
            the_cast.settle()
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--on", nargs="+", default=["sqlite"], choices=["sqlite", "postgres"])
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgres()) if "postgres" in asked.on else None
        for kind in asked.on:
            for name, measure in (("mailing", measure_mailing), ("import", measure_import)):
                place = folder / kind / name
                place.mkdir(parents=True)
                url = (
                    server.create(f"many_{name}") if server and kind == "postgres" else f"sqlite:///{place / 'many.db'}"
                )
                prepare(url, place / "prepared")
                print(f"{kind}: {measure(url, place)}", flush=True)


if __name__ == "__main__":
    main()
