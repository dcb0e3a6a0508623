"""A new time is confirmed anew: the place is kept for a while, then it goes to the next in line."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.invitations import services as invitations
from app.invitations.errors import NotNow
from app.invitations.links import reconfirm_link_of
from app.mail.models import MailMessage
from app.registration import places, queries
from app.registration.errors import LinkEnded
from app.registration.models import EndedCode, Registration
from app.workflows.change_event import change_event
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories.registration import make_open_event, register
from tests.factories.releases import mails_of
from tests.invitations.test_answers import YES, ask, by_link, history

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_december() -> Iterator[None]:
    with clock.at(NOW):
        yield


def make_full_event(cast: Cast) -> tuple[Event, Registration]:
    """Petra has the only place, Tom waits."""
    event = make_open_event(starts_on=date(2027, 1, 14), capacity=1)
    mine = register(event, cast.people["petra"])
    register(event, cast.people["tom"])
    return event, mine


def move(event: Event, cast: Cast, **values: Any) -> None:
    with unit_of_work():
        change_event(event, actor=cast.olaf, version=None, **values)


def later(hours: float) -> Any:
    return clock.at(NOW + timedelta(hours=hours))


NEW_DAYS = {"starts_on": date(2027, 1, 21), "ends_on": date(2027, 1, 22)}


def test_words_and_place_leave_the_answers_as_they_are(cast: Cast) -> None:
    event, mine = make_full_event(cast)
    move(event, cast, title="Other words")
    assert mails_of(event, "event_changed") == []
    move(event, cast, city="Wuhan")
    (mail,) = mails_of(event, "event_changed")
    assert "You keep your place." in mail.text
    assert "/confirmation/" not in mail.text
    assert (mine.reconfirm_until, mail.holds_secret) == (None, False)


def test_a_new_time_is_asked_about_and_the_place_kept_until_the_answer(cast: Cast) -> None:
    event, mine = make_full_event(cast)
    move(event, cast, **NEW_DAYS)
    assert mine.reconfirm_until == NOW + timedelta(hours=48)
    (mail,) = mails_of(event, "event_changed")
    assert mail.holds_secret
    token = re.search(r"/confirmation/(\S+)\?says=yes", mail.text)[1]
    assert f"/confirmation/{token}?says=no" in mail.text
    with later(47):
        jobs.run_now("give_back_unconfirmed")
        assert mine.state == "confirmed"
        with unit_of_work():
            invitations.answer_again_by_link(token, says_yes=True)
        with unit_of_work():
            invitations.answer_again_by_link(token, says_yes=True)  # pressed twice
    with later(49):
        jobs.run_now("give_back_unconfirmed")
    assert (mine.state, mine.reconfirm_until) == ("confirmed", None)


def test_without_an_answer_the_place_goes_to_the_next_in_line_with_a_mail(cast: Cast) -> None:
    event = make_open_event(starts_on=date(2027, 1, 14), capacity=1)
    petra, tom = cast.people["petra"], cast.people["tom"]
    invitation, token = ask(event, petra)
    by_link(token, YES)
    register(event, tom)
    mine = queries.find_own(event, petra)
    code = mine.door_code
    move(event, cast, **NEW_DAYS)
    with later(48):
        jobs.run_now("give_back_unconfirmed")
        jobs.run_now("give_back_unconfirmed")
    assert mine.state == "withdrawn"
    assert queries.find_own(event, tom).state == "confirmed"
    assert db.session.scalars(select(EndedCode.code)).all() == [code]
    (mail,) = mails_of(event, "registration_withdrawn")
    assert "you did not say in due time that you come all the same" in mail.text
    assert mail.calendar_method == "CANCEL"
    assert [each.to_name for each in mails_of(event, "registration_promoted")] == ["Tom Okafor"]
    assert (invitation.answer, history(invitation)) == (None, [("yes", "link")])  # asked again, and nothing forgotten
    assert places.reconcile() == []
    with later(50):
        with pytest.raises(NotNow), unit_of_work():
            invitations.confirm_again(mine, actor=cast.petra)
        register(event, petra)  # and comes back, at the end of the line
    assert (mine.state, mine.reconfirm_until) == ("waiting", None)


def test_no_by_the_link_gives_the_place_back_at_once(cast: Cast) -> None:
    event, mine = make_full_event(cast)
    move(event, cast, **NEW_DAYS)
    with unit_of_work():
        invitations.answer_again_by_link(reconfirm_link_of(mine), says_yes=False, reason="Kiln")
    assert (mine.state, mine.withdraw_reason) == ("withdrawn", "Kiln")
    assert queries.find_own(event, cast.people["tom"]).state == "confirmed"
    with unit_of_work():
        invitations.answer_again_by_link(reconfirm_link_of(mine), says_yes=False)
    with pytest.raises(NotNow), unit_of_work():
        invitations.answer_again_by_link(reconfirm_link_of(mine), says_yes=True)


def test_the_link_is_of_one_person_and_one_time(cast: Cast) -> None:
    event, mine = make_full_event(cast)
    move(event, cast, **NEW_DAYS)
    old, theirs = reconfirm_link_of(mine), queries.find_own(event, cast.people["tom"])
    wrong = f"{theirs.ref}-{old.partition('-')[2]}"
    for who in ("tom", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            invitations.answer_again_by_link(old, says_yes=True, visitor=cast.accounts[who])
    move(event, cast, starts_on=date(2027, 1, 28), ends_on=date(2027, 1, 29))
    for ended in (old, wrong, "", "x", reconfirm_link_of(mine)[:-1]):
        with pytest.raises(LinkEnded), unit_of_work():
            invitations.answer_again_by_link(ended, says_yes=True)
    assert mine.reconfirm_until is not None
    with unit_of_work():
        event.status = "cancelled"
    with pytest.raises(LinkEnded), unit_of_work():
        invitations.answer_again_by_link(reconfirm_link_of(mine), says_yes=True)


@pytest.mark.parametrize(
    ("hours", "starts_on", "kept_until"),
    [
        (0, date(2027, 1, 21), None),
        (48, date(2026, 12, 2), datetime(2026, 12, 1, 16, tzinfo=UTC)),  # never beyond the beginning, in Shanghai
        (48, date(2026, 12, 1), None),
    ],
)
def test_how_long_the_place_is_kept(cast: Cast, hours: int, starts_on: date, kept_until: datetime | None) -> None:
    event, mine = make_full_event(cast)
    with unit_of_work():
        queries.find_plan(event).reconfirm_hours = hours
    move(event, cast, starts_on=starts_on, ends_on=date(2027, 1, 22))
    assert mine.reconfirm_until == kept_until


def test_a_new_zone_is_a_new_time(cast: Cast) -> None:
    event, mine = make_full_event(cast)
    move(event, cast, time_zone="Europe/Berlin")
    assert mine.reconfirm_until is not None


def test_the_pages_of_a_new_time(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(starts_on=date(2027, 1, 14))
        mine = register(event, cast.people["petra"])
        register(event, cast.people["tom"])
        move(event, cast, **NEW_DAYS)
        link = f"/confirmation/{reconfirm_link_of(mine)}"
        base, ref = f"/events/{event.ref}", queries.find_own(event, cast.people["tom"]).ref
    nobody, olaf, petra = as_("nobody"), as_("olaf"), as_("petra")
    for says in ("", "?says=yes", "?says=no"):
        assert nobody.get(link + says).status_code == 200
    assert as_("tom").get(link).status_code == 403
    assert nobody.get("/confirmation/none").status_code == 404
    board = olaf.get(f"{base}/invitations/board").text
    assert "2 people have not confirmed yet" in board
    assert "Petra Lindqvist" in olaf.get(f"{base}/registrations/confirmations").text
    assert "Confirm that you come at the new time" in petra.get("/").text
    assert "I come at the new time" in petra.get(f"{base}/registration/mine").text
    assert nobody.post(f"{link}?says=yes", {"answer": "yes"}).status_code == 303
    assert "I come at the new time" not in petra.get(f"{base}/registration/mine").text
    assert petra.post(f"{base}/registrations/{ref}/confirmation").status_code == 403
    assert olaf.post(f"{base}/registrations/{ref}/confirmation").status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Registration.reconfirm_until)).all() == [None, None]
        assert {each.kind for each in db.session.scalars(select(MailMessage))} >= {"event_changed"}
