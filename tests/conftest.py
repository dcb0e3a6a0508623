"""One ready database, copied per test; the cast; clients for each of them."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event as sa_event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.core.config import Settings
from app.core.db import db, unit_of_work
from app.web import create_app
from tests import cast as the_cast
from tests.cast import Cast

pytest_plugins = ["tests.postgres", "tests.chromium", "tests.factories.demo", "tests.load.databases"]

PASSWORD = the_cast.PASSWORD


def settings_for(folder: Path, **more: Any) -> Settings:
    return Settings(
        instance=str(folder),
        secret_key="t" * 40,
        password_cost=1,
        mail_hold=0,
        lock_wait=5.0,
        log_level="ERROR",
        **more,
    )


def _remember_builders() -> None:
    """Each test has an app of its own with the same rules: what builds their addresses is compiled once a process.

    It is most of the time that an app takes to be made. The compiled functions hold nothing of the rule.
    """
    compile_builder = Rule._compile_builder
    known: dict[tuple[object, ...], Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        key = (tuple(rule._trace), repr(rule.defaults), frozenset(rule.arguments), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]


_remember_builders()


def _remember_statements(app: Flask) -> None:
    """What was compiled for the database of one test serves those of the others: SQLite's dialects are all alike."""
    with app.app_context():
        if isinstance(db.engine.dialect, SQLiteDialect_pysqlite):
            db.engine._compiled_cache = COMPILED


COMPILED: LRUCache[Any, Any] = LRUCache(1500)
SQLiteDialect_pysqlite.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
SQLiteDialect_pysqlite.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]


class CompiledTemplates(BytecodeCache):
    """Templates are compiled once a process, not once for the app of each test."""

    known: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = (bucket.checksum, bucket.code)


class ClosingClient(FlaskClient):
    """Reads each answer to its end and closes it, so that no served file stays open behind a test."""

    def open(self, *args: Any, **kwargs: Any):
        return super().open(*args, **{"buffered": True, **kwargs})


def build(folder: Path, **more: Any) -> Flask:
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(settings_for(folder, **more))
    app.config.update(TESTING=True)
    app.jinja_env.bytecode_cache = CompiledTemplates()
    app.test_client_class = ClosingClient
    _remember_statements(app)
    return app


@pytest.fixture(scope="session")
def ready_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder whose database holds the schema and the cast."""
    folder = tmp_path_factory.mktemp("ready")
    app = build(folder)
    with app.app_context():
        db.create_all()
        with unit_of_work():
            the_cast.settle()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return folder


@pytest.fixture
def app(ready_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """The app on a fresh copy of the ready database. No app context is held open (it would leak who is signed in)."""
    folder = tmp_path / "instance"
    shutil.copytree(ready_folder, folder)
    app = build(folder)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    """The people of the stories, inside an app context: for tests of services and queries."""
    with app.app_context():
        yield the_cast.load()
        db.session.rollback()


@dataclass
class Visitor:
    """A browser of one member of the cast, with the proof of origin filled in."""

    client: FlaskClient

    def get(self, url: str, **more: Any):
        return self.client.get(url, **more)

    def post(self, url: str, data: dict[str, Any] | None = None, **more: Any):
        """Post a form: the CSRF token and an intent are added unless they are given."""
        import secrets

        sent = {"csrf_token": self.token(), "intent": secrets.token_urlsafe(12), **(data or {})}
        return self.client.post(url, data=sent, **more)

    def token(self) -> str:
        import re

        page = self.client.get("/sign-in?again=1").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, "no proof of origin on the sign-in page"
        return found.group(1)


@pytest.fixture
def as_(app: Flask) -> Callable[[str], Visitor]:
    """`as_("petra")` is Petra's signed-in browser; `as_("nobody")` a stranger's."""

    def visit(name: str) -> Visitor:
        visitor = Visitor(app.test_client())
        if name != "nobody":
            email = f"{name.replace('_', '.')}@hufu.example"
            answer = visitor.post("/sign-in", {"email": email, "password": PASSWORD})
            assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
        return visitor

    return visit


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], Any]:
    """`with count_statements() as said: …` gives the SQL statements of the block, transactions apart."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        said: list[str] = []

        def listen(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
                said.append(statement)

        with app.app_context():
            engine = db.engine
        sa_event.listen(engine, "before_cursor_execute", listen)
        try:
            yield said
        finally:
            sa_event.remove(engine, "before_cursor_execute", listen)

    return counting


def require_or_skip(what: str, why: str) -> None:
    """Skip with one line, but fail where `HUFU_TEST_REQUIRE` says that it must run (in CI)."""
    if what in os.environ.get("HUFU_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{what} tests are required here but cannot run: {why}")
    pytest.skip(f"{what}: {why}")
