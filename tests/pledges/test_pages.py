"""The pages of pledges in a browser without JavaScript: who sees what, and how one signs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import SignInFailure
from app.core import jobs
from app.core.db import db, unit_of_work
from app.pledges.models import Pledge, PledgeState, Signature, SignatureSlot
from tests.cast import PASSWORD, load
from tests.factories import make_event
from tests.factories.pledges import make_draft, make_in_force, make_round, make_trio, sign_by
from tests.factories.signing import enter


class Place:
    """An event with a pledge in each of the states that matter, by address."""

    def __init__(self) -> None:
        cast = load()
        self.event = make_event()
        self.round = make_round(self.event, title="Pledges of 2027").ref
        self.urls = {
            "draft": make_draft(self.event, title="Draft of draft").ref,
            "open": make_trio(self.event, cast, title="Open of open", deadline=self.event.ends_on).ref,
            "in force": make_in_force(self.event, cast, title="Force of force").ref,
        }
        self.list = f"/events/{self.event.ref}/pledges"
        self.urls = {name: f"{self.list}/{ref}" for name, ref in self.urls.items()}


@pytest.fixture
def place(app: Flask) -> Place:
    with app.app_context(), unit_of_work():
        return Place()


def shown_hash(page: str) -> str:
    found = re.search(r'name="content_hash"[^>]*value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)


def signatures(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Signature.id))) or 0


@pytest.mark.parametrize(
    ("name", "draft", "open_", "in_force"),
    [
        ("olaf", 200, 200, 200),
        ("sara", 200, 200, 200),
        ("li_wei", 200, 200, 200),
        ("aude", 200, 200, 200),
        ("petra", 404, 200, 200),
        ("tom", 404, 200, 200),
        ("rita", 404, 404, 200),
        ("sven", 404, 404, 200),
        ("nobody", 302, 302, 302),
    ],
)
def test_until_it_is_in_force_only_those_concerned_see_it(
    as_: Any, place: Place, name: str, draft: int, open_: int, in_force: int
) -> None:
    visitor = as_(name)
    assert visitor.get(place.urls["draft"]).status_code == draft
    assert visitor.get(place.urls["open"]).status_code == open_
    assert visitor.get(place.urls["in force"]).status_code == in_force
    if name != "nobody":
        page = visitor.get(place.list).get_data(as_text=True)
        assert ("Draft of draft" in page, "Open of open" in page, "Force of force" in page) == (
            draft == 200, open_ == 200, True,
        )  # fmt: skip


def test_opening_the_page_signs_nothing(app: Flask, as_: Any, place: Place) -> None:
    before = signatures(app)
    for name in ("petra", "tom", "li_wei"):
        answer = as_(name).get(f"{place.urls['open']}/sign")
        assert answer.status_code == 200
        assert as_(name).client.head(f"{place.urls['open']}/sign").status_code == 200
    assert signatures(app) == before


def test_signing_asks_for_the_password_and_shows_the_very_text(app: Flask, as_: Any, place: Place) -> None:
    petra = as_("petra")
    page = enter(petra, place.urls["open"])
    assert "We give our <em>word</em>." in page
    assert "I give my word for it, of my own free will." in page
    assert page.index(">Sign<") < page.index(">Decline<")
    answer = petra.post(f"{place.urls['open']}/sign", {"password": PASSWORD, "content_hash": shown_hash(page)})
    assert (answer.status_code, answer.headers["Location"]) == (303, place.urls["open"])
    with app.app_context():
        signature = db.session.scalars(select(Signature).order_by(Signature.id)).all()[-1]
        assert signature.slot.name == "Petra Lindqvist"
        assert (signature.means, signature.address) == ("password", "127.0.0.1")
        assert db.session.scalar(select(func.count(SignInFailure.id))) == 0


@pytest.mark.parametrize("password", ["", "wrong", "x" * 3000])
def test_without_the_right_password_nothing_is_signed(app: Flask, as_: Any, place: Place, password: str) -> None:
    before = signatures(app)
    petra = as_("petra")
    page = enter(petra, place.urls["open"])
    answer = petra.post(f"{place.urls['open']}/sign", {"password": password, "content_hash": shown_hash(page)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert signatures(app) == before


def test_wrong_passwords_count_and_end_the_trying(app: Flask, as_: Any, place: Place) -> None:
    petra = as_("petra")
    page = enter(petra, place.urls["open"])
    sent = {"content_hash": shown_hash(page)}
    for _try in range(10):
        assert petra.post(f"{place.urls['open']}/sign", {**sent, "password": "wrong"}).status_code == 422
    before = signatures(app)
    answer = petra.post(f"{place.urls['open']}/sign", {**sent, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Too many wrong tries" in answer.get_data(as_text=True)
    assert signatures(app) == before


def test_another_hash_than_the_shown_one_is_told_that_the_text_has_changed(app: Flask, as_: Any, place: Place) -> None:
    before = signatures(app)
    answer = as_("petra").post(f"{place.urls['open']}/sign", {"password": PASSWORD, "content_hash": "f" * 64})
    assert answer.status_code == 409
    assert "The text has changed" in answer.get_data(as_text=True)
    assert signatures(app) == before


def test_without_proof_of_origin_nothing_is_signed_or_declined(app: Flask, as_: Any, place: Place) -> None:
    before = signatures(app)
    petra = as_("petra")
    page = enter(petra, place.urls["open"])
    sent = {"password": PASSWORD, "content_hash": shown_hash(page), "csrf_token": "forged"}
    assert petra.post(f"{place.urls['open']}/sign", sent).status_code == 400
    assert petra.post(f"{place.urls['open']}/decline", {"csrf_token": "forged"}).status_code == 400
    assert signatures(app) == before
    with app.app_context():
        assert db.session.scalar(select(func.count()).where(SignatureSlot.refused_at.is_not(None))) == 0


def test_a_double_click_leaves_one_signature_and_leads_to_the_same_page(app: Flask, as_: Any, place: Place) -> None:
    before = signatures(app)
    petra = as_("petra")
    page = enter(petra, place.urls["open"])
    sent = {"password": PASSWORD, "content_hash": shown_hash(page), "intent": "one-press"}
    answers = [petra.post(f"{place.urls['open']}/sign", sent) for _click in range(2)]
    assert [each.headers.get("Location") for each in answers] == [place.urls["open"]] * 2
    again = petra.post(f"{place.urls['open']}/sign", {**sent, "intent": "another press"})
    assert again.status_code == 422
    assert "You have signed this pledge already." in again.get_data(as_text=True)
    assert signatures(app) == before + 1


def test_whoever_is_not_named_neither_signs_nor_declines(app: Flask, as_: Any, place: Place) -> None:
    before = signatures(app)
    for name in ("olaf", "sara", "aude"):
        visitor = as_(name)
        assert visitor.get(f"{place.urls['open']}/sign").status_code == 403
        assert visitor.post(f"{place.urls['open']}/sign", {"password": PASSWORD}).status_code == 403
        assert visitor.post(f"{place.urls['open']}/decline").status_code == 403
    assert as_("rita").post(f"{place.urls['open']}/sign", {"password": PASSWORD}).status_code == 404
    assert signatures(app) == before


def test_declining_is_one_press_beside_signing(app: Flask, as_: Any, place: Place) -> None:
    tom = as_("tom")
    answer = tom.post(f"{place.urls['open']}/decline", {"reason": "I was not there."})
    assert answer.status_code == 303
    with app.app_context():
        states = db.session.scalars(select(Pledge.state).where(Pledge.title == "Open of open")).all()
        assert states == [PledgeState.REFUSED]
    page = as_("olaf").get(place.urls["open"]).get_data(as_text=True)
    assert "Tom Okafor declined to sign. I was not there." in page


def test_the_page_shows_the_frozen_text_and_not_what_was_written_into_the_columns(
    app: Flask, as_: Any, place: Place
) -> None:
    with app.app_context(), unit_of_work():
        pledge = db.session.scalar(select(Pledge).where(Pledge.title == "Force of force"))
        pledge.text, pledge.deadline = "Forged words.", None
    page = as_("rita").get(place.urls["in force"]).get_data(as_text=True)
    assert "We give our <em>word</em>." in page
    assert "Forged words." not in page


def test_a_text_changed_in_the_database_is_called_out(app: Flask, as_: Any, place: Place) -> None:
    with app.app_context(), unit_of_work():
        pledge = db.session.scalar(select(Pledge).where(Pledge.title == "Force of force"))
        pledge.content = {**pledge.content, "text": "Forged words."}
    assert "no longer fits its fingerprint" in as_("rita").get(place.urls["in force"]).get_data(as_text=True)


def test_a_complete_pledge_shows_its_seal_and_can_be_checked_without_an_account(
    app: Flask, as_: Any, place: Place
) -> None:
    with app.app_context():
        jobs.run_now("seal_missed_pledges")
    page = as_("rita").get(place.urls["in force"]).get_data(as_text=True)
    assert "Complete and unchanged" in page
    assert 'class="seal-mark"' in page
    code = re.search(r'href="(/verify/[0-9A-Z-]+)"', page)
    assert code
    public = as_("nobody").get(code.group(1)).get_data(as_text=True)
    assert "Complete and unchanged" in public
    assert "Force of force" not in public
    open_page = as_("petra").get(place.urls["open"]).get_data(as_text=True)
    assert 'class="seal-mark"' not in open_page
    assert "0 of 3 signed" in open_page


def test_evidence_of_a_signature_is_for_the_signatory_and_the_auditor(as_: Any, place: Place) -> None:
    for name, count in (("petra", 1), ("aude", 3), ("olaf", 0), ("rita", 0)):
        page = as_(name).get(place.urls["in force"]).get_data(as_text=True)
        assert page.count("Evidence of the signature of") == count, name


def test_the_pdf_is_for_those_who_see_the_pledge(as_: Any, place: Place) -> None:
    answer = as_("rita").get(f"{place.urls['in force']}/document.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert as_("rita").get(f"{place.urls['open']}/document.pdf").status_code == 404
    assert as_("petra").get(f"{place.urls['open']}/document.pdf").status_code == 200


def test_an_organizer_drafts_names_and_opens(app: Flask, as_: Any, place: Place) -> None:
    olaf = as_("olaf")
    sent = {
        "title": "Clear Water", "language": "en", "text": "We clean it.", "deadline": "2199-01-01", "round_ref": place.round,
        "target_rows-0-target": "Water", "target_rows-0-start": "61 %", "target_rows-0-goal": "85 %", "target_rows-1-target": "", "team_ref": "", "campaign_ref": "",
    }  # fmt: skip
    answer = olaf.post(f"{place.list}/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    url = answer.headers["Location"]
    with app.app_context():
        petra = load().people["petra"].ref
    refused = olaf.post(f"{url}/open")
    assert "Name at least one pledger." in olaf.get(refused.headers["Location"]).get_data(as_text=True)
    assert olaf.post(f"{url}/signatories", {"person_ref": petra, "role": "pledger"}).status_code == 303
    twice = olaf.post(f"{url}/signatories", {"person_ref": petra, "role": "witness"})
    assert twice.status_code == 422
    assert "has a role in this pledge already" in twice.get_data(as_text=True)
    assert olaf.post(f"{url}/open").status_code == 303
    with app.app_context():
        pledge = db.session.scalar(select(Pledge).where(Pledge.title == "Clear Water"))
        assert pledge.state == PledgeState.OPEN
        told = {
            "target": "Water",
            "from": "61 %",
            "to": "85 %",
            "by": "",
            "kind": "committed",
            "metric": "",
            "unit": "",
        }
        assert pledge.targets == [told]
        assert pledge.round.title == "Pledges of 2027"
    edited = olaf.post(f"{url}/edit", {**sent, "title": "Dark Water", "version": "3"})
    assert edited.status_code in (409, 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("text", "x" * 20_001),
        ("deadline", "never"),
        ("deadline", "0001-01-01"),
        ("language", "tlh"),
        ("round_ref", "0" * 16),
        ("team_ref", "' OR 1=1 --"),
        ("target_rows-0-target", "x" * 300),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_typed_is_lost(
    app: Flask, as_: Any, place: Place, field: str, value: str
) -> None:
    sent = {
        "title": "Clear Water",
        "language": "en",
        "text": "We <b>clean</b> it.",
        "reward": "Cake & tea",
        field: value,
    }
    answer = as_("olaf").post(f"{place.list}/new", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "Cake &amp; tea" in page
    assert "<b>clean</b>" not in page
    with app.app_context():
        assert db.session.scalar(select(func.count(Pledge.id))) == 3


def test_my_pledges_begin_with_what_waits_for_me(as_: Any, place: Place) -> None:
    page = as_("petra").get("/my/pledges").get_data(as_text=True)
    assert page.index("You are asked to sign") < page.index("Open of open") < page.index("Your other pledges")
    assert "Draft of draft" not in page
    assert "No pledge names you" in as_("rita").get("/my/pledges").get_data(as_text=True)


@pytest.mark.parametrize("path", ["list", "mine"])
def test_lists_take_the_same_few_statements_for_one_pledge_and_for_thirty(
    app: Flask, as_: Any, count_statements: Callable[[], Any], place: Place, path: str
) -> None:
    url = place.list if path == "list" else "/my/pledges"
    petra = as_("petra")
    with count_statements() as few:
        petra.get(url)
    with app.app_context(), unit_of_work():
        cast = load()
        event = db.session.merge(place.event)
        for _n in range(30):
            sign_by(make_trio(event, cast), cast, "petra", "tom")
    with count_statements() as many:
        assert petra.get(url).get_data(as_text=True).count("title-link") == 32
    assert len(many) == len(few) <= 10, "\n".join(many)


def test_a_pledge_of_another_event_is_not_found_through_this_one(app: Flask, as_: Any, place: Place) -> None:
    with app.app_context(), unit_of_work():
        foreign = make_in_force(make_event(), load()).ref
    assert as_("olaf").get(f"{place.list}/{foreign}").status_code == 404
    assert as_("olaf").post(f"{place.list}/{foreign}/void", {"reason": "x"}).status_code == 404
