"""The database: column types, the base of all models, and the one place that commits."""

import fcntl
import random
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import JSON, Date, DateTime, Engine, MetaData, String, Text, event, exc
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from app.core import clock
from app.core.config import BadSetting, Settings
from app.core.errors import Busy, Stale
from app.core.i18n import _l


class UTCDateTime(TypeDecorator[datetime]):
    """A moment. Refuses one without a zone, stores UTC, gives UTC back (SQLite forgets zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        type_annotation_map={
            datetime: UTCDateTime,
            date: Date,
            str: Text,
            dict[str, Any]: JSON,
            list[str]: JSON,
            list[dict[str, Any]]: JSON,
            list[dict[str, str]]: JSON,
        }
    )
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class OneDatabase(BoundSession):
    """There is one database: nothing is looked for that says to which a table belongs, at each statement."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine | Connection:
        return bind or self._db.engine


db = SQLAlchemy(
    model_class=Base,
    disable_autonaming=False,
    session_options={"expire_on_commit": False, "class_": OneDatabase},
)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SIGNS = (ALPHABET * 8).encode()  # what each of the 256 bytes becomes: every sign is as likely as the others

_repeatable: ContextVar[random.Random | None] = ContextVar("repeatable", default=None)


def new_ref() -> str:
    """A random name for outside URLs: 16 signs of 5 bits, so that neighbours cannot be guessed (AZ16)."""
    repeatable = _repeatable.get()
    if repeatable is not None:
        return "".join(repeatable.choices(ALPHABET, k=16))
    return secrets.token_bytes(16).translate(SIGNS).decode()


@contextmanager
def repeatable_refs(seed: str) -> Iterator[None]:
    """The same refs each time: for the demo, which is equal wherever it is loaded. Secrets are made elsewhere."""
    token = _repeatable.set(random.Random(seed))  # noqa: S311 - names in URLs of the demo, no secrets
    try:
        yield
    finally:
        _repeatable.reset(token)


class Kept:
    """Common to every record: a key inside, a random `ref` outside, and when it was recorded."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref, insert_sentinel=True, sort_order=-9)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)


class Edited(Kept):
    """A record that people edit: `version` rises with each change, and a stale page is told so."""

    version: Mapped[int] = mapped_column(default=1, sort_order=91)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now, sort_order=92)


def edit(record: Any, *, version: int | None, **values: Any) -> dict[str, list[Any]]:
    """Set the values that differ and return them as {name: [before, after]} for the audit log.

    Raises Stale when the page was opened on another version. `version=None` is for acts with no page behind them.
    """
    if version is not None and version != record.version:
        raise Stale(
            _l(
                "Somebody else changed this while you were writing. Their version stands beside yours; saving again "
                "replaces it."
            ),
            theirs=record,
        )
    changes = {}
    for name, value in values.items():
        before = getattr(record, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(record, name, value)
    if changes:
        record.version += 1
    return changes


def _plain(value: Any) -> Any:
    """A value as JSON can keep it in the audit log."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "ref"):
        return value.ref
    return value if isinstance(value, str | int | bool | list | dict) or value is None else str(value)


# --- one unit of work ---------------------------------------------------------------------------------------------

_writing: ContextVar[bool] = ContextVar("writing", default=False)
_until: ContextVar[float] = ContextVar("until", default=0.0)  # on the monotonic clock: when waiting for a turn ends


class Turn:
    """First come, first served: SQLite lets one writer starve another for seconds, so the threads of a process queue."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, timeout: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(timeout):
            return True
        with self._guard:
            if mine.is_set():  # handed over in the very last moment
                return True
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_turn = Turn()


@contextmanager
def _our_turn(wait: float | None) -> Iterator[None]:
    if db.engine.dialect.name != "sqlite":
        yield
        return
    patience = db.engine.dialect_wait if wait is None else wait  # type: ignore[attr-defined]
    until = time.monotonic() + patience
    if not _turn.take(patience):
        raise Busy
    token = _until.set(until)
    try:
        with _turn_among_processes(until):
            yield
    finally:
        _until.reset(token)
        _turn.give()


@contextmanager
def _turn_among_processes(until: float) -> Iterator[None]:
    """The first writers of several processes take turns at a lock file; a process that dies gives it back."""
    database = db.engine.url.database
    if not database or database == ":memory:":
        yield
        return
    with open(f"{database}.turn", "ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Busy from None
                time.sleep(0.002)
        yield


def before_commit(key: str, act: Callable[[Session], None]) -> None:
    """Have `act` run once, after everything else is flushed, as the last writes of this unit of work."""
    db.session.info.setdefault("before_commit", {})[key] = act


def after_commit(key: str, act: Callable[[], None]) -> None:
    """Have `act` run once when this unit of work is safely stored. It must not touch the database."""
    db.session.info.setdefault("after_commit", {})[key] = act


def is_busy(error: Exception | None) -> bool:
    """Whether the database is locked, full or gone. A missing table or a wrong statement is our own mistake instead."""
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return isinstance(error, BUSY_ERRORS) and (code is None or code & 0xFF != sqlite3.SQLITE_ERROR)


BUSY_ERRORS = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)


@contextmanager
def unit_of_work(*, wait: float | None = None) -> Iterator[None]:
    """The only code that commits. Everything inside is stored together or not at all.

    What was read before is read again inside, under the lock: on SQLite the transaction begins IMMEDIATE, on
    PostgreSQL READ COMMITTED. Raises Busy when the database is locked, full or gone; on SQLite at the latest after
    `wait` seconds, by default HUFU_LOCK_WAIT.
    """
    session = db.session
    if session.info.get("in_unit"):
        raise RuntimeError("units of work do not nest")
    try:
        session.rollback()
        session.expire_all()  # a rollback without a transaction under way forgets nothing
        with _our_turn(wait):
            token = _writing.set(True)
            session.info["in_unit"] = True
            try:
                yield
                session.flush()
                for act in session.info.pop("before_commit", {}).values():
                    act(session())
                session.commit()
            except BaseException:
                session.rollback()
                raise
            finally:
                _writing.reset(token)
                done = session.info.pop("after_commit", {})
                session.info.pop("before_commit", None)
                session.info.pop("in_unit", None)
    except BUSY_ERRORS as error:
        if is_busy(error):
            raise Busy from error
        raise
    for act in done.values():
        act()


def leftovers() -> bool:
    """Whether this request changed something that nobody committed (asked by the tests after each request)."""
    session = db.session
    return bool(session.new or session.dirty or session.deleted or session.info.get("flushed"))


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info["flushed"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _settled(session: Session) -> None:
    session.info.pop("flushed", None)


# --- connections --------------------------------------------------------------------------------------------------


def engine_options(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return {
            "connect_args": {"timeout": settings.lock_wait, "check_same_thread": False},
            "hide_parameters": True,
        }
    wait = int(settings.lock_wait * 1000)
    return {
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_timeout": settings.lock_wait,
        "pool_size": 8,
        "hide_parameters": True,  # an error in the log says the statement, not what people typed (OP9)
        "connect_args": {
            "connect_timeout": 4,
            "options": f"-c lock_timeout={wait} -c statement_timeout=10000 -c timezone=UTC",
        },
    }


def prepare(engine: Engine, wait: float) -> None:
    """SQLite: durable, with foreign keys, and transactions that we begin ourselves."""
    engine.dialect_wait = wait  # type: ignore[attr-defined]
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        write_ahead(connection, wait)
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not _writing.get():
            connection.exec_driver_sql("BEGIN")
            return
        # What waiting for the turn has used up is not waited for again: the answer is late by one wait, not by two.
        left = max(0.25, min(wait, _until.get() - time.monotonic()))
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(left * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def write_ahead(connection: sqlite3.Connection, wait: float) -> None:
    """Turn to the write-ahead log, where readers and the writer do not hinder each other.

    A new file changes over once. SQLite needs it for itself then and refuses at once where somebody else is at it,
    whatever its timeout; so the waiting, of `wait` seconds at most, is done here.
    """
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def assert_isolation(connection: Connection) -> None:
    """Refuse to start where the gate would oversell (T13): another isolation level makes correct locks wrong."""
    if connection.dialect.name == "postgresql":
        level = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
        if level != "read committed":
            raise BadSetting(f"PostgreSQL must run transactions READ COMMITTED, not {level}.")
    elif connection.exec_driver_sql("PRAGMA foreign_keys").scalar() != 1:
        raise BadSetting("SQLite must have foreign keys on.")


def init_app(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    db.init_app(app)
    with app.app_context():
        prepare(db.engine, settings.lock_wait)
