"""The journey of an offered place, of other sessions and of other codes, through the pages."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.mail.models import MailMessage
from app.registration import offers, queries, services
from app.registration.models import Registration, RegistrationPlan
from tests import cast as the_cast
from tests.factories.registration import make_open_event, register
from tests.registration.invariants import assert_sound, count_mails

SETTINGS = {
    "is_open": "y", "opens_at": "", "closes_at": "", "capacity": "1", "reason": "", "has_waiting_list": "y",
    "offer_hours": "24", "approver": "nobody", "approval_days": "3", "pending_holds": "y", "changes_until": "",
    "reconfirm_hours": "48", "substitutes": "department",
}  # fmt: skip


def find(ref: str, name: str) -> Registration:
    db.session.rollback()
    event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
    mine = queries.find_own(event, the_cast.load().people[name])
    assert mine is not None
    return mine


def test_the_organizer_says_how_it_works_and_nonsense_is_refused_beside_the_field(app: Flask, as_: Any) -> None:
    with app.app_context():
        event = make_open_event(capacity=1)
        ref, zone = event.ref, event.time_zone
        opens = (clock.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    olaf = as_("olaf")
    address = f"/events/{ref}/registration/settings"
    assert "Hours in which an offered place has to be taken" in olaf.get(address).text
    for field, value, sentence in (
        ("offer_hours", "-1", "Please give a number from 0 to 1440."),
        ("offer_hours", "", "Please give a number from 0 to 1440."),
        ("approval_days", "0", "Please give a number from 1 to 60."),
        ("reconfirm_hours", "99999999999", "Please give a number from 0 to 1440."),
        ("approver", "everybody", "Not a valid choice"),
        ("opens_at", "2099-01-01T09:00", "Registration has to close after it opens."),
    ):
        answer = olaf.post(address, {**SETTINGS, "closes_at": "2098-01-01T09:00", "version": "1", field: value})
        assert (answer.status_code, sentence in answer.text) == (422, True), field
    local = opens.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
    sent = {**SETTINGS, "opens_at": local, "approver": "manager", "substitutes_approved": "y", "version": "1"}
    assert olaf.post(address, sent).status_code == 303
    with app.app_context():
        plan = db.session.scalars(select(RegistrationPlan)).one()
        assert (plan.opens_at, plan.offer_hours, plan.approver, plan.substitutes_approved) == (
            opens,
            24,
            "manager",
            True,
        )
    page = as_("petra").get(f"/events/{ref}/registration").text
    assert "Registration opens on " in page
    assert "Registration opens on " in olaf.get(f"/events/{ref}/registrations").text


def test_a_place_is_offered_taken_or_left_to_the_next(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=1)
        ref = event.ref
        with unit_of_work():
            services.arrange(
                event, actor=SYSTEM, version=None, is_open=True, capacity=1, closes_at=None, has_waiting_list=True,
                invited_only=False, offer_hours=24,
            )  # fmt: skip
        tom = register(event, cast.people["tom"])
        register(event, cast.people["petra"])
        register(event, cast.people["mei"])
        with unit_of_work():
            services.withdraw(tom, actor=SYSTEM)
    petra, mei = as_("petra"), as_("mei")
    mine = f"/events/{ref}/registration/mine"
    page = petra.get(mine).text
    assert "It is kept for you until" in page
    assert "Take the place" in page
    assert petra.get(f"{mine}/code.svg").status_code == 404
    waiting = mei.get(mine).text
    assert "You are number 1 of 1." in waiting
    assert "it is offered to the first of the list, who has 24 hours to take it" in waiting
    assert "A place is offered to you" in petra.get(f"/events/{ref}").text
    assert "A place is offered to you" in petra.get("/").text
    listed = as_("olaf").get(f"/events/{ref}/registrations?state=offered").text
    assert "Place offered" in listed
    assert "until " in listed
    # an old page takes nothing
    petra.post(f"{mine}/place", {"version": "99"})
    with app.app_context():
        assert find(ref, "petra").state == "offered"
        version = find(ref, "petra").version
    # she leaves it to the next
    assert "goes to the next of the list" in petra.get(f"{mine}/withdrawal").text
    assert petra.post(f"{mine}/withdrawal", {"reason": "A clash", "version": str(version)}).status_code == 303
    with app.app_context():
        assert (find(ref, "petra").state, find(ref, "mei").state) == ("withdrawn", "offered")
        version = find(ref, "mei").version
    assert "The offer of a place was declined." in as_("olaf").get(f"/events/{ref}/registrations?state=withdrawn").text
    assert mei.post(f"{mine}/place", {"version": str(version)}).headers["Location"] == mine
    with app.app_context():
        assert find(ref, "mei").state == "confirmed"
        event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
        assert_sound(event, full=True)
        assert count_mails(event) == 2
    assert mei.get(f"{mine}/code.svg").status_code == 200


def test_the_link_of_an_offer_changes_nothing_by_being_looked_at_and_answers_once(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=0)
        with unit_of_work():
            db.session.scalars(select(RegistrationPlan)).one().offer_hours = 2
        petra = register(event, cast.people["petra"])
        with unit_of_work():
            services.set_capacity(event, None, 1, actor=SYSTEM)
        ref, token = event.ref, offers.link_of(petra)
        (mail,) = db.session.scalars(select(MailMessage).where(MailMessage.kind == "registration_offered"))
        assert f"/offer/{token}" in mail.text
        assert mail.holds_secret
    nobody = as_("nobody")
    for _again in range(2):
        page = nobody.get(f"/offer/{token}")
        assert (page.status_code, "It is kept for you until" in page.text) == (200, True)
        assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert nobody.get("/offer/none").status_code == 404
    assert nobody.post(f"/offer/{token}", {}).status_code == 422
    with app.app_context():
        assert find(ref, "petra").state == "offered"
    assert nobody.post(f"/offer/{token}", {"answer": "yes"}).status_code == 303
    assert "You have a place." in nobody.get(f"/offer/{token}").text
    again = nobody.post(f"/offer/{token}", {"answer": "no"})
    assert (again.status_code, "You have taken this place already." in again.text) == (410, False)
    with app.app_context():
        assert find(ref, "petra").state == "confirmed"


def test_the_minutes_round_ends_offers_and_moves_the_list_up_once(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=1)
        with unit_of_work():
            db.session.scalars(select(RegistrationPlan)).one().offer_hours = 2
        made = [register(event, cast.people[each]) for each in ("tom", "petra", "mei")]
        with unit_of_work():
            services.withdraw(made[0], actor=SYSTEM)
        until = made[1].offer_until
        assert until is not None
        jobs.run_now("sweep_waiting_lists")
        db.session.expire_all()
        assert made[1].state == "offered"
        with clock.at(until):
            for _again in range(2):
                jobs.run_now("sweep_waiting_lists")
        db.session.expire_all()
        assert [each.state for each in made] == ["withdrawn", "withdrawn", "offered"]
        assert count_mails(event, "registration_offer_ended", "registration_offered") == 3
        # a place that nobody promoted is found too
        with unit_of_work():
            db.session.scalars(select(RegistrationPlan)).one().offer_hours = 0
        back = register(event, cast.people["tom"])
        with clock.at(made[2].offer_until or until):
            jobs.run_now("sweep_waiting_lists")
        db.session.expire_all()
        assert back.state == "confirmed"
        assert_sound(event, full=True)


def test_sessions_are_changed_whole_or_not_at_all_and_a_code_is_renewed(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=5, sessions=2, places=1)
        first, second = [each.session for each in queries.list_sessions_with_places(event)]
        petra = register(event, cast.people["petra"], [first])
        tom = register(event, cast.people["tom"], [second])
        ref, one, two, code, version = event.ref, first.ref, second.ref, petra.door_code, petra.version
    petra, mine = as_("petra"), f"/events/{ref}/registration/mine"
    assert "Choose other sessions" in petra.get(mine).text
    assert "full: you would wait for it" in petra.get(f"{mine}/sessions").text
    refused = petra.post(f"{mine}/sessions", {"sessions": [two], "version": str(version)})
    assert refused.status_code == 422
    assert "There is no place left in" in refused.text
    with app.app_context():
        assert [each.ref for each in queries.list_chosen_sessions(find(ref, "petra"))] == [one]
        with unit_of_work():
            services.withdraw(find(ref, "tom"), actor=SYSTEM)
    assert tom
    assert petra.post(f"{mine}/sessions", {"sessions": [two], "version": str(version)}).status_code == 303
    with app.app_context():
        assert [each.ref for each in queries.list_chosen_sessions(find(ref, "petra"))] == [two]
        version = find(ref, "petra").version
    assert petra.post(f"{mine}/code", {"version": str(version)}).status_code == 303
    page = petra.get(mine).text
    assert code not in page
    with app.app_context():
        assert find(ref, "petra").door_code in page
