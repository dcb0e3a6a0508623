"""What becomes of a pledge: void, a new version, evidence, the verdict, the appeal."""

from urllib.parse import quote

from flask import Response, abort, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _
from app.events.pages import open_event
from app.files import services as files
from app.pledges import policy, services
from app.pledges.forms import AssessForm, EvidenceForm, ReasonForm, VoidForm
from app.pledges.models import PledgeState
from app.pledges.views.frame import (
    JUDGED,
    blueprint,
    find_pledge,
    possible_verdicts,
    url_of,
)

PLEDGE = "/events/<ref:event_ref>/pledges/<ref:pledge_ref>"


@blueprint.route(f"{PLEDGE}/void", methods=["GET", "POST"])
def void(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_void(current_user, event))
    form = VoidForm()
    recalls = pledge.state == PledgeState.OPEN
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.void(pledge, actor=current_user, reason=filled(form.reason.data)),
            then=url_of(pledge),
            said=_("The pledge is recalled. Nobody can sign it any more.") if recalls else _("The pledge is void."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/void.html", event=event, pledge=pledge, form=form, recalls=recalls), form.status


@blueprint.route(f"{PLEDGE}/edition", methods=["POST"])
def new_edition(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prepare(current_user, event))
    return press(
        lambda: services.draft_new_edition(pledge, actor=current_user),
        url_of,
        _("This is the new version. Nobody has signed it yet."),
        refused=url_of(pledge),
    )


# --- evidence -----------------------------------------------------------------------------------------------------


@blueprint.route(f"{PLEDGE}/evidence/new", methods=["GET", "POST"])
def add_evidence(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """A figure, a link, a file or what somebody saw: brought by those concerned, before the verdict."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_prove(current_user, pledge))
    form = EvidenceForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.add_evidence(
                pledge, actor=current_user, words=filled(form.words.data), figure=form.figure.data, url=form.url.data,
                file=form.upload,
            ),
            then=url_of(pledge),
            said=_("The evidence is kept."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("pledges/evidence.html", event=event, pledge=pledge, form=form), form.status


@blueprint.route(f"{PLEDGE}/evidence/<ref:piece_ref>/file")
def download_evidence(event_ref: str, pledge_ref: str, piece_ref: str) -> ResponseReturnValue:
    """Kept by the browser, and powerless if opened."""
    pledge = find_pledge(open_event(event_ref), pledge_ref)
    piece = next((each for each in pledge.evidence if each.ref == piece_ref), None)
    if piece is None or piece.file is None:
        abort(404)
    response = Response(files.read(piece.file), content_type=piece.file.media_type)
    name = quote(piece.file.name, safe="")
    response.headers["Content-Disposition"] = f"attachment; filename=evidence; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# --- the verdict --------------------------------------------------------------------------------------------------


@blueprint.route(f"{PLEDGE}/assess", methods=["GET", "POST"])
def assess(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_assess(current_user, pledge))
    verdicts = possible_verdicts(pledge)
    form = AssessForm(verdicts or JUDGED)
    if not verdicts and not form.is_submitted():
        return redirect(url_of(pledge), 303)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.assess(
                pledge, actor=current_user, verdict=form.verdict.data, reason=filled(form.reason.data),
                score=form.score.data, evidence=form.evidence.data,
            ),
            then=url_of(pledge),
            said=_("The assessment stands."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("pledges/assess.html", event=event, pledge=pledge, form=form, decides=False), form.status


@blueprint.route(f"{PLEDGE}/release", methods=["GET", "POST"])
def release(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    """The word is given back, by whoever accepted it."""
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_release(current_user, pledge))
    form = ReasonForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.release(pledge, actor=current_user, reason=filled(form.reason.data)),
            then=url_of(pledge),
            said=_("The word is given back."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/release.html", event=event, pledge=pledge, form=form), form.status


# --- the appeal ---------------------------------------------------------------------------------------------------


@blueprint.route(f"{PLEDGE}/appeal", methods=["GET", "POST"])
def appeal(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_appeal(current_user, pledge))
    form = ReasonForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.appeal(pledge, actor=current_user, reason=filled(form.reason.data)),
            then=url_of(pledge),
            said=_("Your appeal stands. Somebody else than the assessor decides about it."),
        )
        if answer is not None:
            return answer
    return render_template("pledges/appeal.html", event=event, pledge=pledge, form=form), form.status


@blueprint.route(f"{PLEDGE}/appeal/decision", methods=["GET", "POST"])
def decide_appeal(event_ref: str, pledge_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    pledge = find_pledge(event, pledge_ref)
    require(policy.may_decide_appeal(current_user, pledge))
    form = AssessForm(JUDGED)
    del form.evidence
    if pledge.state != PledgeState.APPEALED and not form.is_submitted():
        return redirect(url_of(pledge), 303)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decide_appeal(
                pledge, actor=current_user, verdict=form.verdict.data, reason=filled(form.reason.data),
                score=form.score.data,
            ),
            then=url_of(pledge),
            said=_("The appeal is decided."),
        )  # fmt: skip
        if answer is not None:
            return answer
    return render_template("pledges/assess.html", event=event, pledge=pledge, form=form, decides=True), form.status
