"""Starts that cannot be: one clear line, an exit status, and nothing half up (R22)."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic import command

from app.core import schema
from app.core.config import ROOT
from app.core.db import db
from app.core.listening import alone_in
from tests.conftest import build
from tests.load.processes import free_port, running


@pytest.fixture
def instance(ready_folder: Path, tmp_path: Path) -> Path:
    """A folder with a database that is up to date."""
    folder = tmp_path / "instance"
    shutil.copytree(ready_folder, folder)
    with build(folder).app_context():
        command.stamp(schema.alembic(), "head")
        db.session.remove()
        db.engine.dispose()
    return folder


def serve(port: int) -> list[str]:
    return [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]


@pytest.mark.load
def test_a_second_server_on_one_instance_says_so_in_one_line(instance: Path, tmp_path: Path) -> None:
    environment = {"HUFU_INSTANCE": str(instance), "HUFU_LOG_LEVEL": "ERROR"}
    with running(serve(first := free_port()), port=first, environment=environment, log=tmp_path / "log") as server:
        began = time.monotonic()
        second = subprocess.run(
            serve(free_port()), env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert time.monotonic() - began < 15  # three of waiting; starting Python alone takes one to three under load
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.splitlines() == [
            f"hufu: Another Hufu (process {server.process}) serves the instance folder {instance}; stop it, or name another "
            "folder with HUFU_INSTANCE. For more processes: hufu serve --workers."
        ]
        os.kill(server.process, signal.SIGKILL)
    with alone_in(instance):
        pass  # the lock went with the process: nobody has to delete anything before the next start


def test_an_old_python_is_one_clear_line(tmp_path: Path) -> None:
    """In a fresh checkout, where no environment has been made yet."""
    (tmp_path / "scripts").mkdir()
    for name in ("setup", "debian-packages"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    old = tmp_path / "python3.9"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' \"$2\"\n"
    )
    old.chmod(0o755)
    said = subprocess.run(
        [tmp_path / "scripts" / "setup"],
        env=os.environ | {"PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == f"setup: PYTHON={old} is not Python 3.11 or newer.\n"
    assert not (tmp_path / ".venv").exists()
