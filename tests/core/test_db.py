"""One unit of work: everything or nothing, under the lock, in turn, and never waiting longer than promised."""

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app.accounts.models import Account
from app.core import db as database
from app.core.db import (
    Turn,
    after_commit,
    before_commit,
    db,
    edit,
    leftovers,
    new_ref,
    repeatable_refs,
    unit_of_work,
    write_ahead,
)
from app.core.errors import Busy, Stale
from app.people.models import Team
from tests.conftest import build, settings_for
from tests.factories import make_event, make_team


@contextmanager
def held(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another program holds the lock of the database."""
    with app.app_context():
        other = sqlite3.connect(db.engine.url.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def impatient(ready_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """An app that waits 0.4 seconds for its turn."""
    import shutil

    folder = tmp_path / "impatient"
    shutil.copytree(ready_folder, folder)
    settings = settings_for(folder)
    app = build_with(settings, lock_wait=0.4)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def build_with(settings, **changes) -> Flask:
    from dataclasses import replace

    from app.web import create_app

    app = create_app(replace(settings, **changes))
    app.config.update(TESTING=True)
    return app


def test_a_moment_without_a_zone_is_refused(cast) -> None:
    with pytest.raises(Exception, match="a moment needs a zone"), unit_of_work():
        make_event(published_at=datetime(2027, 1, 14, 9, 0))
    assert leftovers() is False


def test_a_moment_comes_back_in_utc(cast) -> None:
    shanghai = timezone(timedelta(hours=8))
    with unit_of_work():
        event = make_event(published_at=datetime(2027, 1, 14, 9, 0, tzinfo=shanghai))
    db.session.expire_all()
    assert event.published_at == datetime(2027, 1, 14, 1, 0, tzinfo=UTC)
    assert event.published_at.tzinfo is UTC


def test_a_unit_of_work_stores_all_or_nothing(cast) -> None:
    done: list[str] = []
    with pytest.raises(ZeroDivisionError), unit_of_work():  # noqa: PT012 - a unit is left by its exception
        make_team(name="Half a team")
        before_commit("test", lambda session: done.append("before"))
        after_commit("test", lambda: done.append("after"))
        _ = 1 / 0
    assert db.session.scalars(select(Team.name)).all() == []
    assert done == []
    with unit_of_work():
        make_team(name="A whole team")
    assert db.session.scalars(select(Team.name)).all() == ["A whole team"]
    assert done == []  # nothing of the broken one is left over


def test_what_runs_after_the_commit_sees_it_stored_and_runs_once(cast) -> None:
    seen: list[int] = []
    with app_connection() as other, unit_of_work():
        make_team(name="T")
        for _ in range(3):
            after_commit("one", lambda: seen.append(other.execute("SELECT count(*) FROM team").fetchone()[0]))
    assert seen == [1]


@contextmanager
def app_connection() -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(db.engine.url.database)
    yield other
    other.close()


def test_units_of_work_do_not_nest(cast) -> None:
    with pytest.raises(RuntimeError, match="do not nest"), unit_of_work(), unit_of_work():
        pass
    with unit_of_work():  # and the door is open again
        make_team()


def test_records_read_before_are_read_again_inside(cast) -> None:
    with unit_of_work():
        team = make_team(name="Before")
    assert team.name == "Before"
    with app_connection() as other:
        other.execute("UPDATE team SET name = 'After'")
        other.commit()
    with unit_of_work():
        assert team.name == "After"


def test_an_unknown_table_is_a_mistake_and_not_busy(cast) -> None:
    with pytest.raises(OperationalError), unit_of_work():
        db.session.execute(text("SELECT * FROM no_such_table"))


def test_a_lock_of_another_program_is_busy_within_the_wait(impatient: Flask) -> None:
    with impatient.app_context(), held(impatient) as other:
        began = time.monotonic()
        with pytest.raises(Busy), unit_of_work():
            make_team()
        assert 0.3 < time.monotonic() - began < 1.4
        assert db.session.scalar(select(Account.name).limit(1))  # reading goes on
        other.execute("ROLLBACK")
        with unit_of_work():
            make_team(name="The first after")
        assert db.session.scalars(select(Team.name)).all() == ["The first after"]


def test_many_writers_at_a_held_lock_wait_once_and_not_in_a_row(impatient: Flask) -> None:
    waits: list[float] = []

    def write() -> None:
        with impatient.app_context():
            began = time.monotonic()
            with pytest.raises(Busy), unit_of_work():  # noqa: PT012
                make_team()
            waits.append(time.monotonic() - began)

    with held(impatient):
        threads = [threading.Thread(target=write) for _ in range(6)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert len(waits) == 6
    assert max(waits) < 1.4


def test_a_shorter_wait_may_be_asked_for(app: Flask) -> None:
    with app.app_context(), held(app):
        began = time.monotonic()
        with pytest.raises(Busy), unit_of_work(wait=0.1):
            make_team()
        assert time.monotonic() - began < 1


def test_turns_are_given_in_the_order_of_asking() -> None:
    turn, order = Turn(), []
    assert turn.take(0)
    threads = []

    def ask(number: int) -> None:
        assert turn.take(5)
        order.append(number)
        turn.give()

    for number in range(8):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        while len(turn._waiting) <= number:
            time.sleep(0.001)
    turn.give()
    for each in threads:
        each.join()
    assert order == list(range(8))
    assert turn.take(0)


def test_who_gave_up_waiting_gets_no_turn() -> None:
    turn = Turn()
    assert turn.take(0)
    assert turn.take(0.05) is False
    turn.give()
    assert turn.take(0)
    assert turn.take(0) is False


def _add_many(folder: str, number: int) -> None:
    app = build(Path(folder))
    with app.app_context():
        for _ in range(10):
            with unit_of_work():
                event = db.session.scalars(select(Team)).first()
                event.name = str(int(event.name) + 1)
        db.engine.dispose()


def test_processes_take_turns_and_lose_nothing(app: Flask) -> None:
    with app.app_context():
        with unit_of_work():
            make_team(name="0")
        db.session.remove()
        db.engine.dispose()
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_add_many, args=(app.instance_path, n)) for n in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert [each.exitcode for each in workers] == [0, 0, 0]
    with app.app_context():
        assert db.session.scalars(select(Team.name)).all() == ["30"]


def test_the_turn_of_a_dead_process_is_free(app: Flask) -> None:
    import fcntl
    import os

    with app.app_context():
        path = f"{db.engine.url.database}.turn"
        child = os.fork()
        if child == 0:
            file = open(path, "ab")  # noqa: SIM115 - it is closed by dying
            fcntl.flock(file, fcntl.LOCK_EX)
            os.kill(os.getpid(), 9)
        os.waitpid(child, 0)
        with unit_of_work(wait=0.5):
            make_team()


def test_an_edit_says_before_and_after_and_raises_the_version(cast) -> None:
    with unit_of_work():
        event = make_event(title="Old", city="Foshan")
    with unit_of_work():
        assert edit(event, version=1, title="New", city="Foshan") == {"title": ["Old", "New"]}
    assert event.version == 2
    with unit_of_work():
        assert edit(event, version=2, title="New") == {}
    assert event.version == 2


def test_an_edit_of_an_older_version_is_stale_and_changes_nothing(cast) -> None:
    with unit_of_work():
        event = make_event(title="Old")
    with unit_of_work():
        edit(event, version=1, title="Theirs")
    with pytest.raises(Stale) as refusal, unit_of_work():
        edit(event, version=1, title="Mine")
    assert refusal.value.theirs is event
    assert (event.title, event.version) == ("Theirs", 2)


def test_a_full_or_read_only_database_is_busy() -> None:
    def error(code: int) -> OperationalError:
        orig = sqlite3.OperationalError("x")
        orig.sqlite_errorcode = code
        return OperationalError("", {}, orig)

    told = {code: database.is_busy(error(code)) for code in (1, 5, 6, 8, 10, 13, 14, 261, 769)}
    assert told == {1: False, 5: True, 6: True, 8: True, 10: True, 13: True, 14: True, 261: True, 769: False}
    assert database.is_busy(ValueError()) is False
    assert database.is_busy(None) is False


def test_refs_are_random_unless_they_are_to_repeat() -> None:
    assert len({new_ref() for _ in range(1000)}) == 1000
    with repeatable_refs("demo"):
        first = [new_ref() for _ in range(5)]
    with repeatable_refs("demo"):
        assert [new_ref() for _ in range(5)] == first
    assert new_ref() not in first


@pytest.mark.postgres
def test_postgresql_waits_as_long_and_goes_on(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        with unit_of_work():
            make_team(name="A")
        engine = db.engine
        with engine.connect() as other, other.begin():
            other.exec_driver_sql("LOCK TABLE team IN SHARE MODE")
            db.session.execute(text("SET lock_timeout = 300"))
            with pytest.raises(Busy), unit_of_work():  # noqa: PT012
                db.session.execute(text("SET LOCAL lock_timeout = 300"))
                make_team(name="B")
        with unit_of_work():
            make_team(name="C")
        assert set(db.session.scalars(select(Team.name))) == {"A", "C"}


def test_turning_to_the_write_ahead_log_waits_for_whoever_is_at_the_new_file(tmp_path: Path) -> None:
    """SQLite itself refuses at once here, whatever its timeout."""
    file = tmp_path / "new.db"
    first = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    second = sqlite3.connect(file, isolation_level=None, timeout=0)
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        write_ahead(second, wait=0.0)
    letting_go = threading.Timer(0.3, lambda: first.execute("COMMIT"))
    letting_go.start()
    write_ahead(second, wait=20.0)
    letting_go.join()
    assert second.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    first.close()
    second.close()
