"""Tallies from casting to their end, each guard of their states by name."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.campaigns import services as campaigns
from app.campaigns.errors import NotReady
from app.campaigns.models import Campaign
from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.core.roles import SYSTEM
from app.custody import queries as custody
from app.custody.errors import WaitsForConfirmation
from app.events.models import Event
from app.mail.models import MailMessage
from app.signing import queries as signing
from app.signing.printed import head_of
from app.tallies import papers, queries, services
from app.tallies.errors import (
    BothHalvesInOneHand,
    CastAlready,
    CommanderMissing,
    ConditionMissing,
    NeitherStageNorReason,
    NotChartered,
    NotPossibleNow,
    ReasonMissing,
    RecastAlready,
    WrongDays,
    WrongHolder,
)
from app.tallies.models import Tally, TallyState
from app.workflows import confirm_custody, start_campaign
from tests.cast import Cast
from tests.factories import make_event
from tests.factories.campaigns import SCORES, make_campaign, make_review
from tests.factories.tallies import make_tally

OUTSIDE = "The commander travels on the evening of the ceremony."


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event()


def assessed(event: Event, cast: Cast, **values) -> Campaign:
    with unit_of_work():
        campaign = make_campaign(event, **{"commander": cast.people["petra"], **values})
        campaigns.assess_campaign(campaign, actor=SYSTEM, assessor=cast.people["rita"], **SCORES)
    return campaign


def make(campaign: Campaign, **values) -> Tally:
    with unit_of_work():
        return make_tally(campaign, **values)


def confer(tally: Tally, cast: Cast, **more) -> Tally:
    given = {"outside": OUTSIDE, "by": cast.people["li_wei"]}
    with unit_of_work():
        return services.confer(tally, actor=cast.olaf, **{**given, **more})


def confirm_all(tally: Tally, *accounts) -> None:
    """Let each of them confirm what waits for them."""
    for account in accounts:
        for half in tally.halves:
            waiting = custody.find_open("tally_half", half.ref)
            if waiting is not None and account.id in (
                waiting.giver.account_id if waiting.giver else None, waiting.taker.account_id if waiting.taker else None
            ):  # fmt: skip
                with unit_of_work():
                    confirm_custody.confirm(waiting, actor=account)


def in_hands(event: Event, cast: Cast, **values) -> Tally:
    """Active, the left half with Petra, the right one with Li Wei."""
    tally = confer(make(assessed(event, cast), **values), cast)
    confirm_all(tally, cast.petra, cast.li_wei)
    return tally


def test_a_tally_is_cast_conferred_and_active_and_both_halves_find_their_holders(cast: Cast, event: Event) -> None:
    tally = make(assessed(event, cast, year=2027))
    assert (tally.label, tally.state) == ("HF-2027-001", TallyState.CAST)
    assert [each.side for each in tally.halves] == ["left", "right"]
    assert list(queries.list_visible(cast.petra, event)) == []  # only those who prepare it know
    assert list(queries.list_visible(cast.li_wei, event)) == [tally]

    confer(tally, cast)
    assert tally.state == TallyState.ACTIVE
    assert tally.conferred_by_name == "Li Wei"
    assert list(queries.list_visible(cast.petra, event)) == [tally]
    assert tally.left.holder is None  # nobody has confirmed it yet
    confirm_all(tally, cast.petra)
    assert (tally.left.holder, tally.left.holder_title) == (cast.people["petra"], "Project lead")
    assert tally.right.holder is None
    confirm_all(tally, cast.li_wei)
    assert tally.right.holder is cast.people["li_wei"]
    assert list(queries.list_anywhere(cast.petra, words="lindqvist")) == [tally]
    assert list(queries.list_anywhere(cast.petra, words="nobody%")) == []


def test_guard_conferred_needs_a_fired_cue_or_the_reason_why_it_happens_outside_a_ceremony(
    cast: Cast, event: Event
) -> None:
    tally = make(assessed(event, cast))
    with pytest.raises(NeitherStageNorReason):
        confer(tally, cast, outside=None)
    assert tally.state == TallyState.CAST
    confer(tally, cast, outside=None, cue_ref="c" * 16, by=None)
    assert (tally.cue_ref, tally.conferred_outside) == ("c" * 16, None)
    assert tally.conferred_by_name == "Li Wei"  # the one leader there is keeps the right half, and gives the left one
    with pytest.raises(NotPossibleNow):
        confer(tally, cast)  # a second press confers nothing twice


def test_guard_a_tally_cannot_become_active_for_a_campaign_that_is_not_at_least_chartered(
    cast: Cast, event: Event
) -> None:
    with unit_of_work():
        campaign = make_campaign(event, commander=cast.people["petra"])
    tally = confer(make(campaign), cast)
    assert tally.state == TallyState.CONFERRED
    with pytest.raises(NotChartered), unit_of_work():
        services.activate(tally, actor=cast.olaf)
    with unit_of_work():
        campaigns.assess_campaign(campaign, actor=SYSTEM, assessor=cast.people["rita"], **SCORES)
    jobs.run_now("keep_tallies")
    assert tally.state == TallyState.ACTIVE


def test_guard_it_is_not_active_before_its_first_day(cast: Cast, event: Event) -> None:
    today = clock.today(event.time_zone)
    tally = confer(make(assessed(event, cast), valid_from=today + timedelta(days=5)), cast)
    assert tally.state == TallyState.CONFERRED
    with pytest.raises(NotChartered), unit_of_work():
        services.activate(tally, actor=cast.olaf)
    with clock.at(clock.now() + timedelta(days=6)):
        jobs.run_now("keep_tallies")
    assert tally.state == TallyState.ACTIVE


def test_guard_it_expires_with_its_campaign(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast)
    campaign = tally.campaign
    with unit_of_work():
        campaigns.start(campaign, actor=SYSTEM)
        make_review(campaign)
        campaigns.conclude(campaign, actor=SYSTEM, outcome="won", no_cause_because="-", no_success_because="-")
    jobs.run_now("keep_tallies")
    assert (tally.state, tally.state_reason) == (TallyState.RETIRED, "campaign_concluded")
    with pytest.raises(NotPossibleNow):
        make(campaign)


def test_guard_it_expires_after_its_last_day(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast, valid_to=clock.today(event.time_zone) + timedelta(days=3))
    with clock.at(clock.now() + timedelta(days=3)):
        jobs.run_now("keep_tallies")
    assert tally.state == TallyState.ACTIVE
    with clock.at(clock.now() + timedelta(days=4)):
        jobs.run_now("keep_tallies")
    assert (tally.state, tally.state_reason) == (TallyState.RETIRED, "validity_over")


def test_guard_returned_needs_both_parties_and_a_word_on_the_condition(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast)
    with pytest.raises(ConditionMissing), unit_of_work():
        services.give_back(tally, actor=cast.petra, condition=None)
    with pytest.raises(Forbidden), unit_of_work():
        services.give_back(tally, actor=cast.tom, condition="New.")
    with unit_of_work():
        services.give_back(tally, actor=cast.petra, condition="A scratch at the ear.")
    assert tally.state == TallyState.ACTIVE
    confirm_all(tally, cast.li_wei)
    assert (tally.state, tally.left.holder) == (TallyState.RETURNED, cast.people["li_wei"])
    document = queries.find_document(tally)
    assert document is not None
    assert signing.check(document.code).finding == "withdrawn"


def test_a_lost_half_breaks_both_and_it_is_cast_anew_once_under_another_number(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast)
    with pytest.raises(Forbidden), unit_of_work():
        services.report_loss(tally.left, actor=cast.tom, reason="Gone.")
    with pytest.raises(ReasonMissing), unit_of_work():
        services.report_loss(tally.left, actor=cast.petra, reason=None)
    with unit_of_work():
        services.report_loss(tally.left, actor=cast.petra, reason="Left in a train.")
    assert (tally.state, tally.left.holder) == (TallyState.BROKEN, None)
    assert tally.left.lost_at is not None
    assert custody.holder_now("tally_half", tally.left.ref).is_lost
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.activate(tally, actor=cast.olaf)
    with unit_of_work():
        anew = services.recast(tally, actor=cast.olaf)
    assert (anew.label, anew.state, anew.recast_of) == ("HF-2027-002", TallyState.CAST, tally)
    with pytest.raises(RecastAlready), unit_of_work():
        services.recast(tally, actor=cast.olaf)
    # Found again it is with whom it was, and goes back to the office; the tally stays void.
    (loss,) = (each for each in custody.history("tally_half", tally.left.ref) if each.kind == "loss")
    with unit_of_work():
        confirm_custody.withdraw(loss, actor=cast.petra, reason="It lay in the van.")
    assert (tally.state, tally.left.lost_at, tally.left.holder) == (TallyState.BROKEN, None, cast.people["petra"])
    assert queries.list_owed_by(cast.people["petra"]) == [tally.left]
    with unit_of_work():
        services.hand_on(tally.left, actor=cast.petra, taker=None)
    # The right half of the broken one still goes back to the office.
    with unit_of_work():
        services.hand_on(tally.right, actor=cast.li_wei, taker=None)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.hand_on(tally.right, actor=cast.li_wei, taker=cast.people["li_wei"])


def test_only_the_leader_suspends_and_lifts_with_a_reason(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast)
    with pytest.raises(Forbidden), unit_of_work():
        services.suspend(tally, actor=cast.olaf, reason="No.")
    with pytest.raises(ReasonMissing), unit_of_work():
        services.suspend(tally, actor=cast.li_wei, reason=None)
    with unit_of_work():
        services.suspend(tally, actor=cast.li_wei, reason="The plan is looked at again.")
    assert (tally.state, queries.has_authority(tally.campaign)) == (TallyState.SUSPENDED, False)
    told = db.session.scalars(select(MailMessage).where(MailMessage.kind == "tally.suspended")).all()
    assert [each.to_address for each in told] == ["petra@hufu.example"]  # the leader did it and is not told
    assert "The plan is looked at again." in told[0].text
    with unit_of_work():
        services.resume(tally, actor=cast.li_wei)
    assert (tally.state, tally.state_reason) == (TallyState.ACTIVE, None)
    with unit_of_work():
        services.retire(tally, actor=cast.li_wei, reason="The works do it without.")
    assert tally.state == TallyState.RETIRED


def test_a_campaign_that_needs_a_tally_starts_when_it_is_conferred(cast: Cast, event: Event) -> None:
    campaign = assessed(event, cast, needs_tally=True)
    with pytest.raises(NotReady), unit_of_work():
        start_campaign.start(campaign, actor=cast.olaf)
    tally = make(campaign)
    with pytest.raises(NotReady), unit_of_work():
        start_campaign.start(campaign, actor=cast.olaf)
    confer(tally, cast)
    with unit_of_work():
        start_campaign.start(campaign, actor=cast.olaf)
    assert campaign.state == "running"


def test_the_halves_are_kept_by_the_two_to_whom_they_belong(cast: Cast, event: Event) -> None:
    people = cast.people
    with pytest.raises(BothHalvesInOneHand):
        confer(make(assessed(event, cast, commander=people["li_wei"])), cast)
    with pytest.raises(CommanderMissing):
        confer(make(assessed(event, cast, commander=None)), cast)
    tally = in_hands(event, cast)
    for half, taker, error in (
        (tally.left, people["tom"], WrongHolder), (tally.right, people["tom"], WrongHolder),
        (tally.left, people["li_wei"], BothHalvesInOneHand), (tally.right, people["petra"], BothHalvesInOneHand),
    ):  # fmt: skip
        with pytest.raises(error), unit_of_work():
            services.hand_on(half, actor=cast.olaf, taker=taker)
    with unit_of_work():
        campaigns.edit_campaign(tally.campaign, actor=SYSTEM, deputy=people["mei"])
        services.hand_on(tally.left, actor=cast.petra, taker=people["mei"])
    with pytest.raises(WaitsForConfirmation), unit_of_work():
        services.give_back(tally, actor=cast.petra, condition="New.")
    confirm_all(tally, cast.mei)
    assert tally.left.holder is people["mei"]


def test_casting_refuses_a_second_one_odd_days_and_changes_after_the_conferral(cast: Cast, event: Event) -> None:
    campaign = assessed(event, cast)
    today = clock.today(event.time_zone)
    with pytest.raises(WrongDays):
        make(campaign, valid_from=today, valid_to=today - timedelta(days=1))
    with pytest.raises(WrongDays):
        make(campaign, valid_from=today - timedelta(days=9), valid_to=today - timedelta(days=1))
    tally = make(campaign)
    with pytest.raises(CastAlready):
        make(campaign)
    with pytest.raises(Forbidden), unit_of_work():
        services.edit_tally(tally, actor=cast.petra, scope="Everything.")
    with unit_of_work():
        services.edit_tally(tally, actor=cast.olaf, scope="Eighty people.")
    confer(tally, cast)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.edit_tally(tally, actor=cast.olaf, scope="Everything.")
    assert tally.scope == "Eighty people."


def test_its_certificate_is_frozen_checked_by_its_code_and_printed_once(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast)
    document = queries.find_document(tally)
    assert document is not None
    assert document.content["commander"] == {
        "name": "Petra Lindqvist", "name_local": None, "title": "Project lead", "title_local": None
    }  # fmt: skip
    assert document.content["conferred_by"]["name_local"] == "李薇"
    assert signing.check(document.code).finding == "complete"
    jobs.run_now("keep_paper", document_ref=document.ref)
    first = document.pdf_hash
    assert first is not None
    jobs.run_now("keep_paper", document_ref=document.ref)
    assert document.pdf_hash == first


ACTS = {
    "edit": ({"cast"}, lambda tally, cast: services.edit_tally(tally, actor=cast.olaf, scope="Ten people.")),
    "confer": ({"cast"}, lambda tally, cast: services.confer(tally, actor=cast.olaf, outside=OUTSIDE)),
    "activate": ({"conferred"}, lambda tally, cast: services.activate(tally, actor=cast.olaf)),
    "suspend": (
        {"conferred", "active"},
        lambda tally, cast: services.suspend(tally, actor=cast.li_wei, reason="Looked at again."),
    ),
    "resume": ({"suspended"}, lambda tally, cast: services.resume(tally, actor=cast.li_wei)),
    "retire": (
        {"cast", "conferred", "active", "suspended"},
        lambda tally, cast: services.retire(tally, actor=cast.li_wei, reason="Not needed."),
    ),
    "lose": (
        {"conferred", "active", "suspended", "retired"},
        lambda tally, cast: services.report_loss(tally.left, actor=cast.olaf, reason="Gone."),
    ),
    "recast": ({"broken"}, lambda tally, cast: services.recast(tally, actor=cast.olaf)),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_leads_on_from_its_own_states_alone(act: str, cast: Cast, event: Event) -> None:
    possible, do = ACTS[act]
    refused = set()
    for number, state in enumerate(TallyState):
        campaign = assessed(event, cast, ordinal=number + 1)
        tally = make(campaign)
        with unit_of_work():
            tally.state = state
            if state != TallyState.CAST:
                tally.conferred_at = clock.now()
        try:
            with unit_of_work():
                do(tally, cast)
        except NotPossibleNow:
            refused.add(str(state))
            assert tally.state == state
    assert refused == {str(each) for each in TallyState} - possible


def test_the_certificate_prints_the_head_of_the_log_and_stands_on_two_pages(cast: Cast, event: Event) -> None:
    tally = in_hands(event, cast, inscription="虎" * 66, scope="Sixty people of the works, " * 44)
    document = queries.find_document(tally)
    assert document is not None
    paper = PdfReader(io.BytesIO(papers.draw(document)))
    assert len(paper.pages) == 2
    words = "".join(paper.pages[0].extract_text().split())
    assert head_of(document).replace(" ", "") in words
    assert document.code in words
    assert "Petra Lindqvist".replace(" ", "") in words
    assert "".join(paper.pages[1].extract_text().split()).count(tally.label) == 2
