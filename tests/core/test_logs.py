"""The log of the running service: JSON, one object a line, and nothing that a person typed (OP9, IN18)."""

import io
import json
import logging

import pytest
from flask import Flask

from app.core import jobs, logs
from app.core.db import db, unit_of_work
from app.core.logs import log
from app.mail.services import Recipient, queue_mail
from tests.conftest import PASSWORD, Visitor
from tests.core.pages import things  # noqa: F401


@pytest.fixture
def lines(monkeypatch) -> io.StringIO:
    """What is logged, at the finest level."""
    import structlog

    written, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("DEBUG")
    yield written
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def read(lines: io.StringIO) -> list[dict]:
    return [json.loads(each) for each in lines.getvalue().splitlines()]


def test_a_newline_makes_no_second_record(lines: io.StringIO) -> None:
    name = '2026-01-01 ok\n{"event": "login ok"}\r\n\u2028x'
    log.info("try", name=name)
    logging.getLogger("library").warning("hello %s", name)
    first, second = read(lines)
    assert (first["event"], first["name"], first["level"]) == ("try", name, "info")
    assert second["event"] == f"hello {name}"
    assert first["timestamp"].endswith("Z")


def test_a_request_is_one_line_without_words_of_the_visitor(app: Flask, lines: io.StringIO) -> None:
    app.test_client().get(
        "/search?q=canary-query", headers={"User-Agent": "canary-agent", "Referer": "http://canary-ref/"}
    )
    [line] = [each for each in read(lines) if each["event"] == "request"]
    assert set(line) == {"event", "request_id", "method", "endpoint", "status", "ms", "actor", "level", "timestamp"}
    assert (line["method"], line["endpoint"], line["status"]) == ("GET", "home.search", 302)
    assert "canary" not in lines.getvalue()


def test_signing_in_and_mail_leave_no_name_no_address_and_no_secret(app: Flask, lines: io.StringIO) -> None:
    visitor = Visitor(app.test_client())
    visitor.post("/sign-in", {"email": "petra@hufu.example", "password": "wrong canary"})
    visitor.post("/sign-in", {"email": "petra@hufu.example", "password": PASSWORD})
    visitor.post("/forgotten", {"email": "tom@hufu.example"})
    with app.app_context():
        with unit_of_work():
            queue_mail(Recipient("Canary Name", "canary@hufu.example"), "accounts/mail/password_changed", kind="x")
        jobs.run_now("deliver_mail")
        db.session.rollback()
    text = lines.getvalue()
    assert len(read(lines)) > 4
    for secret in (
        "petra@",
        "tom@",
        "anary",
        PASSWORD,
        "Lindqvist",
        visitor.client.get_cookie("hufu_session").value,
        "csrf",
    ):
        assert secret not in text, secret


def test_an_error_tells_where_and_not_what_was_typed(things: Flask, lines: io.StringIO) -> None:  # noqa: F811
    things.testing = False
    things.config.update(PROPAGATE_EXCEPTIONS=False)
    assert things.test_client().get("/things/broken?typed=canary").status_code == 500
    [line] = [each for each in read(lines) if each["event"] == "broken"]
    assert "canary" not in lines.getvalue()
    assert line["exception"].endswith("ValueError")
    assert "in broken" in line["exception"]
    assert line["request_id"]


def test_an_error_of_the_database_tells_the_kind_alone(app: Flask, lines: io.StringIO) -> None:
    from sqlalchemy import text

    with app.app_context():
        try:
            with unit_of_work():
                db.session.execute(
                    text("INSERT INTO account (email) VALUES (:email)"), {"email": "canary@hufu.example"}
                )
        except Exception:
            log.error("broken", exc_info=True)
    [line] = read(lines)
    assert "IntegrityError" in line["exception"]
    assert "caused by" in line["exception"]
    assert "canary" not in lines.getvalue()
