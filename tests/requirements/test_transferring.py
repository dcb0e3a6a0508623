"""An assignment goes to somebody else: its history and its dates stay. And who may act in whose name."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.assistants import services as assistants
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, edit, unit_of_work
from app.core.errors import Forbidden, Stale
from app.core.roles import SYSTEM
from app.extensions import queries as time_asked
from app.extensions import services as extensions
from app.extensions.models import ExtensionState
from app.mail.models import MailMessage
from app.negotiations import queries as negotiation
from app.negotiations import services as negotiations
from app.negotiations.errors import DateIsNotNegotiable
from app.negotiations.models import ProposalState
from app.requirements import queries, services
from app.requirements.errors import (
    EvaluationMissing,
    EvidenceMissing,
    OriginalDueDateIsFixed,
    ReasonMissing,
    WrongMoment,
    WrongPerson,
)
from app.requirements.models import Assignment, Evidence, Transfer
from tests.cast import Cast
from tests.factories import make_department, make_person
from tests.factories.requirements import in_days, make_assignment


def to_rita(cast: Cast, assignment: Assignment, **more):
    given = {"to": cast.people["rita"], "reason": "She knows the plants.", "actor": cast.sven}
    return services.transfer(assignment, **{**given, **more})


def mails(kind: str) -> dict[str, str]:
    found = db.session.scalars(select(MailMessage).where(MailMessage.kind == f"assignment.{kind}"))
    return {each.to_address: each.text for each in found}


def test_a_transfer_keeps_names_dates_and_history_and_asks_the_new_person(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress")
        accepted_at, handed_over_at, due = assignment.accepted_at, assignment.handed_over_at, assignment.due_on
    with unit_of_work():
        to_rita(cast, assignment)
        cast.people["petra"].name = "Petra Married"
    moved = db.session.scalars(select(Transfer)).one()
    assert (moved.from_name, moved.to_name, moved.by_name) == ("Petra Lindqvist", "Rita Sommer", "Sven Lund")
    assert (assignment.state, assignment.responsible) == ("assigned", cast.people["rita"])
    assert assignment.department is cast.people["rita"].department
    assert (assignment.accepted_at, assignment.handed_over_at) == (accepted_at, handed_over_at)
    assert (assignment.original_due_on, assignment.due_on) == (due, due)
    assert [each.by_name for each in assignment.reports] == ["Petra Lindqvist"]
    assert "She knows the plants." in mails("transferred")["rita@hufu.example"]
    assert "under your name" in mails("taken_over")["petra@hufu.example"]
    with unit_of_work():
        with pytest.raises(Forbidden):
            services.accept(assignment, actor=cast.petra)
        services.accept(assignment, actor=cast.rita)
    assert (assignment.state, assignment.accepted_at) == ("accepted", accepted_at)


def test_rule_2_a_transfer_opens_no_door_to_the_dates(cast):
    """Neither the new person's negotiation, nor handing back and changing, nor forgetting the acceptance."""
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        extensions.grant(
            extensions.ask(assignment, actor=cast.petra, new_due_on=in_days(45), reason="x"), actor=cast.sven
        )
        to_rita(cast, assignment)
    original, agreed, later = in_days(30), in_days(45), in_days(90)
    told = {"deliverable": "x", "criteria": "y", "due_on": later}
    people = {"responsible": cast.people["rita"], "verifier": cast.people["tom"]}
    with pytest.raises(DateIsNotNegotiable), unit_of_work():
        negotiations.propose_otherwise(assignment, actor=cast.rita, **told)
    with unit_of_work():
        negotiations.propose_otherwise(assignment, actor=cast.rita, **{**told, "due_on": agreed})
    with pytest.raises(DateIsNotNegotiable), unit_of_work():
        negotiations.decide(assignment, actor=cast.li_wei, **told)
    with unit_of_work():
        negotiations.decide(assignment, actor=cast.li_wei, **{**told, "due_on": agreed})
        services.hand_back(assignment, actor=cast.rita, reason="No.")
    with pytest.raises(OriginalDueDateIsFixed), unit_of_work():
        services.edit_assignment(assignment, actor=cast.sven, **told, **people)
    with pytest.raises(OriginalDueDateIsFixed), unit_of_work():
        edit(assignment, version=None, accepted_at=None, original_due_on=later)
    with pytest.raises(WrongPerson, match="Transfer it"), unit_of_work():
        services.edit_assignment(
            assignment, actor=cast.sven, **{**told, "due_on": agreed}, **{**people, "responsible": cast.people["petra"]}
        )
    with unit_of_work():
        services.edit_assignment(assignment, actor=cast.sven, **{**told, "due_on": original}, **people)
        services.hand_over(assignment, actor=cast.sven)
        services.accept(assignment, actor=cast.rita)
    assert (assignment.original_due_on, assignment.due_on) == (original, agreed)


def test_what_waits_for_an_answer_ends_with_a_transfer_and_the_new_person_begins_anew(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        extensions.ask(assignment, actor=cast.petra, new_due_on=in_days(60), reason="x")
        for round_, actor in enumerate((cast.petra, cast.sven, cast.petra)):
            terms = {**negotiations.terms_of(assignment), "deliverable": f"Version {round_}"}
            negotiations.propose_otherwise(assignment, actor=actor, **terms)
    with clock.at(clock.now() + timedelta(hours=1)), unit_of_work():
        to_rita(cast, assignment)
        assert [each.state for each in negotiation.list_of(assignment)][-1] == ProposalState.ENDED
        assert time_asked.list_of(assignment)[0].state == ExtensionState.ENDED
    with clock.at(clock.now() + timedelta(hours=2)), unit_of_work():
        terms = {**negotiations.terms_of(assignment), "due_on": in_days(40)}
        negotiations.propose_otherwise(assignment, actor=cast.rita, **terms)
        extensions.ask(assignment, actor=cast.rita, new_due_on=in_days(70), reason="x")
    assert negotiations.rounds_left(assignment) == 2


def test_guard_a_transfer_goes_to_somebody_who_can_carry_it_with_a_reason(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        gone = make_person(name="Old Wang", left_on=in_days(-2))
        unknown = make_person(name="No Account")
    refusals = [
        ({"to": cast.people["petra"]}, WrongPerson, "responsible_ref"),
        ({"to": cast.people["tom"]}, WrongPerson, "verifier_ref"),  # who verifies it
        ({"to": cast.people["mei"], "verifier": cast.people["petra"]}, WrongPerson, "verifier_ref"),  # reports to Mei
        ({"to": gone}, WrongPerson, "responsible_ref"),
        ({"to": unknown}, WrongPerson, None),
        ({"reason": ""}, ReasonMissing, "reason"),
    ]
    for given, refusal, field in refusals:
        with pytest.raises(refusal) as refused, unit_of_work():
            to_rita(cast, assignment, **given)
        assert refused.value.field == field, given
    for who in ("petra", "rita", "tom", "sara", "ada", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            to_rita(cast, assignment, actor=cast.accounts[who])
    with pytest.raises(Stale), unit_of_work():
        to_rita(cast, assignment, version=assignment.version - 1)
    assert db.session.scalars(select(Transfer)).all() == []
    assert assignment.responsible is cast.people["petra"]


def test_nobody_gives_their_own_to_somebody_else(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned", responsible=cast.people["olaf"])
    with pytest.raises(Forbidden), unit_of_work():
        to_rita(cast, assignment, actor=cast.olaf)
    assert assignment.responsible is cast.people["olaf"]


def test_rule_40_what_is_stranded_is_listed_until_it_is_transferred(cast):
    with unit_of_work():
        closing = make_department(name="Closing", valid_to=in_days(5))
        left, dissolved, fine, done = (
            make_assignment(cast, "assigned", responsible=cast.people["xaver"]),
            make_assignment(cast, "assigned", department=closing),
            make_assignment(cast, "accepted"),
            make_assignment(cast, "closed", department=closing),
        )
    assert queries.list_stranded() == []
    with unit_of_work():
        cast.people["xaver"].left_on = in_days(5)
    with clock.at(clock.now() + timedelta(days=7)):
        found = {each.id: each.why_stranded_on(in_days(7)) for each in queries.list_stranded()}
        assert found == {left.id: "left", dissolved.id: "dissolved"}
        assert [each.id for each in queries.list_stranded(left.event)] == [left.id]
        with unit_of_work():
            to_rita(cast, left)
            to_rita(cast, dissolved)
        assert queries.list_stranded() == []
    assert fine.why_stranded_on(in_days(7)) is None
    assert done.why_stranded_on(in_days(7)) is None


def test_another_verifier_is_named_when_the_first_has_left(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "submitted")
        cast.people["tom"].left_on = in_days(-1)
    for verifier, refusal in ((cast.people["petra"], WrongPerson), (cast.people["tom"], WrongPerson)):
        with pytest.raises(refusal), unit_of_work():
            services.replace_verifier(assignment, actor=cast.sven, verifier=verifier, reason="x")
    with pytest.raises(Forbidden), unit_of_work():
        services.replace_verifier(assignment, actor=cast.petra, verifier=cast.people["rita"], reason="x")
    with unit_of_work():
        services.replace_verifier(assignment, actor=cast.sven, verifier=cast.people["rita"], reason="Tom has left.")
        services.verify(assignment, actor=cast.rita)
    assert assignment.state == "verified"
    assert "Tom has left." in mails("to_verify")["rita@hufu.example"]


def test_a_deputy_answers_only_with_a_recorded_assistantship_and_is_logged_as_a_for_b(cast):
    with unit_of_work():
        assignment, other = make_assignment(cast, "assigned"), make_assignment(cast, "assigned")
        later = make_assignment(cast, "submitted")
    with pytest.raises(Forbidden), unit_of_work():
        services.accept(assignment, actor=cast.xaver)
    with unit_of_work():
        assistants.name_assistant(cast.people["petra"], cast.people["xaver"], actor=SYSTEM)
        services.accept(assignment, actor=cast.xaver)
        services.hand_back(other, actor=cast.xaver, reason="She is away.")
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action.in_(("assignment.accepted", "assignment.handed_back")))
                              .order_by(AuditEntry.seq.desc()).limit(2)).all()  # fmt: skip
    assert {(each.actor_name, each.on_behalf_of) for each in told} == {("Xaver Huber", "Petra Lindqvist")}
    assert (assignment.state, other.state) == ("accepted", "declined")
    for act in (
        lambda: services.report(assignment, actor=cast.xaver, text="x", confidence=5),
        lambda: services.verify(later, actor=cast.xaver),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()


def test_verifying_and_closing_are_never_done_by_a_deputy(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "submitted")
        for principal in ("tom", "li_wei"):
            assistants.name_assistant(cast.people[principal], cast.people["xaver"], actor=SYSTEM)
    for act in (services.verify, services.send_back):
        with pytest.raises(Forbidden), unit_of_work():
            act(assignment, actor=cast.xaver, reason="x")
    with unit_of_work():
        services.verify(assignment, actor=cast.tom)
    with pytest.raises(Forbidden), unit_of_work():
        services.close_assignment(assignment, actor=cast.xaver, quality="good")
    assert assignment.state == "verified"


def test_whoever_acts_for_the_responsible_person_is_on_their_side_only(cast):
    """A supervisor who is also Petra's assistant answers for her, and settles nothing of hers."""
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        assistants.name_assistant(cast.people["petra"], cast.people["sven"], actor=SYSTEM)
        terms = {**negotiations.terms_of(assignment), "deliverable": "Three"}
        made = negotiations.propose_otherwise(assignment, actor=cast.petra, **terms)
        asked = extensions.ask(assignment, actor=cast.sven, new_due_on=in_days(50), reason="x")
    for act in (
        lambda: negotiations.agree(made, actor=cast.sven),
        lambda: extensions.grant(asked, actor=cast.sven),
        lambda: to_rita(cast, assignment),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert asked.asked_by_name == "Sven Lund"


def test_closing_evaluates_and_keeps_the_name_of_whoever_closed(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "verified")
    for quality in (None, "", "splendid"):
        with pytest.raises(EvaluationMissing) as refused, unit_of_work():
            services.close_assignment(assignment, actor=cast.li_wei, quality=quality)
        assert refused.value.field == "quality"
    with unit_of_work():
        services.close_assignment(assignment, actor=cast.li_wei, quality="poor", note="Late and thin.")
    assert (assignment.quality, assignment.closed_by_name, assignment.closing_note) == (
        "poor",
        "Li Wei",
        "Late and thin.",
    )


def test_rule_13_nothing_closes_without_evidence_for_each_criterion(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "verified")
        for piece in db.session.scalars(select(Evidence)):
            piece.criteria = ["Five plans"]
    with pytest.raises(EvidenceMissing, match="Each names what stands in the way"), unit_of_work():
        services.close_assignment(assignment, actor=cast.li_wei, quality="good")
    assert assignment.state == "verified"


def test_cancelling_tells_whoever_carries_verifies_and_helps_and_ends_what_is_pending(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        asked = extensions.ask(assignment, actor=cast.petra, new_due_on=in_days(50), reason="x")
        services.cancel_assignment(assignment, actor=cast.li_wei, reason="The market has changed.")
    assert {*mails("withdrawn")} == {"petra@hufu.example"}
    assert {*mails("ended")} == {"tom@hufu.example"}
    assert asked.state == ExtensionState.ENDED
    with pytest.raises(WrongMoment), unit_of_work():
        to_rita(cast, assignment)


def test_what_is_handed_back_is_told_to_whoever_handed_it_over(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "assigned")
        services.hand_back(assignment, actor=cast.petra, reason="No people.")
    assert {*mails("handed_back")} == {"sven@hufu.example"}
    assert "No people." in mails("handed_back")["sven@hufu.example"]
