"""The gate under several real processes at once, and under kill -9. Full size stands in `make bench`."""

import multiprocessing
import signal
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from app.core import audit
from app.core.db import db
from app.registration.models import State
from tests.factories.registration import make_open_event, make_people
from tests.registration import crowd
from tests.registration.invariants import assert_sound, count_mails, count_rows

PROCESSES = 3
EACH = 8
CHILDREN = multiprocessing.get_context("forkserver")  # imports the app once, then every child starts quickly
CHILDREN.set_forkserver_preload(["tests.registration.crowd"])

pytestmark = pytest.mark.load


def storm(app: Flask, gate: str, event_id: int, people: list[int], folder: Path) -> Counter[str]:
    """Everybody at once; how many were told what."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    start, answers = CHILDREN.Barrier(PROCESSES), CHILDREN.Queue()
    shares = [people[number::PROCESSES] for number in range(PROCESSES)]
    crowds = [
        CHILDREN.Process(target=crowd.press, args=(folder / "crowd", url, gate, event_id, share, start, answers))
        for share in shares
    ]
    for each in crowds:
        each.start()
    told: Counter[str] = Counter()
    for _each in crowds:
        told.update(answers.get(timeout=90))
    for each in crowds:
        each.join(30)
        assert each.exitcode == 0
    return told


def settle(app: Flask, capacity: int) -> tuple[int, list[int]]:
    with app.app_context():
        event = make_open_event(capacity=capacity)
        return event.id, [each.id for each in make_people(PROCESSES * EACH)]


def test_a_gate_that_counts_and_then_inserts_oversells_in_this_harness(either_app: Flask, tmp_path: Path) -> None:
    """T0: without it, the storm below could be blind."""
    event_id, people = settle(either_app, crowd.CONTROL_CAPACITY)
    told = storm(either_app, "naive", event_id, people, tmp_path)
    assert told["confirmed"] > crowd.CONTROL_CAPACITY


def test_a_crowd_for_ten_places_leaves_exactly_ten_in_and_the_others_waiting(either_app: Flask, tmp_path: Path) -> None:
    """T2 with I1 to I4 and I6; the audit chain holds too."""
    event_id, people = settle(either_app, 10)
    told = storm(either_app, "guarded", event_id, people, tmp_path)
    assert told == {"confirmed": 10, "waiting": PROCESSES * EACH - 10}
    with either_app.app_context():
        event = db.session.get_one(crowd.Event, event_id)
        assert_sound(event, full=True)
        assert count_rows(event, State.CONFIRMED) == 10
        assert count_mails(event) == 10
        assert count_mails(event, "registration_waiting") == PROCESSES * EACH - 10
        assert audit.verify().broken_at is None


@pytest.mark.parametrize(("when", "rows"), [("before", 0), ("after", 1)])
def test_a_process_killed_around_the_commit_leaves_all_or_nothing(
    either_app: Flask, tmp_path: Path, when: str, rows: int
) -> None:
    """T12: killed between taking the place and the commit, and after the commit before the answer."""
    with either_app.app_context():
        event = make_open_event(capacity=1)
        event_id, person_id = event.id, make_people(1)[0].id
    url = either_app.config["SQLALCHEMY_DATABASE_URI"]
    victim = CHILDREN.Process(target=crowd.die, args=(tmp_path / "crowd", url, event_id, person_id, when))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    with either_app.app_context():
        event = db.session.get_one(crowd.Event, event_id)
        assert_sound(event, full=bool(rows))
        assert count_rows(event, State.CONFIRMED) == rows
        assert count_mails(event) == rows
        verdict = audit.verify()
        assert verdict.broken_at is None
        told = crowd.guarded(event, make_people(1)[0])
        assert told == ("waiting" if rows else "confirmed")
        assert_sound(event, full=True)
