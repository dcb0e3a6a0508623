"""More time: asked for before the date it moves it, asked for later it moves nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import NOBODY
from app.extensions import queries
from app.extensions.errors import DecidedAlready, NotLater, OneAtATime
from app.extensions.models import Extension, ExtensionState
from app.extensions.services import ask, grant, refuse
from app.mail.models import MailMessage
from app.negotiations import services as negotiations
from app.requirements import services as requirements
from app.requirements.errors import DueDatePassed, ReasonMissing
from tests.factories import make_event
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment, record_speech


def stored(record) -> dict:
    db.session.rollback()
    db.session.refresh(record)
    return {each.key: getattr(record, each.key) for each in inspect(type(record)).column_attrs}


def mails(kind: str) -> dict[str, MailMessage]:
    found = db.session.scalars(select(MailMessage).where(MailMessage.kind == f"assignment.{kind}"))
    return {each.to_address: each for each in found}


def test_asked_for_in_time_and_granted_the_agreed_date_moves_and_the_original_stays(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress")
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(45), reason="The kiln is late.")
    assert (asked.is_in_time, asked.was_due_on, assignment.due_on) == (True, in_days(30), in_days(30))
    assert "The kiln is late." in mails("asked")["sven@hufu.example"].text
    with unit_of_work():
        grant(asked, actor=cast.sven, reason="Once.")
    assert (assignment.due_on, assignment.original_due_on, assignment.follow_up_on) == (in_days(45), in_days(30), None)
    assert (asked.state, asked.decided_by_name, asked.decision_reason) == ("granted", "Sven Lund", "Once.")
    assert assignment.state == "in_progress"


def test_rule_8_asked_for_after_the_date_it_is_a_day_to_follow_up_and_no_figure_moves(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", due_on=in_days(5))
    due, later = in_days(5), in_days(20)
    with clock.at(clock.now() + timedelta(days=8)), unit_of_work():
        asked = ask(assignment, actor=cast.petra, new_due_on=later, reason="x")
        grant(asked, actor=cast.li_wei)
    assert (assignment.due_on, assignment.original_due_on) == (due, due)
    assert assignment.follow_up_on == later
    assert assignment.is_late_on(in_days(8))
    text = mails("granted")["petra@hufu.example"].text
    assert "the evaluation stays on" in text
    assert "the evaluation stays on" in mails("asked")["sven@hufu.example"].text


@pytest.mark.parametrize(("hour", "in_time"), [(15, True), (17, False)])
def test_the_day_is_told_by_the_calendar_at_the_place_of_the_event(cast, hour, in_time):
    """At 16:00 UTC the next day begins in Shanghai."""
    with clock.at(datetime(2030, 3, 1, 6, tzinfo=UTC)), unit_of_work():
        event = make_event(
            starts_on=datetime(2030, 3, 1).date(), ends_on=datetime(2030, 3, 2).date(), time_zone="Asia/Shanghai"
        )
        requirement = confirmed_requirement(cast, record_speech(cast, event=event))
        assignment = make_assignment(cast, "accepted", requirement, due_on=datetime(2030, 3, 20).date())
    with clock.at(datetime(2030, 3, 20, hour, tzinfo=UTC)), unit_of_work():
        asked = ask(assignment, actor=cast.petra, new_due_on=datetime(2030, 4, 20).date(), reason="x")
    assert asked.is_in_time is in_time


def test_guard_one_request_at_a_time_a_later_day_and_a_reason(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
    for day, reason, refusal, field in (
        (in_days(30), "x", NotLater, "new_due_on"),
        (in_days(3), "x", NotLater, "new_due_on"),
        (in_days(40), "", ReasonMissing, "reason"),
    ):
        with pytest.raises(refusal) as refused, unit_of_work():
            ask(assignment, actor=cast.petra, new_due_on=day, reason=reason)
        assert refused.value.field == field
    passed = in_days(50)
    with clock.at(clock.now() + timedelta(days=60)), pytest.raises(DueDatePassed) as refused, unit_of_work():
        ask(assignment, actor=cast.petra, new_due_on=passed, reason="x")
    assert refused.value.field == "new_due_on"
    with unit_of_work():
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(40), reason="x")
    with pytest.raises(OneAtATime), unit_of_work():
        ask(assignment, actor=cast.petra, new_due_on=in_days(50), reason="x")
    assert [each.id for each in queries.list_of(assignment)] == [asked.id]
    assert [each.id for each in queries.list_waiting_in(assignment.event)] == [asked.id]


def test_guard_who_asks_and_who_decides(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
    for who in ("sven", "li_wei", "olaf", "mei", "tom", "xaver", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            ask(assignment, actor=cast.accounts[who], new_due_on=in_days(40), reason="x")
    with unit_of_work():
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(40), reason="x")
    for actor in (cast.petra, cast.mei, cast.tom, cast.sara, cast.ada, cast.aude, NOBODY):
        for act in (grant, refuse):
            with pytest.raises(Forbidden), unit_of_work():
                act(asked, actor=actor, reason="x")
    assert (asked.state, assignment.due_on) == ("asked", in_days(30))


def test_a_refusal_needs_a_reason_moves_nothing_and_another_request_may_follow(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(40), reason="x")
    before = stored(assignment)
    with pytest.raises(ReasonMissing), unit_of_work():
        refuse(asked, actor=cast.sven, reason="")
    with unit_of_work():
        refuse(asked, actor=cast.sven, reason="The line opens then.")
    assert stored(assignment) == before
    assert "The line opens then." in mails("refused")["petra@hufu.example"].text
    with unit_of_work():
        ask(assignment, actor=cast.petra, new_due_on=in_days(35), reason="x")
    assert [each.state for each in queries.list_of(assignment)] == ["asked", "refused"]


def test_of_two_who_decide_the_second_is_told_who_was_first(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        asked = ask(assignment, actor=cast.petra, new_due_on=in_days(40), reason="x")
        refuse(asked, actor=cast.li_wei, reason="No.")
    for act in (grant, refuse):
        with pytest.raises(DecidedAlready, match="Li Wei has decided this already"), unit_of_work():
            act(asked, actor=cast.sven, reason="x")
    assert assignment.due_on == in_days(30)


def test_a_request_ends_when_another_date_is_agreed_or_it_is_handed_back(cast):
    with unit_of_work():
        agreed, declined = make_assignment(cast, "assigned"), make_assignment(cast, "assigned")
        asked = [ask(each, actor=cast.petra, new_due_on=in_days(60), reason="x") for each in (agreed, declined)]
        made = negotiations.propose_otherwise(
            agreed, actor=cast.petra, **{**negotiations.terms_of(agreed), "due_on": in_days(40)}
        )
        negotiations.agree(made, actor=cast.sven)
        requirements.hand_back(declined, actor=cast.petra, reason="No people.")
    assert [each.state for each in asked] == [ExtensionState.ENDED, ExtensionState.ENDED]
    assert (agreed.due_on, agreed.original_due_on) == (in_days(40), in_days(40))
    assert db.session.scalars(select(Extension).where(Extension.state == ExtensionState.ASKED)).all() == []
