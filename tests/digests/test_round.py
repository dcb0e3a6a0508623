"""The one daily mail: when, to whom, what it says, and never twice."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock, jobs
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.digests import queries, services
from app.digests.models import Digest, Urge, UrgeKind
from app.mail.models import MailMessage
from app.people.models import Department
from app.requirements import services as requirements
from app.requirements.models import Assignment
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech

DUE = date(2027, 3, 17)  # a Wednesday


def local(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """A moment of March 2027 on the clock of Shanghai."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def make(cast: Cast, state: str = "accepted", at: datetime | None = None, **values: object) -> Assignment:
    """Petra's, due on Wednesday the 17th, given to her and accepted on Monday the 1st."""
    with clock.at(at or local(1, 9)), unit_of_work():
        speech = record_speech(cast, event=values.pop("event", None) or make_event(starts_on=date(2027, 2, 20)))
        requirement = confirmed_requirement(cast, speech)
        return make_assignment(cast, state, requirement, **{"due_on": DUE, **values})


def run(at: datetime) -> list[tuple[str, str]]:
    """To whom a run at this moment writes, and under which subject."""
    before = set(db.session.scalars(select(MailMessage.id)))
    with clock.at(at):
        jobs.run_now("send_digests")
    new = select(MailMessage).where(MailMessage.kind == "digest").order_by(MailMessage.to_name)
    return [(each.to_name, each.subject) for each in db.session.scalars(new) if each.id not in before]


def names(at: datetime) -> list[str]:
    return [name for name, _subject in run(at)]


def urges() -> list[tuple[str, date]]:
    return [(each.kind, each.on) for each in db.session.scalars(select(Urge).order_by(Urge.id))]


def text_of(name: str) -> str:
    last = select(MailMessage).where(MailMessage.kind == "digest", MailMessage.to_name == name)
    return db.session.scalars(last.order_by(MailMessage.id.desc())).first().text


PETRA = "Petra Lindqvist"


def test_reminders_come_before_the_date_on_it_and_again_while_it_is_late(cast: Cast) -> None:
    make(cast)
    assert names(local(2)) == ["Tom Okafor"]  # the news that it was accepted
    assert names(local(9)) == []  # six working days before
    assert names(local(10, 7, 59)) == []
    assert names(local(10)) == [PETRA]
    assert names(local(10, 8, 1)) == names(local(10, 19)) == names(local(11)) == []
    assert "Due soon, on" in text_of(PETRA)
    assert names(local(17)) == [PETRA]
    assert "Due today." in text_of(PETRA)
    assert names(local(18, 20)) == []  # no longer day
    assert names(local(18, 12)) == [PETRA]  # what was missed in the morning is caught up
    assert "1 day late. It was due on" in text_of(PETRA)
    assert names(local(19)) == []
    assert names(local(20)) == names(local(21)) == []  # a weekend
    assert [kind for kind, _on in urges()] == [UrgeKind.BEFORE, UrgeKind.DUE, UrgeKind.AFTER]
    assert PETRA not in names(local(22)) + names(local(24))
    assert PETRA in names(local(25))  # the fifth working day after the first


def test_a_date_on_a_day_off_is_told_on_the_last_working_day_before(cast: Cast) -> None:
    make(cast, due_on=date(2027, 3, 20))
    run(local(15))
    assert names(local(19)) == [PETRA]
    assert "a day off: today is the last working day before it" in text_of(PETRA)


def test_what_is_late_goes_to_the_head_and_then_to_the_supervisor_and_the_log_says_so(cast: Cast) -> None:
    with unit_of_work():
        works = db.session.scalar(select(Department).where(Department.code == "WRK"))
        works.head = cast.people["mei"]
    assignment = make(cast)
    for day in (2, 10, 17, 18):
        run(local(day))
    assert names(local(22)) == ["Mei Zhao"]  # Thursday, Friday, Monday
    assert "late, with Petra Lindqvist" in text_of("Mei Zhao")
    assert "Sven Lund" not in names(local(26)) + names(local(29)) + names(local(30))
    assert "Sven Lund" in names(local(31))  # the tenth working day
    told = select(AuditEntry).where(
        AuditEntry.action == "assignment.escalated", AuditEntry.subject_ref == assignment.ref
    )
    assert {each.details["kind"] for each in db.session.scalars(told)} == {"head", "supervisor"}


def test_without_a_head_the_supervisor_is_told_and_never_the_responsible_person(cast: Cast) -> None:
    with unit_of_work():
        works = db.session.scalar(select(Department).where(Department.code == "WRK"))
        works.head = cast.people["petra"]
        cast.people["petra"].manager = None
    make(cast)
    for day in (2, 10, 17, 18):
        run(local(day))
    assert names(local(22)) == ["Sven Lund"]


def test_the_silent_are_asked_to_report(cast: Cast) -> None:
    make(cast, due_on=date(2027, 9, 15))
    assert PETRA not in names(local(31))
    with clock.at(local(31) + timedelta(days=1)):
        jobs.run_now("send_digests")
    assert "Nothing was heard for too long." in text_of(PETRA)


def test_who_has_left_is_not_written_to_and_the_supervisor_is_told(cast: Cast) -> None:
    make(cast)
    with unit_of_work():
        cast.people["petra"].left_on = date(2027, 3, 5)
    assert "Sven Lund" in names(local(10))
    assert "Nobody answers for it any more: Petra Lindqvist" in text_of("Sven Lund")
    for day in (11, 17, 18, 22):
        assert PETRA not in names(local(day))


def test_nothing_to_say_is_no_mail_and_two_things_are_one(cast: Cast) -> None:
    make(cast, "assigned")
    make(cast, "submitted")
    assert run(local(2)) == [(PETRA, "One thing is asked of you"), ("Tom Okafor", "One thing is asked of you")]
    assert run(local(3)) == []
    assert "Please accept it or hand it back." in text_of(PETRA)
    assert "Please verify the evidence of Petra Lindqvist." in text_of("Tom Okafor")


def test_the_most_urgent_stands_first_and_every_line_is_a_link(cast: Cast) -> None:
    later, late = make(cast, due_on=date(2027, 3, 30)), make(cast, due_on=date(2027, 3, 9))
    asked = make(cast, "assigned", due_on=date(2027, 3, 25))
    run(local(24))
    text = text_of(PETRA)
    places = [text.index(f"/events/{each.event.ref}/assignments/{each.ref}\n") for each in (late, asked, later)]
    assert places == sorted(places)


def test_news_can_be_turned_off_and_what_is_asked_cannot(cast: Cast) -> None:
    with unit_of_work():
        services.want_news(cast.people["tom"], False, actor=cast.tom)
    with pytest.raises(Forbidden), unit_of_work():
        services.want_news(cast.people["tom"], True, actor=cast.petra)
    assignment = make(cast)
    assert names(local(2)) == []
    with clock.at(local(2, 9)), unit_of_work():
        again = db.session.get(Assignment, assignment.id)
        requirements.add_link(again, actor=cast.petra, url="https://wiki.hufu.example/a", described_as="All")
        requirements.submit(again, actor=cast.petra)
    assert names(local(3)) == ["Tom Okafor"]


def test_the_mail_is_in_the_language_of_whoever_reads_it(cast: Cast) -> None:
    with unit_of_work():
        cast.petra.language = "zh_Hans_CN"
    make(cast)
    run(local(17))
    assert "今天到期" in text_of(PETRA)


def test_of_two_workers_at_once_one_writes_the_mail(cast: Cast, app: Flask) -> None:
    make(cast)
    db.session.rollback()
    barrier = threading.Barrier(2)

    def work() -> None:
        with app.app_context(), clock.at(local(10)):
            barrier.wait()
            jobs.run_now("send_digests")
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    mails = select(func.count(MailMessage.id)).where(MailMessage.kind == "digest", MailMessage.to_name == PETRA)
    assert db.session.scalar(mails) == 1
    assert len(urges()) == 1


def test_a_run_that_is_killed_loses_nobody_and_writes_nobody_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make(cast, "assigned")
    make(cast, "submitted")
    written = services.queue_mail

    def killed(*told: object, **more: object) -> object:
        if db.session.scalar(select(func.count(Digest.id))) == 2:
            raise SystemExit
        return written(*told, **more)

    monkeypatch.setattr(services, "queue_mail", killed)
    with pytest.raises(SystemExit):
        run(local(2))
    db.session.rollback()
    assert db.session.scalar(select(func.count(Digest.id))) == 1
    monkeypatch.undo()
    assert len(run(local(2, 8, 5))) == 1
    assert db.session.scalar(select(func.count(MailMessage.id)).where(MailMessage.kind == "digest")) == 2
    assert run(local(2, 8, 6)) == []


def test_two_zones_are_one_mail_a_day(cast: Cast) -> None:
    make(cast, due_on=DUE)
    make(cast, due_on=DUE, event=make_event(starts_on=date(2027, 2, 20), time_zone="Europe/Berlin"))
    assert names(local(10)) == [PETRA]
    assert text_of(PETRA).count("Due soon, on") == 2  # in Berlin it is one o'clock, and the same day
    assert names(local(10, 16)) == []


def test_a_rehearsal_reminds_nobody(cast: Cast) -> None:
    assignment = make(cast)
    with unit_of_work():
        assignment.event.is_rehearsal = True
    assert names(local(17)) == []


def test_the_plan_decides_the_days_and_only_the_supervising_side_sets_it(cast: Cast) -> None:
    assignment = make(cast)
    days = {"days_before": 2, "repeat_after": 3, "head_after": 5, "supervisor_after": 7}
    with pytest.raises(Forbidden), unit_of_work():
        services.set_plan(assignment.event, actor=cast.petra, version=None, **days)
    for wrong in ({"days_before": 0}, {"repeat_after": 61}, {"supervisor_after": 4}):
        with pytest.raises(Refused), unit_of_work():
            services.set_plan(assignment.event, actor=cast.sven, version=None, **{**days, **wrong})
    with unit_of_work():
        services.set_plan(assignment.event, actor=cast.sven, version=None, **days)
    assert queries.find_plan(assignment.event).head_after == 5
    run(local(2))
    assert names(local(12)) == []
    assert names(local(15)) == [PETRA]


def test_a_date_that_was_moved_is_told_anew(cast: Cast) -> None:
    assignment = make(cast)
    run(local(2))
    run(local(10))
    with clock.at(local(11)), unit_of_work():
        db.session.get(Assignment, assignment.id).due_on = date(2027, 4, 15)
    assert names(local(17)) == []
    assert names(datetime(2027, 4, 8, 1, tzinfo=UTC)) == [PETRA]


def test_until_the_follow_up_date_nobody_is_reminded_but_the_others_are_told(cast: Cast) -> None:
    assignment = make(cast)
    for day in (2, 10, 17):
        run(local(day))
    with unit_of_work():
        db.session.get(Assignment, assignment.id).follow_up_on = date(2027, 3, 24)
    assert PETRA not in names(local(18)) + names(local(22)) + names(local(23))
    assert ("head", date(2027, 3, 22)) in urges()
    assert PETRA in names(local(24))


def test_nobody_is_written_to_about_a_gathering_that_they_may_not_open(cast: Cast) -> None:
    """Handed over while she could see it; then it became restricted, and she has no part in it."""
    assignment = make(cast)
    run(local(2))
    with unit_of_work():
        assignment.event.audience = "restricted"
    assert PETRA not in names(local(10))
    with unit_of_work():
        assignment.event.audience = "internal"
    assert PETRA in names(local(11))
