"""What a session decided: numbered, put right, taken back, and given to a person."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.decisions import queries, services
from app.decisions.errors import (
    NotCarried,
    NothingDecided,
    NotOfThisSession,
    VotesDoNotFit,
    WasHandedOut,
    WasWithdrawn,
)
from app.decisions.models import Decision, Means
from app.events.models import Audience
from app.people.models import Clearance
from app.requirements.errors import WrongMoment
from app.requirements.models import AssignmentState, Requirement, RequirementState, Tracking
from app.search.models import SearchEntry
from app.speeches.models import Speech
from tests.cast import Cast
from tests.factories import make_event, make_item, make_session
from tests.factories.decisions import make_decision

pytestmark = pytest.mark.usefixtures("app")


def handed(cast: Cast, **values: Any) -> dict[str, Any]:
    people = cast.people
    return {
        "responsible": people["petra"], "verifier": people["tom"], "deliverable": "A sheet each day",
        "criteria": "One sheet for each shift", "due_on": clock.today() + timedelta(days=20), **values,
    }  # fmt: skip


def test_a_decision_keeps_mover_means_and_its_number_in_the_session(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        session = make_session(event)
        item = make_item(event, session=session)
        first = make_decision(
            cast, session, item=item, mover=cast.people["mei"], means="vote", votes_for=7, votes_against=1, abstained=0,
        )  # fmt: skip
        second = make_decision(cast, session, text="Scrap is counted by weight.", mover_name="Herr Vogt, guest")
        elsewhere = make_decision(cast, make_session(event))
    assert (first.number, second.number, elsewhere.number) == (1, 2, 1)
    assert (first.mover, first.mover_name) == (cast.people["mei"], "Mei Zhao")
    assert (first.means, first.votes_for, first.votes_against, first.abstained) == (Means.VOTE, 7, 1, 0)
    assert (second.mover, second.mover_name, second.means) == (None, "Herr Vogt, guest", Means.CONSENSUS)
    assert first.clearance == Clearance.INTERNAL
    entry = db.session.query(AuditEntry).filter_by(action="decision.recorded").order_by(AuditEntry.seq).first()
    assert entry.subject_label == f"{session.title} 1"
    assert "scrap" not in str(entry.details)


def test_of_a_public_gathering_a_decision_is_public_unless_said_otherwise(cast: Cast) -> None:
    with unit_of_work():
        session = make_session(make_event(audience=Audience.PUBLIC))
        usual, classified = make_decision(cast, session), make_decision(cast, session, clearance=Clearance.SECRET)
    assert (usual.clearance, classified.clearance) == (Clearance.PUBLIC, Clearance.SECRET)


@pytest.mark.parametrize("name", ["sven", "li_wei", "petra", "aude", "ada"])
def test_only_those_who_record_write_decisions_down(cast: Cast, name: str) -> None:
    with unit_of_work():
        decision = make_decision(cast)
    for act in (
        lambda: services.record_decision(decision.session, actor=cast.accounts[name], text="x"),
        lambda: services.change_decision(decision, actor=cast.accounts[name], text="x"),
        lambda: services.withdraw_decision(decision, actor=cast.accounts[name], reason="x"),
        lambda: services.hand_out(decision, actor=cast.accounts[name], **handed(cast)),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert db.session.query(Decision).one().text == "Each shift counts its own scrap."


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({"text": "  "}, NothingDecided, "text"),
        ({"votes_for": 3}, VotesDoNotFit, "votes_for"),
        ({"means": "chair", "abstained": 0}, VotesDoNotFit, "abstained"),
        ({"means": "vote", "votes_for": -1}, VotesDoNotFit, "votes_for"),
        ({"means": "vote", "votes_against": 10**9}, VotesDoNotFit, "votes_against"),
        ({"means": "vote", "votes_for": 3, "votes_against": 4}, VotesDoNotFit, "votes_for"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    cast: Cast, values: dict[str, Any], error: type[Refused], field: str
) -> None:
    with pytest.raises(error) as refused, unit_of_work():
        make_decision(cast, **values)
    assert refused.value.field == field
    assert db.session.query(Decision).count() == 0


def test_an_agenda_item_of_another_session_is_refused(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        other = make_item(event, session=make_session(event))
    with pytest.raises(NotOfThisSession), unit_of_work():
        make_decision(cast, make_session(event), item=other)


def test_a_motion_may_be_lost_and_is_not_handed_out(cast: Cast) -> None:
    with unit_of_work():
        lost = make_decision(cast, means="vote", is_carried=False, votes_for=3, votes_against=4)
    with pytest.raises(NotCarried), unit_of_work():
        services.hand_out(lost, actor=cast.sara, **handed(cast))


def test_a_record_is_put_right_and_a_stale_page_is_told(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(cast, mover=cast.people["mei"])
    opened = decision.version
    with unit_of_work():
        services.change_decision(decision, actor=cast.sara, version=opened, text="Each shift weighs it.", mover=None)
    assert (decision.text, decision.mover, decision.mover_name) == ("Each shift weighs it.", None, None)
    with pytest.raises(Stale), unit_of_work():
        services.change_decision(decision, actor=cast.sara, version=opened, text="Mine")
    assert decision.text == "Each shift weighs it."


def test_a_withdrawn_decision_keeps_number_and_words_and_changes_no_more(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(cast)
        session = decision.session
        with pytest.raises(Refused):
            services.withdraw_decision(decision, actor=cast.sara, reason=" ")
        services.withdraw_decision(decision, actor=cast.sara, reason="Nobody seconded it.")
        later = make_decision(cast, session)
    assert (decision.text, decision.withdrawn_reason) == ("Each shift counts its own scrap.", "Nobody seconded it.")
    assert later.number == 2
    assert list(queries.list_standing(session)) == [later]
    for act in (
        lambda: services.change_decision(decision, actor=cast.sara, text="x"),
        lambda: services.withdraw_decision(decision, actor=cast.sara, reason="again"),
        lambda: services.hand_out(decision, actor=cast.sara, **handed(cast)),
    ):
        with pytest.raises(WasWithdrawn), unit_of_work():
            act()


def test_a_decision_that_is_handed_out_is_a_requirement_of_the_chair(cast: Cast) -> None:
    with unit_of_work():
        first = make_decision(cast, text="Each shift counts its own scrap.", text_local="各班自行清点废品。")
        second = make_decision(cast, first.session, text="Weigh it.")
        one = services.hand_out(first, actor=cast.sara, **handed(cast))
        two = services.hand_out(first, actor=cast.sara, **handed(cast, responsible=cast.people["mei"]))
        three = services.hand_out(second, actor=cast.sara, **handed(cast))
    speech = db.session.query(Speech).one()
    assert (speech.title, speech.title_local) == ("Decisions of the session", "会议决定事项")
    assert (speech.speaker, speech.session, speech.is_confirmed) == (cast.people["li_wei"], first.session, True)
    requirement = first.requirement
    assert requirement is not None
    assert one.requirement is two.requirement is requirement
    assert requirement.speech is three.requirement.speech is speech
    assert (requirement.number, three.requirement.number) == (1, 2)
    assert (requirement.heading, requirement.heading_local) == (first.text, first.text_local)
    assert (requirement.state, requirement.tracking) == (RequirementState.CONFIRMED, Tracking.ASSIGNED)
    assert [each.heading for each in requirement.wordings] == [first.text]
    assert one.state == AssignmentState.PROPOSED  # the secretary prepares; the supervisor hands over


def test_whoever_may_hand_over_does_so_at_once(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(cast)
        reached = services.hand_out(decision, actor=cast.olaf, **handed(cast))
        unreached = cast.people["mei"]
        unreached.account_id = None
        waiting = services.hand_out(decision, actor=cast.olaf, **handed(cast, responsible=unreached))
    assert (reached.state, waiting.state) == (AssignmentState.ASSIGNED, AssignmentState.PROPOSED)
    assert decision.requirement is not None
    assert decision.requirement.state == RequirementState.ASSIGNED


def test_without_a_chair_nothing_is_handed_out(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(cast, make_session(make_event()))
    with pytest.raises(WrongMoment), unit_of_work():
        services.hand_out(decision, actor=cast.sara, **handed(cast))
    assert db.session.query(Speech).count() == 0


def test_the_words_of_a_classified_decision_do_not_stand_in_the_register(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(
            cast, text="Sell the canary works.", text_local="出售金丝雀厂。", clearance=Clearance.SECRET
        )
        services.hand_out(decision, actor=cast.sara, **handed(cast))
    requirement = db.session.query(Requirement).one()
    told = [requirement.heading, requirement.heading_local, requirement.verbatim, requirement.summary_local]
    assert told == ["A decision of the session", "会议的一项决定", None, None]
    entries = " ".join(f"{each.title} {each.body}" for each in db.session.query(SearchEntry).all())
    assert "canary" not in entries
    assert "金丝雀" not in entries
    log = " ".join(f"{each.subject_label} {each.details} {each.reason}" for each in db.session.query(AuditEntry).all())
    assert "canary" not in log


def test_words_by_which_somebody_works_do_not_change(cast: Cast) -> None:
    with unit_of_work():
        decision = make_decision(cast)
        services.hand_out(decision, actor=cast.sara, **handed(cast))
    for values in ({"text": "Other words"}, {"is_carried": False}, {"clearance": Clearance.SECRET}):
        with pytest.raises(WasHandedOut), unit_of_work():
            services.change_decision(decision, actor=cast.sara, **values)
    with unit_of_work():
        services.change_decision(decision, actor=cast.sara, mover=cast.people["mei"])
    assert (decision.text, decision.mover_name) == ("Each shift counts its own scrap.", "Mei Zhao")
