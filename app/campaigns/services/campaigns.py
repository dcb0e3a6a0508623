"""Acts on campaigns: setting, assessing, starting, reviewing and concluding them."""

from datetime import date
from typing import Any

from sqlalchemy import select

from app.campaigns import policy, queries
from app.campaigns.errors import (
    AssessorInTeam,
    DeputyIsCommander,
    EndsBeforeStart,
    NotOfThisEvent,
    NotPossibleNow,
    NotReady,
    NumberTooHigh,
    ObjectiveMissing,
    PlaceTaken,
    ReviewIncomplete,
    ScoreMissing,
    Unowned,
)
from app.campaigns.models import Assessment, Campaign, CampaignState, EventCampaign, Finding, Outcome, Review
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _, ngettext
from app.core.roles import Actor
from app.events import policy as event_policy
from app.events.models import Event
from app.people.models import Person, Team
from app.programme.models import Session
from app.provenance.models import Provenance, ValueNote
from app.search import services as search

DIMENSIONS = ("clarity", "resources", "map", "risk", "team")
CAUSE, EXPERIENCE = "cause_of_failure", "experience_of_success"
# A campaign of the past may be recorded as far as it had come when it was written down.
RECORDED_AS = (CampaignState.PROPOSED, CampaignState.RUNNING, CampaignState.IN_REVIEW)


def add_campaign(
    event: Event,
    *,
    actor: Actor,
    year: int,
    ordinal: int | None = None,
    of_total: int | None = None,
    name: str | None = None,
    name_local: str | None = None,
    objective: str | None = None,
    objective_local: str | None = None,
    metric: str | None = None,
    baseline: str | None = None,
    target: str | None = None,
    commander: Person | None = None,
    deputy: Person | None = None,
    team: Team | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
    state: CampaignState | str = CampaignState.PROPOSED,
    needs_tally: bool = False,
) -> Campaign:
    """Set a campaign of a year. It may have no name yet: it is then the third of seven until somebody names it.

    `state` says how far it had come when it was recorded: proposed, running or in review. Without `ordinal` it is the
    next one of its year.
    """
    require(policy.may_record(actor, event))
    _refuse_when_cancelled(event)
    state = CampaignState(state)
    if state not in RECORDED_AS:
        raise NotPossibleNow(_("A campaign is recorded as proposed, running or in review."), field="state")
    ordinal = ordinal or queries.next_ordinal(event, year)
    campaign = Campaign(
        event=event, year=year, ordinal=ordinal, of_total=of_total, name=name, name_local=name_local, objective=objective,
        objective_local=objective_local, metric=metric, baseline=baseline, target=target, commander=commander,
        deputy=deputy, team=team, starts_on=starts_on, ends_on=ends_on, state=state, needs_tally=needs_tally,
    )  # fmt: skip
    _refuse_if_odd(campaign)
    if queries.is_place_taken(event, year, ordinal):
        raise PlaceTaken(_("This year has a campaign with this number already."), field="ordinal")
    db.session.add(campaign)
    db.session.flush()
    audit.record(actor, "campaign.added", campaign, state=state)
    index_campaign(campaign)
    return campaign


def edit_campaign(campaign: Campaign, *, actor: Actor, version: int | None = None, **values: Any) -> Campaign:
    """Change what is known of a campaign, its name among it: all links stay."""
    require(policy.may_record(actor, campaign.event))
    hold(campaign)
    changes = edit(campaign, version=version, **values)
    with db.session.no_autoflush:
        _refuse_if_odd(campaign)
        if queries.is_place_taken(campaign.event, campaign.year, campaign.ordinal, besides=campaign):
            raise PlaceTaken(_("This year has a campaign with this number already."), field="ordinal")
    if changes:
        if "team" in changes:
            _mark_entered(campaign)
        audit.record(actor, "campaign.changed", campaign, fields=sorted(changes))
        index_campaign(campaign)
    return campaign


def _refuse_if_odd(campaign: Campaign) -> None:
    if not (campaign.objective or campaign.objective_local or campaign.event.source_id):
        raise ObjectiveMissing(_("Say what the campaign wants to reach."), field="objective")
    if campaign.of_total is not None and campaign.ordinal > campaign.of_total:
        raise NumberTooHigh(_("There are not that many: the number is higher than the total."), field="of_total")
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        raise EndsBeforeStart(_("The last day lies before the first."), field="ends_on")
    if campaign.deputy is not None and campaign.deputy is campaign.commander:
        raise DeputyIsCommander(_("The deputy is somebody else than the commander."), field="deputy_ref")


def confirm_team(campaign: Campaign, *, actor: Actor) -> None:
    """Say that the team which was only inferred is the right one. From then on it counts as entered."""
    require(policy.may_record(actor, campaign.event))
    if campaign.team is None or not _mark_entered(campaign):
        raise NotPossibleNow(_("There is no inferred team to confirm."))
    campaign.version += 1
    audit.record(actor, "campaign.team_confirmed", campaign, team=campaign.team)


def _mark_entered(campaign: Campaign) -> bool:
    note = db.session.scalar(
        select(ValueNote).where(
            ValueNote.subject_type == "Campaign",
            ValueNote.subject_ref == campaign.ref,
            ValueNote.name == "team",
            ValueNote.provenance == Provenance.INFERRED,
        )
    )
    if note is None:
        return False
    note.provenance = Provenance.ENTERED
    return True


def assess_campaign(
    campaign: Campaign,
    *,
    actor: Actor,
    assessor: Person | None,
    clarity: int | None = None,
    resources: int | None = None,
    map: int | None = None,
    risk: int | None = None,
    team: int | None = None,
    verdict: str | None = None,
    verdict_local: str | None = None,
    session: Session | None = None,
) -> Assessment:
    """Judge a campaign before it starts, from 1 to 5 in five dimensions, by somebody who does not fight it.

    Only what a document tells of may leave the assessor or scores open.
    """
    require(policy.may_record(actor, campaign.event))
    hold(campaign)
    if campaign.state not in (CampaignState.PROPOSED, CampaignState.ASSESSED):
        raise NotPossibleNow(_("This campaign has started. An assessment says what was thought before."))
    scores = {"clarity": clarity, "resources": resources, "map": map, "risk": risk, "team": team}
    _refuse_odd_scores(campaign, scores)
    if assessor is None and not campaign.event.source_id:
        raise AssessorInTeam(_("Say who assessed it."), field="assessor_ref")
    if assessor is not None and queries.is_in_team(assessor, campaign):
        raise AssessorInTeam(
            _(
                "%(name)s fights this campaign. It is assessed by somebody outside its team.",
                name=assessor.display_name,
            ),
            field="assessor_ref",
        )
    assessment = Assessment(
        campaign=campaign, assessor=assessor, session=session, verdict=verdict, verdict_local=verdict_local, **scores
    )
    db.session.add(assessment)
    _move(campaign, CampaignState.ASSESSED)
    db.session.flush()
    if session is not None:
        note_session(campaign, session, purpose="assessed", actor=actor)
    audit.record(actor, "campaign.assessed", assessment, campaign=campaign, **scores)
    return assessment


def _refuse_odd_scores(campaign: Campaign, scores: dict[str, int | None]) -> None:
    for name, score in scores.items():
        if score is None and not campaign.event.source_id:
            raise ScoreMissing(_("Please give all five scores."), field=name)
        if score is not None and not 1 <= score <= 5:
            raise ScoreMissing(_("A score lies between 1 and 5."), field=name)


def start(campaign: Campaign, *, actor: Actor, is_lent_authority: bool = False) -> None:
    """From now on it is being fought: it has been assessed, and one person commands it.

    `is_lent_authority` says that its tally is conferred; a campaign that needs one does not start without.
    """
    require(policy.may_record(actor, campaign.event))
    hold(campaign)
    if campaign.state != CampaignState.ASSESSED:
        raise NotPossibleNow(_("A campaign starts after it has been assessed."))
    if campaign.commander is None:
        raise NotReady(_("Name the commander first: one person answers for a campaign."))
    if not (campaign.objective or campaign.objective_local):
        raise ObjectiveMissing(_("Say what the campaign wants to reach."))
    unowned = [each.name for each in campaign.tasks if each.responsible_id is None]
    if unowned:
        raise Unowned(
            ngettext(
                "%(num)s task on the combat map has nobody who answers for it: %(names)s.",
                "%(num)s tasks on the combat map have nobody who answers for them: %(names)s.",
                len(unowned), names=", ".join(unowned[:5]),
            )
        )  # fmt: skip
    if campaign.needs_tally and not is_lent_authority:
        raise NotReady(_("This campaign is fought with lent authority: confer its tally on the commander first."))
    campaign.starts_on = campaign.starts_on or clock.today(campaign.event.time_zone)
    _move(campaign, CampaignState.RUNNING)
    audit.record(actor, "campaign.started", campaign)


def add_review(
    campaign: Campaign,
    *,
    actor: Actor,
    session: Session | None = None,
    intended: str | None = None,
    intended_local: str | None = None,
    actual: str | None = None,
    actual_local: str | None = None,
    company_view: str | None = None,
    company_view_local: str | None = None,
) -> Review:
    """Begin to look back: what was intended, what came of it, and how it looks from the company's point of view."""
    require(policy.may_record(actor, campaign.event))
    hold(campaign)
    if campaign.state not in (CampaignState.RUNNING, CampaignState.IN_REVIEW):
        raise NotPossibleNow(_("A campaign is reviewed when it has been fought."))
    review = Review(
        campaign=campaign, session=session, intended=intended, intended_local=intended_local, actual=actual,
        actual_local=actual_local, company_view=company_view, company_view_local=company_view_local,
    )  # fmt: skip
    db.session.add(review)
    _move(campaign, CampaignState.IN_REVIEW)
    db.session.flush()
    if session is not None:
        note_session(campaign, session, purpose="reviewed", actor=actor)
    audit.record(actor, "campaign.review_begun", review, campaign=campaign)
    return review


def edit_review(review: Review, *, actor: Actor, version: int | None = None, **values: Any) -> Review:
    require(policy.may_record(actor, review.event))
    hold(review.campaign)
    _refuse_when_concluded(review.campaign)
    db.session.refresh(review)
    changes = edit(review, version=version, **values)
    if changes:
        audit.record(actor, "campaign.review_changed", review, campaign=review.campaign, fields=sorted(changes))
    return review


def add_finding(review: Review, *, actor: Actor, kind: str, text: str, text_local: str | None = None) -> Finding:
    """A cause of failure or an experience of success, worth knowing next time."""
    require(policy.may_record(actor, review.event))
    hold(review.campaign)
    _refuse_when_concluded(review.campaign)
    if kind not in (CAUSE, EXPERIENCE):
        raise ValueError(f"no such finding: {kind}")
    finding = Finding(review=review, kind=kind, text=text, text_local=text_local)
    db.session.add(finding)
    review.version += 1
    db.session.flush()
    audit.record(actor, "campaign.finding_added", review, campaign=review.campaign, kind=kind)
    return finding


def remove_finding(finding: Finding, *, actor: Actor) -> None:
    review = finding.review
    require(policy.may_record(actor, review.event))
    hold(review.campaign)
    _refuse_when_concluded(review.campaign)
    audit.record(actor, "campaign.finding_removed", review, campaign=review.campaign, kind=finding.kind)
    review.findings.remove(finding)
    review.version += 1
    db.session.flush()


def conclude(
    campaign: Campaign,
    *,
    actor: Actor,
    outcome: Outcome | str,
    no_cause_because: str | None = None,
    no_success_because: str | None = None,
) -> None:
    """Say how it ended. The newest review has to hold both kinds of findings, or say why there are none (rule 17)."""
    require(policy.may_conclude(actor, campaign.event))
    hold(campaign)
    if campaign.state != CampaignState.IN_REVIEW or not campaign.reviews:
        raise NotPossibleNow(_("A campaign is concluded out of its review. Begin the review first."))
    review = campaign.reviews[-1]
    db.session.refresh(review, ["findings"])
    review.no_cause_because = no_cause_because or review.no_cause_because
    review.no_success_because = no_success_because or review.no_success_because
    _refuse_incomplete(review)
    review.concluded_at = clock.now()
    review.version += 1
    campaign.outcome = Outcome(outcome)
    campaign.ends_on = campaign.ends_on or clock.today(campaign.event.time_zone)
    _move(campaign, CampaignState.CONCLUDED)
    audit.record(
        actor, "campaign.concluded", campaign, outcome=campaign.outcome, no_cause_because=review.no_cause_because,
        no_success_because=review.no_success_because,
    )  # fmt: skip
    index_campaign(campaign)


def _refuse_incomplete(review: Review) -> None:
    kinds = {finding.kind for finding in review.findings}
    if not (review.intended or review.intended_local) or not (review.actual or review.actual_local):
        raise ReviewIncomplete(_("The review does not say yet what was intended and what came of it."))
    if not (review.company_view or review.company_view_local):
        raise ReviewIncomplete(_("The review does not look at it from the company's point of view yet."))
    if CAUSE not in kinds and not review.no_cause_because:
        raise ReviewIncomplete(
            _("No cause of failure was noted. Note one, or say why none was found."), field="no_cause_because"
        )
    if EXPERIENCE not in kinds and not review.no_success_because:
        raise ReviewIncomplete(
            _("No experience of success was noted. Note one, or say why none was found."), field="no_success_because"
        )


def note_session(campaign: Campaign, session: Session, *, purpose: str, actor: Actor) -> EventCampaign:
    """Note that a session reviewed or assessed the campaign. Asking twice gives what is there."""
    require(policy.may_record(actor, session.event))
    if purpose not in ("reviewed", "assessed"):
        raise ValueError(f"no such purpose: {purpose}")
    there = db.session.scalar(
        select(EventCampaign).where(
            EventCampaign.session_id == session.id,
            EventCampaign.campaign_id == campaign.id,
            EventCampaign.purpose == purpose,
        )
    )
    if there is not None:
        return there
    link = EventCampaign(session=session, campaign=campaign, purpose=purpose)
    db.session.add(link)
    db.session.flush()
    audit.record(actor, f"campaign.{purpose}_in_session", campaign, scope=session.event, session=session)
    return link


def index_campaign(campaign: Campaign) -> None:
    """Found by everybody who sees the event."""
    parts = [campaign.name, campaign.name_local, campaign.objective, campaign.objective_local]
    search.put(
        "campaign",
        campaign.ref,
        url=f"/events/{campaign.event.ref}/campaigns/{campaign.ref}",
        title=campaign.label,
        body="\n".join(part for part in parts if part),
        event_id=campaign.event_id,
        on=campaign.starts_on or date(campaign.year, 1, 1),
    )


def hold(campaign: Campaign) -> None:
    """Have the campaign to oneself until the end of the act, and see it as it stands now."""
    db.session.execute(select(Campaign.id).where(Campaign.id == campaign.id).with_for_update())
    db.session.refresh(campaign)
    db.session.expire(campaign, ["reviews", "assessments", "tasks", "risks"])


def _move(campaign: Campaign, state: CampaignState) -> None:
    campaign.state = state
    campaign.version += 1


def _refuse_when_concluded(campaign: Campaign) -> None:
    if campaign.state == CampaignState.CONCLUDED:
        raise NotPossibleNow(_("This campaign is concluded; its review does not change any more."))


def _refuse_when_cancelled(event: Event) -> None:
    if not event_policy.is_open_to_change(event):
        raise NotOfThisEvent(_("This event is cancelled; no new campaign is set in it."))
