"""The ball goes to and fro until both agree or the leader decides."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import NOBODY
from app.mail.models import MailMessage
from app.negotiations import queries, services
from app.negotiations.errors import BallElsewhere, DateIsNotNegotiable, NothingOtherOffered
from app.negotiations.models import CounterProposal, ProposalState
from app.negotiations.services import agree, decide, propose_otherwise, terms_of
from app.requirements import services as requirements
from app.requirements.errors import DueDatePassed
from app.requirements.models import Assignment
from tests.factories.requirements import in_days, make_assignment


def offer(assignment: Assignment, actor, **other) -> CounterProposal:
    terms = {**terms_of(queries.find_open(assignment) or assignment), **other}
    return propose_otherwise(assignment, actor=actor, **terms)


def stored(record) -> dict:
    db.session.rollback()
    db.session.refresh(record)
    return {each.key: getattr(record, each.key) for each in inspect(type(record)).column_attrs}


def test_the_supervisor_agrees_and_the_agreed_date_is_the_original_one(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        made = offer(
            assignment, cast.petra, deliverable="Three plans on paper", due_on=in_days(40), words="Two are far."
        )
    assert (assignment.state, assignment.original_due_on, assignment.accepted_at) == ("negotiating", in_days(30), None)
    assert made.was["deliverable"] == "Five plans on paper"
    assert (made.was_due_on, made.differing) == (in_days(30), ["deliverable", "due_on"])
    with unit_of_work():
        agree(made, actor=cast.sven)
    assert (assignment.state, assignment.deliverable) == ("accepted", "Three plans on paper")
    assert (assignment.original_due_on, assignment.due_on) == (in_days(40), in_days(40))
    assert assignment.accepted_at is not None
    assert assignment.silent_from is not None
    assert (made.state, made.answered_by_name, made.was["deliverable"]) == (
        "agreed",
        "Sven Lund",
        "Five plans on paper",
    )
    row = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "assignment.agreed"))
    assert row.details["deliverable"] == ["Five plans on paper", "Three plans on paper"]


def test_the_responsible_person_may_agree_to_what_the_supervisor_answers(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        first = offer(assignment, cast.petra, due_on=in_days(60))
        second = offer(assignment, cast.sven, due_on=in_days(40), resources="Two engineers")
    assert (first.state, second.was["due_on"], second.was_due_on) == ("answered", in_days(60).isoformat(), in_days(60))
    for actor in (cast.sven, cast.li_wei, cast.tom, NOBODY):
        with pytest.raises(Forbidden), unit_of_work():
            agree(second, actor=actor)
    with unit_of_work():
        agree(second, actor=cast.petra)
    assert (assignment.state, assignment.due_on, assignment.original_due_on) == ("accepted", in_days(40), in_days(40))
    assert assignment.resources == "Two engineers"


def test_guard_a_counter_proposal_offers_other_words_another_date_or_other_resources(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
    before = stored(assignment)
    same = {"criteria": "  Five plans \n\nEach names what stands in the way\n"}  # differs in nothing that can be read
    for other in ({}, same, {"resources": ""}):
        with pytest.raises(NothingOtherOffered) as refused, unit_of_work():
            offer(assignment, cast.petra, **other)
        assert refused.value.field == "deliverable"
    assert stored(assignment) == before
    for other in ({"criteria": "Four plans"}, {"resources": "A van"}, {"due_on": in_days(31)}, {"deliverable": "Four"}):
        with unit_of_work():
            another = make_assignment(cast, "assigned")
            offer(another, cast.petra, **other)
        assert another.state == "negotiating"


def test_guard_after_three_rounds_somebody_agrees_or_the_leader_decides(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        for number, actor in enumerate((cast.petra, cast.sven, cast.petra)):
            offer(assignment, actor, deliverable=f"Version {number}")
    before = stored(assignment)
    with pytest.raises(BallElsewhere, match="3 proposals were made"), unit_of_work():
        offer(assignment, cast.sven, deliverable="Version 4")
    assert stored(assignment) == before
    with unit_of_work():
        agree(queries.find_open(assignment), actor=cast.sven)
    assert assignment.deliverable == "Version 2"


def test_guard_only_the_side_that_has_the_ball_plays(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
    with pytest.raises(BallElsewhere, match="Petra Lindqvist has to answer first"), unit_of_work():
        offer(assignment, cast.sven, deliverable="Four")
    with unit_of_work():
        made = offer(assignment, cast.petra, deliverable="Three")
    with pytest.raises(BallElsewhere, match="waits for an answer"), unit_of_work():
        offer(assignment, cast.petra, deliverable="Two")
    for actor in (cast.petra, cast.tom, cast.rita, cast.sara, cast.aude, cast.ada, NOBODY):
        with pytest.raises(Forbidden), unit_of_work():
            agree(made, actor=actor)
    for actor in (cast.tom, cast.rita, cast.aude, NOBODY):
        with pytest.raises(Forbidden), unit_of_work():
            offer(assignment, actor, deliverable="One")
    assert (assignment.state, len(queries.list_of(assignment))) == ("negotiating", 1)


def test_an_organizer_negotiates_their_own_on_one_side_only(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "proposed", responsible=cast.people["olaf"])
        requirements.hand_over(assignment, actor=cast.sven)
        made = offer(assignment, cast.olaf, deliverable="Three")
    with pytest.raises(Forbidden), unit_of_work():
        agree(made, actor=cast.olaf)
    with pytest.raises(BallElsewhere), unit_of_work():
        offer(assignment, cast.olaf, deliverable="Two")


def test_the_leader_decides_and_then_it_is_accepted_or_handed_back(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        made = offer(assignment, cast.petra, deliverable="Three", due_on=in_days(60))
    for who in ("sven", "olaf", "petra", "sara", "tom", "ada"):
        with pytest.raises(Forbidden), unit_of_work():
            decide(assignment, actor=cast.accounts[who], **terms_of(made))
    with unit_of_work():
        decide(assignment, actor=cast.li_wei, **{**terms_of(made), "due_on": in_days(45)}, words="Four are too many.")
    assert (assignment.state, assignment.deliverable) == ("assigned", "Three")
    assert (assignment.original_due_on, assignment.due_on, assignment.accepted_at) == (in_days(45), in_days(45), None)
    assert (made.state, made.answer, made.answered_by_name) == ("decided", "Four are too many.", "Li Wei")
    with pytest.raises(BallElsewhere, match="The leader has decided"), unit_of_work():
        offer(assignment, cast.petra, deliverable="Two")
    with unit_of_work():
        requirements.accept(assignment, actor=cast.petra)
    assert (assignment.state, assignment.original_due_on) == ("accepted", in_days(45))


def test_a_date_that_had_passed_unanswered_is_not_negotiated_any_more(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned", due_on=in_days(5))
    with clock.at(clock.now() + timedelta(days=8)):
        with pytest.raises(DateIsNotNegotiable) as refused, unit_of_work():
            offer(assignment, cast.petra, due_on=in_days(30))
        assert refused.value.field == "due_on"
        with unit_of_work():
            made = offer(assignment, cast.petra, deliverable="Three")
        for act in (
            lambda: offer(assignment, cast.sven, due_on=in_days(30)),
            lambda: decide(assignment, actor=cast.li_wei, **{**terms_of(made), "due_on": in_days(30)}),
        ):
            with pytest.raises(DateIsNotNegotiable), unit_of_work():
                act()
        with unit_of_work():
            agree(made, actor=cast.sven)
    assert (assignment.state, assignment.original_due_on, assignment.due_on) == ("accepted", in_days(5), in_days(5))


def test_a_date_spoken_of_in_time_may_still_be_agreed_when_the_old_one_has_passed(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned", due_on=in_days(5))
        made = offer(assignment, cast.petra, due_on=in_days(30))
    with clock.at(clock.now() + timedelta(days=40)), pytest.raises(DueDatePassed), unit_of_work():
        agree(made, actor=cast.sven)
    with clock.at(clock.now() + timedelta(days=8)), unit_of_work():
        agree(made, actor=cast.sven)
    assert assignment.original_due_on == in_days(30)


def test_of_two_answers_to_one_proposal_the_second_is_told_who_was_first(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        made = offer(assignment, cast.petra, deliverable="Three")
        agree(made, actor=cast.sven)
    before = stored(assignment)
    with pytest.raises(BallElsewhere, match="Sven Lund has answered this proposal already"), unit_of_work():
        agree(made, actor=cast.olaf)
    with pytest.raises(Refused), unit_of_work():
        decide(assignment, actor=cast.li_wei, **terms_of(made))
    assert stored(assignment) == before


def test_a_page_opened_before_the_ball_moved_is_stale(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        offer(assignment, cast.petra, deliverable="Three")
        opened = assignment.version
        offer(assignment, cast.sven, deliverable="Four")
    with pytest.raises(Stale), unit_of_work():
        propose_otherwise(
            assignment, actor=cast.petra, version=opened, **{**terms_of(assignment), "deliverable": "Two"}
        )
    assert len(queries.list_of(assignment)) == 2


def test_each_side_is_told_in_its_language_what_differs(cast):
    with unit_of_work():
        cast.sven.language = "zh_Hans_CN"
        assignment = make_assignment(cast, "assigned")
        made = offer(assignment, cast.petra, due_on=in_days(40), words="The kiln comes later.")
        agree(made, actor=cast.sven)
    told = {each.kind: each for each in db.session.scalars(select(MailMessage))}
    countered, agreed = told["assignment.countered"], told["assignment.agreed"]
    assert (countered.to_address, countered.language) == ("sven@hufu.example", "zh_Hans_CN")
    assert "The kiln comes later." in countered.text
    assert f"/assignments/{assignment.ref}/negotiation" in countered.text
    assert "Five plans on paper" not in countered.text
    assert agreed.to_address == "petra@hufu.example"


def test_what_waits_for_whom_can_be_asked(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        first = offer(assignment, cast.petra, deliverable="Three")
    assert [each.id for each in queries.list_waiting_in(assignment.event)] == [first.id]
    assert queries.list_waiting_for(cast.people["petra"]) == []
    with unit_of_work():
        second = offer(assignment, cast.sven, deliverable="Four")
    assert [each.id for each in queries.list_waiting_for(cast.people["petra"])] == [second.id]
    assert queries.list_waiting_in(assignment.event) == []
    assert second.state == ProposalState.OPEN
    assert services.rounds_left(assignment) == 1
