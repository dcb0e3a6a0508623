"""The page on which one keeps passkeys and time codes."""

import re
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import BrowserSession
from app.core import clock
from app.core.db import db, unit_of_work
from app.proofs.models import Passkey
from tests.cast import PASSWORD, load
from tests.conftest import Visitor
from tests.factories.proofs import Device, make_passkey, make_time_code


def grow_old(app: Flask) -> None:
    """The last proof of every browser is more than half an hour old."""
    from datetime import timedelta

    with app.app_context(), unit_of_work():
        db.session.execute(update(BrowserSession).values(proven_at=clock.now() - timedelta(minutes=31)))


def test_a_passkey_is_added_and_removed(app: Flask, as_: Any) -> None:
    petra, device = as_("petra"), Device()
    asked = petra.post("/account/proofs/passkeys/question").get_json()
    sent = {"name": "My phone", "challenge": asked["challenge"], "credential": device.make(asked["options"])}
    assert petra.post("/account/proofs/passkeys", sent).status_code == 303
    page = petra.get("/account/proofs").get_data(as_text=True)
    assert "My phone" in page
    removal = re.search(r'action="(/account/proofs/passkeys/\w+/removal)"', page)
    assert removal
    assert as_("tom").post(removal[1]).status_code == 404
    assert petra.post(removal[1]).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(Passkey)) is None


def test_without_a_recent_password_nothing_is_added_or_removed(app: Flask, as_: Any) -> None:
    with app.app_context():
        ref = make_passkey(load().petra)[0].ref
    petra = as_("petra")
    grow_old(app)
    assert petra.post("/account/proofs/passkeys/question").status_code == 403
    assert petra.post("/account/proofs/passkeys", {"name": "x"}).status_code == 403
    assert petra.post(f"/account/proofs/passkeys/{ref}/removal").status_code == 403
    assert petra.post("/account/proofs/time-code/beginning").status_code == 403
    page = petra.get("/account/proofs").get_data(as_text=True)
    assert 'id="passkey-form"' not in page
    with app.app_context():
        assert db.session.scalar(select(Passkey.ref)) == ref
    assert petra.post(f"/account/proofs/passkeys/{ref}/removal", {"proof": PASSWORD}).status_code == 303


def test_time_codes_are_set_up_without_a_script(as_: Any) -> None:
    petra = as_("petra")
    assert petra.get("/account/proofs/time-code").status_code == 302
    assert petra.post("/account/proofs/time-code/beginning").status_code == 303
    page = petra.get("/account/proofs/time-code").get_data(as_text=True)
    assert "<svg" in page
    shown = re.search(r'<p class="num">([A-Z2-7 ]+)</p>', page)
    assert shown
    secret = shown[1].replace(" ", "")
    assert petra.post("/account/proofs/time-code", {"code": "12"}).status_code == 422
    assert petra.post("/account/proofs/time-code", {"code": pyotp.TOTP(secret).now()}).status_code == 303
    again = petra.get("/account/proofs").get_data(as_text=True)
    assert "Set up time codes" not in again
    assert secret not in again
    assert petra.post("/account/proofs/time-code/beginning").status_code in (303, 422)
    assert petra.post("/account/proofs/time-code/removal").status_code == 303


def test_the_secret_of_codes_in_use_is_shown_to_nobody_again(app: Flask, as_: Any) -> None:
    with app.app_context():
        secret = make_time_code(load().petra)
    petra = as_("petra")
    for code in ("", "12", "000000", pyotp.TOTP(secret).now()):
        answer = petra.post("/account/proofs/time-code", {"code": code})
        assert (answer.status_code, answer.location) == (302, "/account/proofs"), code
        assert "<svg" not in answer.text
    assert petra.get("/account/proofs/time-code").status_code == 302


@pytest.mark.postgres
def test_a_question_that_cannot_have_been_asked_is_refused_on_postgresql_too(postgres_app: Flask) -> None:
    petra = Visitor(postgres_app.test_client())
    petra.post("/sign-in", {"email": "petra@hufu.example", "password": PASSWORD})
    for ref in ("\0", "a\0" * 8, "A" * 16, "x" * 100):
        sent = {"name": "My phone", "challenge": ref, "credential": "{}"}
        assert petra.post("/account/proofs/passkeys", sent).status_code == 422
