"""The signing room: the paper itself, its end, the consent, the choice of proof, and what is kept of it."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.delegations import services as delegations
from app.files import services as files
from app.mail.models import MailMessage
from app.pledges import papers, services
from app.pledges.models import Pledge, Signature, SignatureSlot
from app.pledges.services.statements import commitment
from app.signing.canonical import fingerprint
from tests.cast import PASSWORD, Cast, load
from tests.factories import make_event
from tests.factories.pledges import make_template, make_trio
from tests.factories.proofs import make_passkey, make_time_code
from tests.factories.signing import enter, sign_in_room


@pytest.fixture
def place(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        event = make_event()
        return f"/events/{event.ref}/pledges/{make_trio(event, load(), title='Clear Water').ref}"


def shown(page: str) -> str:
    found = re.search(r'name="content_hash"[^>]*value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_the_room_shows_the_very_file_whose_hash_is_signed(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = petra.get(f"{place}/sign")
    assert "object-src 'self'" in page.headers["Content-Security-Policy"]
    assert f'data="{place}/sign/paper.pdf"' in page.get_data(as_text=True)
    paper = petra.get(f"{place}/sign/paper.pdf")
    assert (paper.mimetype, paper.headers["X-Frame-Options"]) == ("application/pdf", "SAMEORIGIN")
    with app.app_context():
        pledge = db.session.scalar(select(Pledge))
        assert hashlib.sha256(paper.data).hexdigest() == papers.frozen(pledge.document).pdf_hash
    assert as_("olaf").get(f"{place}/sign/paper.pdf").status_code == 200
    assert as_("rita").get(f"{place}/sign/paper.pdf").status_code == 404
    assert as_("nobody").get(f"{place}/sign/paper.pdf").status_code == 302


def test_the_way_through_the_room_needs_no_script(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    first = petra.get(f"{place}/sign").get_data(as_text=True)
    assert "This is the end: I have read it" in first
    assert 'name="password"' not in first
    assert ">Decline<" in first
    assert petra.post(f"{place}/sign/reading").headers["Location"] == f"{place}/sign#decide"
    second = petra.get(f"{place}/sign").get_data(as_text=True)
    assert f'href="/account/consent?next={place}/sign"' in second
    third = enter(petra, place)
    assert third.index(">Sign<") < third.index(">Decline<")
    sent = {"password": PASSWORD, "content_hash": shown(third), "mark_text": "P. L."}
    assert petra.post(f"{place}/sign", sent, headers={"User-Agent": "A browser"}).status_code == 303
    with app.app_context():
        signature = db.session.scalar(select(Signature))
        slot = signature.slot
        assert (signature.consent.text.number, signature.address, signature.mark_text) == (1, "127.0.0.1", "P. L.")
        assert slot.first_opened_at <= slot.reached_end_at <= signature.signed_at
        told, petra_account = signature.statement, load().petra
        assert told["account"]["ref"] == petra_account.ref
        assert (told["session"]["means"], told["consent"]["version"]) == ("password", 1)
        assert told["session"]["since"] <= told["presented_at"] <= told["consent"]["given_at"] <= told["at"]
        deeds = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_ref == slot.ref)).all()
        assert [each for each in deeds if "signatory" not in each] == [
            "pledge.presented", "pledge.read_to_the_end", "pledge.read_to_the_end", "pledge.signed",
        ]  # fmt: skip


def test_what_was_read_in_another_browser_is_read_again(as_: Any, place: str) -> None:
    enter(as_("petra"), place)
    elsewhere = as_("petra").get(f"{place}/sign").get_data(as_text=True)
    assert "This is the end: I have read it" in elsewhere
    assert 'name="password"' not in elsewhere


def test_a_passkey_is_asked_and_signs(app: Flask, as_: Any, place: str) -> None:
    with app.app_context():
        _passkey, device = make_passkey(load().petra)
    petra = as_("petra")
    early = petra.post(f"{place}/sign/question", {"content_hash": "0" * 64})
    assert (early.status_code, "changed" in early.get_json()["refusal"]) == (409, True)
    page = enter(petra, place)
    assert 'value="passkey"' in page
    asked = petra.post(f"{place}/sign/question", {"content_hash": shown(page), "mark_text": "P."}).get_json()
    sent = {
        "content_hash": shown(page), "means": "passkey", "challenge": asked["challenge"],
        "assertion": device.use(asked["options"]),
    }  # fmt: skip
    assert petra.post(f"{place}/sign", {**sent, "assertion": "{}"}).status_code == 422
    assert petra.post(f"{place}/sign", sent).status_code == 303
    with app.app_context():
        signature = db.session.scalar(select(Signature))
        assert (signature.means, signature.statement["mark"]) == ("passkey", "P.")
        assert signature.statement_hash == fingerprint(signature.statement)
    assert "with a passkey" in as_("tom").get(place).get_data(as_text=True)


def test_a_time_code_signs_and_wrong_ones_count(app: Flask, as_: Any, place: str) -> None:
    with app.app_context():
        secret = make_time_code(load().petra)
    petra = as_("petra")
    page = enter(petra, place)
    sent = {"content_hash": shown(page), "means": "time_code"}
    later = clock.now() + timedelta(minutes=1)
    with clock.at(later):
        for _try in range(3):
            assert petra.post(f"{place}/sign", {**sent, "code": "000000"}).status_code == 422
        answer = petra.post(f"{place}/sign", {**sent, "code": pyotp.TOTP(secret).at(later)})
        assert answer.status_code == 303
    assert "with a time code, weaker than a passkey" in as_("tom").get(place).get_data(as_text=True)


def test_guessing_time_codes_ends_like_guessing_passwords(app: Flask, as_: Any, place: str) -> None:
    with app.app_context():
        make_time_code(load().petra)
    petra = as_("petra")
    sent = {"content_hash": shown(enter(petra, place)), "means": "time_code", "code": "000000"}
    answers = [petra.post(f"{place}/sign", sent).status_code for _try in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_deputy_sees_the_pledge_and_decides_as_deputy(app: Flask, as_: Any, place: str) -> None:
    mei = as_("mei")
    assert mei.get(place).status_code == 404
    with app.app_context(), unit_of_work():
        cast = load()
        delegations.grant(
            cast.people["petra"], cast.people["mei"], actor=cast.petra, reason="Away.", from_on=clock.today(),
            to_on=clock.today() + timedelta(days=2),
        )  # fmt: skip
        slot = next(
            each for each in db.session.scalars(select(SignatureSlot)) if each.person_id == cast.people["petra"].id
        )
        ref = slot.ref
    shows = mei.get(place).get_data(as_text=True)
    assert "You may sign in the place of Petra Lindqvist (Pledger), as deputy." in shows
    assert f'href="{place}/sign?place={ref}"' in shows
    page = enter(mei, place, ref)
    assert "You decide in the place of Petra Lindqvist, as deputy" in page
    sent = {"place": ref, "content_hash": shown(page), "password": PASSWORD}
    assert mei.post(f"{place}/sign", {**sent, "place": "0" * 16}).status_code == 403
    assert mei.post(f"{place}/sign", sent).status_code == 303
    with app.app_context():
        signature = db.session.scalar(select(Signature))
        assert (signature.person.name, signature.statement["deputy"]["name"]) == ("Mei Zhao", "Mei Zhao")


@pytest.fixture
def deputed(app: Flask, place: str) -> tuple[str, str]:
    """Mei may sign in Petra's place today: the pledge's address, and that place."""
    with app.app_context():
        cast = load()
        with unit_of_work():
            today = clock.today()
            delegations.grant(
                cast.people["petra"], cast.people["mei"], actor=cast.petra, reason="At the fair.", from_on=today,
                to_on=today + timedelta(days=2),
            )  # fmt: skip
        found = db.session.scalars(select(SignatureSlot)).all()
        return place, next(each.ref for each in found if each.person_id == cast.people["petra"].id)


def words_on(visitor: Any, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visitor.get(path).get_data(as_text=True)))


def test_who_signed_as_deputy_stands_beside_the_signature_and_keeps_it_in_sight(
    app: Flask, as_: Any, deputed: tuple[str, str]
) -> None:
    place, ref = deputed
    mei = as_("mei")
    sent = {"place": ref, "content_hash": shown(enter(mei, place, ref)), "password": PASSWORD}
    assert mei.post(f"{place}/sign", sent).status_code == 303
    page = as_("olaf").get(place).get_data(as_text=True)
    assert re.findall(r'<p class="hand">([^<]*)</p>', page) == ["Mei Zhao", "", ""]
    told = words_on(as_("olaf"), place)
    assert "by Mei Zhao as deputy, with a delegation from" in told
    with app.app_context(), clock.at(clock.now() + timedelta(days=30)):
        assert "by Mei Zhao as deputy" in words_on(as_("mei"), place), "what one signed stays in sight"
    told = {
        name: "Evidence of the signature of Petra" in words_on(as_(name), place) for name in ("mei", "petra", "aude")
    }
    assert told == {"mei": True, "petra": False, "aude": True}
    assert "At the fair." in words_on(as_("aude"), place)


def test_a_deputy_who_declines_is_named_and_nobody_is_said_to_have_declined_who_did_not(
    app: Flask, as_: Any, deputed: tuple[str, str]
) -> None:
    place, ref = deputed
    with app.app_context():
        olaf = load().olaf
        with unit_of_work():
            db.session.scalars(select(Pledge)).one().opened_by_id = olaf.id
    assert as_("mei").post(f"{place}/decline", {"place": ref, "reason": "Not in my name."}).status_code == 303
    told = words_on(as_("olaf"), place)
    assert "Mei Zhao declined to sign, as deputy of Petra Lindqvist. Not in my name." in told
    assert "Petra Lindqvist declined to sign" not in told
    with app.app_context():
        mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "pledge_declined")).all()
        assert mails
        assert all(
            "Mei Zhao, as deputy of Petra Lindqvist, has declined" in " ".join(each.text.split()) for each in mails
        )


def test_a_stale_room_says_first_that_nothing_is_left_to_decide(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    sent = {"content_hash": shown(enter(petra, place)), "password": PASSWORD}
    assert petra.post(f"{place}/decline").status_code == 303
    for path in ("sign", "sign/reading", "decline"):
        told = petra.post(f"{place}/{path}", sent).get_data(as_text=True)
        said = [told.find(each) for each in ("Nothing is left to decide", "You have declined", 'class="deed"')]
        assert (-1 not in said, said) == (True, sorted(said)), path
        assert "You are asked to sign" not in told


def test_the_page_tells_whether_the_order_of_signing_matters(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            template = make_template(is_ordered=True)
            event = make_event()
            free, ordered = make_trio(event, cast), make_trio(event, cast, template=template)
            paths = [f"/events/{event.ref}/pledges/{each.ref}" for each in (free, ordered)]
    found = [words_on(as_("petra"), path) for path in paths]
    assert ["in any order." in each for each in found] == [True, False]
    assert ["in the order in which they stand here." in each for each in found] == [False, True]


def test_evidence_is_erased_and_the_signature_still_verifies(app: Flask, cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast)
    signature = sign_in_room(pledge, cast, "petra", strokes=((0, 0, 9, 9),), proxies=("10.0.0.1",))
    salt, statement = signature.salt or "", signature.statement
    assert statement["commitments"] == {
        name: commitment(salt, name, value)
        for name, value in {
            "address": "192.0.2.7", "proxies": ["10.0.0.1"], "browser": "A browser", "language": "en",
            "strokes": [[0, 0, 9, 9]],
        }.items()
    }  # fmt: skip
    assert commitment(salt, "address", "192.0.2.8") != statement["commitments"]["address"]
    for name in ("petra", "olaf", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.erase_evidence(signature, actor=cast.accounts[name])
    with unit_of_work():
        services.erase_evidence(signature, actor=cast.accounts["ada"], reason="Its time is over.")
    left = repr((signature.address, signature.browser, signature.evidence, signature.salt, signature.statement))
    for word in ("192.0.2.7", "10.0.0.1", "A browser", "[0, 0, 9, 9]", salt):
        assert word not in left
    assert fingerprint(signature.statement) == signature.statement_hash == fingerprint(statement)


def test_the_page_shows_evidence_to_the_signatory_and_the_auditor_alone(app: Flask, as_: Any, place: str) -> None:
    petra = as_("petra")
    page = enter(petra, place)
    sent = {"password": PASSWORD, "content_hash": shown(page), "strokes": "[[0,0,1000,1000]]", "prints_mark": "y"}
    assert petra.post(f"{place}/sign", sent).status_code == 303
    for name, sees in (
        ("petra", True),
        ("aude", True),
        ("olaf", False),
        ("tom", False),
        ("li_wei", False),
        ("ada", False),
    ):
        seen = as_(name).get(place).get_data(as_text=True)
        assert ("127.0.0.1" in seen, "<polyline" in seen) == (sees, sees), name
    with app.app_context():
        signature = db.session.scalar(select(Signature))
        ref = signature.slot.ref
        assert signature.statement["mark_printed"] is True
    assert petra.get(f"{place}/signatures/{ref}/erasure").status_code == 403
    assert as_("ada").post(f"{place}/signatures/{ref}/erasure", {"reason": "Over."}).status_code == 303
    after = petra.get(place).get_data(as_text=True)
    assert ("127.0.0.1" in after, "<dd>erased</dd>" in after) == (False, True)


def test_everybody_who_signed_receives_the_complete_file_once(cast: Cast) -> None:
    with unit_of_work():
        pledge = make_trio(make_event(), cast)
    for name in ("petra", "tom", "li_wei"):
        sign_in_room(pledge, cast, name)
    jobs.run_now("send_missing_copies")
    assert copies() == []
    jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
    jobs.run_now("send_missing_copies")
    jobs.run_now("send_missing_copies")
    assert sorted(each.to_address for each in copies()) == [
        "li.wei@hufu.example", "petra@hufu.example", "tom@hufu.example",
    ]  # fmt: skip
    attached = [hashlib.sha256(each.attachments[0].content).hexdigest() for each in copies()]
    assert attached == [pledge.document.pdf_hash] * 3
    assert all(slot.copy_sent_at for slot in pledge.slots)


def test_one_paper_that_is_lost_keeps_nobody_else_from_their_copy(cast: Cast) -> None:
    with unit_of_work():
        lost, whole = (make_trio(make_event(), cast) for _number in range(2))
    for pledge in (lost, whole):
        for name in ("petra", "tom", "li_wei"):
            sign_in_room(pledge, cast, name)
        jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
    files.path_of(lost.document.pdf_hash).unlink()
    jobs.run_now("send_missing_copies")
    assert [[slot.copy_sent_at is None for slot in each.slots] for each in (lost, whole)] == [[True] * 3, [False] * 3]
    assert len(copies()) == 3


def copies() -> list[MailMessage]:
    return list(db.session.scalars(select(MailMessage).where(MailMessage.kind == "pledge_copy")))


def test_the_room_asks_few_questions_of_the_database(as_: Any, place: str, count_statements: Callable[[], Any]) -> None:
    petra = as_("petra")
    enter(petra, place)
    with count_statements() as said:
        petra.get(f"{place}/sign")
    assert len(said) <= 20, len(said)
