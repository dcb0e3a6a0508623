"""Campaigns: from the objective over the assessment by somebody outside to a review that teaches something."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.campaigns import services
from app.campaigns.errors import (
    AssessorInTeam,
    EndsBeforeStart,
    NotPossibleNow,
    NotReady,
    NumberTooHigh,
    ObjectiveMissing,
    PlaceTaken,
    ReviewIncomplete,
    ScoreMissing,
)
from app.campaigns.models import Assessment, Campaign, CampaignState, Finding
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.events.models import Event
from app.people.models import TeamMember
from app.provenance import services as provenance
from app.provenance.models import Provenance, ValueNote
from app.provenance.queries import find_source
from app.search.models import SearchEntry
from tests.cast import Cast, load
from tests.factories import make_event, make_session, make_team
from tests.factories.campaigns import SCORES, make_campaign, make_review, make_running
from tests.factories.pledges import make_in_force, make_trio

CAUSE, EXPERIENCE = "cause_of_failure", "experience_of_success"


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event(starts_on=date(2027, 1, 14))


@pytest.fixture
def running(event: Event, cast: Cast) -> Campaign:
    with unit_of_work():
        return make_running(event, cast.people["tom"], commander=cast.people["mei"])


def told_event(**values: Any) -> Event:
    """An event that a document tells of."""
    source = provenance.add_source(title="Release", sha256="0" * 64, length=1, language="en")
    return make_event(source_id=source.id, **values)


# --- setting ------------------------------------------------------------------------------------------------------


def test_those_who_record_the_event_set_campaigns(event: Event, cast: Cast) -> None:
    for name in ("petra", "li_wei", "ada", "sven", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_campaign(event, actor=cast.accounts[name], year=2027, objective="Mine.")
    with unit_of_work():
        numbers = [make_campaign(event, year=year).ordinal for year in (2027, 2027, 2026)]
    assert numbers == [1, 2, 1]


def test_a_campaign_without_a_name_is_told_by_its_number_until_it_gets_one(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event, year=2022, ordinal=3, of_total=7, name=None)
    ref = campaign.ref
    assert campaign.display_name == "2022 tough battle 3 of 7, not named"
    with unit_of_work():
        pledge = make_trio(event, cast, campaign=campaign)
    with unit_of_work():
        services.edit_campaign(campaign, actor=cast.olaf, name="Clear Water")
    assert (campaign.display_name, campaign.ref, pledge.campaign) == ("Clear Water", ref, campaign)
    entry = db.session.scalar(select(SearchEntry).where(SearchEntry.kind == "campaign"))
    assert (entry.title, entry.url) == ("Clear Water", f"/events/{event.ref}/campaigns/{ref}")


@pytest.mark.parametrize(
    ("values", "refusal", "field"),
    [
        ({"objective": None}, ObjectiveMissing, "objective"),
        ({"ordinal": 4, "of_total": 3}, NumberTooHigh, "of_total"),
        ({"ordinal": 1}, PlaceTaken, "ordinal"),
        ({"starts_on": date(2027, 2, 2), "ends_on": date(2027, 2, 1)}, EndsBeforeStart, "ends_on"),
        ({"state": "concluded"}, NotPossibleNow, "state"),
    ],
)
def test_odd_campaigns_are_refused_beside_the_field(
    event: Event, cast: Cast, values: dict[str, Any], refusal: type, field: str
) -> None:
    with unit_of_work():
        make_campaign(event, ordinal=1)
    with pytest.raises(refusal) as caught, unit_of_work():
        make_campaign(event, **values)
    assert caught.value.field == field
    assert db.session.scalar(select(func.count(Campaign.id))) == 1


def test_a_change_into_something_odd_is_refused_and_changes_nothing(event: Event, cast: Cast) -> None:
    with unit_of_work():
        make_campaign(event, ordinal=1)
        campaign = make_campaign(event, ordinal=2, name="Second")
    for values in ({"ordinal": 1}, {"of_total": 1}, {"objective": None}):
        with pytest.raises((PlaceTaken, NumberTooHigh, ObjectiveMissing)), unit_of_work():
            services.edit_campaign(campaign, actor=cast.olaf, **values)
    db.session.refresh(campaign)
    assert (campaign.ordinal, campaign.of_total, campaign.objective) == (2, None, "Less scrap.")


def test_a_stale_page_is_told(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event)
    opened_on = campaign.version
    with unit_of_work():
        services.edit_campaign(campaign, actor=cast.olaf, version=opened_on, name="First name")
    with pytest.raises(Stale), unit_of_work():
        services.edit_campaign(campaign, actor=cast.sara, version=opened_on, name="Second name")


# --- assessing and starting ---------------------------------------------------------------------------------------


def test_commander_and_team_do_not_assess_their_own_campaign(event: Event, cast: Cast) -> None:
    with unit_of_work():
        team = make_team()
        team.members.append(TeamMember(person=cast.people["petra"]))
        campaign = make_campaign(event, commander=cast.people["mei"], team=team)
    for name in ("mei", "petra"):
        with pytest.raises(AssessorInTeam), unit_of_work():
            services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people[name], **SCORES)
    db.session.refresh(campaign)
    assert campaign.state == CampaignState.PROPOSED
    with unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["tom"], **SCORES)
    assert campaign.state == CampaignState.ASSESSED


@pytest.mark.parametrize("score", [None, 0, 6])
def test_all_five_scores_lie_between_one_and_five(event: Event, cast: Cast, score: int | None) -> None:
    with unit_of_work():
        campaign = make_campaign(event)
    with pytest.raises(ScoreMissing) as caught, unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["tom"], **{**SCORES, "risk": score})
    assert caught.value.field == "risk"
    assert db.session.scalar(select(func.count(Assessment.id))) == 0


def test_only_what_a_document_tells_of_may_leave_assessor_scores_and_objective_open(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event)
    with pytest.raises(AssessorInTeam), unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=None, **SCORES)
    with unit_of_work():
        told = make_campaign(told_event(), objective=None, name=None)
        services.assess_campaign(told, actor=cast.olaf, assessor=None)
    assert (told.state, told.assessments[0].clarity) == (CampaignState.ASSESSED, None)


def test_a_campaign_starts_assessed_and_with_a_commander(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.start(campaign, actor=cast.olaf)
    with unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["tom"], **SCORES)
    with pytest.raises(NotReady), unit_of_work():
        services.start(campaign, actor=cast.olaf)
    with unit_of_work():
        services.edit_campaign(campaign, actor=cast.olaf, commander=cast.people["mei"])
        services.start(campaign, actor=cast.olaf)
    assert campaign.state == CampaignState.RUNNING
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.assess_campaign(campaign, actor=cast.olaf, assessor=cast.people["tom"], **SCORES)


# --- reviewing and concluding -------------------------------------------------------------------------------------


def test_what_has_not_begun_is_not_reviewed(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event)
    with pytest.raises(NotPossibleNow), unit_of_work():
        make_review(campaign)


@pytest.mark.parametrize("missing", ["intended", "actual", "company_view"])
def test_a_review_says_what_was_intended_what_came_and_how_the_company_sees_it(
    running: Campaign, cast: Cast, missing: str
) -> None:
    with unit_of_work():
        review = make_review(running, **{missing: None})
        for kind in (CAUSE, EXPERIENCE):
            services.add_finding(review, actor=cast.olaf, kind=kind, text="So it was.")
    with pytest.raises(ReviewIncomplete), unit_of_work():
        services.conclude(running, actor=cast.olaf, outcome="won")
    db.session.refresh(running)
    assert (running.state, running.outcome) == (CampaignState.IN_REVIEW, None)


@pytest.mark.parametrize(("noted", "field"), [(EXPERIENCE, "no_cause_because"), (CAUSE, "no_success_because")])
def test_both_kinds_of_findings_are_noted_or_it_is_said_why_not(
    running: Campaign, cast: Cast, noted: str, field: str
) -> None:
    with unit_of_work():
        review = make_review(running)
        services.add_finding(review, actor=cast.olaf, kind=noted, text="So it was.")
    with pytest.raises(ReviewIncomplete) as caught, unit_of_work():
        services.conclude(running, actor=cast.olaf, outcome="lost")
    assert caught.value.field == field
    db.session.refresh(running)
    assert running.outcome is None
    with unit_of_work():
        services.conclude(running, actor=cast.li_wei, outcome="lost", **{field: "We looked and found none."})
    assert (running.state, running.outcome) == (CampaignState.CONCLUDED, "lost")
    assert getattr(review, field) == "We looked and found none."
    assert review.concluded_at is not None


def test_a_concluded_review_does_not_change(running: Campaign, cast: Cast) -> None:
    with unit_of_work():
        review = make_review(running)
        for kind in (CAUSE, EXPERIENCE):
            services.add_finding(review, actor=cast.olaf, kind=kind, text="So it was.")
        services.conclude(running, actor=cast.olaf, outcome="won")
    for act in (
        lambda: services.edit_review(review, actor=cast.olaf, actual="Better."),
        lambda: services.add_finding(review, actor=cast.olaf, kind=CAUSE, text="One more."),
        lambda: services.remove_finding(review.findings[0], actor=cast.olaf),
        lambda: services.conclude(running, actor=cast.olaf, outcome="lost"),
        lambda: make_review(running),
    ):
        with pytest.raises(NotPossibleNow), unit_of_work():
            act()
    db.session.refresh(running)
    assert (running.outcome, review.actual) == ("won", "3.4 %.")
    assert db.session.scalar(select(func.count(Finding.id))) == 2


def test_only_organizer_and_presiding_leader_conclude(running: Campaign, cast: Cast) -> None:
    with unit_of_work():
        make_review(running)
    for name in ("sara", "mei", "ada", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.conclude(
                running, actor=cast.accounts[name], outcome="won", no_cause_because="None.", no_success_because="None."
            )
    db.session.refresh(running)
    assert running.outcome is None


# --- what was only inferred ---------------------------------------------------------------------------------------


def test_an_inferred_team_is_confirmed_by_one_press_and_counts_as_entered(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event = told_event()
        campaign = make_campaign(event, name=None, objective=None, team=make_team(name="Efficient Supply Chain Team"))
        provenance.add_note(
            find_source(event.source_id),
            campaign,
            "team",
            Provenance.INFERRED,
            scope=event.ref,
            basis="Three teams, three battles.",
        )
        url = f"/events/{event.ref}/campaigns/{campaign.ref}"
    page = as_("rita").get(url).get_data(as_text=True)
    assert 'class="guess"' in page
    assert "Three teams, three battles." in page
    assert ">Confirm<" not in page
    assert as_("rita").post(f"{url}/team").status_code == 403
    olaf = as_("olaf")
    assert ">Confirm<" in olaf.get(url).get_data(as_text=True)
    assert olaf.post(f"{url}/team").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(ValueNote.provenance)) == Provenance.ENTERED
    page = olaf.get(url).get_data(as_text=True)
    assert 'class="guess"' not in page
    assert "Efficient Supply Chain Team" in page


def test_there_is_nothing_to_confirm_where_nothing_was_inferred(event: Event, cast: Cast) -> None:
    with unit_of_work():
        campaign = make_campaign(event, team=make_team())
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.confirm_team(campaign, actor=cast.olaf)


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_year_list_holds_the_campaigns_of_visible_events_only(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        make_campaign(make_event(), name="Clear Water", year=2027)
        make_campaign(make_event(), name="Dry Feet", year=2025)
        make_campaign(make_event(audience="restricted"), name="Secret Fight", year=2027)
    rita = as_("rita")
    newest = rita.get("/campaigns").get_data(as_text=True)
    assert ("Clear Water" in newest, "Dry Feet" in newest, "Secret Fight" in newest) == (True, False, False)
    older = rita.get("/campaigns?year=2025").get_data(as_text=True)
    assert ("Clear Water" in older, "Dry Feet" in older) == (False, True)
    for odd in ("", "nonsense", "-5", "0", "99999999999999999999999"):
        assert rita.get(f"/campaigns?year={odd}").status_code == 200
    assert "Secret Fight" in as_("aude").get("/campaigns?year=2027").get_data(as_text=True)


def test_a_campaign_of_another_event_is_listed_where_a_session_treated_it(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        here = make_event()
        there = make_campaign(make_event(), name="Dry Feet")
        hidden = make_campaign(make_event(audience="restricted"), name="Secret Fight")
        session = make_session(here)
        for each in (there, hidden):
            services.note_session(each, session, purpose="reviewed", actor=cast.olaf)
            services.note_session(each, session, purpose="reviewed", actor=cast.olaf)
        url = f"/events/{here.ref}/campaigns"
    page = as_("rita").get(url).get_data(as_text=True)
    assert (page.count("Dry Feet"), page.count("Secret Fight")) == (1, 0)


def test_the_way_of_a_campaign_through_the_pages(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14))
        people = {name: person.ref for name, person in load().people.items()}
        base = f"/events/{event.ref}/campaigns"
    olaf = as_("olaf")
    sent = {
        "year": "2027", "ordinal": "1", "of_total": "3", "name": "", "objective": "Less scrap.", "commander_ref": people["mei"],
        "team_ref": "", "state": "proposed",
    }  # fmt: skip
    answer = olaf.post(f"{base}/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    url = answer.headers["Location"]
    scores = {name: str(score) for name, score in SCORES.items()}
    own = olaf.post(f"{url}/assess", {**scores, "assessor_ref": people["mei"], "session_ref": ""})
    assert own.status_code == 422
    assert "fights this campaign" in own.get_data(as_text=True)
    assert olaf.post(f"{url}/assess", {**scores, "assessor_ref": people["tom"], "session_ref": ""}).status_code == 303
    assert olaf.post(f"{url}/start").status_code == 303
    review = {"intended": "Less.", "actual": "Much less.", "company_view": "Well.", "session_ref": ""}
    assert olaf.post(f"{url}/review", review).status_code == 303
    assert olaf.post(f"{url}/review", {**review, "actual": "Less still.", "version": "1"}).status_code == 303
    refused = olaf.post(f"{url}/conclude", {"outcome": "won"})
    assert refused.status_code == 422
    assert "No cause of failure was noted." in refused.get_data(as_text=True)
    for kind in (CAUSE, EXPERIENCE):
        assert olaf.post(f"{url}/findings", {"kind": kind, "text": f"About {kind}."}).status_code == 303
    assert olaf.post(f"{url}/findings", {"kind": CAUSE, "text": " "}).status_code == 422
    assert olaf.post(f"{url}/conclude", {"outcome": "won"}).status_code == 303
    page = as_("rita").get(url).get_data(as_text=True)
    for words in ("Won", "Less still.", "About cause_of_failure.", "About experience_of_success.", "Tom Okafor"):
        assert words in page, words


def test_a_campaign_shows_its_pledges_as_far_as_each_may_see_them(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event, cast = make_event(), load()
        campaign = make_campaign(event)
        make_in_force(event, cast, title="Word in force", campaign=campaign)
        make_trio(event, cast, title="Word still open", campaign=campaign)
        url = f"/events/{event.ref}/campaigns/{campaign.ref}"
    page = as_("rita").get(url).get_data(as_text=True)
    assert ("Word in force" in page, "Word still open" in page) == (True, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", ""),
        ("year", "next"),
        ("year", "99999999999999999999"),
        ("ordinal", "0"),
        ("ordinal", "-1"),
        ("of_total", "1e9"),
        ("name", "x" * 201),
        ("objective", ""),
        ("commander_ref", "0" * 16),
        ("starts_on", "soon"),
        ("state", "won"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_stored(app: Flask, as_: Any, field: str, value: str) -> None:
    with app.app_context(), unit_of_work():
        base = f"/events/{make_event().ref}/campaigns"
    sent = {
        "year": "2027", "ordinal": "1", "objective": "Less scrap.", "commander_ref": "", "team_ref": "", "state": "proposed",
        "name_local": "半个百分点",
    }  # fmt: skip
    answer = as_("olaf").post(f"{base}/new", {**sent, field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "半个百分点" in page
    with app.app_context():
        assert db.session.scalar(select(func.count(Campaign.id))) == 0


@pytest.mark.parametrize("path", ["/campaigns", "event"])
def test_lists_take_the_same_statements_for_one_campaign_and_for_thirty(
    app: Flask, as_: Any, count_statements: Callable[[], Any], path: str
) -> None:
    def fill(times: int) -> str:
        with app.app_context(), unit_of_work():
            event = db.session.scalar(select(Event)) or make_event()
            for _n in range(times):
                make_campaign(event, team=make_team(), commander=load().people["mei"])
            return f"/events/{event.ref}/campaigns" if path == "event" else path

    url = fill(1)
    rita = as_("rita")
    with count_statements() as few:
        rita.get(url)
    fill(29)
    with count_statements() as many:
        assert rita.get(url).get_data(as_text=True).count("title-link") == 30
    assert len(many) == len(few) <= 10
