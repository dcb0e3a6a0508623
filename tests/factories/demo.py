"""The demo, loaded once per test process; each test module looks at a copy."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db
from app.demo import loader


@dataclass(frozen=True)
class Loaded:
    """An instance folder with the demo, and the moment at which it was loaded."""

    folder: Path
    at: datetime


def load_into(folder: Path, at: datetime) -> Loaded:
    from tests.conftest import build  # which itself names this module as a plugin

    app = build(folder)
    with app.app_context():
        db.create_all()
        with clock.at(at):
            loader.load()
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()
    return Loaded(folder, at)


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_into(tmp_path_factory.mktemp("demo"), clock.now())


@pytest.fixture(scope="module")
def demo(loaded_demo: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on a copy of the demo. No app context is held open."""
    from tests.conftest import build

    folder = tmp_path_factory.mktemp("copy") / "instance"
    shutil.copytree(loaded_demo.folder, folder)
    app = build(folder)
    app.extensions["hufu_demo"] = True
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def inside(demo: Flask) -> Iterator[Flask]:
    """The same, inside an app context: for tests that ask the database."""
    with demo.app_context():
        yield demo
        db.session.rollback()


@pytest.fixture(scope="module")
def of_the_demo(demo: Flask) -> Callable[[str], object]:
    """`of_the_demo("rita")` is the signed-in browser of one of the demo's people."""
    from tests.conftest import Visitor

    def visit(name: str) -> Visitor:
        visitor = Visitor(demo.test_client())
        answer = visitor.post("/sign-in", {"email": f"{name}@qinglan.example", "password": loader.PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
        return visitor

    return visit
