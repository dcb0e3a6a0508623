"""What the register and one's own commitments cost with 2,000 requirements and 6,000 assignments of four years.

python -m tests.load.register
"""

import re
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from tests.load.product import PASSWORD, Product, address

YEARS, SPEECHES, REQUIREMENTS, EACH = 4, 40, 2_000, 3
PEOPLE = 200


def report(say: Callable[[str], None] = print, *, times: int = 7) -> None:
    from app.core.db import db

    with tempfile.TemporaryDirectory(prefix="hufu-register-") as folder:
        product = Product()
        product.prepare(f"sqlite:///{folder}/register.db", Path(folder), [100_000])
        app = product.app()
        with app.app_context():
            event = fill()
        browser = app.test_client()
        form = browser.get("/sign-in").text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        browser.post("/sign-in", data={**hidden, "email": address(0), "password": PASSWORD})
        for words, path in (
            ("a page that asks nothing", "/settings"),
            ("register of all, 50 a page", "/requirements"),
            ("register of one gathering", f"/events/{event}/requirements"),
            ("late in my hands", "/requirements?q=is:late+owner:me"),
            ("late, by department", "/requirements?q=is:late+group:dept"),
            ("a word and a minus", "/requirements?q=steel+-is:closed+due:%3C2027"),
            ("the last page", "/requirements?page=40"),
            ("my commitments", "/my/commitments"),
            ("workbook of 2,000 rows", "/requirements.xlsx"),
            ("paper of 2,000 rows", "/requirements.pdf"),
        ):
            taken = []
            for _each in range(2 if "rows" in words else times):
                began = time.thread_time()
                answer = browser.get(path)
                taken.append(1000 * (time.thread_time() - began))
                if answer.status_code != 200:
                    raise RuntimeError(f"{path} answered {answer.status_code}")
            say(f"{REQUIREMENTS:,} requirements, {REQUIREMENTS * EACH:,} assignments: {words}: {median(taken):.1f} ms")
        with app.app_context():
            db.engine.dispose()


def fill() -> str:
    """Four gatherings with ten speeches each; rows are stored without the acts. The newest gathering's ref."""
    from sqlalchemy import insert, select

    from app.core import clock
    from app.core.db import db, new_ref, unit_of_work
    from app.events.models import Audience, Event, Status
    from app.people.models import Department, Organization, Person
    from app.programme.models import Session
    from app.requirements.models import Assignment, Requirement
    from app.speeches.models import Speech

    now = clock.now()
    with unit_of_work():
        people = list(db.session.scalars(select(Person.id).order_by(Person.id).limit(PEOPLE)))
        own = db.session.scalars(select(Organization).limit(1)).first()
        departments = [Department(name=f"Department {n}", code=f"LOAD-{n}", organization=own) for n in range(20)]
        db.session.add_all(departments)
        events = []
        for year in range(YEARS):
            day = date(now.year - year, 1, 14)
            events.append(Event(title=f"Review {day.year}", starts_on=day, ends_on=day, time_zone="Asia/Shanghai",
                                city="Foshan", audience=Audience.INTERNAL, status=Status.PUBLISHED, published_at=now))  # fmt: skip
        db.session.add_all(events)
        db.session.flush()
        speeches = []
        for number in range(SPEECHES):
            event = events[number % YEARS]
            session = Session(event=event, title=f"Session {number}", kind="operation", position=number)
            speeches.append(Speech(event=event, session=session, title=f"Speech {number}", speaker_id=people[number],
                                   speaker_name="Somebody", position=number))  # fmt: skip
        db.session.add_all(speeches)
        db.session.flush()
        db.session.execute(insert(Requirement), [
            {"ref": new_ref(), "event_id": speeches[n % SPEECHES].event_id, "speech_id": speeches[n % SPEECHES].id,
             "label": f"RQ-{n}", "number": n // SPEECHES + 1, "sub": "", "heading": f"Demand {n} about steel", "kind": "directive",
             "state": "closed" if n % 3 == 0 else "assigned", "tracking": "assigned", "topics": []}
            for n in range(REQUIREMENTS)
        ])  # fmt: skip
        ids = list(db.session.scalars(select(Requirement.id).order_by(Requirement.id)))
        db.session.execute(insert(Assignment), [
            {"ref": new_ref(), "requirement_id": ids[n % REQUIREMENTS], "label": f"AS-{n}", "responsible_id": people[n % len(people)],
             "verifier_id": people[(n + 1) % len(people)], "department_id": departments[n % 20].id, "deliverable": "A plan",
             "criteria": "On paper", "original_due_on": now.date() + timedelta(days=n % 300 - 150),
             "due_on": now.date() + timedelta(days=n % 300 - 150), "handed_over_at": now - timedelta(days=200),
             "accepted_at": now - timedelta(days=190), "submitted_at": now if n % 3 == 0 else None,
             "closed_at": now if n % 3 == 0 else None, "state": "closed" if n % 3 == 0 else "in_progress",
             "silent_from": now + timedelta(days=n % 60 - 30)}
            for n in range(REQUIREMENTS * EACH)
        ])  # fmt: skip
        return events[0].ref


if __name__ == "__main__":
    report()
