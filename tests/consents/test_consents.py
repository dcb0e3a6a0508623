"""The consent: versioned words, given once by each for themselves, withdrawn at any time."""

import re
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.consents import queries, services
from app.consents.errors import NoConsent, WordsHaveChanged
from app.consents.models import Consent, ConsentText
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from tests.cast import Cast, load


def give(cast: Cast, name: str = "petra") -> Consent:
    with unit_of_work():
        return services.give(
            cast.people[name], actor=cast.accounts[name], shown_hash=queries.present_text().content_hash
        )


def test_the_first_version_counts_from_the_first_who_agrees(cast: Cast) -> None:
    assert queries.standing_of(cast.people["petra"]) is None
    consent = give(cast)
    assert (consent.text.number, consent.text.content_hash) == (1, queries.present_text().content_hash)
    assert queries.standing_of(cast.people["petra"]) == consent
    assert queries.standing_of(cast.people["tom"]) is None
    deeds = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("consent%"))).all()
    assert sorted(deeds) == ["consent.given", "consent_text.published"]


def test_agreeing_twice_is_agreeing_once(cast: Cast) -> None:
    assert give(cast) == give(cast)
    assert db.session.scalar(select(func.count(Consent.id))) == 1


def test_nobody_agrees_for_somebody_else(cast: Cast) -> None:
    for name in ("ada", "olaf", "tom"):
        with pytest.raises(Forbidden), unit_of_work():
            services.give(
                cast.people["petra"], actor=cast.accounts[name], shown_hash=queries.present_text().content_hash
            )
    give(cast)
    with pytest.raises(Forbidden), unit_of_work():
        services.withdraw(cast.people["petra"], actor=cast.olaf)


def test_a_withdrawn_consent_stands_no_longer_and_can_be_given_again(cast: Cast) -> None:
    first = give(cast)
    with unit_of_work():
        services.withdraw(cast.people["petra"], actor=cast.petra)
    assert queries.standing_of(cast.people["petra"]) is None
    with pytest.raises(NoConsent), unit_of_work():
        services.withdraw(cast.people["petra"], actor=cast.petra)
    assert give(cast) != first


def test_new_words_are_asked_for_anew_and_old_ones_stay_readable(cast: Cast) -> None:
    give(cast)
    old = queries.present_text().content_hash
    with pytest.raises(Forbidden), unit_of_work():
        services.publish(text="New.", text_local="新。", actor=cast.olaf)
    with unit_of_work():
        services.publish(text="New.", text_local="新。", actor=cast.accounts["ada"])
    assert queries.standing_of(cast.people["petra"]) is None
    with pytest.raises(WordsHaveChanged), unit_of_work():
        services.give(cast.people["petra"], actor=cast.petra, shown_hash=old)
    assert queries.find_text(1).content_hash == old
    assert give(cast).text.number == 2
    with pytest.raises(Refused), unit_of_work():
        services.publish(text="New.", text_local="新。", actor=cast.accounts["ada"])


def test_the_pages_show_the_words_and_take_the_answer(app: Flask, as_: Any) -> None:
    petra = as_("petra")
    page = petra.get("/account/consent?next=/my/pledges").get_data(as_text=True)
    assert "may ask for a paper copy" in page
    shown = re.search(r'name="text_hash"[^>]*value="([0-9a-f]{64})"', page)
    assert shown
    assert petra.post("/account/consent", {"text_hash": "0" * 64}).status_code == 409
    answer = petra.post("/account/consent", {"text_hash": shown[1], "next": "/my/pledges"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my/pledges")
    assert "You agreed to version 1" in petra.get("/account/consent").get_data(as_text=True)
    assert petra.get("/consents/1").status_code == 200
    assert petra.get("/consents/2").status_code == 404
    assert petra.get("/consents").status_code == 403
    assert petra.post("/account/consent/withdrawal").status_code == 303
    evil = petra.post("/account/consent", {"text_hash": shown[1], "next": "//evil.example"})
    assert evil.headers["Location"] == "/account/consent"
    ada = as_("ada")
    assert "1 person agreed" in ada.get("/consents").get_data(as_text=True)
    assert ada.post("/consents", {"text": "New.", "text_local": "新。"}).status_code == 303
    assert as_("aude").post("/consents", {"text": "x", "text_local": "y"}).status_code == 403
    with app.app_context():
        assert db.session.scalar(select(func.max(ConsentText.number))) == 2


def test_the_first_two_at_the_same_moment_both_agree_to_the_one_version(either_app: Flask) -> None:
    gate, outcomes = threading.Barrier(2), []

    def press(name: str) -> None:
        with either_app.app_context():
            cast = load()
            shown = queries.present_text().content_hash
            gate.wait()
            with unit_of_work():
                services.give(cast.people[name], actor=cast.accounts[name], shown_hash=shown)
            outcomes.append(name)
            db.session.remove()

    threads = [threading.Thread(target=press, args=(name,)) for name in ("petra", "tom")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["petra", "tom"]
    with either_app.app_context():
        assert db.session.scalar(select(func.count(ConsentText.id))) == 1
        assert db.session.scalar(select(func.count(Consent.id))) == 2
        assert db.session.scalar(select(func.count()).where(AuditEntry.action == "consent_text.published")) == 1
