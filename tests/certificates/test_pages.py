"""The pages of the certificate authority, what everybody may fetch of it, and the command."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from flask import Flask

from app.certificates import making, queries, services
from app.certificates.models import Certificate
from app.cli import main
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from tests.cast import load

Browser = Callable[[str], Any]


@pytest.fixture
def petra(app: Flask) -> Certificate:
    """Petra's certificate, and with it the authority."""
    with app.app_context(), unit_of_work():
        return services.certificate_of(load().people["petra"], checked="In person, by Sara")


def test_administrator_and_auditor_see_the_authority_and_only_the_first_revokes(
    as_: Browser, petra: Certificate, app: Flask
) -> None:
    with app.app_context():
        fingerprint = services.root_fingerprint()
    for name in ("ada", "aude"):
        page = as_(name).get("/certificates").text
        assert f"{fingerprint[:4]} {fingerprint[4:8]}" in page
        assert "Petra" in page
        assert "in the instance folder" in page
        assert "In person, by Sara" in as_(name).get(f"/certificates/{petra.ref}").text
    for name in ("olaf", "li_wei", "petra"):
        assert as_(name).get("/certificates").status_code == 403
    assert as_("aude").post(f"/certificates/{petra.ref}", {"reason": "No"}).status_code == 403
    assert as_("ada").post(f"/certificates/{petra.ref}", {"reason": ""}).status_code == 422
    with app.app_context():
        assert db.session.get_one(Certificate, petra.id).revoked_at is None
    assert as_("ada").post(f"/certificates/{petra.ref}", {"reason": "A stolen device"}).status_code == 303
    assert "A stolen device" in as_("aude").get(f"/certificates/{petra.ref}").text
    assert as_("ada").get("/certificates/0000000000000000").status_code == 404


def test_the_page_asks_as_many_statements_for_thirty_as_for_one(
    as_: Browser, petra: Certificate, app: Flask, count_statements: Any
) -> None:
    browser, counts = as_("ada"), []
    for _round in range(2):
        with count_statements() as counted:
            assert browser.get("/certificates").status_code == 200
        counts.append(len(counted))
        with app.app_context(), unit_of_work():
            services.rotate(actor=SYSTEM)
            for person in load().people.values():
                services.issue(person, actor=SYSTEM)
    assert counts[0] == counts[1] <= 12


def test_everybody_fetches_the_root_and_the_lists_and_nothing_else(
    as_: Browser, petra: Certificate, app: Flask
) -> None:
    nobody = as_("nobody")
    answer = nobody.get("/ca/root.pem")
    root = x509.load_pem_x509_certificate(answer.data)
    with app.app_context():
        assert making.fingerprint(root) == services.root_fingerprint()
    listed = nobody.get(f"/ca/{petra.issuer_id}.crl")
    assert listed.mimetype == "application/pkix-crl"
    assert list(x509.load_der_x509_crl(listed.data)) == []
    for wrong in ("0", "99999", "9" * 30):
        assert nobody.get(f"/ca/{wrong}.crl").status_code == 404
    assert b"PRIVATE" not in answer.data


def test_without_an_authority_there_is_nothing_to_fetch_and_the_page_says_so(as_: Browser) -> None:
    assert as_("nobody").get("/ca/root.pem").status_code == 404
    assert "hufu ca init" in as_("ada").get("/certificates").text


def test_new_lists_are_published_at_the_press_of_a_button(as_: Browser, petra: Certificate, app: Flask) -> None:
    assert as_("olaf").post("/certificates/lists").status_code == 403
    assert as_("ada").post("/certificates/lists").status_code == 303
    with app.app_context():
        assert [queries.find_list(each.id).number for each in queries.list_authorities()] == [2, 2]  # type: ignore[union-attr]


def test_the_home_page_of_the_administrator_warns_ahead(as_: Browser, petra: Certificate, app: Flask) -> None:
    words = "Renew a part of the certificate authority"
    assert words not in as_("ada").get("/").text
    with app.app_context():
        seal = services.list_expiring(timedelta(days=99999))[-1]
        with unit_of_work():
            db.session.get_one(Certificate, seal.id).valid_to = clock.now() + timedelta(days=60)
    assert words in as_("ada").get("/").text
    assert words not in as_("olaf").get("/").text


def test_the_command_makes_shows_issues_revokes_and_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUFU_INSTANCE", str(tmp_path / "instance"))
    safe = tmp_path / "medium" / "root.key"

    def run(*words: str, typed: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(main, ["ca", *words], input=typed)
        return result.exit_code, result.output

    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    code, script = run("init", "--root-key", str(safe), typed="two know it\ntwo know it\n")
    assert code == 0, script
    assert "MAKING OF THE ROOT CERTIFICATE" in script
    assert safe.exists()
    assert not (tmp_path / "instance" / "keys" / "root.key").exists()
    assert run("init")[0] == 1
    code, shown = run("show")
    assert "elsewhere" in shown
    serial = next(line.split()[1] for line in shown.splitlines() if line.startswith("seal"))
    assert run("revoke", serial, "--reason", "A test")[0] == 0
    assert run("revoke", "zzzz", "--reason", "A test")[0] == 1
    assert run("rotate")[0] == 1
    assert run("rotate", "--root-key", str(safe), typed="two know it\n")[0] == 0
    assert run("rotate", "--root-key", str(safe), typed="wrong\n")[0] == 1
    assert run("issue", "nobody@example.org", "--checked", "no")[0] == 1
    code, said = run("crl", "--root-key", str(safe), "--out", str(tmp_path / "out"), typed="two know it\n")
    assert (code, len(said.splitlines())) == (0, 4)
    assert sorted(each.suffix for each in (tmp_path / "out").iterdir()) == [".crl", ".crl", ".crl", ".pem"]
    second = str(tmp_path / "second" / "root.key")
    assert run("init", "--anew", "--root-key", str(safe), typed="three know it\nthree know it\n")[0] == 1
    code, script = run("init", "--anew", "--root-key", second, typed="three know it\nthree know it\n")
    assert (code, second in script) == (0, True), script
    assert run("show")[1].count("Root fingerprint (SHA-256)") == 2
