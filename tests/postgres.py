"""A PostgreSQL server of our own for the tests, and a fresh database for each test that asks for one.

Use `postgres_app` for a test of PostgreSQL alone, or `either_app` to run the same test on SQLite and on PostgreSQL:

    def test_the_last_place_goes_to_one(either_app): ...

Both give the app on a copy of a database that holds the schema and the cast. `postgres_url` gives the bare address.
One server per run, started when first asked for, shared between workers of pytest-xdist, stopped by the last of them.
It needs PostgreSQL's programs and skips with one line where they are missing; as root it runs as the user postgres.
"""

import fcntl
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from tests import cast as the_cast
from tests.conftest import build, require_or_skip

READY = "hufu_ready"
# Nothing that these tests keep must survive a power cut.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB"
_number = itertools.count(1)


@dataclass(frozen=True)
class Cluster:
    folder: Path

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://hufu@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user="hufu", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def copy(self, template: str = READY) -> Iterator[str]:
        """The address of a new database, gone after the block."""
        name = f"t{os.getpid()}_{next(_number)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[4]))
    path = str(found[-1]) if found else shutil.which("initdb")
    return Path(path).parent if path else None


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """The file in which the workers keep where the server is and how many use it, held by one of them."""
    path = folder / "postgres.json"
    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def _as_owner() -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []


def _start(bin_folder: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hufu-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    initdb = [bin_folder / "initdb", "-D", data, "-U", "hufu", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N"]
    subprocess.run([*_as_owner(), *map(str, initdb)], **quiet)
    options = f"-k {folder} -c listen_addresses='' {FAST}"
    start = [bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    subprocess.run([*_as_owner(), *map(str, start)], **quiet)
    return folder


def _stop(bin_folder: Path, folder: Path) -> None:
    stop = [bin_folder / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"]
    subprocess.run([*_as_owner(), *map(str, stop)], check=False, stdout=subprocess.DEVNULL, cwd=folder)
    shutil.rmtree(folder, ignore_errors=True)


def _fill(cluster: Cluster, folder: Path) -> None:
    """The database that every test's own is a copy of."""
    cluster.run(f"CREATE DATABASE {READY}")
    app = build(folder / "postgres-ready", database_url=cluster.url(READY))
    with app.app_context():
        db.create_all()
        with unit_of_work():
            the_cast.settle()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The server of this run."""
    bin_folder = programs()
    if bin_folder is None:
        require_or_skip("postgres", "PostgreSQL is not installed (apt-get install postgresql)")
        return
    top = tmp_path_factory.getbasetemp()
    shared = top.parent if "PYTEST_XDIST_WORKER" in os.environ else top
    with _locked(shared) as path:
        known = json.loads(path.read_text()) if path.exists() else {}
        if not known.get("users"):
            try:
                known = {"folder": str(_start(bin_folder)), "users": 0}
            except (OSError, subprocess.CalledProcessError) as error:
                said = getattr(error, "stderr", None) or str(error).encode()
                require_or_skip("postgres", said.decode(errors="replace").strip()[:200])
            _fill(Cluster(Path(known["folder"])), shared)
        known["users"] += 1
        path.write_text(json.dumps(known))
    yield Cluster(Path(known["folder"]))
    with _locked(shared) as path:
        known = json.loads(path.read_text())
        known["users"] -= 1
        path.write_text(json.dumps(known))
        if not known["users"]:
            _stop(bin_folder, Path(known["folder"]))
            with suppress(OSError):
                shutil.rmtree(shared / "postgres-ready")


@pytest.fixture
def postgres_url(cluster: Cluster) -> Iterator[str]:
    """A database with the schema and the cast, for this test alone."""
    with cluster.copy() as url:
        yield url


@pytest.fixture
def postgres_app(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on PostgreSQL."""
    app = build(tmp_path / "instance", database_url=postgres_url)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_app(request: pytest.FixtureRequest) -> Flask:
    """The app on SQLite, and once more on PostgreSQL."""
    return request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
