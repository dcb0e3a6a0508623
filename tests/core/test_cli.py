"""The command: what cannot be done is one clear line and an exit status, within five seconds (R22)."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tampering import change_by_hand


def hufu(*words: str, instance: Path, give: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith("HUFU_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *words], capture_output=True, text=True, timeout=60, input=give, check=False,
        env={**given, "HUFU_INSTANCE": str(instance), "HUFU_PASSWORD_COST": "1", **environment},
    )  # fmt: skip


def assert_one_line(said: subprocess.CompletedProcess[str], words: str) -> None:
    assert said.returncode == 1, said
    assert "Traceback" not in said.stderr
    lines = said.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("hufu: ")
    assert words in lines[0]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("upgraded")
    said = hufu("db", "upgrade", instance=folder)
    assert said.returncode == 0, said
    return folder


def copy(upgraded: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(upgraded, tmp_path / "copy"))


BAD_STARTS = [
    ({"HUFU_LOCK_WAIT": "soon"}, "HUFU_LOCK_WAIT must be a number, not 'soon'."),
    ({"HUFU_SECRET_KEY": "short"}, "HUFU_SECRET_KEY is too short"),
    ({"HUFU_BASE_URL": "nonsense"}, "HUFU_BASE_URL must be an address"),
    ({"HUFU_DATABASE_URL": "mysql://root:canary@localhost/x"}, "HUFU_DATABASE_URL must begin with"),
    ({"HUFU_DATABASE_URL": "postgresql://hufu:canary@127.0.0.1:9/hufu"}, "the database cannot be used"),
    ({"HUFU_DATABASE_URL": "postgresql://hufu@%2Fno-such-folder/hufu"}, "the database cannot be used"),
    ({"HUFU_DATABASE_URL": "sqlite:////no/such/folder/hufu.db"}, "the database cannot be used"),
    ({"HUFU_INSTANCE": "/dev/null/x"}, "The instance folder /dev/null/x cannot be used"),
    ({"HUFU_INSTANCE": "/proc/hufu"}, "The instance folder /proc/hufu cannot be used"),
]


@pytest.mark.parametrize(("environment", "words"), BAD_STARTS)
@pytest.mark.parametrize("command", ["events list", "serve --port 18453"])
def test_a_bad_start_is_one_clear_line(tmp_path: Path, environment: dict[str, str], words: str, command: str) -> None:
    began = time.monotonic()
    said = hufu(*command.split(), instance=tmp_path, **environment)
    assert time.monotonic() - began < 15  # five on an idle machine; importing alone takes one to three under load
    assert_one_line(said, words)
    assert "canary" not in said.stderr + said.stdout


def test_a_read_only_folder_is_one_clear_line(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere; /proc and /dev/null stand in above")
    tmp_path.chmod(0o500)
    assert_one_line(hufu("db", "upgrade", instance=tmp_path), "cannot be used")


def test_an_empty_database_says_what_to_run(tmp_path: Path) -> None:
    assert_one_line(hufu("events", "list", instance=tmp_path), "This database is not up to date. Run: hufu db upgrade")


@pytest.mark.parametrize("command", ["events list", "serve --port 18454", "run --no-demo --port 18454", "db upgrade"])
def test_a_schema_of_a_newer_hufu_is_refused_and_left_alone(upgraded: Path, tmp_path: Path, command: str) -> None:
    import sqlite3

    folder = copy(upgraded, tmp_path)
    with sqlite3.connect(folder / "hufu.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    connection.close()
    said = hufu(*command.split(), instance=folder)
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    with sqlite3.connect(folder / "hufu.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("from_the_future",)]
    connection.close()


def test_a_noise_in_place_of_a_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "hufu.db").write_bytes(os.urandom(5000))
    said = hufu("events", "list", instance=tmp_path)
    assert_one_line(said, "the database")


def test_the_log_is_verified_with_an_exit_status(upgraded: Path, tmp_path: Path) -> None:
    folder = copy(upgraded, tmp_path)
    made = hufu(
        "user", "create", "--email", "ada@hufu.example", "--name", "Ada", "--role", "administrator", "--password",
        "the tally has two halves", instance=folder,
    )  # fmt: skip
    assert (made.returncode, made.stdout) == (0, "ada@hufu.example can sign in.\n"), made
    whole = hufu("audit", "verify", instance=folder)
    assert whole.returncode == 0
    assert whole.stdout.startswith("The audit log is whole: ")
    head = whole.stdout.strip().rstrip(".").split()[-1]
    assert hufu("audit", "verify", "--head", head[:16], instance=folder).returncode == 0
    assert_one_line(hufu("audit", "verify", "--head", "f" * 16, instance=folder), "the given head is not in the log")
    assert_one_line(hufu("audit", "verify", "--head", "f", instance=folder), "a head is at least 12 hexadecimal digits")
    change_by_hand(folder / "hufu.db", "UPDATE audit_entry SET reason = 'x' WHERE seq = 1")
    assert_one_line(hufu("audit", "verify", instance=folder), "the audit log is broken at row 1: the row was changed")


def test_an_account_that_exists_or_a_weak_password_is_one_line(upgraded: Path, tmp_path: Path) -> None:
    folder = copy(upgraded, tmp_path)
    words = ["user", "create", "--email", "a@hufu.example", "--name", "A", "--password"]
    assert hufu(*words, "the tally has two halves", instance=folder).returncode == 0
    assert_one_line(hufu(*words, "the tally has two halves", instance=folder), "")
    words[3] = "b@hufu.example"
    assert_one_line(hufu(*words, "short", instance=folder), "")


def test_a_link_to_set_a_password_is_printed_where_no_mail_leaves(upgraded: Path, tmp_path: Path) -> None:
    folder = copy(upgraded, tmp_path)
    words = ["user", "create", "--email", "a@hufu.example", "--name", "A", "--password", "the tally has two halves"]
    assert hufu(*words, instance=folder).returncode == 0
    said = hufu("user", "link", "a@hufu.example", instance=folder, HUFU_BASE_URL="https://hufu.example")
    assert said.returncode == 0, said
    assert re.fullmatch(r"https://hufu\.example/password/[\w-]{32}\n", said.stdout)
    assert_one_line(hufu("user", "link", "b@hufu.example", instance=folder), "nobody can sign in as b@hufu.example")


def test_lists_are_json_where_asked(upgraded: Path) -> None:
    assert json.loads(hufu("events", "list", "--json", instance=upgraded).stdout) == []
    routes = json.loads(hufu("routes", "--json", instance=upgraded).stdout)
    assert {"rule": "/healthz", "methods": ["GET"], "endpoint": "healthz", "public": True} in routes
    assert_one_line(hufu("events", "export", "0123456789abcdef", instance=upgraded), "there is no event")


def test_the_secret_key_is_the_owners_alone(upgraded: Path) -> None:
    assert (upgraded / "secret_key").stat().st_mode & 0o777 == 0o600
