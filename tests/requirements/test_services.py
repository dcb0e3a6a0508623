"""From the spoken demand to the kept one: every step, and every refusal, which changes nothing."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db, edit, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import NOBODY, SYSTEM
from app.events.models import Audience
from app.mail.models import MailMessage
from app.requirements import queries, services
from app.requirements.errors import (
    AddresseeUnresolved,
    DueDatePassed,
    EvidenceMissing,
    NotALink,
    NotInThePassage,
    NumberTaken,
    OriginalDueDateIsFixed,
    ReasonMissing,
    WrongMoment,
    WrongPerson,
)
from app.requirements.models import Assignment, AssignmentState, Report, Requirement, RequirementState
from app.requirements.services import To
from app.search.models import SearchEntry
from app.speeches.errors import NotPartOfThis
from tests.factories import make_department, make_event, make_part, make_person, make_session
from tests.factories.requirements import (
    confirmed_requirement,
    in_days,
    make_assignment,
    record_requirement,
    record_speech,
)

STATES = ("proposed", "assigned", "accepted", "in_progress", "submitted", "verified", "closed")


def snapshot(record) -> dict:
    db.session.rollback()
    db.session.refresh(record)
    return {column.key: getattr(record, column.key) for column in inspect(type(record)).column_attrs}


# --- wording ------------------------------------------------------------------------------------------------------


def test_labels_carry_the_year_of_the_session_and_a_serial(cast):
    with unit_of_work():
        event = make_event(
            starts_on=in_days(0).replace(year=2023, month=1, day=13),
            ends_on=in_days(0).replace(year=2023, month=1, day=14),
        )
        speech = record_speech(cast, event=event)
        labels = [record_requirement(cast, speech).label for _each in range(3)]
        other = record_speech(
            cast, event=event, session=make_session(event, day=in_days(0).replace(year=2024, month=2, day=1))
        )
        labels.append(record_requirement(cast, other).label)
    assert labels == ["RQ-2023-001", "RQ-2023-002", "RQ-2023-003", "RQ-2024-001"]


def test_labels_go_on_after_a_thousand(cast):
    with unit_of_work():
        first = record_requirement(cast)
        first.label = first.label[:-3] + "999"
        second = record_requirement(cast, first.speech)
        third = record_requirement(cast, first.speech)
    assert [second.label[-5:], third.label[-5:]] == ["-1000", "-1001"]


def test_rule_5_numbers_are_unique_inside_a_speech_not_inside_a_session(cast):
    with unit_of_work():
        speech = record_speech(cast)
        record_requirement(cast, speech, number=1)
        second = record_requirement(cast, speech)
        elsewhere = record_requirement(cast, record_speech(cast, event=speech.event, session=speech.session), number=1)
    assert (second.number, elsewhere.number) == (2, 1)
    with pytest.raises(NumberTaken) as refused, unit_of_work():
        services.add_requirement(speech, actor=cast.sara, heading="x", kind="directive", number=1)
    assert refused.value.field == "number"
    assert queries.count_recorded(speech) == 2


def test_parts_take_the_number_of_the_whole_and_the_next_letter(cast):
    with unit_of_work():
        whole = record_requirement(cast)
        parts = [
            services.add_requirement(whole.speech, actor=cast.sara, parent=whole, heading="x", kind="directive")
            for _each in "ab"
        ]
        named = services.add_requirement(
            whole.speech, actor=cast.sara, parent=whole, sub="E", heading="x", kind="directive"
        )
    assert [each.display_number for each in (*parts, named)] == ["1a", "1b", "1E"]
    with pytest.raises(NumberTaken), unit_of_work():
        services.add_requirement(whole.speech, actor=cast.sara, parent=whole, sub="E", heading="x", kind="directive")
    with pytest.raises(NotPartOfThis), unit_of_work():
        services.add_requirement(whole.speech, actor=cast.sara, parent=named, heading="x", kind="directive")


def test_a_demand_stands_in_its_passage_word_for_word(cast):
    with unit_of_work():
        speech = record_speech(cast)
    with pytest.raises(NotInThePassage), unit_of_work():
        services.capture(
            speech, actor=cast.sara, kind="directive", verbatim="Bring five plans.", demand="Bring six.", heading="x"
        )
    assert db.session.scalars(select(Requirement)).all() == []


def test_an_addressee_that_is_a_departments_name_is_resolved_at_once(cast):
    with unit_of_work():
        department = make_department(name="Research Institutes", name_local="研究院")
        requirement = record_requirement(cast, addressees=[To("research institutes"), To("other relevant departments")])
    assert [each.department for each in requirement.addressees] == [department, None]


# --- tracking -----------------------------------------------------------------------------------------------------


def test_nothing_is_followed_before_the_wording_is_confirmed(cast):
    with unit_of_work():
        requirement = record_requirement(cast)
    before = snapshot(requirement)
    with pytest.raises(WrongMoment), unit_of_work():
        services.set_tracking(requirement, "assigned", actor=cast.sven)
    with pytest.raises(WrongMoment), unit_of_work():
        propose(cast, requirement)
    assert snapshot(requirement) == before


def propose(cast, requirement, actor=None, **values):
    given = {
        "responsible": cast.people["petra"],
        "verifier": cast.people["tom"],
        "deliverable": "x",
        "criteria": "y",
        "due_on": in_days(9),
    }
    return services.propose_assignment(requirement, actor=actor or cast.sven, **{**given, **values})


def test_assigning_needs_every_addressee_resolved(cast):
    with unit_of_work():
        department = make_department()
        requirement = confirmed_requirement(cast, tracking="", addressees=[To("other relevant departments")])
    with pytest.raises(AddresseeUnresolved), unit_of_work():
        services.set_tracking(requirement, "assigned", actor=cast.sven)
    assert requirement.tracking is None
    with pytest.raises(Forbidden), unit_of_work():
        services.resolve_addressee(requirement.addressees[0], department, actor=cast.petra)
    with unit_of_work():
        services.resolve_addressee(requirement.addressees[0], department, actor=cast.sven)
        services.set_tracking(requirement, "assigned", actor=cast.sven)
    assert (requirement.tracking, requirement.state) == ("assigned", "confirmed")


def test_rule_9_a_principle_needs_no_assignment_and_shows_when_it_was_reviewed(cast):
    with unit_of_work():
        event = make_event(starts_on=in_days(-20))
        requirement = confirmed_requirement(
            cast, record_speech(cast, event=event), tracking="periodic", kind="principle"
        )
    assert (requirement.state, requirement.assignments) == ("periodic", [])
    for day in (in_days(3), in_days(-30)):
        with pytest.raises(WrongMoment), unit_of_work():
            services.record_review(requirement, actor=cast.sven, on=day)
    with pytest.raises(Forbidden), unit_of_work():
        services.record_review(requirement, actor=cast.petra, on=in_days(-1))
    with unit_of_work():
        services.record_review(requirement, actor=cast.sven, on=in_days(-1))
    assert requirement.reviewed_on == in_days(-1)


def test_what_is_recorded_only_is_handed_to_nobody(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast, tracking="recorded")
    assert requirement.state == "recorded"
    with pytest.raises(WrongMoment), unit_of_work():
        propose(cast, requirement)


def test_a_requirement_with_open_assignments_stays_assigned(cast):
    with unit_of_work():
        requirement = make_assignment(cast, "accepted").requirement
    with pytest.raises(WrongMoment), unit_of_work():
        services.set_tracking(requirement, "recorded", actor=cast.sven)
    assert (requirement.tracking, requirement.state) == ("assigned", "assigned")


def test_the_leader_or_the_speaker_withdraws_and_everybody_asked_is_told(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress")
        requirement = assignment.requirement
    for who in ("sven", "olaf", "sara", "petra"):
        with pytest.raises(Forbidden), unit_of_work():
            services.withdraw_requirement(requirement, actor=cast.accounts[who], reason="x")
    with pytest.raises(ReasonMissing), unit_of_work():
        services.withdraw_requirement(requirement, actor=cast.li_wei, reason="")
    assert requirement.state == "assigned"
    with unit_of_work():
        services.withdraw_requirement(requirement, actor=cast.li_wei, reason="The market has changed.")
    assert (requirement.state, assignment.state) == ("withdrawn", "cancelled")
    newest = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc()).limit(2)).all()
    assert {(mail.to_address, mail.kind) for mail in newest} == {
        ("petra@hufu.example", "assignment.withdrawn"),
        ("tom@hufu.example", "assignment.ended"),
    }
    assert all("The market has changed." in mail.text for mail in newest)
    assert db.session.scalar(select(SearchEntry).where(SearchEntry.kind == "requirement")) is None
    with pytest.raises(WrongMoment), unit_of_work():
        services.withdraw_requirement(requirement, actor=cast.li_wei, reason="Again")


# --- handing over -------------------------------------------------------------------------------------------------


def test_rule_1_an_assignment_has_exactly_one_responsible_person(cast):
    column = Assignment.__table__.c.responsible_id
    assert not column.nullable
    assert {key.target_fullname for key in column.foreign_keys} == {"person.id"}
    with unit_of_work():
        assignment = make_assignment(cast)
    with pytest.raises(IntegrityError), unit_of_work():
        assignment.responsible = None


def test_rule_3_the_verifier_is_somebody_else_who_does_not_report_to_the_responsible_person(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
    petra, mei = cast.people["petra"], cast.people["mei"]  # Mei is Petra's manager
    for responsible, verifier in ((petra, petra), (mei, petra)):
        with pytest.raises(WrongPerson) as refused, unit_of_work():
            propose(cast, requirement, responsible=responsible, verifier=verifier)
        assert refused.value.field == "verifier_ref"
    assert db.session.scalars(select(Assignment)).all() == []
    with unit_of_work():
        assignment = propose(cast, requirement, responsible=petra, verifier=mei)
    with pytest.raises(WrongPerson), unit_of_work():
        change(cast, assignment, verifier=petra)
    with pytest.raises(IntegrityError), unit_of_work():
        assignment.verifier_id = assignment.responsible_id
    assert assignment.verifier is mei


def change(cast, assignment, actor=None, **values):
    given = {"responsible": assignment.responsible, "verifier": assignment.verifier, "deliverable": "x", "criteria": "y",
             "due_on": assignment.due_on}  # fmt: skip
    return services.edit_assignment(assignment, actor=actor or cast.sven, **{**given, **values})


def test_only_the_supervisor_proposes_and_hands_over(cast):
    with unit_of_work():
        assignment = make_assignment(cast)
    before = snapshot(assignment)
    for who in ("sara", "li_wei", "petra", "tom", "aude", "ada", "rita", "dora"):
        account = cast.accounts[who]
        for act in (
            lambda account=account: services.hand_over(assignment, actor=account),
            lambda account=account: change(cast, assignment, actor=account),
            lambda account=account: propose(cast, assignment.requirement, actor=account),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act()
    assert snapshot(assignment) == before
    assert len(db.session.scalars(select(Assignment)).all()) == 1


def test_handing_over_tells_the_person_in_their_language(cast):
    with unit_of_work():
        cast.petra.language = "zh_Hans_CN"
        assignment = make_assignment(cast, "assigned")
    mail = db.session.scalar(select(MailMessage))
    assert (mail.to_address, mail.language, mail.scope) == ("petra@hufu.example", "zh_Hans_CN", assignment.event.ref)
    assert f"/events/{assignment.event.ref}/assignments/{assignment.ref}" in mail.text
    assert assignment.handed_over_at is not None
    assert assignment.requirement.state == RequirementState.ASSIGNED


def test_a_person_without_an_account_cannot_be_handed_anything(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
        stranger = make_person(name="Old Wang")
        assignment = propose(cast, requirement, responsible=stranger)
    with pytest.raises(WrongPerson, match="Old Wang has no account"), unit_of_work():
        services.hand_over(assignment, actor=cast.sven)
    assert (assignment.state, requirement.state) == ("proposed", "confirmed")
    assert db.session.scalars(select(MailMessage)).all() == []


def test_a_person_who_may_not_see_the_event_cannot_be_handed_anything(cast):
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        make_part(event, cast.people["tom"])
        assignment = propose(cast, confirmed_requirement(cast, record_speech(cast, event=event)))
    with pytest.raises(WrongPerson, match="may not see this event"), unit_of_work():
        services.hand_over(assignment, actor=cast.sven)
    assert assignment.state == "proposed"
    with unit_of_work():
        make_part(event, cast.people["petra"])
        services.hand_over(assignment, actor=cast.sven)
    assert assignment.state == "assigned"


def test_a_due_date_lies_ahead(cast):
    with unit_of_work():
        requirement = confirmed_requirement(cast)
    with pytest.raises(DueDatePassed), unit_of_work():
        propose(cast, requirement, due_on=in_days(-2))
    assert db.session.scalars(select(Assignment)).all() == []


def test_rule_2_the_original_due_date_is_fixed_after_acceptance_through_every_door(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
    due, later = assignment.original_due_on, in_days(90)
    doors = {
        "the act that changes proposals": lambda: change(cast, assignment, due_on=later),
        "the same as the system": lambda: change(cast, assignment, actor=SYSTEM, due_on=later),
        "an edit": lambda: edit(assignment, version=None, original_due_on=later),
        "the attribute": lambda: setattr(assignment, "original_due_on", later),
    }
    for name, door in doors.items():
        with pytest.raises(OriginalDueDateIsFixed), unit_of_work():
            door()
        db.session.refresh(assignment)
        assert (assignment.original_due_on, assignment.due_on) == (due, due), name
    for state in ("in_progress", "submitted", "verified", "closed"):
        with unit_of_work():
            other = make_assignment(cast, state)
        with pytest.raises(OriginalDueDateIsFixed), unit_of_work():
            change(cast, other, due_on=later)


def test_before_acceptance_the_date_may_change_and_it_is_the_original_one(cast):
    with unit_of_work():
        assignment = make_assignment(cast)
        change(cast, assignment, due_on=in_days(50))
    assert (assignment.original_due_on, assignment.due_on) == (in_days(50), in_days(50))
    with unit_of_work():
        services.hand_over(assignment, actor=cast.sven)
    with pytest.raises(WrongMoment), unit_of_work():
        change(cast, assignment, due_on=in_days(60))
    assert assignment.due_on == in_days(50)


# --- the way of an assignment -------------------------------------------------------------------------------------

ACTS = {
    "hand_over": (lambda c, a: services.hand_over(a, actor=c.sven), {"proposed": "assigned", "declined": "assigned"}),
    "accept": (lambda c, a: services.accept(a, actor=c.petra), {"assigned": "accepted"}),
    "hand_back": (lambda c, a: services.hand_back(a, actor=c.petra, reason="No people."), {"assigned": "declined"}),
    "report": (lambda c, a: services.report(a, actor=c.petra, text="x", confidence=5),
               {"accepted": "in_progress", "in_progress": "in_progress"}),
    "add_link": (lambda c, a: services.add_link(a, actor=c.petra, url="https://a.example/b", described_as="x"),
                 {"accepted": "accepted", "in_progress": "in_progress"}),
    "add_file": (lambda c, a: services.add_file(a, actor=c.petra, stream=io.BytesIO(b"a,b\n"), name="a.csv", described_as="x"),
                 {"accepted": "accepted", "in_progress": "in_progress"}),
    "verify": (lambda c, a: services.verify(a, actor=c.tom), {"submitted": "verified"}),
    "send_back": (lambda c, a: services.send_back(a, actor=c.tom, reason="Only four."), {"submitted": "in_progress"}),
    "close": (lambda c, a: services.close_assignment(a, actor=c.li_wei, quality="good"), {"verified": "closed"}),
    "cancel": (lambda c, a: services.cancel_assignment(a, actor=c.li_wei, reason="Not now."),
               dict.fromkeys(("proposed", "declined", *STATES[1:-1]), "cancelled")),
}  # fmt: skip


def brought_to(cast, state: str) -> Assignment:
    if state in ("declined", "cancelled"):
        assignment = make_assignment(cast, "assigned")
        ACTS["hand_back" if state == "declined" else "cancel"][0](cast, assignment)
        return assignment
    return make_assignment(cast, state)


@pytest.mark.parametrize("act", ACTS)
def test_each_act_fits_its_states_only(cast, act):
    do, ways = ACTS[act]
    for state in (*STATES, "declined", "cancelled"):
        with unit_of_work():
            assignment = brought_to(cast, state)
        before = snapshot(assignment)
        if state in ways:
            with unit_of_work():
                do(cast, assignment)
            assert assignment.state == ways[state], state
        else:
            with pytest.raises(WrongMoment), unit_of_work():
                do(cast, assignment)
            assert snapshot(assignment) == before, state


RIGHTS = {
    "accept": ("assigned", {"petra"}), "hand_back": ("assigned", {"petra"}), "report": ("accepted", {"petra"}),
    "add_link": ("accepted", {"petra"}), "add_file": ("accepted", {"petra"}), "submit": ("in_progress", {"petra"}),
    "verify": ("submitted", {"tom"}), "send_back": ("submitted", {"tom"}),
    "close": ("verified", {"li_wei", "sven", "olaf"}), "cancel": ("in_progress", {"li_wei"}),
}  # fmt: skip
BY = {
    "accept": lambda a, who: services.accept(a, actor=who),
    "hand_back": lambda a, who: services.hand_back(a, actor=who, reason="x"),
    "report": lambda a, who: services.report(a, actor=who, text="x", confidence=5),
    "add_link": lambda a, who: services.add_link(a, actor=who, url="https://a.example", described_as="x"),
    "add_file": lambda a, who: services.add_file(a, actor=who, stream=io.BytesIO(b"a"), name="a.txt", described_as="x"),
    "submit": lambda a, who: services.submit(a, actor=who),
    "verify": lambda a, who: services.verify(a, actor=who),
    "send_back": lambda a, who: services.send_back(a, actor=who, reason="x"),
    "close": lambda a, who: services.close_assignment(a, actor=who, quality="good"),
    "cancel": lambda a, who: services.cancel_assignment(a, actor=who, reason="x"),
}


def test_nobody_acts_for_somebody_else(cast):
    for act, (state, permitted) in RIGHTS.items():
        with unit_of_work():
            assignment = make_assignment(cast, state)
        before = snapshot(assignment)
        for who, account in [*cast.accounts.items(), ("nobody", NOBODY)]:
            if who not in permitted:
                with pytest.raises(Forbidden), unit_of_work():
                    BY[act](assignment, account)
        assert snapshot(assignment) == before, act


def test_nobody_verifies_or_closes_their_own_also_not_an_organizer(cast):
    with unit_of_work():
        olaf = cast.people["olaf"]
        assignment = make_assignment(cast, "proposed", responsible=olaf)
        services.hand_over(assignment, actor=cast.olaf)
        services.accept(assignment, actor=cast.olaf)
        services.add_link(assignment, actor=cast.olaf, url="https://a.example", described_as="x")
        services.submit(assignment, actor=cast.olaf)
    for act in (services.verify, services.send_back):
        with pytest.raises(Forbidden), unit_of_work():
            act(assignment, actor=cast.olaf, reason="x")
    with unit_of_work():
        services.verify(assignment, actor=cast.tom)
    with pytest.raises(Forbidden), unit_of_work():
        services.close_assignment(assignment, actor=cast.olaf, quality="good")
    assert assignment.state == "verified"


@pytest.mark.parametrize(
    ("state", "act"), [("assigned", "hand_back"), ("submitted", "send_back"), ("accepted", "cancel")]
)
def test_what_goes_back_or_ends_early_needs_a_reason(cast, state, act):
    with unit_of_work():
        assignment = make_assignment(cast, state)
    before = snapshot(assignment)
    doing = {"hand_back": (services.hand_back, cast.petra), "send_back": (services.send_back, cast.tom),
             "cancel": (services.cancel_assignment, cast.li_wei)}[act]  # fmt: skip
    for reason in (None, ""):
        with pytest.raises(ReasonMissing), unit_of_work():
            doing[0](assignment, actor=doing[1], reason=reason)
    assert snapshot(assignment) == before


def test_rule_13_each_criterion_needs_evidence_and_one_piece_may_serve_several(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", criteria="Five plans\nEach names what stands in the way")
    with pytest.raises(EvidenceMissing), unit_of_work():
        services.submit(assignment, actor=cast.petra)
    with unit_of_work():
        services.add_link(
            assignment, actor=cast.petra, url="https://a.example", described_as="x", criteria=["Five plans"]
        )
    with pytest.raises(EvidenceMissing, match="Each names what stands in the way"), unit_of_work():
        services.submit(assignment, actor=cast.petra)
    assert (assignment.state, assignment.submitted_at) == ("in_progress", None)
    with unit_of_work():
        services.add_link(assignment, actor=cast.petra, url="https://a.example/all", described_as="all of it")
        services.submit(assignment, actor=cast.petra)
    assert assignment.state == "submitted"


def test_a_link_that_is_none_is_refused(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
    for url in ("javascript:alert(1)", "", "https://", "mailto:a@b.example", "https://a b.example"):
        with pytest.raises(NotALink), unit_of_work():
            services.add_link(assignment, actor=cast.petra, url=url, described_as="x")
    assert assignment.evidence == []


def test_rule_12_confidence_is_apart_from_progress_and_its_history_is_only_added_to(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        services.report(assignment, actor=cast.petra, text="Begun.", confidence=8)
        services.report(assignment, actor=cast.petra, text="Stuck.", confidence=3, blocked_by="No setters")
    assert [(each.confidence, each.blocked_by) for each in assignment.reports] == [(8, None), (3, "No setters")]
    assert assignment.confidence == 3
    for confidence in (0, 11):
        with pytest.raises(WrongMoment), unit_of_work():
            services.report(assignment, actor=cast.petra, text="x", confidence=confidence)
    assert len(db.session.scalars(select(Report)).all()) == 2
    assert not hasattr(Report, "version")


def test_rule_11_a_month_without_a_report_is_silent(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", due_on=in_days(300))
    now = clock.now()
    assert not assignment.is_silent_at(now + timedelta(days=29))
    assert assignment.is_silent_at(now + timedelta(days=31))
    with clock.at(now + timedelta(days=31)):
        assert db.session.scalars(select(Assignment).where(queries.is_silent())).all() == [assignment]
    assert db.session.scalars(select(Assignment).where(queries.is_silent())).all() == []


def test_late_is_computed_and_never_a_state(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "in_progress", due_on=in_days(10))
    assert "late" not in set(AssignmentState)
    assert (assignment.days_late_on(in_days(10)), assignment.days_late_on(in_days(19))) == (0, 9)
    with clock.at(clock.now() + timedelta(days=19)):
        assert db.session.scalars(select(Assignment).where(queries.is_late(clock.today()))).all() == [assignment]
    assert assignment.state == "in_progress"


def test_rule_7_the_names_of_those_who_acted_stay_when_they_leave(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "submitted")
        services.send_back(assignment, actor=cast.tom, reason="Only four.")
    with unit_of_work():
        cast.petra.name = "Somebody Else"
        cast.people["petra"].left_on = in_days(-1)
    assert [each.by_name for each in assignment.reports] == ["Petra Lindqvist"]
    assert [each.by_name for each in assignment.verdicts] == ["Tom Okafor"]
    assert assignment.responsible is cast.people["petra"]


def test_whoever_has_left_is_given_nothing(cast):
    with unit_of_work():
        cast.people["petra"].left_on = in_days(-3)
        requirement = confirmed_requirement(cast)
    with pytest.raises(WrongPerson, match="has left"), unit_of_work():
        propose(cast, requirement)


def test_a_return_is_counted_told_and_brings_it_back_into_progress(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "submitted")
        services.send_back(assignment, actor=cast.tom, reason="Only four.")
    assert (assignment.state, assignment.returns) == ("in_progress", 1)
    mail = db.session.scalar(select(MailMessage).order_by(MailMessage.id.desc()))
    assert (mail.to_address, mail.kind, "Only four." in mail.text) == (
        "petra@hufu.example",
        "assignment.returned",
        True,
    )


def test_closing_evaluates_against_the_day_on_which_the_evidence_came(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "submitted", due_on=in_days(5))
    with clock.at(clock.now() + timedelta(days=40)), unit_of_work():
        services.verify(assignment, actor=cast.tom)
        services.close_assignment(assignment, actor=cast.sven, quality="good")
    assert not assignment.was_closed_late()
    with unit_of_work():
        late = make_assignment(cast, "in_progress", due_on=in_days(5))
    with clock.at(clock.now() + timedelta(days=9)), unit_of_work():
        services.add_link(late, actor=cast.petra, url="https://a.example", described_as="x")
        services.submit(late, actor=cast.petra)
        services.verify(late, actor=cast.tom)
        services.close_assignment(late, actor=cast.sven, quality="good")
    assert late.was_closed_late()


def test_a_requirement_closes_when_all_its_assignments_have(cast):
    with unit_of_work():
        first = make_assignment(cast, "verified")
        requirement = first.requirement
        second = make_assignment(cast, "verified", requirement)
        services.close_assignment(first, actor=cast.li_wei, quality="good")
    assert (requirement.state, requirement.closed_at) == ("assigned", None)
    with unit_of_work():
        services.close_assignment(second, actor=cast.sven, quality="good")
    assert requirement.state == "closed"
    assert requirement.closed_at is not None
    with pytest.raises(WrongMoment), unit_of_work():
        propose(cast, requirement)


def test_a_requirement_whose_only_assignment_is_cancelled_waits_again(cast):
    with unit_of_work():
        assignment = make_assignment(cast, "accepted")
        services.cancel_assignment(assignment, actor=cast.li_wei, reason="Not now.")
    assert assignment.requirement.state == "confirmed"


def test_a_whole_closes_with_its_parts(cast):
    with unit_of_work():
        speech = record_speech(cast)
        whole = record_requirement(cast, speech)
        parts = [
            services.add_requirement(speech, actor=cast.sara, parent=whole, heading=h, kind="directive") for h in "ab"
        ]
        services.confirm_speech(speech, actor=cast.li_wei)
        for part in parts:
            services.set_tracking(part, "assigned", actor=cast.sven)
        done = [make_assignment(cast, "verified", part) for part in parts]
        services.close_assignment(done[0], actor=cast.sven, quality="good")
    assert (whole.state, parts[0].state) == ("assigned", "closed")
    with unit_of_work():
        services.close_assignment(done[1], actor=cast.sven, quality="good")
    assert whole.state == "closed"


def test_what_was_handed_back_is_changed_and_handed_to_somebody_else(cast):
    with unit_of_work():
        assignment = brought_to(cast, "declined")
        change(cast, assignment, responsible=cast.people["rita"])
        services.hand_over(assignment, actor=cast.sven)
    assert (assignment.state, assignment.responsible) == ("assigned", cast.people["rita"])
    with unit_of_work():
        services.accept(assignment, actor=cast.rita)
    assert assignment.state == "accepted"


def test_the_supervisor_cancels_only_what_nobody_carries(cast):
    with unit_of_work():
        proposed, carried = make_assignment(cast), make_assignment(cast, "accepted")
        services.cancel_assignment(proposed, actor=cast.sven, reason="A mistake.")
    assert proposed.state == "cancelled"
    with pytest.raises(Forbidden), unit_of_work():
        services.cancel_assignment(carried, actor=cast.sven, reason="x")
    assert carried.state == "accepted"


# --- what waits ---------------------------------------------------------------------------------------------------


def test_needs_are_to_accept_to_report_and_to_verify(cast):
    with unit_of_work():
        make_assignment(cast, "proposed")
        accept = make_assignment(cast, "assigned", due_on=in_days(40))
        report = make_assignment(cast, "in_progress", due_on=in_days(5))
        make_assignment(cast, "in_progress", due_on=in_days(200))
        verify = make_assignment(cast, "submitted", due_on=in_days(20))
        make_assignment(cast, "closed")
    assert [(need.kind, need.assignment.id) for need in queries.needs_of(cast.people["petra"])] == [
        ("report", report.id), ("accept", accept.id)]  # fmt: skip
    assert [(need.kind, need.assignment.id) for need in queries.needs_of(cast.people["tom"])] == [("verify", verify.id)]
    assert queries.needs_of(cast.people["rita"]) == []


def test_open_for_an_event_is_what_was_handed_over_and_has_not_ended(cast):
    with unit_of_work():
        speech = record_speech(cast)
        requirement = confirmed_requirement(cast, speech)
        kept = [make_assignment(cast, state, requirement).id for state in ("assigned", "submitted")]
        make_assignment(cast, "proposed", requirement)
        ACTS["cancel"][0](cast, make_assignment(cast, "accepted", requirement))
        make_assignment(cast, "accepted")
    assert [each.id for each in queries.open_for(speech.event)] == kept


def test_what_is_asked_of_nobody_signed_in_is_nothing(cast):
    with unit_of_work():
        make_assignment(cast, "accepted")
        cast.people["petra"].account_id = None
    assert queries.list_mine(NOBODY) == []
