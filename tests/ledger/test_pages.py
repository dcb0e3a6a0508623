"""The auditor's page on which the whole log is walked along."""

import pytest
from flask import Flask

from app.core import audit
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.ledger import services
from tests.factories import make_event
from tests.tampering import change_by_hand


@pytest.mark.parametrize("name", ["aude", "ada"])
def test_the_auditor_and_the_administrator_see_that_the_log_is_whole(as_, app: Flask, name: str) -> None:
    with app.app_context(), unit_of_work():
        audit.record(SYSTEM, "event.made", make_event())
    with app.app_context(), unit_of_work():
        seq = services.make_checkpoint().seq
    browser = as_(name)
    assert str(seq) in browser.get("/log/integrity").text
    text = browser.post("/log/integrity", {"head": ""}).text
    assert "<h2>The log is whole</h2>" in text
    assert f"The last anchor that holds is the checkpoint of row {seq}." in text


def test_a_changed_row_is_named_there(as_, app: Flask) -> None:
    browser = as_("aude")
    with app.app_context():
        db.session.remove()
        change_by_hand(db.engine.url.database, "UPDATE audit_entry SET reason = 'x' WHERE seq = 2")
    text = browser.post("/log/integrity", {"head": ""}).text
    assert "<h2>The log is broken</h2>" in text
    assert "The first row that does not fit is row 2. The row was changed." in text


def test_a_head_from_paper_has_to_be_in_the_log(as_, app: Flask) -> None:
    browser = as_("aude")
    with app.app_context():
        head = audit.head()
    assert "The log is whole" in browser.post("/log/integrity", {"head": head[:16]}).text
    text = browser.post("/log/integrity", {"head": "f" * 16}).text
    assert ("The log does not hold this head" in text, "Look whether every sign is right." in text) == (True, True)
    assert "The log is broken" not in text  # it may have been mistyped
    answer = browser.post("/log/integrity", {"head": "nonsense"})
    assert (answer.status_code, "at least twelve" in answer.text) == (422, True)


@pytest.mark.parametrize("name", ["olaf", "li_wei", "rita", "petra"])
def test_nobody_else_asks(as_, name: str) -> None:
    assert as_(name).get("/log/integrity").status_code == 403
    assert as_(name).post("/log/integrity").status_code == 403
