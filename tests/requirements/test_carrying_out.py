"""Reports, those who help, and evidence: what may be told by whom, and that nothing is asked for twice."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.files.models import StoredFile
from app.requirements import policy, queries, services
from app.requirements.errors import NotYours, WrongMoment
from app.requirements.models import Contributor, Evidence, Report, Support
from app.requirements.services.carrying_out import proofs
from tests.factories import make_department
from tests.factories.requirements import in_days, make_assignment

PDF = b"%PDF-1.7 acceptance report"


def test_rule_12_confidence_and_progress_are_two_numbers_and_the_history_is_only_added_to(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        services.report(
            assignment, actor=cast.petra, text="Two drawn.", confidence=9, percent=20, help_needed="A crane"
        )
    with unit_of_work():
        services.report(assignment, actor=cast.petra, text="Stuck.", confidence=3, percent=60, blocked_by="No crane")
    assert (assignment.confidence, assignment.percent) == (3, 60)
    assert (assignment.blocked_by, assignment.help_needed) == ("No crane", None)
    told = db.session.scalars(select(Report).order_by(Report.id)).all()
    assert [(each.confidence, each.percent, each.help_needed) for each in told] == [(9, 20, "A crane"), (3, 60, None)]
    with unit_of_work():
        services.report(assignment, actor=cast.petra, text="The crane came.", confidence=8)
    assert (assignment.blocked_by, assignment.percent) == (None, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"confidence": 0}, "confidence"), ({"confidence": 11}, "confidence"), ({"confidence": None}, "confidence"),
     ({"confidence": 5, "percent": 101}, "percent"), ({"confidence": 5, "percent": -1}, "percent")],
)  # fmt: skip
def test_a_report_that_says_an_impossible_number_is_refused_beside_its_field(cast, values, field):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
    with pytest.raises(WrongMoment) as refused, unit_of_work():
        services.report(assignment, actor=cast.petra, text="x", **values)
    assert refused.value.field == field
    assert assignment.state == "accepted"
    assert db.session.scalars(select(Report)).all() == []


def test_those_who_help_report_on_their_part_and_change_nothing_of_the_whole(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress")
        purchasing = make_department(name="Purchasing")
        steel = make_department(name="Steel", parent=purchasing)
        cast.people["rita"].department = steel
        db.session.add_all([Support(assignment=assignment, department=purchasing),
                            Contributor(assignment=assignment, person=cast.people["xaver"])])  # fmt: skip
    before = (assignment.confidence, assignment.percent, assignment.last_report_at, assignment.silent_from)
    for helper in (cast.xaver, cast.rita):  # a contributor, and somebody of a unit below the supporting department
        assert policy.may_report(helper, assignment)
        assert policy.may_follow(helper, assignment)
        with unit_of_work():
            told = services.report(assignment, actor=helper, text="My part.", percent=30, blocked_by="No steel")
        assert (told.confidence, told.by_name) == (None, helper.name)
    assert before == (assignment.confidence, assignment.percent, assignment.last_report_at, assignment.silent_from)
    assert assignment.blocked_by is None
    with pytest.raises(NotYours) as refused, unit_of_work():
        services.report(assignment, actor=cast.xaver, text="I am sure.", confidence=10)
    assert refused.value.field == "confidence"
    with pytest.raises(Forbidden), unit_of_work():
        services.report(assignment, actor=cast.dora, text="Not mine.")
    for act in (services.accept, services.submit):  # a helper accepts and submits nothing for others
        with pytest.raises(Forbidden), unit_of_work():
            act(assignment, actor=cast.xaver)


def test_rule_30_the_next_report_begins_with_what_the_same_person_said_last(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        db.session.add(Contributor(assignment=assignment, person=cast.people["xaver"]))
        db.session.flush()
        services.report(assignment, actor=cast.petra, text="Two drawn.", confidence=9)
        services.report(assignment, actor=cast.xaver, text="My part.")
        db.session.expire(assignment)
    assert queries.last_report_by(assignment, cast.petra).text == "Two drawn."
    assert queries.last_report_by(assignment, cast.xaver).text == "My part."
    assert queries.last_report_by(assignment, cast.tom) is None


def test_the_supervisor_sets_how_often_to_report_and_nobody_for_themselves(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        services.set_cadence(assignment, actor=cast.sven, days=7)
    assert assignment.silent_from == assignment.accepted_at + timedelta(days=7)
    for days in (0, 367):
        with pytest.raises(WrongMoment) as refused, unit_of_work():
            services.set_cadence(assignment, actor=cast.sven, days=days)
        assert refused.value.field == "cadence_days"
    with pytest.raises(Forbidden), unit_of_work():
        services.set_cadence(assignment, actor=cast.petra, days=200)
    with unit_of_work():
        own = make_assignment(cast, "proposed", responsible=cast.people["sven"])
    with pytest.raises(Forbidden), unit_of_work():
        services.set_cadence(own, actor=cast.sven, days=200)


def test_guard_submit_needs_evidence_for_each_criterion_of_whatever_kind(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", criteria="42 t\nA report\nOn the wiki")
        figure = services.add_figure(
            assignment, actor=cast.petra, figure="43.1 t of 42 t", described_as="weighed", criteria=["42 t"]
        )
        file = services.add_file(
            assignment, actor=cast.petra, stream=io.BytesIO(PDF), name="r.pdf", described_as="R", criteria=["A report"]
        )
    assert [(criterion, pieces) for criterion, pieces in proofs(assignment)] == [
        ("42 t", [figure]), ("A report", [file]), ("On the wiki", []),
    ]  # fmt: skip
    with pytest.raises(Refused, match="On the wiki"), unit_of_work():
        services.submit(assignment, actor=cast.petra)
    with unit_of_work():
        services.add_link(assignment, actor=cast.petra, url="https://wiki.hufu.example/x", described_as="Wiki")
        services.submit(assignment, actor=cast.petra)
    assert assignment.state == "submitted"
    with pytest.raises(WrongMoment), unit_of_work():
        services.add_figure(assignment, actor=cast.petra, figure="1 t", described_as="late")


def test_a_figure_without_a_number_is_no_figure(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress")
    with pytest.raises(WrongMoment) as refused, unit_of_work():
        services.add_figure(assignment, actor=cast.petra, figure="a lot", described_as="x")
    assert refused.value.field == "figure"


def test_rule_13_one_piece_serves_many_assignments_without_being_uploaded_again(cast):
    with unit_of_work():
        first = make_assignment(cast, "in_progress")
        second = make_assignment(cast, "in_progress", first.requirement)
        third = make_assignment(cast, "in_progress", first.requirement)
        given = services.add_file(
            first, actor=cast.petra, stream=io.BytesIO(PDF), name="r.pdf", described_as="The report"
        )
    with unit_of_work():
        again = services.use_again(second, given, actor=cast.petra, criteria=["Five plans"])
        once_more = services.use_again(third, again, actor=cast.petra)
    assert (again.file_id, again.reused_from_id, again.criteria) == (given.file_id, given.id, ["Five plans"])
    assert once_more.reused_from_id == given.id  # the piece that was given first, not the copy
    assert len(db.session.scalars(select(StoredFile)).all()) == 1
    assert queries.list_own_evidence(cast.petra) == [once_more]  # each piece once, however often it is used
    assert queries.list_own_evidence(cast.xaver) == []


def test_evidence_of_somebody_else_is_not_used_again(cast):
    with unit_of_work():
        mine = make_assignment(cast, "in_progress")
        theirs = make_assignment(
            cast, "assigned", mine.requirement, responsible=cast.people["xaver"], due_on=in_days(9)
        )
        services.accept(theirs, actor=cast.xaver)
        piece = services.add_link(theirs, actor=cast.xaver, url="https://x.hufu.example/", described_as="Theirs")
    with pytest.raises(NotYours) as refused, unit_of_work():
        services.use_again(mine, piece, actor=cast.petra)
    assert refused.value.field == "earlier_ref"
    assert len(db.session.scalars(select(Evidence)).all()) == 1
