"""Reminders that go by themselves: when, to whom, and to whom not."""

import contextlib
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.events.models import Event, Status
from app.invitations import reminders
from app.invitations import services as invitations
from app.invitations.errors import NobodyToRemind
from app.invitations.services import Reply
from app.mail.models import MailMessage
from app.registration import queries
from app.registration.models import Answer, Invitation
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_person
from tests.factories.registration import make_open_event
from tests.invitations.test_answers import ask, by_link, links_to

NO = Reply(Answer.NO)
START = date(2027, 3, 20)
CLOSES = datetime(2027, 3, 15, 10, tzinfo=UTC)  # 18:00 in Shanghai


def local(day: int, hour: int, minute: int = 0, zone: int = 8) -> datetime:
    """A moment of March 2027, on the clock of Shanghai."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=zone)


def make_asking_event(*steps: int, **values: Any) -> Event:
    """An event of which answers close on 15 March, with reminders so many days before."""
    event = make_open_event(**{"starts_on": START, "closes_at": CLOSES, **values})
    days = dict(zip(("first", "second", "third"), (*steps, None, None, None), strict=False))
    with unit_of_work():
        reminders.set_plan(event, actor=the_cast.load().olaf, version=None, **days)
    return event


def run(at: datetime) -> list[str]:
    """The names to whom a run at this moment writes."""
    before = set(db.session.scalars(select(MailMessage.id)))
    with clock.at(at):
        jobs.run_now("remind_by_plan")
    new = select(MailMessage).where(MailMessage.kind == "invitation_reminder").order_by(MailMessage.id)
    return [each.to_name for each in db.session.scalars(new) if each.id not in before]


def test_the_silent_are_reminded_on_the_days_of_the_plan_and_never_who_has_answered(cast: Cast) -> None:
    with clock.at(local(1, 9)):
        event = make_asking_event(7, 2)
        for name in ("petra", "tom", "mei"):
            ask(event, cast.people[name])
        by_link(links_to(cast.people["tom"])[-1], NO)
    assert [step.at for step in reminders.steps_of(event, queries.find_plan(event), _plan(event))] == [
        local(8, 7), local(13, 7),
    ]  # fmt: skip
    assert run(local(8, 6, 59)) == []  # quiet, and a minute early
    assert sorted(run(local(8, 7))) == ["Mei Zhao", "Petra Lindqvist"]
    assert run(local(8, 7, 1)) == []  # a second run, or one after a killed process, does nothing twice
    assert run(local(12, 12)) == []
    old = links_to(cast.people["mei"])[0]
    assert len(links_to(cast.people["mei"])) == 2
    with clock.at(local(12, 13)):
        with pytest.raises(Refused):
            by_link(old, NO)
        by_link(links_to(cast.people["mei"])[-1], NO)
    assert run(local(13, 20)) == []  # quiet again
    assert run(local(14, 9)) == ["Petra Lindqvist"]  # what was missed the day before is caught up
    assert run(local(15, 17)) == []
    assert run(local(15, 19)) == []  # the deadline is over
    (invitation,) = [each for each in reminders.list_silent(event)]
    assert (invitation.person.name, invitation.reminders) == ("Petra Lindqvist", 2)


def _plan(event: Event) -> Any:
    from app.invitations.queries import find_reminder_plan

    return find_reminder_plan(event)


def test_one_mail_a_day_tells_of_everything_that_is_due(cast: Cast) -> None:
    petra = cast.people["petra"]
    with clock.at(local(1, 9)):
        first, second = make_asking_event(7), make_asking_event(7, 6)
        tokens = [ask(each, petra)[1] for each in (first, second)]
    assert run(local(8, 8)) == ["Petra Lindqvist"]
    (mail,) = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation_reminder"))
    assert mail.subject == "Please answer 2 invitations"
    assert first.title not in mail.subject
    assert {first.title, second.title} <= {line.strip() for line in mail.text.splitlines()}
    assert mail.holds_secret
    assert len(links_to(petra)) == 4
    assert not set(tokens) & set(links_to(petra)[2:])
    assert run(local(9, 7, 30)) == []  # the second reminder of one of them would be the second mail within a day
    assert run(local(9, 8, 1)) == ["Petra Lindqvist"]


@pytest.mark.parametrize("why", ["fresh", "revoked", "gone", "no_address", "closed", "draft", "rehearsal"])
def test_who_is_left_in_peace(cast: Cast, why: str) -> None:
    petra = cast.people["petra"]
    with clock.at(local(7, 12) if why == "fresh" else local(1, 9)):
        event = make_asking_event(7)
        invitation, _token = ask(event, petra)
        with unit_of_work():
            if why == "revoked":
                invitations.revoke(invitation, actor=cast.olaf)
            elif why == "gone":
                petra.left_on = START - timedelta(days=1)
            elif why == "no_address":
                petra.email = petra.email_key = None
            elif why == "closed":
                queries.find_plan(event).is_open = False
            elif why == "draft":
                event.status = Status.CANCELLED
            elif why == "rehearsal":
                event.is_rehearsal = True
    assert run(local(8, 9)) == []
    assert run(local(8, 13)) == (["Petra Lindqvist"] if why == "fresh" else [])  # a day after the invitation


def test_the_undecided_are_asked_again_on_their_day_and_only_once(cast: Cast) -> None:
    with clock.at(local(1, 9)):
        event = make_asking_event()
        invitation, token = ask(event, cast.people["petra"])
        by_link(token, Reply(Answer.MAYBE, maybe_until=date(2027, 3, 6)))
    assert run(local(5, 12)) == []
    assert run(local(6, 6)) == []
    assert run(local(6, 7)) == ["Petra Lindqvist"]
    (mail,) = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation_reminder"))
    assert "You said maybe, and that you would know today." in mail.text
    assert run(local(7, 12)) == run(local(8, 12)) == []
    with clock.at(local(8, 13)):
        by_link(links_to(cast.people["petra"])[-1], Reply(Answer.MAYBE, maybe_until=date(2027, 3, 10)))
    assert run(local(10, 9)) == ["Petra Lindqvist"]
    assert [each.answer for each in invitation.answers] == ["maybe", "maybe"]


def test_a_run_that_is_killed_in_the_middle_leaves_nobody_out_and_writes_to_nobody_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(local(1, 9)):
        event = make_asking_event(7)
        with unit_of_work():
            people = [make_person(name=f"Guest {number}") for number in range(5)]
        for each in people:
            ask(event, each)
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    kept, calls = reminders._remind_some, []

    def die_at_the_second(some: Any, now: datetime) -> None:
        kept(some, now)
        calls.append(some)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(reminders, "_remind_some", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run(local(8, 9))
    assert len(db.session.scalars(select(MailMessage.id).where(MailMessage.kind == "invitation_reminder")).all()) == 2
    monkeypatch.setattr(reminders, "_remind_some", kept)
    assert len(run(local(8, 9, 1))) == 3
    assert db.session.scalars(select(Invitation.reminders)).all() == [1] * 5


def test_only_the_organizer_plans_and_only_with_sense(cast: Cast) -> None:
    event = make_open_event(starts_on=START, closes_at=CLOSES) if clock.now() < CLOSES else make_asking_event()
    for who in ("petra", "aude", "sara"):
        with pytest.raises(Forbidden), unit_of_work():
            reminders.set_plan(event, actor=cast.accounts[who], version=None, first=1, second=None, third=None)
    for wrong in (0, -1, 91):
        with pytest.raises(Refused), unit_of_work():
            reminders.set_plan(event, actor=cast.olaf, version=None, first=wrong, second=None, third=None)


def test_the_page_of_the_plan_shows_when_and_to_whom(app: Flask, as_: Any) -> None:
    with app.app_context():
        event = make_open_event(closes_at=clock.now() + timedelta(days=20))
        ask(event, the_cast.load().people["petra"])
        page = f"/events/{event.ref}/invitations/reminders"
    olaf = as_("olaf")
    assert olaf.post(page, {"first": "100"}).status_code == 422
    assert olaf.post(page, {"first": "7", "second": "3", "third": ""}).status_code == 303
    shown = olaf.get(page).text
    assert "Petra Lindqvist" in shown
    assert shown.count("to come") == 2
    assert "7 days before" in shown
    assert olaf.post(page, {"first": "5", "version": "0"}).status_code == 409
    assert as_("petra").get(page).status_code == 403


def test_two_who_remind_at_once_write_once(either_app: Flask) -> None:
    """Two servers run the same job, an organizer and a head press at the same moment."""
    with either_app.app_context(), clock.at(local(1, 9)):
        event = make_asking_event(7)
        with unit_of_work():
            people = [make_person() for _each in range(6)]
        for each in people:
            ask(event, each)
        event_id = event.id
        db.session.remove()
    start, failed = threading.Barrier(3), []

    def act(by_hand: bool) -> None:
        try:
            with either_app.app_context(), clock.at(local(8, 9)):
                start.wait()
                if not by_hand:
                    jobs.run_now("remind_by_plan")
                    return
                with unit_of_work(), contextlib.suppress(NobodyToRemind):
                    invitations.remind_silent(db.session.get_one(Event, event_id), actor=SYSTEM)
        except Exception as error:  # told below, where it fails the test
            failed.append(error)

    threads = [threading.Thread(target=act, args=(each,)) for each in (False, False, True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with either_app.app_context():
        assert failed == []
        mails = db.session.scalars(select(MailMessage).where(MailMessage.kind == "invitation_reminder")).all()
        assert len(mails) == len({each.to_address for each in mails}) == 6
        assert db.session.scalars(select(Invitation.reminders)).all() == [1] * 6
