"""Requests to come: whom they ask, what a decision does, and that it is done once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.approvals import queries, services
from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.events.models import Event
from app.mail.models import MailMessage
from app.people.models import Person
from app.registration import queries as registrations
from app.registration import services as gate
from app.registration.errors import AlreadyDecided, LinkEnded, NoPlaceLeft
from app.registration.models import Approval, Registration, RegistrationPlan
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories.registration import make_open_event, make_people
from tests.registration.invariants import assert_sound, count_mails
from tests.registration.test_gate import GUEST, enter, plan


def of(registration: Registration) -> Approval:
    return db.session.scalars(
        select(Approval).where(Approval.registration_id == registration.id).order_by(Approval.id.desc())
    ).first() or pytest.fail("nobody is asked")


def ask(event: Event, cast: Cast, who: str) -> Approval:
    with unit_of_work():
        mine = gate.register_person(event, cast.people[who], actor=cast.accounts[who])
    assert mine.state == "pending"
    return of(mine)


def token_in(mail: MailMessage) -> str:
    return mail.text.split("/approvals/")[1].split()[0]


def mails(kind: str) -> list[MailMessage]:
    return list(db.session.scalars(select(MailMessage).where(MailMessage.kind == kind).order_by(MailMessage.id)))


def test_the_line_manager_is_asked_and_decides_by_the_link_without_signing_in(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=5, title="Strategy day")
        plan(event, approver="manager", approval_days=3)
        approval = ask(event, cast, "petra")
        assert approval.approver == cast.people["mei"]
        (mail,) = mails("approval_asked")
        assert (mail.to_address, mail.holds_secret) == ("mei@hufu.example", True)
        assert "Strategy day" in mail.subject
        token, ref = token_in(mail), event.ref
    nobody, petra = as_("nobody"), as_("petra")
    page = petra.get(f"/events/{ref}/registration/mine").text
    assert "Your registration waits for approval" in page
    assert "is asked. We write to you" in page
    for _again in range(2):
        looked = nobody.get(f"/approvals/{token}")
        assert (looked.status_code, looked.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert nobody.get("/approvals/none").status_code == 404
    assert nobody.post(f"/approvals/{token}", {}).status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).one() == "pending"
    assert nobody.post(f"/approvals/{token}", {"decision": "approve", "comment": "Gladly"}).status_code == 303
    assert "Approved by" in nobody.get(f"/approvals/{token}").text
    assert nobody.post(f"/approvals/{token}", {"decision": "refuse"}).status_code == 409
    with app.app_context():
        assert db.session.scalars(select(Registration.state)).one() == "confirmed"
        decided = db.session.scalars(select(Approval)).one()
        assert (decided.state, decided.comment, decided.decided_by_id) == ("approved", "Gladly", None)
        assert len(mails("registration_confirmed")) == 1
    assert "You have a place" in petra.get(f"/events/{ref}/registration/mine").text


def test_who_may_decide(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    plan(event, approver="manager")
    approval = ask(event, cast, "petra")
    for who in ("petra", "tom", "sara", "rita", "aude", "xaver", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            services.decide(approval, actor=cast.accounts[who], approves=True)
    assert approval.registration.state == "pending"
    assert [each.ref for each in queries.list_asked(cast.people["mei"], clock.now())] == [approval.ref]
    assert list(queries.list_asked(cast.people["tom"], clock.now())) == []
    with unit_of_work():
        services.decide(approval, actor=cast.accounts["mei"], approves=False, comment="We need you here.")
    assert (approval.state, approval.registration.state) == ("refused", "refused")
    assert registrations.standing_of(event, cast.people["petra"]).mine is None
    (mail,) = mails("registration_refused")
    assert "We need you here." in mail.text
    assert_sound(event)
    again = ask(event, cast, "petra")
    assert again.ref != approval.ref
    with unit_of_work():
        services.decide(again, actor=cast.olaf, approves=True)
    assert again.registration.state == "confirmed"
    assert_sound(event)


def test_without_a_manager_and_for_the_organizer_himself_the_rules_differ(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    plan(event, approver="manager")
    with unit_of_work():
        cast.people["petra"].manager = None
        assert gate.register_person(event, cast.people["tom"], actor=cast.olaf).state == "confirmed"
    approval = ask(event, cast, "petra")
    assert (approval.approver, approval.due_at) == (None, None)


def test_withdrawing_ends_the_question_and_its_link(cast: Cast) -> None:
    event = make_open_event(capacity=5)
    plan(event, approver="manager")
    approval = ask(event, cast, "petra")
    token = token_in(mails("approval_asked")[0])
    with unit_of_work():
        gate.withdraw(approval.registration, actor=cast.petra)
    assert approval.state == "lapsed"
    with pytest.raises(LinkEnded), unit_of_work():
        services.decide_by_link(token, approves=True)
    with pytest.raises(AlreadyDecided), unit_of_work():
        services.decide(approval, actor=cast.olaf, approves=True)
    assert approval.registration.state == "withdrawn"
    assert_sound(event)


def test_what_a_manager_does_not_decide_in_time_goes_to_the_organizer_once(cast: Cast) -> None:
    event = make_open_event(
        capacity=5, starts_on=clock.today() + timedelta(days=30), ends_on=clock.today() + timedelta(days=31)
    )
    plan(event, approver="manager", approval_days=2)
    first = ask(event, cast, "petra")
    token, due = token_in(mails("approval_asked")[0]), first.due_at
    assert due is not None
    with clock.at(due - timedelta(seconds=1)):
        jobs.run_now("hand_on_overdue_approvals")
    db.session.expire_all()
    assert first.state == "open"
    with clock.at(due):
        for _again in range(2):
            jobs.run_now("hand_on_overdue_approvals")
    db.session.expire_all()
    second = of(first.registration)
    assert (first.state, second.state, second.approver) == ("lapsed", "open", None)
    assert db.session.scalar(select(func.count(Approval.id))) == 2
    with pytest.raises(LinkEnded), unit_of_work():
        services.decide_by_link(token, approves=True)
    with pytest.raises(Forbidden), unit_of_work():
        services.decide(second, actor=cast.accounts["mei"], approves=True)
    assert queries.count_open(event) == 1
    with unit_of_work():
        services.decide(second, actor=cast.olaf, approves=True)
    assert first.registration.state == "confirmed"


@pytest.mark.parametrize("has_waiting_list", [True, False])
def test_approving_more_than_fits_lets_the_rest_wait_or_stay_undecided(
    either_app: Flask, has_waiting_list: bool
) -> None:
    """T11."""
    with either_app.app_context():
        event = make_open_event(capacity=2, has_waiting_list=has_waiting_list)
        plan(event, approver="organizer", pending_holds=False)
        made = [enter(event, each, actor=GUEST) for each in make_people(4)]
        with unit_of_work():
            decided = services.decide_many(list(queries.list_open(event)), actor=SYSTEM, approves=True)
        rest = "waiting" if has_waiting_list else "pending"
        assert [each.state for each in made] == ["confirmed", "confirmed", rest, rest]
        missing = type(None) if has_waiting_list else NoPlaceLeft
        assert [type(each.refusal) for each in decided] == [type(None), type(None), missing, missing]
        assert queries.count_open(event) == (0 if has_waiting_list else 2)
        assert count_mails(event) == 2
        assert count_mails(event, "registration_waiting") == (2 if has_waiting_list else 0)
        assert_sound(event, full=True)
        with unit_of_work():
            gate.withdraw(made[0], actor=SYSTEM)
        assert made[2].state == ("confirmed" if has_waiting_list else "pending")
        assert_sound(event)


def test_two_who_decide_at_once_have_one_effect(either_app: Flask) -> None:
    """T11: one approves, one refuses, each with a connection of its own."""
    with either_app.app_context():
        event = make_open_event(capacity=1)
        plan(event, approver="organizer")
        event_id, approval_id = event.id, of(enter(event, make_people(1)[0], actor=GUEST)).id
    start, answers = threading.Barrier(4), []

    def run(approves: bool) -> Callable[[], None]:
        def act() -> None:
            with either_app.app_context():
                approval = db.session.get_one(Approval, approval_id)
                assert approval.registration.person.name
                start.wait(10)
                try:
                    with unit_of_work():
                        services.decide(approval, actor=SYSTEM, approves=approves)
                    answers.append("done")
                except Refused as refusal:
                    answers.append(type(refusal).__name__)
                db.session.remove()

        return act

    threads = [threading.Thread(target=run(number % 2 == 0)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(answers) == ["AlreadyDecided", "AlreadyDecided", "AlreadyDecided", "done"]
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        state = db.session.scalars(select(Registration.state)).one()
        assert state in ("confirmed", "refused")
        told = count_mails(event, "registration_confirmed", "registration_refused")
        assert told == 1
        assert_sound(event)


def test_the_organizer_and_the_manager_decide_several_at_once_on_their_pages(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=3)
        plan(event, approver="manager")
        with unit_of_work():
            for each in ("petra", "tom"):
                cast.people[each].manager = cast.people["mei"]
        refs = {each: ask(event, cast, each).ref for each in ("petra", "tom")}
        ref = event.ref
    olaf, mei = as_("olaf"), as_("mei")
    with count_statements() as said:
        page = mei.get("/my/approvals").text
    few = len(said)
    assert all(name in page for name in ("Petra Lindqvist", "Tom Okafor"))
    assert "requests of your people" in mei.get("/").text
    assert as_("tom").get("/my/approvals").text.count("Petra Lindqvist") == 0
    assert mei.post("/my/approvals/decision", {"approval": [], "decision": "approve"}).status_code == 422
    assert mei.post("/my/approvals/decision", {"approval": [refs["petra"]]}).status_code == 422
    # somebody else's requests are not hers to decide
    tom = as_("tom")
    assert tom.post("/my/approvals/decision", {"approval": [refs["petra"]], "decision": "approve"}).status_code == 422
    sent = {"approval": list(refs.values()), "decision": "approve", "comment": "Both of you"}
    assert mei.post("/my/approvals/decision", sent).status_code == 303
    assert "2 requests are decided." in mei.get("/my/approvals").text
    again = olaf.post(f"/events/{ref}/approvals/decision", {"approval": [refs["tom"]], "decision": "refuse"})
    assert again.status_code == 303
    listed = olaf.get(f"/events/{ref}/approvals").text
    assert "has approved the request of Tom Okafor already." in listed
    assert "Both of you" in listed
    with app.app_context():
        states = db.session.scalars(select(Registration.state)).all()
        assert states == ["confirmed", "confirmed"]
        plan_ = db.session.scalars(select(RegistrationPlan)).one()
        assert plan_.approver == "manager"
        event = db.session.scalars(select(Event)).one()
        chief = db.session.scalars(select(Person).where(Person.email == "mei@hufu.example")).one()
        people = make_people(25)
        with unit_of_work():
            for each in people:
                each.manager = chief
            gate.set_capacity(event, None, None, actor=SYSTEM)
        for each in people:
            enter(event, each, actor=GUEST)
    for who, address in ((mei, "/my/approvals"), (olaf, f"/events/{ref}/approvals")):
        with count_statements() as said:
            assert who.get(address).status_code == 200
        assert len(said) <= max(few, 10), address
