"""`hufu verify PACK`: an empty folder, no network, no settings, no database; the exit status is the verdict."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from app.core.config import ROOT
from app.packs.verdicts import EXIT_CODES, Verdict
from app.signing.canonical import PRINTED, grouped
from tests.factories import sealing
from tests.factories.packs import DOCUMENT, make_case
from tests.factories.sealing import ROLES

# Whoever opens a connection, or a database, is stopped at once.
WITHOUT_NETWORK = """
import socket, sqlite3, sys
def refuse(*words, **more): raise SystemExit("a connection was opened")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = sqlite3.connect = refuse
from app.packs.command import verify
verify()
"""


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK, *words], capture_output=True, text=True, timeout=60, check=False,
        cwd=folder, env={**given, **environment},
    )  # fmt: skip


def root() -> str:
    return sealing.the_house().root.certificate.fingerprint(SHA256()).hex()


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    (tmp_path / "whole.zip").write_bytes(make_case().written())
    return tmp_path


def test_an_empty_folder_with_no_network_verifies_the_pack(packs: Path) -> None:
    said = run(packs, "whole.zip", "--root", root(), HUFU_INSTANCE="/no/such/folder", HUFU_DATABASE_URL="nonsense")
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert lines[0] == "COMPLETE AND UNCHANGED"
    assert f"Root SHA-256: {root()}" in lines
    assert "PL-2027-001 营收军令状  7Q2M-0XKD-9FAT-C3VZ" in lines
    assert sorted(each.name for each in packs.iterdir()) == ["whole.zip"]  # it leaves nothing behind


@pytest.mark.parametrize(
    ("verdict", "words"),
    [(Verdict.INCOMPLETE, "Not signed yet: 李巍."), (Verdict.OLDER, "newer"), (Verdict.VOID, "withdrawn"),
     (Verdict.CHANGED, "changed"), (Verdict.UNCLEAR, "damaged")],
)  # fmt: skip
def test_the_exit_status_is_the_verdict(tmp_path: Path, verdict: Verdict, words: str) -> None:
    made = {
        Verdict.INCOMPLETE: lambda: make_case(roles=ROLES[:2], closed=False).written(),
        Verdict.OLDER: lambda: make_case(more=(("document.superseded", DOCUMENT),)).written(),
        Verdict.VOID: lambda: make_case(more=(("document.withdrawn", DOCUMENT),)).written(),
        Verdict.CHANGED: lambda: make_case().written(pdf=sealing.make_signed() + b"x"),
        Verdict.UNCLEAR: lambda: b"PK nothing",
    }[verdict]()
    (tmp_path / "a.zip").write_bytes(made)
    said = run(tmp_path, "a.zip", "--root", root())
    assert (said.returncode, said.stderr) == (EXIT_CODES[verdict], "")
    assert words in said.stdout


def test_a_root_that_is_not_the_one_is_someone_unknown(packs: Path) -> None:
    said = run(packs, "whole.zip", "--root", "AB " * 32)
    assert said.returncode == EXIT_CODES[Verdict.STRANGER]
    assert "not the one whose fingerprint you gave" in said.stdout


def test_the_root_is_typed_as_a_paper_prints_it(packs: Path) -> None:
    printed = grouped(root()[:PRINTED])
    for typed in (printed, printed.upper(), printed.replace(" ", ":"), f" {printed[:19]} · {printed[20:]} "):
        said = run(packs, "whole.zip", "--root", typed)
        assert (said.returncode, said.stdout.splitlines()[0]) == (0, "COMPLETE AND UNCHANGED"), said


def test_a_pack_whose_root_nobody_compared_is_never_called_complete(tmp_path: Path) -> None:
    """One that is forged as a whole, under a root of the same name, agrees with itself."""
    (tmp_path / "forged.zip").write_bytes(make_case(house=sealing.the_double()).written())
    said = run(tmp_path, "forged.zip")
    assert (said.returncode, said.stderr) == (EXIT_CODES[Verdict.UNCLEAR], "")
    double = sealing.the_double().root.certificate.fingerprint(SHA256()).hex()
    assert said.stdout.splitlines()[:4] == [
        "CANNOT TELL",
        "Whether this document is complete and unchanged cannot be told here.",
        "Nobody compared the root: it came with the pack itself, and anybody can make one under this name. Take its "
        "fingerprint from a paper of the company, and give it with --root.",
        f"If the root {grouped(double[:PRINTED])} is the company's, the answer is: Complete and unchanged.",
    ]
    assert run(tmp_path, "forged.zip", "--root", root()).returncode == EXIT_CODES[Verdict.STRANGER]
    assert "无人核对过根证书" in run(tmp_path, "forged.zip", "--language", "zh").stdout


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["none.zip"], 1, "none.zip cannot be read"),
        (["."], 1, "cannot be read"),
        (["whole.zip", "--root", "ab"], 2, "64"),
        (["whole.zip", "--root", ""], 2, "64"),
        (["whole.zip", "--root", f"{root()} and a face"], 2, "64"),
        (["whole.zip", "--root", root()[:31]], 2, "the first 32"),
    ],
)
def test_what_cannot_be_begun_is_one_clear_line(packs: Path, words: list[str], status: int, told: str) -> None:
    said = run(packs, *words)
    assert said.returncode == status
    assert said.stderr.startswith("hufu: ")
    assert told in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1


def test_it_is_a_command_of_hufu_too(packs: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "app.cli", "verify", str(packs / "whole.zip"), "--root", root()], capture_output=True, text=True,
        timeout=60, check=False, cwd=ROOT, env={**os.environ, "HUFU_DATABASE_URL": "nonsense"},
    )  # fmt: skip
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "COMPLETE AND UNCHANGED"), said


def test_a_name_in_a_pack_writes_nothing_of_its_own_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "loud.zip").write_bytes(make_case().written(title="\x1b[2J\x1b[HCOMPLETE\nAND UNCHANGED"))
    said = run(tmp_path, "loud.zip", "--root", root())
    assert "\x1b" not in said.stdout
    assert "AND UNCHANGED" not in said.stdout.splitlines()
