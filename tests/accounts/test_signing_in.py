"""Signing in and out: rows AN4 to AN9, AN16 and AN18 of the guide's accounts table, and where a sign-in leads (IN15)."""

import re
import threading
import time
from datetime import timedelta
from statistics import median

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import passwords, services
from app.accounts.errors import TooManyTries
from app.accounts.models import Account, BrowserSession, SignInFailure
from app.accounts.services import disable, grant_role, withdraw_role
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM, Role
from tests.conftest import PASSWORD, Visitor

WRONG = "not the right words"


def stranger(app: Flask, address: str = "192.0.2.1") -> Visitor:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return Visitor(client)


def sign_in(visitor: Visitor, email: str = "petra@hufu.example", password: str = PASSWORD, **more):
    return visitor.post("/sign-in", {"email": email, "password": password, **more.pop("data", {})}, **more)


def without_tokens(answer) -> str:
    page = answer.get_data(as_text=True)
    page = re.sub(r'name="(csrf_token|intent)"[^>]*value="[^"]*"', "", page)
    return re.sub(r"[\w.]+@hufu\.example", "", page)


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/settings").status_code == 200


def test_an4_a_stronger_setting_is_taken_up_at_the_next_sign_in(app: Flask) -> None:
    with app.app_context():
        before = db.session.scalar(select(Account.password_hash).where(Account.email == "petra@hufu.example"))
    passwords.set_cost(time=2, memory=16)
    try:
        assert sign_in(stranger(app)).status_code == 303
    finally:
        passwords.set_cost(time=1, memory=8)
    with app.app_context():
        after = db.session.scalar(select(Account.password_hash).where(Account.email == "petra@hufu.example"))
    assert before.startswith("$argon2id$")
    assert "m=8,t=1" in before
    assert "m=16,t=2" in after


def test_an5_the_eleventh_try_is_told_to_wait_whoever_it_claims_to_come_for(app: Flask) -> None:
    visitor = stranger(app)
    for number in range(10):
        tried = sign_in(visitor, password=WRONG, headers={"X-Forwarded-For": f"198.51.100.{number}"})
        assert tried.status_code == 422
    answer = sign_in(visitor, headers={"X-Forwarded-For": "198.51.100.99"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "quarter of an hour" in answer.get_data(as_text=True)
    assert not is_in(visitor)


def test_an5_the_rightful_owner_gets_in_from_elsewhere_and_here_after_the_wait(app: Flask) -> None:
    attacked = stranger(app)
    running = stranger(app, "203.0.113.5")
    assert sign_in(running).status_code == 303
    for _number in range(11):
        sign_in(attacked, password=WRONG)
    assert sign_in(stranger(app, "203.0.113.9")).status_code == 303
    assert is_in(running)
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert sign_in(attacked).status_code == 303


def test_an5_one_address_cannot_try_many_accounts(app: Flask) -> None:
    visitor = stranger(app)
    answers = [sign_in(visitor, email=f"guess{n}@hufu.example", password=WRONG).status_code for n in range(51)]
    assert answers == [422] * 50 + [429]


def test_an5_a_right_password_is_not_counted_against_the_address(app: Flask) -> None:
    for _number in range(3):
        assert sign_in(stranger(app)).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(SignInFailure.id))) == 0


def test_an5_many_tries_at_once_do_not_slip_through(either_app: Flask) -> None:
    barrier, outcomes = threading.Barrier(16), []

    def attempt() -> None:
        with either_app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    services.begin_try("petra@hufu.example", "192.0.2.1")
                outcomes.append("judged")
            except TooManyTries:
                outcomes.append("told to wait")
            finally:
                db.session.remove()

    crowd = [threading.Thread(target=attempt) for _each in range(16)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert (outcomes.count("judged"), outcomes.count("told to wait")) == (10, 6)


def test_an6_known_unknown_and_disabled_accounts_answer_alike(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        disable(
            db.session.scalar(select(Account).where(Account.email == "tom@hufu.example")), actor=SYSTEM, reason="left"
        )
    answers = [
        sign_in(stranger(app), email=email, password=word)
        for email, word in (
            ("petra@hufu.example", WRONG),
            ("stranger@hufu.example", WRONG),
            ("tom@hufu.example", PASSWORD),
        )
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len({without_tokens(answer) for answer in answers}) == 1


def test_an6_the_reset_page_says_the_same_to_everybody(app: Flask) -> None:
    answers = [
        stranger(app).post("/forgotten", {"email": email}) for email in ("petra@hufu.example", "stranger@hufu.example")
    ]
    assert [(each.status_code, each.location) for each in answers] == [(303, "/sign-in")] * 2
    pages = []
    for email in ("petra@hufu.example", "stranger@hufu.example"):
        visitor = stranger(app)
        pages.append(without_tokens(visitor.post("/forgotten", {"email": email}, follow_redirects=True)))
    assert pages[0] == pages[1]


def test_an6_an_unknown_account_costs_as_much_time_as_a_known_one(app: Flask) -> None:
    passwords.set_cost(time=3, memory=64 * 1024)
    times: dict[str, list[float]] = {"petra@hufu.example": [], "stranger@hufu.example": []}
    try:
        with app.app_context(), unit_of_work():
            petra = db.session.scalar(select(Account).where(Account.email == "petra@hufu.example"))
            petra.password_hash = passwords.hash_password(PASSWORD)
        for round_ in range(5):
            for email, seen in times.items():
                visitor = stranger(app, f"192.0.2.{round_ + 10}")
                sent = {"email": email, "password": WRONG, "csrf_token": visitor.token()}
                begin = time.process_time()
                assert visitor.client.post("/sign-in", data=sent).status_code == 422
                seen.append(time.process_time() - begin)
    finally:
        passwords.set_cost(time=1, memory=8)
    known, unknown = (median(seen) for seen in times.values())
    assert abs(known - unknown) < max(0.02, known / 3), (known, unknown)


def test_an7_a_sign_in_begins_a_new_session_and_leaves_a_planted_cookie_behind(app: Flask) -> None:
    visitor = stranger(app)
    visitor.token()
    planted = visitor.client.get_cookie("hufu_session").value
    with visitor.client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    assert sign_in(visitor).status_code == 303
    with visitor.client.session_transaction() as kept:
        assert "planted" not in kept
    new = visitor.client.get_cookie("hufu_session").value
    assert new != planted
    other = stranger(app)
    other.client.set_cookie("hufu_session", planted)
    assert not is_in(other)


def test_an7_a_second_sign_in_gets_another_token(app: Flask) -> None:
    visitor = stranger(app)
    sign_in(visitor)
    first = visitor.client.get_cookie("hufu_session").value
    sign_in(visitor)
    assert visitor.client.get_cookie("hufu_session").value != first
    with app.app_context():
        assert db.session.scalar(select(func.count(func.distinct(BrowserSession.token_hash)))) == 2


def test_an7_proving_the_password_again_changes_the_token(app: Flask, as_) -> None:
    olaf = as_("olaf")
    old = olaf.client.get_cookie("hufu_session").value
    assert olaf.post("/prove", {"proof": PASSWORD, "next": "/settings"}).location == "/settings"
    assert is_in(olaf)
    thief = stranger(app)
    thief.client.set_cookie("hufu_session", old)
    assert not is_in(thief)


def test_an8_signing_out_ends_the_session_on_the_server(app: Flask, as_) -> None:
    petra = as_("petra")
    kept = petra.client.get_cookie("hufu_session").value
    assert petra.get("/sign-out").status_code == 405
    assert is_in(petra)
    answer = petra.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    replay = stranger(app)
    replay.client.set_cookie("hufu_session", kept)
    assert not is_in(replay)


@pytest.mark.parametrize(
    ("who", "idle", "absolute"),
    [("petra", timedelta(hours=12), timedelta(days=14)), ("ada", timedelta(hours=1), timedelta(hours=12))],
)
def test_an9_a_session_ends_when_it_is_idle_or_old(as_, who: str, idle: timedelta, absolute: timedelta) -> None:
    begin = clock.now()
    lazy = as_(who)
    with clock.at(begin + idle + timedelta(minutes=2)):
        assert not is_in(lazy)
    busy = as_(who)
    step = idle - timedelta(minutes=5)
    now = begin
    while now + step < begin + absolute:
        now += step
        with clock.at(now):
            assert is_in(busy)
    with clock.at(begin + absolute + timedelta(minutes=2)):
        assert not is_in(busy)


def test_an16_disabling_ends_every_session_at_the_next_request(app: Flask, as_) -> None:
    browsers = [as_("petra"), as_("petra")]
    with app.app_context(), unit_of_work():
        petra = db.session.scalar(select(Account).where(Account.email == "petra@hufu.example"))
        disable(petra, actor=SYSTEM, reason="lost phone")
    assert [is_in(each) for each in browsers] == [False, False]
    assert sign_in(stranger(app)).status_code == 422


def test_an16_a_withdrawn_role_counts_at_the_next_request(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        petra = db.session.scalar(select(Account).where(Account.email == "petra@hufu.example"))
        grant_role(petra, Role.ADMINISTRATOR, actor=SYSTEM)
    browser = as_("petra")
    assert browser.get("/admin/accounts").status_code == 200
    with app.app_context(), unit_of_work():
        petra = db.session.scalar(select(Account).where(Account.email == "petra@hufu.example"))
        withdraw_role(petra.grants[0], actor=SYSTEM)
    assert browser.get("/admin/accounts").status_code == 403


def test_an18_a_person_ends_another_session_of_their_own(app: Flask, as_) -> None:
    phone, desk = as_("petra"), as_("petra")
    page = desk.get("/settings").get_data(as_text=True)
    ends = re.findall(r'action="(/settings/sessions/[0-9a-z]{16}/end)"', page)
    assert len(ends) == 1
    assert desk.post(ends[0]).status_code == 303
    assert not is_in(phone)
    assert is_in(desk)


def test_an18_nobody_ends_the_session_of_another(app: Flask, as_) -> None:
    petra, tom = as_("petra"), as_("tom")
    with app.app_context():
        ref = db.session.scalar(select(BrowserSession.ref).join(Account).where(Account.email == "petra@hufu.example"))
    assert tom.post(f"/settings/sessions/{ref}/end").status_code == 404
    assert is_in(petra)


def test_an18_signing_out_everywhere_else_keeps_this_browser(as_) -> None:
    phone, desk = as_("petra"), as_("petra")
    assert desk.post("/settings/sessions/end").status_code == 303
    assert (is_in(phone), is_in(desk)) == (False, True)


FOREIGN = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "https:evil.example", "http:evil.example", "https:/evil.example", "https:///evil.example", "javascript:alert(1)",
    "//evil.example/settings", "/%09/evil.example", "/\t/evil.example", " //evil.example", "//localhost@evil.example", "evil.example",
)  # fmt: skip


@pytest.mark.parametrize("target", FOREIGN)
def test_in15_a_sign_in_leads_nowhere_else(app: Flask, target: str) -> None:
    visitor = stranger(app)
    assert sign_in(visitor, data={"next": target}).location == "/"
    assert visitor.post("/language", {"language": "en", "next": target}).location == "/"


def test_in15_a_sign_in_leads_on_to_a_page_of_ours(app: Flask) -> None:
    asked = stranger(app).get("/settings?a=1")
    assert asked.status_code == 302
    assert asked.location.startswith("/sign-in?next=")
    assert sign_in(stranger(app), data={"next": "/settings?a=1"}).location == "/settings?a=1"


def test_cb12_private_pages_are_not_kept_and_cookies_are_closed(as_) -> None:
    petra = as_("petra")
    page = petra.get("/settings")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Cookie" in page.headers["Vary"]
    cookie = petra.client.get_cookie("hufu_session")
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


def test_cb11_behind_tls_the_cookie_is_secure_and_of_this_host(tmp_path) -> None:
    from tests.conftest import build

    app = build(tmp_path / "tls", base_url="https://hufu.example", allowed_hosts="localhost")
    with app.app_context():
        db.create_all()
    answer = app.test_client().get("/sign-in", base_url="https://hufu.example")
    header = answer.headers["Set-Cookie"]
    assert header.startswith("__Host-hufu=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(header.split("; "))
    with app.app_context():
        db.engine.dispose()


def test_the_log_tells_of_wrong_tries_without_the_password(app: Flask) -> None:
    sign_in(stranger(app), password=WRONG)
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "account.sign_in_failed")).one()
        assert (entry.subject_type, entry.subject_label, entry.details) == ("Account", "Petra Lindqvist", {})


def test_the_language_of_the_settings_wins_over_that_of_the_browser(app: Flask, as_) -> None:
    petra = as_("petra")
    petra.post("/language", {"language": "zh_Hans_CN"})
    assert 'lang="zh-Hans"' in petra.get("/settings").get_data(as_text=True)
    with app.app_context():
        version = db.session.scalar(select(Account.version).where(Account.email == "petra@hufu.example"))
    sent = {"name": "Petra Lindqvist", "language": "en", "theme": "dark", "version": str(version)}
    assert petra.post("/settings", sent).status_code == 303
    page = petra.get("/settings").get_data(as_text=True)
    assert '<html lang="en" data-theme="dark">' in page


def test_the_theme_is_chosen_with_and_without_an_account(app: Flask, as_) -> None:
    for visitor, path in ((stranger(app), "/sign-in"), (as_("petra"), "/settings")):
        assert visitor.post("/theme", {"theme": "dark", "next": path}).location == path
        assert 'data-theme="dark"' in visitor.get(path).get_data(as_text=True)
        visitor.post("/theme", {"theme": "<script>"})
        assert 'data-theme="dark"' in visitor.get(path).get_data(as_text=True)
