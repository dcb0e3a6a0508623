"""Proposals on their way to the jury: drafts, windows, evidence, eligibility; jurors who keep out; scores that only their
own juror sees."""

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.events.models import Status
from app.mail.models import MailMessage
from app.nominations import policy, queries, services
from app.nominations.errors import (
    CategoryIsDecided,
    EvidenceMissing,
    KeptOut,
    NominatedAlready,
    NotInThatState,
    NotOpen,
    WrongNominee,
)
from app.nominations.models import Category, Conflict, JurorScore, Nomination, NominationState, Recusal
from app.people.models import TeamMember
from tests.cast import Cast, load
from tests.factories import make_event, make_team
from tests.factories.nominations import make_category, make_nomination, make_scored, put_before_jury

OUTSIDE = services.Outside("Frieda Weber", "弗里达", "Weber GmbH")


def keeps_out(cast: Cast, name: str, nomination: Nomination) -> str | None:
    found = select(Recusal).join(Recusal.juror).where(Recusal.nomination_id == nomination.id)
    mine = [each for each in db.session.scalars(found) if each.juror.person_id == cast.people[name].id]
    return mine[0].reason if mine else None


def test_the_way_of_a_proposal_from_the_draft_to_the_jury(cast: Cast) -> None:
    with unit_of_work():
        category = make_category(make_event(), jurors=[cast.people["sven"]])
        nomination = services.propose(category, cast.people["mei"], actor=cast.dora, reason="She held line 2.")
    assert nomination.state == NominationState.DRAFT
    with pytest.raises(EvidenceMissing), unit_of_work():
        services.submit(nomination, actor=cast.dora)
    with unit_of_work():
        services.add_evidence(
            nomination, actor=cast.dora, words="Shift book", file=io.BytesIO(b"All well."), name="shift.txt"
        )
        services.add_evidence(nomination, actor=cast.dora, words="Dashboard", url="https://line2.example/march")
    with pytest.raises(Refused), unit_of_work():
        services.add_evidence(nomination, actor=cast.dora, words="Bad", url="javascript:alert(1)")
    with unit_of_work():
        services.submit(nomination, actor=cast.dora)
    assert (nomination.state, nomination.submitted_at is not None) == (NominationState.SUBMITTED, True)
    with pytest.raises(NotInThatState), unit_of_work():
        services.change(nomination, cast.people["rita"], actor=cast.dora, reason="Another")
    with unit_of_work():
        services.take_back(nomination, actor=cast.dora)
        services.change(nomination, cast.people["mei"], actor=cast.dora, reason="She held lines 2 and 3.")
        services.submit(nomination, actor=cast.dora)
    with unit_of_work():
        services.find_eligible(nomination, actor=cast.sara, eligible=True)
    with pytest.raises(NotInThatState), unit_of_work():
        services.take_back(nomination, actor=cast.dora)
    with unit_of_work():
        services.shortlist(nomination, actor=cast.olaf)
    with unit_of_work():
        services.take_off(nomination, actor=cast.olaf)
        services.shortlist(nomination, actor=cast.olaf)
        services.score(nomination, actor=cast.sven, score=9, comment="Without one stop.")
    assert nomination.state == NominationState.SCORED
    with pytest.raises(NotInThatState), unit_of_work():
        services.take_off(nomination, actor=cast.olaf)
    kinds = set(db.session.scalars(select(MailMessage.kind)))
    assert {"juror", "nomination"} <= kinds


def test_a_draft_is_seen_by_its_writer_alone_and_vanishes_without_a_trace(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        nomination = services.propose(make_category(event), cast.people["mei"], actor=cast.petra, reason="Good.")
        services.add_evidence(nomination, actor=cast.petra, words="A note", file=io.BytesIO(b"Note."), name="note.txt")
    for name in ("olaf", "sara", "aude", "mei", "li_wei", "ada"):
        assert queries.find_visible(cast.accounts[name], event, nomination.ref) is None, name
    assert queries.find_visible(cast.petra, event, nomination.ref) is nomination
    for act in (services.submit, services.discard):
        with pytest.raises(Forbidden), unit_of_work():
            act(nomination, actor=cast.olaf)
    with unit_of_work():
        services.discard(nomination, actor=cast.petra)
    assert db.session.scalar(select(func.count(Nomination.id))) == 0


def test_the_nominee_learns_nothing_and_a_juror_sees_the_short_list_only(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        category = make_category(event, jurors=[cast.people["sven"]])
        early = make_nomination(category, cast.people["rita"], by=cast.dora)
        judged = put_before_jury(make_nomination(category, cast.people["mei"], by=cast.dora))
    assert list(queries.list_visible(cast.sven, event)) == [judged]
    for name in ("mei", "rita", "li_wei", "ada", "petra"):
        assert list(queries.list_visible(cast.accounts[name], event)) == [], name
    for name in ("olaf", "sara", "aude", "dora"):
        assert list(queries.list_visible(cast.accounts[name], event)) == [early, judged], name
        assert all(policy.may_see(cast.accounts[name], each) for each in (early, judged)), name
    assert not policy.may_see(cast.sven, early)


def test_proposals_are_taken_from_a_day_to_a_day_and_not_by_the_auditor(cast: Cast) -> None:
    today = clock.today("Asia/Shanghai")
    with unit_of_work():
        event = make_event()
        over = make_category(event, closes_on=today - timedelta(days=1))
        early = make_category(event, opens_on=today + timedelta(days=1))
        now = make_category(event, opens_on=today, closes_on=today)
    for category in (over, early):
        with pytest.raises(NotOpen), unit_of_work():
            services.propose(category, cast.people["mei"], actor=cast.petra, reason="Good.")
    with pytest.raises(Forbidden), unit_of_work():
        services.propose(now, cast.people["mei"], actor=cast.aude, reason="Good.")
    with unit_of_work():
        draft = services.propose(now, cast.people["mei"], actor=cast.petra, reason="Good.")
        services.add_evidence(draft, actor=cast.petra, words="A note")
    with clock.at(clock.now() + timedelta(days=2)), pytest.raises(NotOpen), unit_of_work():
        services.submit(draft, actor=cast.petra)
    with pytest.raises(Refused), unit_of_work():
        make_category(event, opens_on=today, closes_on=today - timedelta(days=1))
    with pytest.raises(Refused), unit_of_work():
        make_category(make_event(status=Status.CANCELLED))


def test_exactly_one_nominee_of_the_kind_that_the_category_is_for(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        for_teams = make_category(event, nominee="team")
        for_all = make_category(event)
    for nominee in (cast.people["mei"], OUTSIDE, None):
        with pytest.raises(WrongNominee), unit_of_work():
            services.propose(for_teams, nominee, actor=cast.petra, reason="Good.")
    with unit_of_work():
        team = services.propose(for_teams, make_team(), actor=cast.petra, reason="Good.")
        stranger = services.propose(for_all, OUTSIDE, actor=cast.petra, reason="Good.")
    assert (team.nominee, stranger.nominee, stranger.outside_organization) == ("team", "outside", "Weber GmbH")


def test_the_same_nominee_stands_once_in_a_category(cast: Cast) -> None:
    with unit_of_work():
        category = make_category(make_event())
        make_nomination(category, cast.people["mei"], by=cast.dora)
        make_nomination(category, OUTSIDE, by=cast.dora)
    for again in (cast.people["mei"], services.Outside("frieda weber")):
        with pytest.raises(NominatedAlready), unit_of_work():
            make_nomination(category, again, by=cast.petra)


def test_a_no_needs_a_reason_and_nobody_sifts_what_they_proposed(cast: Cast) -> None:
    with unit_of_work():
        category = make_category(make_event())
        nomination = make_nomination(category, cast.people["mei"], by=cast.olaf)
    with pytest.raises(Forbidden), unit_of_work():
        services.find_eligible(nomination, actor=cast.olaf, eligible=True)
    with pytest.raises(Refused), unit_of_work():
        services.find_eligible(nomination, actor=cast.sara, eligible=False)
    with unit_of_work():
        services.find_eligible(nomination, actor=cast.sara, eligible=False, reason="With us since May only.")
    with pytest.raises(NotInThatState), unit_of_work():
        services.shortlist(nomination, actor=cast.sara)
    assert (nomination.state, nomination.state_reason) == (NominationState.INELIGIBLE, "With us since May only.")


@pytest.mark.parametrize(
    ("juror", "why"),
    [
        ("dora", Conflict.PROPOSED),
        ("petra", Conflict.ONESELF),
        ("xaver", Conflict.DEPARTMENT),
        ("mei", Conflict.DEPARTMENT),  # the nearest tie is named: she is the manager too
    ],
)
def test_rule_32_a_juror_who_proposed_or_stands_near_is_kept_out(cast: Cast, juror: str, why: Conflict) -> None:
    with unit_of_work():
        category = make_category(make_event(), jurors=[cast.people[juror], cast.people["sven"]])
        nomination = put_before_jury(make_nomination(category, cast.people["petra"], by=cast.dora))
    assert (keeps_out(cast, juror, nomination), keeps_out(cast, "sven", nomination)) == (why, None)
    with pytest.raises(KeptOut), unit_of_work():
        services.score(nomination, actor=cast.accounts[juror], score=10)
    assert db.session.scalar(select(func.count(JurorScore.id))) == 0


def test_rule_32_own_team_and_own_line_count_too(cast: Cast) -> None:
    with unit_of_work():
        cast.people["tom"].department = None
        cast.people["rita"].manager = cast.people["tom"]
        team = make_team()
        team.members.append(TeamMember(person=cast.people["sven"]))
        category = make_category(make_event(), jurors=[cast.people["sven"], cast.people["tom"], cast.people["petra"]])
        crew = put_before_jury(make_nomination(category, team, by=cast.dora))
        one = put_before_jury(make_nomination(category, cast.people["rita"], by=cast.dora))
    assert keeps_out(cast, "sven", crew) == Conflict.OWN_TEAM
    assert keeps_out(cast, "tom", one) == Conflict.LINE
    assert (keeps_out(cast, "petra", crew), keeps_out(cast, "petra", one)) == (None, None)


def test_rule_32_who_moves_into_the_department_later_is_not_counted(cast: Cast) -> None:
    with unit_of_work():
        (nomination,) = make_scored(cast, make_event(), cast.people["mei"], scores=[9])
    assert queries.list_standings(nomination.category)[0].count == 2
    with unit_of_work():
        cast.people["tom"].department = cast.people["mei"].department
    (standing,) = queries.list_standings(nomination.category)
    assert (standing.count, [each.person.name for each in standing.kept_out]) == (1, ["Tom Okafor"])
    with pytest.raises(KeptOut), unit_of_work():
        services.score(nomination, actor=cast.tom, score=1)


def test_a_juror_may_keep_out_by_hand_and_what_was_given_is_void(cast: Cast) -> None:
    with unit_of_work():
        (nomination,) = make_scored(cast, make_event(), cast.people["mei"], scores=[9])
        services.recuse(nomination, actor=cast.tom, reason="We are married.")
    assert queries.list_standings(nomination.category)[0].count == 1
    with pytest.raises(KeptOut), unit_of_work():
        services.score(nomination, actor=cast.tom, score=9)
    with pytest.raises(Forbidden), unit_of_work():
        services.recuse(nomination, actor=cast.petra, reason="Me too.")


def test_scores_are_whole_from_0_to_10_by_jurors_alone_and_change_until_the_decision(cast: Cast) -> None:
    with unit_of_work():
        category = make_category(make_event(), jurors=[cast.people["sven"]])
        nomination = put_before_jury(make_nomination(category, cast.people["mei"], by=cast.dora))
    for points in (-1, 11):
        with pytest.raises(Refused), unit_of_work():
            services.score(nomination, actor=cast.sven, score=points)
    for name in ("olaf", "petra", "aude", "li_wei"):
        with pytest.raises(Forbidden), unit_of_work():
            services.score(nomination, actor=cast.accounts[name], score=5)
    with unit_of_work():
        given = services.score(nomination, actor=cast.sven, score=0)
    opened = given.version
    with unit_of_work():
        services.score(nomination, actor=cast.sven, score=10, version=opened)
    with pytest.raises(Stale), unit_of_work():
        services.score(nomination, actor=cast.sven, score=3, version=opened)
    assert [each.score for each in db.session.scalars(select(JurorScore))] == [10]
    with unit_of_work():
        category.decided_at = clock.now()
    with pytest.raises(CategoryIsDecided), unit_of_work():
        services.score(nomination, actor=cast.sven, score=3)


def test_the_jury_is_named_once_and_who_has_judged_stays(cast: Cast) -> None:
    with unit_of_work():
        (nomination,) = make_scored(cast, make_event(), cast.people["mei"], scores=[9])
        category = nomination.category
        services.add_juror(category, cast.people["petra"], actor=cast.olaf)
    assert nomination.state == NominationState.SCORED  # Petra works with Mei, so nobody waits for her
    with unit_of_work():
        services.add_juror(category, cast.people["rita"], actor=cast.olaf)
    assert nomination.state == NominationState.SHORTLISTED
    with pytest.raises(NominatedAlready), unit_of_work():
        services.add_juror(category, cast.people["tom"], actor=cast.olaf)
    tom, rita = (
        next(one for one in category.jurors if one.person_id == cast.people[name].id) for name in ("tom", "rita")
    )
    with pytest.raises(CategoryIsDecided), unit_of_work():
        services.remove_juror(tom, actor=cast.olaf)
    with unit_of_work():
        services.remove_juror(rita, actor=cast.olaf)
    assert (len(category.jurors), nomination.state) == (3, NominationState.SCORED)


def test_only_those_who_record_run_categories_and_an_empty_one_can_go(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        category = make_category(event)
    for name in ("petra", "li_wei", "ada", "aude", "sven", "dora"):
        actor = cast.accounts[name]
        for act in (
            lambda actor=actor: services.add_category(event, actor=actor, title="Mine"),
            lambda actor=actor: services.edit_category(category, actor=actor, title="Mine"),
            lambda actor=actor: services.add_juror(category, cast.people["tom"], actor=actor),
            lambda actor=actor: services.drop_category(category, actor=actor),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act()
    with unit_of_work():
        draft = services.propose(category, cast.people["mei"], actor=cast.petra, reason="Good.")
    with pytest.raises(Refused), unit_of_work():
        services.drop_category(category, actor=cast.olaf)
    with unit_of_work():
        services.discard(draft, actor=cast.petra)
    with unit_of_work():
        services.drop_category(category, actor=cast.olaf)
    assert db.session.scalar(select(func.count(Category.id))) == 0


def test_what_waits_for_a_juror_is_counted(cast: Cast) -> None:
    with unit_of_work():
        category = make_category(make_event(), jurors=[cast.people["sven"]])
        first = put_before_jury(make_nomination(category, cast.people["mei"], by=cast.dora))
        put_before_jury(make_nomination(category, OUTSIDE, by=cast.dora))
        put_before_jury(make_nomination(category, cast.people["rita"], by=cast.sven))
    assert [(each.category, each.number) for each in queries.list_to_score(cast.people["sven"], cast.sven)] == [
        (category, 2)
    ]
    with unit_of_work():
        services.score(first, actor=cast.sven, score=5)
    assert [each.number for each in queries.list_to_score(cast.people["sven"], cast.sven)] == [1]
    assert queries.list_to_score(cast.people["tom"], cast.tom) == []


ON_THE_WAY: dict[str, tuple[set[str], Any]] = {
    "change": (
        {"draft"},
        lambda each, cast: services.change(each, each.person, actor=cast.dora, reason="Other words."),
    ),
    "add evidence": ({"draft"}, lambda each, cast: services.add_evidence(each, actor=cast.dora, words="A log.")),
    "submit": ({"draft"}, lambda each, cast: services.submit(each, actor=cast.dora)),
    "discard": ({"draft"}, lambda each, cast: services.discard(each, actor=cast.dora)),
    "take back": ({"submitted"}, lambda each, cast: services.take_back(each, actor=cast.dora)),
    "eligible": (
        {"submitted", "eligible", "ineligible"},
        lambda each, cast: services.find_eligible(each, actor=cast.olaf, eligible=True),
    ),
    "ineligible": (
        {"submitted", "eligible", "ineligible"},
        lambda each, cast: services.find_eligible(each, actor=cast.olaf, eligible=False, reason="Too new."),
    ),
    "shortlist": ({"eligible"}, lambda each, cast: services.shortlist(each, actor=cast.olaf)),
    "take off": ({"shortlisted", "scored"}, lambda each, cast: services.take_off(each, actor=cast.olaf)),
    "score": ({"shortlisted", "scored"}, lambda each, cast: services.score(each, actor=cast.sven, score=7)),
    "recuse": ({"shortlisted", "scored"}, lambda each, cast: services.recuse(each, actor=cast.sven, reason="Kin.")),
}


@pytest.mark.parametrize("act", ON_THE_WAY)
def test_each_act_on_a_proposal_leads_on_from_its_own_states_alone(act: str, cast: Cast) -> None:
    possible, do = ON_THE_WAY[act]
    refused = set()
    for state in NominationState:
        with unit_of_work():
            category = make_category(make_event(), jurors=[cast.people["sven"]])
            nomination = make_nomination(category, cast.people["mei"], by=cast.dora)
            nomination.state = state
            if state in (NominationState.WON, NominationState.NOT_WON):
                category.decided_at = clock.now()
        try:
            with unit_of_work():
                do(nomination, cast)
        except (NotInThatState, CategoryIsDecided):
            refused.add(str(state))
            assert nomination.state == state
    assert refused == {str(each) for each in NominationState} - possible


@pytest.mark.parametrize(
    ("nominee", "asked"),
    [
        ("person", {"who"}),
        ("team", {"who"}),
        ("outside", {"outside_name", "outside_name_local", "outside_organization"}),
        ("any", {"who", "outside_name", "outside_name_local", "outside_organization"}),
    ],
)
def test_a_category_asks_for_those_whom_it_takes_and_for_nobody_else(app, as_, nominee, asked) -> None:
    with app.app_context(), unit_of_work():
        team, person = make_team(), load().people["mei"]
        category = make_category(make_event(), nominee=nominee)
        url = f"/events/{category.event.ref}/nominations/categories/{category.ref}/propose"
        who = {"outside": "", "team": team.ref}.get(nominee, person.ref)
    dora = as_("dora")
    sent = {"reason": "Night shift."} | ({"who": who} if who else {"outside_name": "Frieda Weber"})
    draft = dora.post(url, sent).headers["Location"]
    for page in (url, f"{draft}/edit"):
        answer = dora.get(page)
        fields = {"who", "outside_name", "outside_name_local", "outside_organization"}
        assert (answer.status_code, {each for each in fields if f'name="{each}"' in answer.text}) == (200, asked)
    nobody = dora.post(url, {"reason": "Night shift."})
    assert (nobody.status_code, "Night shift." in nobody.text) == (422, True)
