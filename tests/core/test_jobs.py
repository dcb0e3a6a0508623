"""Work after the answer: JSON only, after the commit, once; a real consumer runs it and stops."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.core import jobs
from app.core.db import unit_of_work
from app.core.errors import Busy, Refused
from app.core.jobs import JsonSerializer

done: list[object] = []


@jobs.job
def remember_for_test(what: str) -> None:
    done.append(what)


@jobs.job
def stumble_for_test() -> None:
    done.append("tried")
    if len(done) == 1:
        raise Busy


@pytest.fixture
def queue(app: Flask) -> Flask:
    """The app as it is in service, where jobs are queued."""
    done.clear()
    app.testing = False
    return app


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    assert true()


def test_a_queued_job_is_run_by_a_real_consumer_which_stops(queue: Flask) -> None:
    with queue.app_context(), unit_of_work():
        jobs.later("remember_for_test", what="战略")
        jobs.later("remember_for_test", what="战略")  # asked for twice in one unit
        assert len(queue.extensions["hufu_jobs"]) == 0  # not before it is stored
    consumer = jobs.start(queue)
    try:
        until(lambda: bool(done))
    finally:
        consumer.stop(graceful=True)
    assert done == ["战略"]
    assert len(queue.extensions["hufu_jobs"]) == 0
    assert not any(thread.is_alive() for _, thread in consumer.worker_threads)


def test_a_job_of_a_broken_unit_is_not_queued(queue: Flask) -> None:
    with queue.app_context(), pytest.raises(ZeroDivisionError), unit_of_work():  # noqa: PT012
        jobs.later("remember_for_test", what="no")
        raise ZeroDivisionError
    assert len(queue.extensions["hufu_jobs"]) == 0


def test_a_job_that_meets_a_busy_database_is_tried_again(queue: Flask, monkeypatch) -> None:
    monkeypatch.setattr(queue.extensions["hufu_run"].task_class, "default_retry_delay", 0.1)
    with queue.app_context(), unit_of_work():
        jobs.later("stumble_for_test")
    consumer = jobs.start(queue)
    try:
        until(lambda: len(done) == 2)
    finally:
        consumer.stop(graceful=True)
    assert done == ["tried", "tried"]


def test_the_queue_holds_json_and_nothing_that_runs(queue: Flask) -> None:
    with queue.app_context(), unit_of_work():
        jobs.later("remember_for_test", delay=5, what="x")
    with sqlite3.connect(queue.extensions["hufu_jobs"].storage.filename) as connection:
        rows = connection.execute("SELECT data FROM schedule UNION ALL SELECT data FROM task").fetchall()
    connection.close()
    assert len(rows) == 1
    assert b"remember_for_test" in rows[0][0]
    assert rows[0][0].startswith(b"[")
    with pytest.raises(ValueError):
        JsonSerializer()._deserialize(b"\x80\x04cos\nsystem\n")


def test_a_moment_survives_the_queue() -> None:
    moment = datetime(2027, 1, 14, 9, tzinfo=UTC)
    serializer = JsonSerializer()
    assert serializer._deserialize(serializer._serialize({"a": 1})) == {"a": 1}
    message = serializer._deserialize(serializer._serialize(["i", "n", moment, 0, 0, 0, [], {}, None, None, None][:11]))
    assert message[2] == moment


def test_one_broken_job_of_the_minute_keeps_no_other_from_its_turn(queue: Flask, monkeypatch) -> None:
    def break_for_test() -> None:
        raise RuntimeError

    def run_for_test() -> None:
        done.append("ran")

    monkeypatch.setitem(jobs._known, "break_for_test", break_for_test)
    monkeypatch.setitem(jobs._known, "run_for_test", run_for_test)
    monkeypatch.setattr(jobs, "_every_minute", ["break_for_test", "run_for_test"])
    minute = next(task for name, task in queue.extensions["hufu_jobs"]._registry._registry.items() if "minute" in name)
    minute().execute()
    assert done == ["ran"]


def test_of_a_round_what_fails_keeps_no_other_from_its_turn(app: Flask) -> None:
    failures: dict[str, Exception] = {"a": OSError(), "b": Refused("no"), "d": ValueError()}

    def try_for_test(ref: str) -> None:
        done.append(ref)
        if ref in failures:
            raise failures[ref]

    done.clear()
    with app.app_context():
        jobs.one_by_one(try_for_test, ["a", "b", "c", "d"])
        assert done == ["a", "b", "c", "d"]
        jobs.one_by_one(try_for_test, ["a", "b", "d", "e"])
    assert done[4:] == ["e", "a", "b", "d"], "what failed last comes last"


def test_slow_failures_use_up_a_round_only_once(app: Flask, monkeypatch) -> None:
    """There is time for one in each round."""
    monkeypatch.setattr(jobs, "ROUND", 0)

    def fail_for_test(ref: str) -> None:
        done.append(ref)
        raise Busy if ref == "b" else OSError

    done.clear()
    with app.app_context():
        for ends in (None, Busy, None, None):
            with pytest.raises(ends) if ends else nullcontext():
                jobs.one_by_one(fail_for_test, ["a", "b", "c"])
    assert done == ["a", "b", "c", "a"]
