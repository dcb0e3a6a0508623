"""Passwords and the links that set them: AN1 to AN3, AN11 to AN13, AN17, IN16, CB1, CB2, CB4."""

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import passwords, services
from app.accounts.errors import LinkUsedUp, WeakPassword
from app.accounts.models import Account
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.mail.models import MailMessage
from app.people.models import Organization, Person
from tests.conftest import PASSWORD, Visitor, build

NEW = "a quiet morning by the kiln"


def stranger(app: Flask) -> Visitor:
    return Visitor(app.test_client())


def sign_in(app: Flask, password: str, email: str = "petra@hufu.example") -> int:
    return stranger(app).post("/sign-in", {"email": email, "password": password}).status_code


def set_password(app: Flask, word: str, email: str = "petra@hufu.example") -> None:
    with app.app_context(), unit_of_work():
        account = db.session.scalar(select(Account).where(Account.email == email))
        services.set_password_by_link(services.issue_link(account, "password"), word)


def mails(app: Flask, kind: str) -> list[MailMessage]:
    with app.app_context():
        return list(db.session.scalars(select(MailMessage).where(MailMessage.kind == kind).order_by(MailMessage.id)))


def link_in(mail: MailMessage) -> str:
    return re.search(r"http://localhost:8000(/(?:password|address)/\S+)", mail.text).group(1)


def ask_for_link(app: Flask, email: str = "petra@hufu.example") -> str:
    assert stranger(app).post("/forgotten", {"email": email}).status_code == 303
    return link_in(mails(app, "password_link")[-1])


@pytest.mark.parametrize(
    "word",
    [
        "tidal boats!", "a" * 60 + "b" * 30 + "cdefghijklmnopqrstuvwxyz0123456789 0123", "with some  spaces in it", "窑火通明照夜归人平安喜乐年",
        "x" * 75 + "abcdefghijklm" + "first" * 2 + "0", " leading and trailing ",
    ],
)  # fmt: skip
def test_an1_long_passwords_of_any_signs_are_kept_whole(app: Flask, word: str) -> None:
    set_password(app, word)
    assert sign_in(app, word) == 303
    assert sign_in(app, word[:-1]) == 422


def test_an1_what_differs_behind_72_bytes_differs(app: Flask) -> None:
    word = "seventy-two bytes are not the end of it, " * 2 + "for this goes on"
    set_password(app, word)
    assert sign_in(app, word[:-1] + "m") == 422
    assert sign_in(app, word) == 303


@pytest.mark.parametrize(
    ("word", "refused"), [("elevensigns", True), ("twelve signs", False), ("ab" * 128 + "x", True)]
)
def test_an1_length_has_two_ends(app: Flask, word: str, refused: bool) -> None:
    visitor = stranger(app)
    answer = visitor.post(
        ask_for_link(app), {"password": word if refused is False or len(word) < 20 else "abcdefg " * 33}
    )
    assert answer.status_code == (422 if refused else 303)


COMMON = ("123456789012", "password1234", "passwordpassword", "qwertyuiop123", "1qaz2wsx3edc", "iloveyou1234", "administrator1",
          "Welcome12345", "correct horse battery staple", "thisisapassword", "woaini1314520", "abcdefghijkl", "111111111111",
          "Summer@12345", "letmein12345", "aaaaaaaaaaaab")  # fmt: skip
ABOUT = ("Petra Lindqvist", "petra@hufu.example", "petralindqvist1985", "Qinglan Materials 2026", "qinglan-2026!!", "清岚材料2026二〇二六",
         "Materials 2027", "hufu-hufu-2026")  # fmt: skip


@pytest.mark.parametrize("word", [*COMMON, *ABOUT])
def test_an2_what_is_guessed_first_is_refused_at_reset_and_at_change(app: Flask, as_, word: str) -> None:
    petra = as_("petra")
    by_link = stranger(app).post(ask_for_link(app), {"password": word})
    by_change = petra.post("/settings/password", {"old_password": PASSWORD, "password": word})
    assert (by_link.status_code, by_change.status_code) == (422, 422)
    assert sign_in(app, PASSWORD) == 303


def test_an2_the_list_is_shipped_and_of_sufficient_length() -> None:
    kept = [each for each in passwords.common() if each and not each.startswith("#")]
    assert len(kept) > 5000
    assert all(len(each) >= passwords.SHORTEST for each in kept)


def test_an2_a_good_sentence_is_not_refused() -> None:
    passwords.check(NEW, "petra@hufu.example", "Petra Lindqvist", "Qinglan Materials", "清岚材料")


def test_an3_a_change_asks_for_the_old_one_and_ends_the_other_sessions(app: Flask, as_) -> None:
    here, there = as_("petra"), as_("petra")
    refused = here.post("/settings/password", {"old_password": "some other words", "password": NEW})
    assert refused.status_code == 422
    assert there.get("/settings").status_code == 200
    assert here.post("/settings/password", {"old_password": PASSWORD, "password": NEW}).status_code == 303
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302
    assert len(mails(app, "password_changed")) == 1
    assert (sign_in(app, PASSWORD), sign_in(app, NEW)) == (422, 303)


def test_an11_opening_a_link_does_not_use_it_up_and_it_works_once(app: Flask) -> None:
    path = ask_for_link(app)
    for _time in range(3):
        assert stranger(app).get(path).status_code == 200
    visitor = stranger(app)
    assert visitor.post(path, {"password": NEW}).status_code == 303
    assert visitor.get("/settings").status_code == 302
    second = stranger(app).post(path, {"password": "another quiet morning"})
    assert second.status_code == 422
    assert "was used already" in second.get_data(as_text=True)
    assert sign_in(app, NEW) == 303


def test_an11_a_newer_request_makes_the_first_link_void(app: Flask) -> None:
    first, second = ask_for_link(app), ask_for_link(app)
    assert stranger(app).post(first, {"password": NEW}).status_code == 422
    assert stranger(app).post(second, {"password": NEW}).status_code == 303


def test_an11_a_link_ends_after_half_an_hour(app: Flask) -> None:
    path = ask_for_link(app)
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert stranger(app).post(path, {"password": NEW}).status_code == 422


def test_an11_a_changed_password_makes_links_void(app: Flask, as_) -> None:
    path = ask_for_link(app)
    as_("petra").post("/settings/password", {"old_password": PASSWORD, "password": NEW})
    assert stranger(app).post(path, {"password": "another quiet morning"}).status_code == 422


def test_an11_of_two_at_once_exactly_one_wins(either_app: Flask) -> None:
    app = either_app
    token = ask_for_link(app).rsplit("/", 1)[1]
    won: list[str] = []
    barrier = threading.Barrier(2)

    def use(word: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    services.set_password_by_link(token, word)
                won.append(word)
            except LinkUsedUp:
                pass
            finally:
                db.session.remove()

    both = [threading.Thread(target=use, args=(word,)) for word in (NEW, "another quiet morning")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(won) == 1
    assert sign_in(app, won[0]) == 303


def test_an11_the_token_is_long_and_only_its_hash_is_kept(app: Flask) -> None:
    token = ask_for_link(app).rsplit("/", 1)[1]
    assert len(token) >= 32
    with app.app_context():
        kept = db.session.connection().exec_driver_sql("SELECT token_hash FROM account_link").scalars().all()
    assert token not in kept


def test_an12_a_new_address_counts_when_it_is_confirmed_and_the_old_one_is_told(app: Flask, as_) -> None:
    petra = as_("petra")
    assert petra.post("/settings/address", {"email": "Petra.New@hufu.example"}).status_code == 303
    assert sign_in(app, PASSWORD, "petra.new@hufu.example") == 422
    assert [mail.to_address for mail in mails(app, "address_asked")] == ["petra@hufu.example"]
    path = link_in(mails(app, "address_link")[0])
    assert stranger(app).get(path).status_code == 200
    assert sign_in(app, PASSWORD, "petra.new@hufu.example") == 422
    assert stranger(app).post(path).status_code == 303
    assert sign_in(app, PASSWORD, "petra.new@hufu.example") == 303
    with app.app_context():
        person = db.session.scalar(select(Person).where(Person.name == "Petra Lindqvist"))
        assert (person.email, person.email_key) == ("Petra.New@hufu.example", "petra.new@hufu.example")


def test_an12_an_address_taken_in_the_meantime_is_refused_cleanly(app: Flask, as_) -> None:
    as_("petra").post("/settings/address", {"email": "new@hufu.example"})
    path = link_in(mails(app, "address_link")[0])
    with app.app_context(), unit_of_work():
        services.create_account(email="NEW@hufu.example", name="Other", actor=SYSTEM)
    assert stranger(app).post(path).status_code == 422
    with app.app_context():
        assert db.session.scalar(select(func.count(Account.id)).where(Account.email_key == "new@hufu.example")) == 1


def test_an12_the_address_of_somebody_else_gets_no_link_and_is_not_betrayed(app: Flask, as_) -> None:
    answer = as_("petra").post("/settings/address", {"email": "tom@hufu.example"})
    assert answer.status_code == 303
    assert mails(app, "address_link") == []


def test_an17_the_set_up_link_works_once_and_there_is_no_account_before(tmp_path) -> None:
    app = build(tmp_path / "fresh")
    with app.app_context():
        db.create_all()
        with unit_of_work():
            token = services.issue_link(None, "first_administrator")
    given = {"organization": "清岚材料", "name": "Ada Okonkwo", "email": "ada@hufu.example", "password": NEW}
    try:
        for guess in ("admin", "administrator", "root"):
            assert sign_in(app, guess, guess) == 422
        assert stranger(app).get("/first/wrong").status_code == 404
        assert stranger(app).get(f"/first/{token}").status_code == 200
        about = stranger(app).post(f"/first/{token}", {**given, "password": "清岚材料2026二〇二六"})
        assert about.status_code == 422
        assert stranger(app).post(f"/first/{token}", given).status_code == 303
        assert stranger(app).get(f"/first/{token}").status_code == 404
        assert stranger(app).post(f"/first/{token}", given).status_code == 404
        assert sign_in(app, NEW, "ada@hufu.example") == 303
        with app.app_context():
            assert db.session.scalar(select(Organization.name).where(Organization.is_own)) == "清岚材料"
    finally:
        with app.app_context():
            db.engine.dispose()


def test_in16_a_foreign_host_gets_400_and_mail_names_the_configured_base(app: Flask) -> None:
    visitor = stranger(app)
    token = visitor.token()
    for headers in ({"Host": "evil.example"}, {"Host": "localhost.evil.example"}):
        answer = visitor.client.post(
            "/forgotten", data={"email": "petra@hufu.example", "csrf_token": token}, headers=headers
        )
        assert answer.status_code == 400
    assert mails(app, "password_link") == []
    headers = {"X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert visitor.post("/forgotten", {"email": "petra@hufu.example"}, headers=headers).status_code == 303
    text = mails(app, "password_link")[0].text
    assert "http://localhost:8000/password/" in text
    assert "evil" not in text


@pytest.mark.parametrize("path", ["/sign-in", "/forgotten", "/password/whatever", "/sign-out", "/language", "/theme"])
def test_cb2_forms_before_the_sign_in_need_the_proof_of_this_browser(app: Flask, path: str) -> None:
    other = stranger(app).token()
    sent = {"email": "petra@hufu.example", "password": PASSWORD}
    assert stranger(app).client.post(path, data=sent).status_code == 400
    assert stranger(app).client.post(path, data={**sent, "csrf_token": other}).status_code == 400


def test_cb1_a_cross_site_post_is_refused(as_) -> None:
    petra = as_("petra")
    for site in ("cross-site", "same-site"):
        answer = petra.post("/settings/sessions/end", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403


def test_cb4_a_form_that_stood_open_for_three_hours_is_taken(as_) -> None:
    petra = as_("petra")
    token = petra.token()
    with clock.at(clock.now() + timedelta(hours=3)):
        sent = {"name": "Petra Lind", "language": "en", "theme": "dark", "version": "1", "csrf_token": token}
        assert petra.client.post("/settings", data={**sent, "intent": "opened-long-ago"}).status_code == 303


def test_in20_composed_and_decomposed_addresses_are_one_account(app: Flask) -> None:
    with app.app_context():
        with unit_of_work():
            services.create_account(email="José@hufu.example", name="José", actor=SYSTEM)
        with pytest.raises(Refused, match="already an account"), unit_of_work():
            services.create_account(email="jose\u0301@HUFU.example", name="José", actor=SYSTEM)


@pytest.mark.parametrize(
    "text",
    ["\x00", "a\x00b", "\ud800", "\u202egnp.exe", "<script>alert(1)</script>", "=1+1", "x" * 5000, "a\r\nBcc: b@c"],
)
def test_hostile_text_in_the_settings_breaks_nothing(app: Flask, as_, text: str) -> None:
    petra = as_("petra")
    raw = text.encode("utf-8", "surrogatepass")
    answer = petra.post("/settings", {"name": raw, "language": "en", "theme": "auto", "version": "1"})
    assert answer.status_code in (303, 422)
    with app.app_context():
        name = db.session.scalar(select(Account.name).where(Account.email == "petra@hufu.example"))
        assert not re.search("[\x00\n\r\u202e\ud800]", name)
        assert len(name) <= 200


def test_weak_passwords_say_why() -> None:
    with pytest.raises(WeakPassword, match="at least 12"):
        passwords.check("short")
