"""Preparing pledges: rounds, texts, signatories, opening for signature."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import LANGUAGES, _
from app.events.pages import open_event
from app.pledges import policy, queries, services
from app.pledges.forms import PledgeForm, RoundForm, SlotForm, WordingForm
from app.pledges.services.templates import words_of
from app.pledges.views.frame import blueprint, find_pledge, show_pledge, url_of
from app.speeches.queries import list_possible_speakers


@blueprint.route("/events/<ref:event_ref>/pledge-rounds/new", methods=["GET", "POST"])
def new_round(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_prepare(current_user, event))
    form = RoundForm(data={"year": event.starts_on.year})
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_round(event, actor=current_user, **form.values()),
            then=lambda made: url_for("pledges.list_pledges", event_ref=event.ref, round=made.ref),
            said=_("The round is there. Draft its pledges now."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/round.html", event=event, form=form, round=None), form.status


@blueprint.route("/events/<ref:event_ref>/pledge-rounds/<ref:round_ref>/edit", methods=["GET", "POST"])
def edit_round(event_ref: str, round_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    round_ = queries.find_round(event, round_ref) or abort(404)
    require(policy.may_prepare(current_user, event))
    form = RoundForm(obj=round_)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_round(round_, actor=current_user, version=form.opened_version, **form.values()),
            then=url_for("pledges.list_pledges", event_ref=event.ref, round=round_.ref),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/round.html", event=event, form=form, round=round_), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/new", methods=["GET", "POST"])
def new_pledge(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_prepare(current_user, event))
    template = queries.find_template(request.args.get("template", "")[:16])
    form = PledgeForm(event, template=template)
    if not form.is_submitted():
        form.round_ref.data = request.args.get("round", "")
        form.campaign_ref.data = request.args.get("campaign", "")
        form.assignment_ref.data = request.args.get("assignment", "")
        asked = request.args.get("language", "")
        form.language.data = asked if asked in LANGUAGES else "en"
        if template is not None:
            form.lay_in(words_of(template, form.language.data, year=event.starts_on.year))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.draft_pledge(event, actor=current_user, **form.act_values()),
            then=url_of,
            said=_("The draft is there. Name those who sign it, then open it for signature."),
        )
        if answer is not None:
            return answer
    return render_template(
        "pledges/edit.html", event=event, form=form, pledge=None, templates=form.templates.values(), template=template,
        languages=LANGUAGES,
    ), form.status  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/edit", methods=["GET", "POST"])
def edit_pledge(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    form = PledgeForm(event, pledge)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.edit_pledge(pledge, actor=current_user, version=form.opened_version, **form.edit_values()),
            then=url_of(pledge),
            said=_("Saved."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/edit.html", event=event, form=form, pledge=pledge), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/signatories", methods=["POST"])
def add_slot(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    form = SlotForm(list_possible_speakers(event))
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_slot(pledge, form.people[form.person_ref.data], form.role.data, actor=current_user),
            then=url_of(pledge),
        )
        if answer is not None:
            return answer
    return show_pledge(event, pledge, form), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/signatories/<ref:slot_ref>/remove", methods=["POST"])
def remove_slot(event_ref: str, pledge_ref: str, slot_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    slot = queries.find_slot(pledge, slot_ref) or abort(404)
    require(policy.may_prepare(current_user, event))
    return press(lambda: services.remove_slot(slot, actor=current_user), url_of(pledge))


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/wording", methods=["GET", "POST"])
def check_wording(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """Who read reward and penalty, and what they said."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    form = WordingForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.check_wording(pledge, actor=current_user, note=form.note.data),
            then=url_of(pledge),
            said=_("The check is noted."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/wording.html", event=event, pledge=pledge, form=form), form.status


@blueprint.route("/events/<ref:event_ref>/pledges/<ref:pledge_ref>/open", methods=["POST"])
def open_for_signature(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    return press(
        lambda: services.open_pledge(pledge, actor=current_user),
        url_of(pledge),
        _("The pledge is open for signature. Everybody named has a mail with the link."),
    )
