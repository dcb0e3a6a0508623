"""The pages of campaigns: the years, the campaigns of an event, and one campaign from its objective to its review."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.campaigns import policy, queries, services
from app.campaigns.forms import (
    DIMENSION_LABELS,
    AssessForm,
    CampaignForm,
    ConcludeForm,
    FindingForm,
    NewCampaignForm,
    ReviewForm,
)
from app.campaigns.models import (
    CAMPAIGN_STATE_LABELS,
    OUTCOME_LABELS,
    Campaign,
    CampaignState,
    Outcome,
    Review,
)
from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.people.queries import list_choosable_teams
from app.pledges import queries as pledges
from app.programme.queries import list_sessions
from app.provenance import queries as provenance
from app.speeches.queries import list_possible_speakers

blueprint = Blueprint("campaigns", __name__)

STATE_KINDS = {
    CampaignState.PROPOSED: "none",
    CampaignState.ASSESSED: "none",
    CampaignState.RUNNING: "live",
    CampaignState.IN_REVIEW: "live",
    CampaignState.CONCLUDED: "kept",
}
OUTCOME_KINDS = {Outcome.WON: "kept", Outcome.PARTLY_WON: "risk", Outcome.LOST: "late", Outcome.CALLED_OFF: "none"}


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"campaign_state": state_of}


def state_of(campaign: Campaign) -> tuple[object, str]:
    """The word for how it stands, and its colour: the outcome once there is one."""
    if campaign.outcome:
        return OUTCOME_LABELS[Outcome(campaign.outcome)], OUTCOME_KINDS[Outcome(campaign.outcome)]
    return CAMPAIGN_STATE_LABELS[CampaignState(campaign.state)], STATE_KINDS[CampaignState(campaign.state)]


def find(event: Event, campaign_ref: str) -> Campaign:
    return queries.find_campaign(event, campaign_ref) or abort(404)


def url_of(campaign: Campaign) -> str:
    return url_for("campaigns.show", event_ref=campaign.event.ref, campaign_ref=campaign.ref)


def open_review(campaign: Campaign) -> Review | None:
    """The newest review, while it can still change."""
    return campaign.reviews[-1] if campaign.reviews and campaign.reviews[-1].concluded_at is None else None


@blueprint.route("/campaigns")
def everything() -> ResponseReturnValue:
    """The campaigns of a year over all visible events; without a year the newest that has some."""
    years = queries.count_by_year(current_user)
    asked = request.args.get("year", type=int)
    year = asked if asked is not None else (years[0][0] if years else None)
    campaigns = queries.list_visible(current_user, year) if year is not None and 0 < year < 10_000 else []
    return render_template("campaigns/everything.html", years=years, year=year, campaigns=campaigns)


@blueprint.route("/events/<ref:event_ref>/campaigns")
def list_campaigns(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "campaigns/list.html", event=event, campaigns=queries.list_campaigns(event),
        treated=queries.list_treated_visible(current_user, event), may_record=policy.may_record(current_user, event),
        note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/campaigns/new", methods=["GET", "POST"])
def new_campaign(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    year = event.starts_on.year
    form = NewCampaignForm(
        list_possible_speakers(event), list_choosable_teams(), data={"year": year, "ordinal": queries.next_ordinal(event, year)}
    )  # fmt: skip
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_campaign(event, actor=current_user, **form.act_values()),
            then=url_of,
            said=_("The campaign is set."),
        )
        if answer is not None:
            return answer
    return render_template("campaigns/edit.html", event=event, form=form, campaign=None), form.status


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>")
def show(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    return show_campaign(event, campaign, FindingForm()), 200


def show_campaign(event: Event, campaign: Campaign, form: FindingForm) -> str:
    notes = provenance.notes_of(event.ref) if event.source_id else {}
    return render_template(
        "campaigns/show.html", event=event, campaign=campaign, form=form, dimensions=DIMENSION_LABELS,
        review=open_review(campaign), members=queries.list_team(campaign.team) if campaign.team else [],
        sessions=queries.list_sessions_about(campaign),
        pledges=pledges.list_visible(current_user, event, campaign=campaign),
        may_record=policy.may_record(current_user, event), may_conclude=policy.may_conclude(current_user, event),
        note=lambda record, name: provenance.note(notes, record, name),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/edit", methods=["GET", "POST"])
def edit_campaign(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    form = CampaignForm(list_possible_speakers(event), list_choosable_teams(), campaign)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_campaign(
                campaign, actor=current_user, version=form.opened_version, **form.act_values()
            ),
            then=url_of(campaign),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("campaigns/edit.html", event=event, form=form, campaign=campaign), form.status


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/team", methods=["POST"])
def confirm_team(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    return press(
        lambda: services.confirm_team(campaign, actor=current_user), url_of(campaign), _("The team is confirmed.")
    )


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/assess", methods=["GET", "POST"])
def assess(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    form = AssessForm(list_possible_speakers(event), list_sessions(event))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.assess_campaign(campaign, actor=current_user, **form.act_values()),
            then=url_of(campaign),
            said=_("The assessment is kept."),
        )
        if answer is not None:
            return answer
    return render_template("campaigns/assess.html", event=event, form=form, campaign=campaign), form.status


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/start", methods=["POST"])
def start(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    return press(lambda: services.start(campaign, actor=current_user), url_of(campaign), _("The campaign is running."))


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/review", methods=["GET", "POST"])
def review(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    """Begin the review, or go on with the one that is open."""
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    present = open_review(campaign)
    form = ReviewForm(list_sessions(event), present)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: keep_review(campaign, present, form),
            then=url_of(campaign),
            said=_("The review is kept. Note what failed and what succeeded, then conclude it."),
        )
        if answer is not None:
            return answer
    return render_template("campaigns/review.html", event=event, form=form, campaign=campaign), form.status


def keep_review(campaign: Campaign, present: Review | None, form: ReviewForm) -> Review:
    if present is None:
        return services.add_review(campaign, actor=current_user, **form.act_values())
    return services.edit_review(present, actor=current_user, version=form.opened_version, **form.act_values())


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/findings", methods=["POST"])
def add_finding(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_record(current_user, event))
    present = open_review(campaign) or abort(404)
    form = FindingForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_finding(
                present, actor=current_user, kind=form.kind.data, text=filled(form.text.data),
                text_local=form.text_local.data,
            ),
            then=url_of(campaign),
        )  # fmt: skip
        if answer is not None:
            return answer
    return show_campaign(event, campaign, form), form.status


@blueprint.route(
    "/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/findings/<ref:finding_ref>/remove", methods=["POST"]
)
def remove_finding(event_ref: str, campaign_ref: str, finding_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    finding = queries.find_finding(campaign, finding_ref) or abort(404)
    require(policy.may_record(current_user, event))
    return press(lambda: services.remove_finding(finding, actor=current_user), url_of(campaign))


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/conclude", methods=["GET", "POST"])
def conclude(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_conclude(current_user, event))
    form = ConcludeForm(obj=open_review(campaign))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.conclude(campaign, actor=current_user, **form.values()),
            then=url_of(campaign),
            said=_("The campaign is concluded."),
        )
        if answer is not None:
            return answer
    kinds = {each.kind for each in campaign.reviews[-1].findings} if campaign.reviews else set()
    return render_template(
        "campaigns/conclude.html", event=event, form=form, campaign=campaign, kinds=kinds
    ), form.status
