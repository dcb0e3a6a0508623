"""Four years of a company: what its pages cost then, and how long the line of 10,000 requirements takes to walk.

    python -m tests.load.years                          SQLite
    python -m tests.load.years --on sqlite postgres     both

Server time is told as a multiple of the bare page: the list of speeches of a gathering that has none, in the same run.
It is processor time of this process and of PostgreSQL's, so that other programs on the machine change it little.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import event as sa_event
from sqlalchemy import func, insert, select

from app.core.text import fold
from tests.load.processes import Postgres, postgres, processor_seconds
from tests.load.product import PASSWORD, Product

PEOPLE, YEARS, SESSIONS, REQUIREMENTS, ASSIGNMENTS, NODES = 200, 4, 40, 2_000, 6_000, 10_000
AIM_MS = 300  # of the walk over NODES
LEADER, READER = "olaf@hufu.example", "petra@hufu.example"
STATES = ("closed", "closed", "closed", "verified", "submitted", "in_progress", "in_progress", "accepted", "assigned", "cancelled")  # fmt: skip


@dataclass(frozen=True)
class World:
    """What the pages to be measured need to know."""

    event: str  # of the newest year
    requirement: str
    bare: str  # an event in which nothing was said
    root: int  # of the line of many nodes


def _many(model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert in bulk; the ids of the new rows, in their order."""
    from app.core.db import db

    last = db.session.scalar(select(func.max(model.id))) or 0
    db.session.execute(insert(model), list(rows))
    return list(db.session.scalars(select(model.id).where(model.id > last).order_by(model.id)))


def generate(*, seed: int = 5, nodes: int = NODES) -> World:
    """Fill a database that holds the cast alone. In seconds: no act is run, the rows are what the acts would leave."""
    from app.core import clock
    from app.core.db import db
    from app.people.models import Department, Organization, Person
    from tests import cast as the_cast

    chance, now = Random(seed), clock.now()
    cast = the_cast.load()
    company = db.session.scalar(select(Organization.id).where(Organization.is_own))
    departments = _many(
        Department, [{"code": f"Y{n}", "name": f"Department {n}", "organization_id": company} for n in range(10)]
    )
    people = _many(
        Person,
        [
            {
                "name": f"Worker {n}", "name_key": fold(f"Worker {n}"), "email": f"worker{n}@hufu.example",
                "email_key": f"worker{n}@hufu.example", "department_id": departments[n % 10], "organization_id": company,
            }
            for n in range(PEOPLE)
        ],
    )  # fmt: skip
    people.append(cast.people["petra"].id)
    leader, today = cast.people["li_wei"], now.date()
    events = _events(today)
    speeches, passages = _speeches(events, leader.id, leader.name)
    requirements = _requirements(events, speeches, passages, chance)
    _assignments(requirements, people, departments, now, chance)
    bare, root = _line(nodes, events[-1], speeches[-1])
    from app.events.models import Event
    from app.requirements.models import Requirement

    newest = db.session.get(Event, events[-1])
    last = db.session.get(Requirement, requirements[-1][0])
    assert newest is not None
    assert last is not None
    return World(newest.ref, last.ref, bare, root)


def _events(today: date) -> list[int]:
    from app.core.db import db
    from app.events.models import Audience, Event, Status

    found: list[int] = []
    for year in range(YEARS):
        starts = today - timedelta(days=365 * (YEARS - year) - 200)
        found += _many(
            Event,
            [
                {
                    "title": f"Year {year}", "starts_on": starts, "ends_on": starts + timedelta(days=1),
                    "time_zone": "Asia/Shanghai", "audience": Audience.INTERNAL, "status": Status.PUBLISHED,
                    "previous_id": found[-1] if found else None,
                }
            ],
        )  # fmt: skip
    db.session.flush()
    return found


def _speeches(events: Sequence[int], speaker: int, name: str) -> tuple[list[int], list[list[int]]]:
    """One speech in each session, and in each its passages."""
    from app.core import clock
    from app.programme.models import Session
    from app.speeches.models import Passage, Speech

    per_year, per_speech = SESSIONS // YEARS, REQUIREMENTS // SESSIONS
    sessions = [(each, n) for each in events for n in range(per_year)]
    ids = _many(
        Session,
        [{"event_id": each, "title": f"Session {n}", "kind": "strategy", "position": n} for each, n in sessions],
    )
    now = clock.now()
    speeches = _many(
        Speech,
        [
            {
                "event_id": event, "session_id": session, "title": f"Speech {session}", "speaker_id": speaker,
                "speaker_name": name, "held_at": now, "confirmed_at": now, "position": n,
            }
            for session, (event, n) in zip(ids, sessions, strict=True)
        ],
    )  # fmt: skip
    rows = [
        {"speech_id": each, "position": n, "kind": "directive", "verbatim": f"Do thing {n} of speech {each}."}
        for each in speeches
        for n in range(per_speech)
    ]
    found = _many(Passage, rows)
    return speeches, [found[start : start + per_speech] for start in range(0, len(found), per_speech)]


def _requirements(
    events: Sequence[int], speeches: Sequence[int], passages: Sequence[Sequence[int]], chance: Random
) -> list[tuple[int, int]]:
    """Ids with the year; every second of a year continues one of the year before."""
    from app.requirements.models import Requirement, RequirementLink

    per_year = SESSIONS // YEARS
    rows = [
        {
            "event_id": events[n // per_year], "speech_id": speech, "passage_id": passage, "label": f"RQ-{n}-{k}",
            "number": k + 1, "heading": f"Thing {k} of speech {n}", "verbatim": f"Do thing {k} of speech {speech}.",
            "kind": "directive", "tracking": "assigned", "state": "assigned",
        }
        for n, speech in enumerate(speeches)
        for k, passage in enumerate(passages[n])
    ]  # fmt: skip
    ids = _many(Requirement, rows)
    size = REQUIREMENTS // YEARS
    years = [ids[start : start + size] for start in range(0, len(ids), size)]
    links = [
        {"earlier_id": chance.choice(years[year - 1]), "later_id": later, "by_name": "Sven Lund"}
        for year in range(1, YEARS)
        for later in years[year][1::2]
    ]
    _many(RequirementLink, links)
    return [(each, year) for year, some in enumerate(years) for each in some]


def _assignments(
    requirements: Sequence[tuple[int, int]],
    people: Sequence[int],
    departments: Sequence[int],
    now: datetime,
    chance: Random,
) -> None:
    """Three to each requirement; what is old is mostly closed. Each with a report, every second with evidence."""
    from app.requirements.models import Assignment, Evidence, Report, Verdict

    rows = []
    for n in range(ASSIGNMENTS):
        requirement, year = requirements[n % len(requirements)]
        state = chance.choice(STATES if year < YEARS - 1 else STATES[3:])
        handed = now - timedelta(days=365 * (YEARS - year) - 190)
        due = (handed + timedelta(days=chance.randrange(30, 300))).date()
        one = chance.randrange(len(people))
        done = handed + timedelta(days=60)
        rows.append(
            {
                "requirement_id": requirement, "label": f"AS-{n}", "responsible_id": people[one],
                "verifier_id": people[(one + 1) % len(people)], "department_id": chance.choice(departments),
                "deliverable": f"Deliverable {n}", "criteria": "It is there", "original_due_on": due, "due_on": due,
                "state": state, "handed_over_at": handed, "accepted_at": handed, "submitted_at": done if state in STATES[:5] else None,
                "closed_at": done if state == "closed" else None, "last_report_at": done,
                "silent_from": done + timedelta(days=30),
            }
        )  # fmt: skip
    ids = _many(Assignment, rows)
    _many(
        Report,
        [{"assignment_id": each, "text": f"Report {each}", "confidence": 7, "by_name": "Worker"} for each in ids],
    )
    proven = [
        {
            "assignment_id": each,
            "described_as": "The proof",
            "url": "https://wiki.hufu.example/",
            "by_name": "Worker",
            "criteria": [],
        }
        for each in ids[::2]
    ]
    _many(Evidence, proven)
    _many(Verdict, [{"assignment_id": each, "is_accepted": True, "by_name": "Worker"} for each in ids[::4]])


def _line(nodes: int, event: int, speech: int) -> tuple[str, int]:
    """A gathering in which nothing was said; and requirements of which each is continued by three others."""
    from app.core import clock
    from app.core.db import db
    from app.events.models import Audience, Event, Status
    from app.requirements.models import Requirement, RequirementLink

    day = clock.today()
    silent, wide = (
        Event(
            title=title, starts_on=day - timedelta(days=3000), ends_on=day - timedelta(days=2999), time_zone="UTC",
            audience=Audience.INTERNAL, status=Status.PUBLISHED,
        )
        for title in ("Nothing was said", "A long line")
    )  # fmt: skip
    db.session.add_all([silent, wide])
    db.session.flush()
    rows = [
        {
            "event_id": wide.id, "speech_id": speech, "label": f"RQ-L-{n}", "number": 1000 + n, "heading": f"Node {n}",
            "kind": "directive", "state": "recorded",
        }
        for n in range(nodes)
    ]  # fmt: skip
    ids = _many(Requirement, rows)
    _many(
        RequirementLink,
        [{"earlier_id": ids[(n - 1) // 3], "later_id": ids[n], "by_name": "Sven Lund"} for n in range(1, nodes)],
    )
    return silent.ref, ids[0]


# --- measuring ----------------------------------------------------------------------------------------------------


@contextmanager
def _statements(engine: Any) -> Iterator[list[str]]:
    said: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    sa_event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sa_event.remove(engine, "before_cursor_execute", listen)


def _signed_in(app: Any, email: str) -> Any:
    browser = app.test_client()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', browser.get("/sign-in").text))
    answer = browser.post("/sign-in", data={**hidden, "email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text[:500]
    return browser


def measure(database: str, server: Postgres | None, *, times: int, say: Callable[[str], None]) -> None:
    """Fill this empty database and tell what each page costs."""
    from app.core.db import db, unit_of_work
    from app.lineage.queries import select_line
    from tests import cast as the_cast

    with tempfile.TemporaryDirectory(prefix="hufu-years-") as folder:
        product = Product(database=database, folder=Path(folder))
        app = product.app()
        with app.app_context():
            db.create_all()
            with unit_of_work():
                the_cast.settle()
            began = time.perf_counter()
            with unit_of_work():
                world = generate()
            say(f"  generated in {time.perf_counter() - began:.1f} s")
            engine = db.engine
            if server is not None:
                with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("ANALYZE")
        here = f"/events/{world.event}"
        pages = [
            ("bare page", LEADER, f"/events/{world.bare}/speeches"),
            ("register, one year", LEADER, f"{here}/requirements"),
            ("register, everything", LEADER, "/requirements"),
            ("my commitments", READER, "/my/commitments"),
            ("promises, one year", LEADER, f"{here}/promises"),
            ("promises, everything", LEADER, "/promises"),
            ("my daily mail", READER, "/my/mail"),
            ("lineage", LEADER, f"{here}/requirements/{world.requirement}/lineage"),
        ]
        browsers = {email: _signed_in(app, email) for email in (LEADER, READER)}
        bare = 0.0
        for words, who, path in pages:
            browsers[who].get(path)
            with _statements(engine) as said:
                answer = browsers[who].get(path)
            if answer.status_code != 200:
                say(f"  {words}: answered {answer.status_code}")
                continue
            taken = [_cost(lambda who=who, path=path: browsers[who].get(path), server) for _each in range(times)]
            bare = bare or median(taken)
            say(
                f"  {words}: {len(said)} statements, {median(taken):.1f} ms, {median(taken) / bare:.1f} of the bare page"
            )
        with app.app_context():
            taken = []
            for _each in range(times):
                began = time.perf_counter()
                found = len(db.session.scalars(select_line(world.root)).all())
                taken.append(1000 * (time.perf_counter() - began))
                db.session.rollback()
            verdict = "within" if median(taken) <= AIM_MS else "OVER"
            say(f"  the line of {found:,} requirements: {median(taken):.0f} ms, {verdict} {AIM_MS} ms")
            db.session.remove()
            db.engine.dispose()


def _cost(act: Callable[[], Any], server: Postgres | None) -> float:
    """Milliseconds of processor time, of this process and the database's."""

    def now() -> float:
        return time.process_time() + (processor_seconds(server.process) if server else 0.0)

    began = now()
    act()
    return 1000 * (now() - began)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--on", nargs="+", choices=["sqlite", "postgres"], default=["sqlite"])
    options.add_argument("--times", type=int, default=9)
    asked = options.parse_args(arguments)
    for kind in asked.on:
        print(kind)
        with postgres() if kind == "postgres" else nullcontext() as server, tempfile.TemporaryDirectory() as folder:
            database = server.create("years") if server else f"sqlite:///{folder}/years.db"
            measure(database, server, times=asked.times, say=print)


if __name__ == "__main__":
    main()
