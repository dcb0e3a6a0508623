"""One press, one effect; nothing typed is lost; what comes in is safe text."""

import html
import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.forms import at_wall_time
from app.core.intents import Intent
from app.events.models import AUDIENCE_LABELS, Event
from app.mail.models import MailMessage
from tests.conftest import PASSWORD, Visitor
from tests.core.pages import things  # noqa: F401
from tests.core.test_db import held
from tests.factories import make_event


def visit(app: Flask, name: str = "olaf") -> Visitor:
    visitor = Visitor(app.test_client())
    visitor.post("/sign-in", {"email": f"{name}@hufu.example", "password": PASSWORD})
    return visitor


def count(app: Flask, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


GIVEN = {"title": "Annual meeting", "starts_on": "2027-01-14", "audience": "internal", "description": "Long words."}


def shown(page: str, name: str) -> str:
    """The value of a field on a page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    found = found or re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*([^<]*)</textarea>', page)
    return html.unescape(found.group(1)) if found else ""


def test_the_same_form_sent_twice_has_one_effect_and_one_answer(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    sent = {**GIVEN, "intent": "once"}
    first, second = olaf.post("/things/new", sent), olaf.post("/things/new", sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert (count(things, Event), count(things, MailMessage)) == (1, 1)


def test_twenty_simultaneous_posts_have_one_effect(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    token, cookies = olaf.token(), olaf.client.get_cookie("hufu_session").value
    sent = {**GIVEN, "csrf_token": token, "intent": "all at once"}
    answers: list[tuple[int, str | None]] = []
    deeds = count(things, AuditEntry)

    def post() -> None:
        client = FlaskClient(things, things.response_class)
        client.set_cookie("hufu_session", cookies)
        for _ in range(10):  # busy is an honest answer: it may be sent again
            answer = client.post("/things/new", data=sent)
            if answer.status_code != 503:
                break
        answers.append((answer.status_code, answer.location))

    threads = [threading.Thread(target=post) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1, answers
    assert answers[0][0] == 303
    assert (count(things, Event), count(things, MailMessage), count(things, AuditEntry) - deeds) == (1, 1, 1)


def test_the_same_key_with_other_words_is_refused_and_can_be_sent_again(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    olaf.post("/things/new", {**GIVEN, "intent": "once"})
    answer = olaf.post("/things/new", {**GIVEN, "intent": "once", "title": "Another"})
    assert answer.status_code == 422
    assert "This form was already sent with other content." in answer.text
    assert shown(answer.text, "title") == "Another"
    assert count(things, Event) == 1
    fresh = shown(answer.text, "intent")
    assert fresh not in ("", "once")
    assert olaf.post("/things/new", {**GIVEN, "intent": fresh, "title": "Another"}).status_code == 303
    assert count(things, Event) == 2


def test_another_file_under_the_same_key_is_other_content(things: Flask) -> None:  # noqa: F811
    import io

    olaf = visit(things)

    def send(content: bytes):
        sent = {**GIVEN, "intent": "once", "paper": (io.BytesIO(content), "a.pdf")}
        return olaf.post("/things/new", sent, content_type="multipart/form-data")

    assert (send(b"one").status_code, send(b"one").status_code, send(b"two").status_code) == (303, 303, 422)


def test_one_persons_key_is_not_anothers(things: Flask) -> None:  # noqa: F811
    visit(things).post("/things/new", {**GIVEN, "intent": "guessed"})
    answer = visit(things, "sara").post("/things/new", {**GIVEN, "intent": "guessed"})
    assert answer.status_code == 303
    assert count(things, Event) == 2


def test_a_refused_form_can_be_mended_under_the_same_key(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    answer = olaf.post("/things/new", {**GIVEN, "title": "refused", "intent": "k"})
    assert answer.status_code == 422
    assert "This title is taken." in answer.text
    assert shown(answer.text, "description") == "Long words."
    answer = olaf.post("/things/new", {**GIVEN, "title": "no", "intent": "k"})
    assert (answer.status_code, "Not today." in answer.text) == (422, True)
    assert (count(things, Event), count(things, Intent)) == (0, 0)
    assert olaf.post("/things/new", {**GIVEN, "intent": "k"}).status_code == 303


def test_what_is_forbidden_is_forbidden_and_leaves_nothing(things: Flask) -> None:  # noqa: F811
    answer = visit(things, "xaver").post("/things/new", GIVEN)
    assert answer.status_code == 403
    assert (count(things, Event), count(things, Intent)) == (0, 0)


def test_a_secret_leaves_no_trace_in_the_stored_intent(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    for password in ("one secret", "another secret"):
        assert olaf.post("/things/new", {**GIVEN, "intent": "k", "password": password}).status_code == 303
    assert count(things, Event) == 1


# --- busy (R8) ----------------------------------------------------------------------------------------------------


def test_a_busy_database_gives_back_what_was_typed(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    sent = {**GIVEN, "intent": "k", "csrf_token": olaf.token()}
    with held(things) as other:
        began = time.monotonic()
        answer = olaf.post("/things/new", sent)
        assert time.monotonic() - began < 4  # the usual wait is five
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "The database is taken for a moment. Nothing you typed is lost: please send it again." in answer.text
        assert [shown(answer.text, name) for name in ("title", "description", "starts_on", "intent")] == [
            "Annual meeting", "Long words.", "2027-01-14", "k"
        ]  # fmt: skip
        assert olaf.get("/things/new").status_code == 200
        other.execute("ROLLBACK")
        assert olaf.post("/things/new", sent).status_code == 303
    assert count(things, Event) == 1


def test_a_button_at_a_busy_database_is_503_and_does_nothing(things: Flask) -> None:  # noqa: F811
    with things.app_context(), unit_of_work():
        ref = make_event(city="A").ref
    olaf = visit(things)
    token = olaf.token()
    with held(things):
        answer = olaf.post(f"/things/{ref}/press", {"csrf_token": token})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert olaf.post(f"/things/{ref}/press").status_code == 303
    with things.app_context():
        assert db.session.scalar(select(Event.city)) == "A+"


def test_a_page_at_a_busy_database_does_not_wait(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    with things.app_context(), unit_of_work():  # so that this visit is due to be written down
        from app.accounts.models import BrowserSession

        for each in db.session.scalars(select(BrowserSession)):
            each.seen_at -= timedelta(minutes=20)
    with held(things):
        began = time.monotonic()
        assert olaf.get("/things/new").status_code == 200
        assert time.monotonic() - began < 1


# --- somebody else was faster -------------------------------------------------------------------------------------


def test_theirs_is_shown_beside_mine_and_saving_again_replaces_it(things: Flask) -> None:  # noqa: F811
    with things.app_context(), unit_of_work():
        ref = make_event(title="Old", city="Foshan").ref
    olaf, sara = visit(things), visit(things, "sara")
    mine = olaf.get(f"/things/{ref}/edit").text
    version = shown(mine, "version")
    assert version == "1"
    base = {**GIVEN, "version": version}
    assert sara.post(f"/things/{ref}/edit", {**base, "title": "Theirs", "audience": "public"}).status_code == 303
    answer = olaf.post(f"/things/{ref}/edit", {**base, "title": "Mine"})
    assert answer.status_code == 409
    assert shown(answer.text, "title") == "Mine"
    rows = re.findall(r'<th scope="row">([^<]*)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>', answer.text)
    assert sorted(rows) == [("Audience", "internal", str(AUDIENCE_LABELS["public"])), ("Title", "Mine", "Theirs")]
    assert shown(answer.text, "version") == "2"
    with things.app_context():
        assert db.session.scalar(select(Event.title)) == "Theirs"
    again = olaf.post(f"/things/{ref}/edit", {**base, "title": "Mine", "version": "2"})
    assert again.status_code == 303
    with things.app_context():
        assert db.session.scalar(select(Event.title)) == "Mine"


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999", "١"])
def test_a_form_without_its_version_overwrites_nothing(things: Flask, version: str) -> None:  # noqa: F811
    with things.app_context(), unit_of_work():
        event = make_event(title="Old")
        event.version = 7
        ref = event.ref
    answer = visit(things).post(f"/things/{ref}/edit", {**GIVEN, "version": version})
    assert answer.status_code == 409
    with things.app_context():
        assert db.session.scalar(select(Event.title)) == "Old"


def test_a_refused_button_says_why_and_goes_back(things: Flask) -> None:  # noqa: F811
    with things.app_context(), unit_of_work():
        ref = make_event(city="closed").ref
    olaf = visit(things)
    answer = olaf.post(f"/things/{ref}/press")
    assert (answer.status_code, answer.location) == (303, f"/things/{ref}")
    assert "It is closed." in olaf.get(answer.location).text


# --- words from outside -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\x00B", "AB"),
        ("  two   words \n and a line ", "two words and a line"),
        ("Jose\u0301", "José"),
        ("gnp\u202e.exe", "gnp.exe"),
        ("战略规划 🎉", "战略规划 🎉"),
        ("a\u2028b\x85c", "a b c"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_line_is_kept_clean(things: Flask, typed: str, kept: str) -> None:  # noqa: F811
    olaf = visit(things)
    answer = olaf.post("/things/new", {**GIVEN, "title": typed})
    assert answer.status_code == 303
    with things.app_context():
        assert db.session.scalar(select(Event.title)) == kept
    assert "<script>alert" not in olaf.get(answer.location).text


def test_a_lone_surrogate_is_no_error(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    body = b"title=A%ED%A0%80B&starts_on=2027-01-14&audience=internal&intent=x&csrf_token=" + olaf.token().encode()
    answer = olaf.client.post("/things/new", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    with things.app_context():
        assert "\ud800" not in db.session.scalars(select(Event.title)).one()


@pytest.mark.parametrize("sign", ["a", "(", "[", ".", "@", " ", "![", "战", "\u0301", "\u202e"])
@pytest.mark.parametrize("name", ["title", "description", "starts_on", "audience", "begins"])
def test_a_hundred_thousand_signs_are_answered_within_a_second(things: Flask, name: str, sign: str) -> None:  # noqa: F811
    olaf = visit(things)
    given = {**GIVEN, name: sign * 100_000, "csrf_token": olaf.token()}

    def spent() -> float:
        began = time.thread_time()
        assert olaf.post("/things/new", given).status_code in (303, 422)
        return time.thread_time() - began

    assert any(spent() < 1 for _ in range(3))  # a busy machine may stretch one of them, not three


@pytest.mark.parametrize("title", ["", "   ", "\x00", "\u202e\u2066"])
def test_a_required_line_wants_a_sign_that_is_seen(things: Flask, title: str) -> None:  # noqa: F811
    answer = visit(things).post("/things/new", {**GIVEN, "title": title})
    assert (answer.status_code, "Please fill this in." in answer.text) == (422, True)
    assert count(things, Event) == 0


def test_an_empty_optional_line_is_none(things: Flask) -> None:  # noqa: F811
    visit(things).post("/things/new", {**GIVEN, "city": "  "})
    with things.app_context():
        assert db.session.scalars(select(Event.city)).all() == [None]


@pytest.mark.parametrize(
    "day",
    ["2027-02-30", "yesterday", "0001-01-01", "9999-12-31", "2027-1", "２０２７-01-14x", "1899-12-31", "2201-01-01"],
)
def test_a_day_that_is_none_is_told_beside_the_field(things: Flask, day: str) -> None:  # noqa: F811
    answer = visit(things).post("/things/new", {**GIVEN, "starts_on": day})
    assert answer.status_code == 422
    assert 'id="starts_on-wrong"' in answer.text
    assert shown(answer.text, "starts_on") == day


def test_a_choice_that_is_not_offered_is_refused(things: Flask) -> None:  # noqa: F811
    answer = visit(things).post("/things/new", {**GIVEN, "audience": "everybody-and-more"})
    assert (answer.status_code, count(things, Event)) == (422, 0)


# --- the clock change ---------------------------------------------------------------------------------------------


def test_a_time_that_the_clocks_skip_is_refused_beside_its_field(things: Flask) -> None:  # noqa: F811
    answer = visit(things).post("/things/new", {**GIVEN, "begins": "2027-03-28T02:30"})
    assert answer.status_code == 422
    assert "The clocks change then: this time does not exist in Europe/Berlin." in answer.text
    assert count(things, Event) == 0


def test_a_time_that_comes_twice_is_asked_for_again(things: Flask) -> None:  # noqa: F811
    answer = visit(things).post("/things/new", {**GIVEN, "begins": "2027-10-31T02:30"})
    assert answer.status_code == 422
    assert "comes twice in Europe/Berlin" in answer.text
    with things.app_context():
        assert db.session.scalar(select(Event.published_at)) is None


def test_a_wall_clock_time_is_a_moment_of_its_zone(things: Flask) -> None:  # noqa: F811
    with things.test_request_context():
        assert at_wall_time(datetime(2027, 1, 14, 9, 0), "Asia/Shanghai") == datetime(2027, 1, 14, 1, 0, tzinfo=UTC)
        with pytest.raises(Refused):
            at_wall_time(datetime(2027, 3, 14, 2, 30), "America/New_York", field="x")


def test_an_intent_cannot_be_guessed() -> None:
    from app.core.intents import key_of, new_intent

    assert len({new_intent() for _ in range(1000)}) == 1000
    assert len({key_of("k", 1, "a"), key_of("k", 2, "a"), key_of("k", 1, "b"), key_of("k", None, "a")}) == 4
