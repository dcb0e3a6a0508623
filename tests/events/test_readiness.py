"""What an event still lacks: each line with a code, a sentence and the way to the very field that mends it."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from app.calendars.working_days import day_off, next_edition_day, next_working_day
from app.core.db import db, unit_of_work
from app.events.models import Event, Status
from app.registration import services as registration
from app.workflows.publish_event import NotReady, publish_when_ready
from app.workflows.readiness import look_at
from app.workflows.rehearse import begin_rehearsal
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_room, make_session

SATURDAY = date(2199, 10, 5)  # far off, so that nothing of it has begun
assert SATURDAY.weekday() == 5


def bare_draft() -> Event:
    """A draft that lacks nearly everything, and in which two things take place in one room at once."""
    people = the_cast.load()
    event = make_event(status=Status.DRAFT, city=None, starts_on=SATURDAY)
    event.host = people.people["olaf"].organization
    hall = make_room(event, name="Great Hall", seats=20)
    session = make_session(event, room=hall)
    make_item(event, title="First", room=hall)
    make_item(event, title="Second", room=hall)
    make_item(event, title="Later", starts_at=None, ends_at=None)
    registration.arrange(
        event, actor=people.ada, version=None, is_open=False, capacity=90, closes_at=None, has_waiting_list=True,
        invited_only=False,
    )  # fmt: skip
    registration.set_capacity(event, session, 30, actor=people.ada)
    return event


def test_each_finding_leads_to_the_field_that_mends_it(app, as_):
    with app.app_context(), unit_of_work():
        ref = bare_draft().ref
    olaf = as_("olaf")
    told = olaf.get(f"/events/{ref}/readiness.json").get_json()
    codes = [each["code"] for each in told["findings"]]
    assert codes[0] == "room_overlap"
    assert {
        "no_organizer", "day_off", "no_place", "no_description", "no_chinese_title", "no_chair", "no_time",
        "registration_closed", "capacity_over_room",
    } <= set(codes)  # fmt: skip
    assert codes.count("capacity_over_room") == 2
    assert (told["ready"], told["blockers"], told["warnings"]) == (False, 1, len(codes) - 1)
    assert told == olaf.get(f"/events/{ref}/readiness", headers={"Accept": "application/json"}).get_json()
    page = olaf.get(f"/events/{ref}/readiness").get_data(as_text=True)
    for each in told["findings"]:
        path, _hash, field = each["url"].removeprefix("http://localhost:8000").partition("#")
        assert f'href="{path}' in page
        target = olaf.get(path)
        assert target.status_code == 200, each
        assert re.search(rf'id="{field}"', target.get_data(as_text=True)), each


def test_publishing_is_refused_with_everything_that_stands_in_the_way(app, as_):
    with app.app_context(), unit_of_work():
        event = bare_draft()
        begin_rehearsal(event, actor=the_cast.load().olaf)
        ref = event.ref
    olaf = as_("olaf")
    answer = olaf.post(f"/events/{ref}/publication")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Great Hall is taken twice" in page
    assert "its audience is more than those who rehearse" in page
    told = olaf.post(f"/events/{ref}/publication", headers={"Accept": "application/json"})
    assert (told.status_code, told.get_json()["blockers"]) == (409, 2)
    with app.app_context():
        event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
        assert event.status == Status.DRAFT
        with pytest.raises(NotReady) as refused, unit_of_work():
            publish_when_ready(event, actor=the_cast.load().olaf)
        assert len(refused.value.blockers) == 2
        with unit_of_work():
            event.audience = "restricted"  # those who rehearse may publish it for themselves
        assert [each.level for each in look_at(event, the_cast.load().olaf) if each.code == "rehearsal"] == ["warning"]


def test_nothing_stands_in_the_way_of_what_has_everything(app, as_):
    with app.app_context(), unit_of_work():
        people = the_cast.load()
        event = make_event(
            status=Status.DRAFT, starts_on=date(2199, 9, 10), ends_on=date(2199, 9, 10), description="What we do.",
            title_local="会",
        )  # fmt: skip
        session = make_session(event, chair=people.people["li_wei"])
        make_item(event, session=session)
        registration.open_registration(event, actor=people.olaf)
        from app.events.services import give_role

        give_role(event, people.olaf, "organizer", actor=people.olaf)
        ref = event.ref
    page = as_("olaf").get(f"/events/{ref}/readiness").get_data(as_text=True)
    assert "Nothing stands in the way." in page


@pytest.mark.parametrize("name", ["petra", "aude", "sara"])
def test_only_planners_see_it(app, as_, name):
    with app.app_context(), unit_of_work():
        ref = make_event().ref
    for path in ("readiness", "readiness.json", "rehearsal"):
        assert as_(name).get(f"/events/{ref}/{path}").status_code == 403


def test_a_rehearsal_is_switched_on_and_off_on_pages_that_say_so(app, as_):
    with app.app_context(), unit_of_work():
        ref = make_event().ref
    olaf = as_("olaf")
    assert "Rehearse this event" in olaf.get(f"/events/{ref}/settings").get_data(as_text=True)
    olaf.post(f"/events/{ref}/rehearsal/beginning")
    for path in ("", "/programme", "/settings", "/people"):
        assert "Rehearsal: no mail leaves" in olaf.get(f"/events/{ref}{path}").get_data(as_text=True)
    olaf.post(f"/events/{ref}/rehearsal", {})
    assert "Rehearsal: no mail leaves" not in olaf.get(f"/events/{ref}").get_data(as_text=True)


def test_weekends_and_fixed_holidays_are_days_off():
    assert day_off(date(2027, 5, 1), "Asia/Shanghai") == "Labour Day"
    assert day_off(date(2027, 5, 3), "Asia/Shanghai") == ""
    assert day_off(date(2027, 5, 3), "Europe/Berlin") == ""
    assert day_off(date(2027, 1, 1), "Etc/UTC") == "New Year's Day"
    assert day_off(date(2026, 11, 22), "Asia/Shanghai") == "weekend"
    assert next_working_day(date(2026, 10, 1), "Asia/Shanghai") == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("first", "today", "next_one"),
    [
        (date(2026, 1, 14), date(2026, 11, 22), date(2027, 1, 13)),  # a Wednesday again
        (date(2023, 1, 13), date(2026, 11, 22), date(2027, 1, 15)),  # in the same season, not 52 weeks after today
        (date(2027, 1, 14), date(2026, 11, 22), date(2028, 1, 13)),  # one that lies ahead has its next one after it
        (date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 27)),
        (date(2026, 10, 3), date(2026, 11, 22), date(2027, 10, 4)),  # a Saturday: the next day that is worked
    ],
)
def test_the_next_edition_is_proposed_for_the_same_weekday_of_the_season(first, today, next_one):
    assert next_edition_day(first, today, "Asia/Shanghai") == next_one
