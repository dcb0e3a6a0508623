"""The pages of campaigns: the years, the campaigns of an event, and one campaign from its objective to its review."""

from collections.abc import Callable

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.campaigns import figures, policy, queries, services
from app.campaigns.forms import (
    DIMENSION_LABELS,
    AssessForm,
    CampaignForm,
    ConcludeForm,
    DecisionForm,
    FindingForm,
    NewCampaignForm,
    PromiseForm,
    ReasonForm,
    ReviewForm,
    RiskForm,
    SupportForm,
    TaskForm,
)
from app.campaigns.models import (
    CAMPAIGN_STATE_LABELS,
    OUTCOME_LABELS,
    SUPPORT_PRIORITY_LABELS,
    SUPPORT_STATE_LABELS,
    Campaign,
    CampaignState,
    MapTask,
    Outcome,
    Review,
    RiskPoint,
    SupportPriority,
    SupportRequest,
    SupportState,
)
from app.campaigns.services.charter import CHARTED
from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, filled, press
from app.core.i18n import _
from app.events.models import Event
from app.events.pages import open_event
from app.figures import numbers
from app.figures.queries import gatherings_within
from app.figures.tables import check_words
from app.people.queries import list_choosable_departments, list_choosable_teams
from app.pledges import queries as pledges
from app.programme.queries import list_sessions
from app.provenance import queries as provenance
from app.speeches.queries import list_possible_speakers
from app.tallies import queries as tallies
from app.workflows import start_campaign

blueprint = Blueprint("campaigns", __name__)

STATE_KINDS = {
    CampaignState.PROPOSED: "none",
    CampaignState.ASSESSED: "none",
    CampaignState.RUNNING: "live",
    CampaignState.IN_REVIEW: "live",
    CampaignState.CONCLUDED: "kept",
}
SUPPORT_KINDS = {
    SupportState.ASKED: "live",
    SupportState.ACKNOWLEDGED: "live",
    SupportState.DELIVERED: "kept",
    SupportState.CONFIRMED: "kept",
    SupportState.REFUSED: "risk",
    SupportState.WITHDRAWN: "none",
}
OUTCOME_KINDS = {Outcome.WON: "kept", Outcome.PARTLY_WON: "risk", Outcome.LOST: "late", Outcome.CALLED_OFF: "none"}


@blueprint.app_context_processor
def supply() -> dict[str, object]:
    return {"campaign_state": state_of, "support_state": support_state_of}


def state_of(campaign: Campaign) -> tuple[object, str]:
    """The word for how it stands, and its colour: the outcome once there is one."""
    if campaign.outcome:
        return OUTCOME_LABELS[Outcome(campaign.outcome)], OUTCOME_KINDS[Outcome(campaign.outcome)]
    return CAMPAIGN_STATE_LABELS[CampaignState(campaign.state)], STATE_KINDS[CampaignState(campaign.state)]


def support_state_of(support: SupportRequest) -> tuple[object, str]:
    """The word for how it stands, and its colour: overdue is a flag that covers the colour, not the word."""
    state = SupportState(support.state)
    late = support.is_overdue_on(clock.today(support.event.time_zone))
    return SUPPORT_STATE_LABELS[state], "late" if late else SUPPORT_KINDS[state]


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
    support = queries.list_support(campaign)
    within = Event.id == event.id
    own = [
        each for each in figures.list_support(within, gatherings_within(within)) if each.campaign_ref == campaign.ref
    ]
    passed = figures.passed_by(campaign, has_support=any(each.state in figures.HEARD for each in support))
    return render_template(
        "campaigns/show.html", event=event, campaign=campaign, form=form, dimensions=DIMENSION_LABELS,
        failed=[(check_words(each), mend_of(campaign, each)) for each in numbers.Check if each not in passed],
        readiness=numbers.Rate(len(passed), len(numbers.Check)), support=support,
        punctual=numbers.support_punctuality(own), may_chart=policy.may_chart(current_user, campaign),
        is_charted=campaign.state in CHARTED,
        review=open_review(campaign), members=queries.list_team(campaign.team) if campaign.team else [],
        sessions=queries.list_sessions_about(campaign),
        pledges=pledges.list_visible(current_user, event, campaign=campaign),
        tallies=tallies.list_visible(current_user, event, campaign=campaign),
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
    return press(
        lambda: start_campaign.start(campaign, actor=current_user), url_of(campaign), _("The campaign is running.")
    )


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


# --- charter ------------------------------------------------------------------------------------------------------


def mend_of(campaign: Campaign, check: numbers.Check) -> str:
    """Where a failed check is mended."""
    pages = {
        numbers.Check.ASSESSED: "campaigns.assess",
        numbers.Check.MAP: "campaigns.new_task",
        numbers.Check.RISKS: "campaigns.new_risk",
        numbers.Check.SUPPORT: "campaigns.new_support",
    }
    here = {"event_ref": campaign.event.ref, "campaign_ref": campaign.ref}
    if check in (numbers.Check.OWNED, numbers.Check.WHOLE):
        lacking = [each for each in campaign.tasks if not each.is_whole]
        if lacking:
            return url_for("campaigns.edit_task", task_ref=lacking[0].ref, **here)
        return url_for("campaigns.new_task", **here)
    return url_for(pages.get(check, "campaigns.edit_campaign"), **here)


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/tasks/new", methods=["GET", "POST"])
def new_task(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    return task_page(event_ref, campaign_ref, None)


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/tasks/<ref:task_ref>", methods=["GET", "POST"])
def edit_task(event_ref: str, campaign_ref: str, task_ref: str) -> ResponseReturnValue:
    return task_page(event_ref, campaign_ref, task_ref)


def task_page(event_ref: str, campaign_ref: str, task_ref: str | None) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    task = (queries.find_task(campaign, task_ref) or abort(404)) if task_ref else None
    require(policy.may_chart(current_user, campaign))
    form = TaskForm(list_possible_speakers(event), list_choosable_departments(), task)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: keep_task(campaign, task, form), then=url_of(campaign), said=_("The map is kept.")
        )
        if answer is not None:
            return answer
    return render_template("campaigns/task.html", event=event, campaign=campaign, task=task, form=form), form.status


def keep_task(campaign: Campaign, task: MapTask | None, form: TaskForm) -> MapTask:
    if task is None:
        return services.add_task(campaign, actor=current_user, **form.act_values())
    return services.edit_task(task, actor=current_user, version=form.opened_version, **form.act_values())


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/tasks/<ref:task_ref>/remove", methods=["POST"])
def remove_task(event_ref: str, campaign_ref: str, task_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    task = queries.find_task(campaign, task_ref) or abort(404)
    require(policy.may_chart(current_user, campaign))
    return press(lambda: services.remove_task(task, actor=current_user), url_of(campaign))


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/risks/new", methods=["GET", "POST"])
def new_risk(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    return risk_page(event_ref, campaign_ref, None)


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/risks/<ref:risk_ref>", methods=["GET", "POST"])
def edit_risk(event_ref: str, campaign_ref: str, risk_ref: str) -> ResponseReturnValue:
    return risk_page(event_ref, campaign_ref, risk_ref)


def risk_page(event_ref: str, campaign_ref: str, risk_ref: str | None) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    risk = (queries.find_risk(campaign, risk_ref) or abort(404)) if risk_ref else None
    require(policy.may_chart(current_user, campaign))
    form = RiskForm(list_possible_speakers(event), risk)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: keep_risk(campaign, risk, form), then=url_of(campaign), said=_("The risk is kept.")
        )
        if answer is not None:
            return answer
    return render_template("campaigns/risk.html", event=event, campaign=campaign, risk=risk, form=form), form.status


def keep_risk(campaign: Campaign, risk: RiskPoint | None, form: RiskForm) -> RiskPoint:
    if risk is None:
        return services.add_risk(campaign, actor=current_user, **form.act_values())
    return services.edit_risk(risk, actor=current_user, version=form.opened_version, **form.act_values())


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/risks/<ref:risk_ref>/remove", methods=["POST"])
def remove_risk(event_ref: str, campaign_ref: str, risk_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    risk = queries.find_risk(campaign, risk_ref) or abort(404)
    require(policy.may_chart(current_user, campaign))
    return press(lambda: services.remove_risk(risk, actor=current_user), url_of(campaign))


# --- support ------------------------------------------------------------------------------------------------------

SUPPORT = "/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/support/<ref:request_ref>"


@blueprint.route("/events/<ref:event_ref>/campaigns/<ref:campaign_ref>/support/new", methods=["GET", "POST"])
def new_support(event_ref: str, campaign_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    campaign = find(event, campaign_ref)
    require(policy.may_chart(current_user, campaign))
    form = SupportForm(list_choosable_departments())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.ask_support(campaign, actor=current_user, **form.act_values()),
            then=support_url,
            said=_("The department is asked."),
        )
        if answer is not None:
            return answer
    return render_template("campaigns/new_support.html", event=event, campaign=campaign, form=form), form.status


def support_url(support: SupportRequest) -> str:
    return url_for(
        "campaigns.show_support",
        event_ref=support.event.ref,
        campaign_ref=support.campaign.ref,
        request_ref=support.ref,
    )


def find_support(event_ref: str, campaign_ref: str, request_ref: str) -> SupportRequest:
    campaign = find(open_event(event_ref), campaign_ref)
    return queries.find_support(campaign, request_ref) or abort(404)


@blueprint.route(SUPPORT)
def show_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    """What was asked of a department, and what can be done with it now by whoever looks."""
    return support_page(find_support(event_ref, campaign_ref, request_ref))


def support_page(support: SupportRequest, sent: tuple[str, HufuForm] | None = None) -> ResponseReturnValue:
    """With the form that was just sent, if it was refused, in its place among the others."""
    steps: dict[str, HufuForm] = {name: form() for name, form in steps_for(support)}
    if sent is not None:
        steps[sent[0]] = sent[1]  # also when somebody was faster and the step is gone: what was typed is not lost
    for name, form in steps.items():
        for each in form:
            each.id = each.label.field_id = f"{name}-{each.name}"  # two steps on the page ask for a reason
    return render_template(
        "campaigns/support.html", event=support.event, campaign=support.campaign, support=support, steps=steps,
        opened=sent[0] if sent else None, words=step_words(), priority=SUPPORT_PRIORITY_LABELS[SupportPriority(support.priority)],
        waits_for_a_press=presses_for(support),
    ), sent[1].status if sent else 200  # fmt: skip


def steps_for(support: SupportRequest) -> list[tuple[str, type[HufuForm]]]:
    """The steps with a form that this visitor may take now."""
    answers = support.state in (SupportState.ASKED, SupportState.ACKNOWLEDGED)
    possible = [
        ("promise", PromiseForm, answers and policy.may_answer(current_user, support)),
        ("refusal", ReasonForm, answers and policy.may_answer(current_user, support)),
        ("return", ReasonForm, support.state == SupportState.DELIVERED and policy.may_confirm(current_user, support)),
        ("decision", DecisionForm, support.state == SupportState.REFUSED and policy.may_decide(current_user, support)),
        ("withdrawal", ReasonForm, support.is_open and policy.may_confirm(current_user, support)),
    ]  # fmt: skip
    return [(name, form) for name, form, may in possible if may]


def presses_for(support: SupportRequest) -> list[str]:
    """The steps that are one button."""
    answers = support.state in (SupportState.ASKED, SupportState.ACKNOWLEDGED)
    if answers and policy.may_answer(current_user, support):
        return ["delivery"]
    delivered = support.state == SupportState.DELIVERED
    return ["confirmation"] if delivered and policy.may_confirm(current_user, support) else []


def step_words() -> dict[str, str]:
    return {
        "promise": _("Promise it for a day"),
        "refusal": _("Refuse"),
        "return": _("Send it back"),
        "decision": _("Decide about the refusal"),
        "withdrawal": _("It is not needed any more"),
        "delivery": _("It is delivered"),
        "confirmation": _("Confirm the delivery"),
    }


@blueprint.route(f"{SUPPORT}/promise", methods=["POST"])
def promise_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_answer(current_user, support))
    form = PromiseForm()
    return step(
        support, "promise", form, _("It is promised, and whoever asked is told."),
        lambda: services.acknowledge(support, actor=current_user, committed_for=filled(form.committed_for.data)),
    )  # fmt: skip


@blueprint.route(f"{SUPPORT}/refusal", methods=["POST"])
def refuse_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_answer(current_user, support))
    form = ReasonForm()
    return step(
        support, "refusal", form, _("It is refused. The presiding leader decides."),
        lambda: services.refuse(support, actor=current_user, reason=form.reason.data),
    )  # fmt: skip


@blueprint.route(f"{SUPPORT}/return", methods=["POST"])
def return_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_confirm(current_user, support))
    form = ReasonForm()
    return step(
        support, "return", form, _("It goes back to the department."),
        lambda: services.send_back(support, actor=current_user, reason=form.reason.data),
    )  # fmt: skip


@blueprint.route(f"{SUPPORT}/decision", methods=["POST"])
def decide_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_decide(current_user, support))
    form = DecisionForm()
    return step(
        support, "decision", form, _("It is decided, and both sides are told."),
        lambda: services.decide_refusal(
            support, actor=current_user, insists=form.insists.data == "yes", reason=form.reason.data
        ),
    )  # fmt: skip


@blueprint.route(f"{SUPPORT}/withdrawal", methods=["POST"])
def withdraw_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_confirm(current_user, support))
    form = ReasonForm()
    return step(
        support, "withdrawal", form, _("It is taken back."),
        lambda: services.withdraw(support, actor=current_user, reason=form.reason.data),
    )  # fmt: skip


def step(
    support: SupportRequest, name: str, form: HufuForm, said: str, act: Callable[[], object]
) -> ResponseReturnValue:
    if form.validate_on_submit():
        answer = form.attempt(act, then=support_url(support), said=said)
        if answer is not None:
            return answer
    return support_page(support, (name, form))


@blueprint.route(f"{SUPPORT}/delivery", methods=["POST"])
def deliver_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_answer(current_user, support))
    return press(lambda: services.deliver(support, actor=current_user), support_url(support), _("It is delivered."))


@blueprint.route(f"{SUPPORT}/confirmation", methods=["POST"])
def confirm_support(event_ref: str, campaign_ref: str, request_ref: str) -> ResponseReturnValue:
    support = find_support(event_ref, campaign_ref, request_ref)
    require(policy.may_confirm(current_user, support))
    return press(
        lambda: services.confirm_delivery(support, actor=current_user),
        support_url(support),
        _("The delivery is confirmed."),
    )
