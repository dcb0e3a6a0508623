"""What administrators do with accounts: roles (AZ17), disabling, links; and who may not."""

import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import services
from app.accounts.errors import LastAdministrator
from app.accounts.models import Account, RoleGrant
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM, Role
from app.mail.models import MailMessage
from app.people.models import Person
from tests.conftest import PASSWORD
from tests.factories import make_event, make_person


def account(name: str) -> Account:
    return db.session.scalars(select(Account).where(Account.email == f"{name}@hufu.example")).one()


def page_of(app: Flask, name: str) -> str:
    with app.app_context():
        return f"/admin/accounts/{account(name).ref}"


@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 200), ("aude", 200), ("olaf", 403), ("sara", 403), ("sven", 403), ("li_wei", 403), ("dora", 403), ("petra", 403),
     ("rita", 403), ("xaver", 403), ("nobody", 302)],
)  # fmt: skip
def test_accounts_are_read_by_administrators_and_the_auditor(app: Flask, as_, who: str, status: int) -> None:
    visitor = as_(who)
    assert visitor.get("/admin/accounts").status_code == status
    assert visitor.get(page_of(app, "petra")).status_code == status
    assert visitor.get("/admin/accounts/new").status_code == (403 if who == "aude" else status)


@pytest.mark.parametrize("who", ["aude", "olaf", "petra", "nobody"])
@pytest.mark.parametrize("deed", ["roles", "disable", "enable", "sign-out", "link"])
def test_nobody_else_changes_accounts(app: Flask, as_, who: str, deed: str) -> None:
    answer = as_(who).post(f"{page_of(app, 'tom')}/{deed}", {"role": "administrator", "reason": "because"})
    assert answer.status_code == (401 if who == "nobody" else 403)
    with app.app_context():
        assert (account("tom").grants, account("tom").disabled_at) == ([], None)


def test_a_new_account_is_tied_to_its_person_and_gets_a_link(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        guo = make_person(name="Guo Qiang", email="guo@hufu.example", email_key="guo@hufu.example")
    answer = as_("ada").post(
        "/admin/accounts/new", {"person": guo.ref, "name": "", "email": "", "language": "zh_Hans_CN"}
    )
    assert answer.status_code == 303
    with app.app_context():
        made = account("guo")
        assert db.session.scalar(select(Person.account_id).where(Person.ref == guo.ref)) == made.id
        mail = db.session.scalars(select(MailMessage).where(MailMessage.kind == "welcome")).one()
        assert (mail.to_address, mail.language) == ("guo@hufu.example", "zh_Hans_CN")
        assert made.password_hash is None


def test_a_new_account_of_somebody_new_makes_their_person(app: Flask, as_) -> None:
    ada = as_("ada")
    assert ada.post("/admin/accounts/new", {"person": "", "name": "", "email": "", "language": "en"}).status_code == 422
    sent = {"person": "", "name": "Wen Ting", "email": "Wen@hufu.example", "language": "en"}
    assert ada.post("/admin/accounts/new", sent).status_code == 303
    assert ada.post("/admin/accounts/new", {**sent, "email": "WEN@hufu.example"}).status_code == 422
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.email_key == "wen@hufu.example")).one()
        assert person.organization.is_own
        assert db.session.scalar(select(func.count(Account.id)).where(Account.email_key == "wen@hufu.example")) == 1


def test_pressing_twice_makes_one_account(app: Flask, as_) -> None:
    ada = as_("ada")
    sent = {
        "person": "",
        "name": "Wen",
        "email": "w@hufu.example",
        "language": "en",
        "intent": "one-press",
        "csrf_token": ada.token(),
    }
    answers = [ada.client.post("/admin/accounts/new", data=sent) for _press in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with app.app_context():
        assert db.session.scalar(select(func.count(MailMessage.id)).where(MailMessage.kind == "welcome")) == 1


def test_roles_are_given_and_withdrawn_and_written_down(app: Flask, as_) -> None:
    ada, page = as_("ada"), page_of(app, "tom")
    assert ada.post(f"{page}/roles", {"role": "secretary"}).status_code == 303
    assert ada.post(f"{page}/roles", {"role": "emperor"}).status_code == 422
    html = ada.get(page).get_data(as_text=True)
    withdraw = re.search(rf"{page}/roles/[0-9a-z]{{16}}/withdraw", html).group()
    assert ada.post(withdraw).status_code == 303
    assert ada.post(withdraw).status_code == 404
    with app.app_context():
        told = db.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_label == "Tom Okafor").order_by(AuditEntry.seq)
        )
        assert [each for each in told if each.startswith("role.")] == ["role.granted", "role.withdrawn"]


def test_a_role_of_another_account_or_of_an_event_is_not_withdrawn_here(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        event = make_event()
        services.grant_role(account("tom"), Role.DOOR, actor=SYSTEM, scope=event.id, event=event)
        here = account("tom").grants[0].ref
        of_olaf = account("olaf").grants[0].ref
    for ref in (here, of_olaf):
        assert as_("ada").post(f"{page_of(app, 'tom')}/roles/{ref}/withdraw").status_code == 404


def test_az17_the_last_administrator_stays(app: Flask, as_) -> None:
    ada, page = as_("ada"), page_of(app, "ada")
    with app.app_context():
        ref = account("ada").grants[0].ref
    ada.post(f"{page}/roles/{ref}/withdraw")
    assert ada.post(f"{page}/disable", {"reason": "tired"}).status_code == 422
    with app.app_context():
        assert account("ada").is_administrator


def test_az17_of_two_at_once_one_is_refused(either_app: Flask) -> None:
    app = either_app
    with app.app_context(), unit_of_work():
        services.grant_role(account("olaf"), Role.ADMINISTRATOR, actor=SYSTEM)
    barrier, outcomes = threading.Barrier(2), []

    def withdraw(name: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with unit_of_work():
                    mine = next(each for each in account(name).grants if each.role == Role.ADMINISTRATOR)
                    services.withdraw_role(mine, actor=SYSTEM)
                outcomes.append("withdrawn")
            except LastAdministrator:
                outcomes.append("refused")
            finally:
                db.session.remove()

    both = [threading.Thread(target=withdraw, args=(name,)) for name in ("ada", "olaf")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == ["refused", "withdrawn"]
    with app.app_context():
        assert db.session.scalar(select(func.count(RoleGrant.id)).where(RoleGrant.role == Role.ADMINISTRATOR)) == 1


def test_disabling_needs_a_reason_and_enabling_lets_in_again(app: Flask, as_) -> None:
    ada, tom, page = as_("ada"), as_("tom"), page_of(app, "tom")
    assert ada.post(f"{page}/disable", {"reason": ""}).status_code == 422
    assert ada.post(f"{page}/disable", {"reason": "lost phone"}).status_code == 303
    assert tom.get("/settings").status_code == 302
    assert ada.post(f"{page}/enable").status_code == 303
    assert as_("tom").get("/settings").status_code == 200
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "account.disabled")).one()
        assert entry.reason == "lost phone"


def test_an18_an_administrator_ends_all_sessions_of_another(app: Flask, as_) -> None:
    petra, ada = as_("petra"), as_("ada")
    assert ada.post(f"{page_of(app, 'petra')}/sign-out").status_code == 303
    assert petra.get("/settings").status_code == 302
    assert ada.get("/settings").status_code == 200


@pytest.mark.parametrize("deed", ["roles", "disable", "enable"])
def test_an13_after_half_an_hour_sensitive_deeds_ask_for_the_password_and_keep_what_was_sent(
    app: Flask, as_, deed: str
) -> None:
    begin = clock.now()
    ada, page = as_("ada"), page_of(app, "tom")
    sent = {"role": "secretary", "reason": "kept words"}
    with clock.at(begin + timedelta(minutes=31)):
        asked = ada.post(f"{page}/{deed}", sent)
        assert asked.status_code == 403
        assert 'name="proof"' in asked.get_data(as_text=True)
        assert 'value="kept words"' in asked.get_data(as_text=True)
        wrong = ada.post(f"{page}/{deed}", {**sent, "proof": "some other words"})
        assert wrong.status_code == 403
        with app.app_context():
            assert (account("tom").grants, account("tom").disabled_at) == ([], None)
        assert ada.post(f"{page}/{deed}", {**sent, "proof": PASSWORD}).status_code == 303
        assert ada.post(f"{page}/{deed}", sent).status_code == 303


def test_the_list_of_accounts_asks_as_much_for_one_as_for_three_hundred(app: Flask, as_, count_statements) -> None:
    ada = as_("ada")
    with count_statements() as few:
        assert ada.get("/admin/accounts?per_page=100").status_code == 200
    with app.app_context(), unit_of_work():
        for number in range(300):
            made = services.create_account(email=f"a{number}@hufu.example", name=f"Account {number}", actor=SYSTEM)
            db.session.add(RoleGrant(account_id=made.id, role=Role.SECRETARY))
    with count_statements() as many:
        page = ada.get("/admin/accounts?per_page=100").get_data(as_text=True)
    assert page.count("<tr>") == 101
    assert len(many) == len(few) <= 10


def test_the_list_is_searched_and_filtered(app: Flask, as_) -> None:
    page = as_("ada").get("/admin/accounts?q=lindq").get_data(as_text=True)
    assert "Petra Lindqvist" in page
    assert "Tom Okafor" not in page
    page = as_("ada").get("/admin/accounts?role=auditor").get_data(as_text=True)
    assert "Aude Martin" in page
    assert "Tom Okafor" not in page
    for hostile in ("%", "_", "\\", "'", "<script>", "a" * 3000):
        assert (
            as_("ada").get("/admin/accounts", query_string={"q": hostile, "page": "-1", "role": hostile}).status_code
            == 200
        )
