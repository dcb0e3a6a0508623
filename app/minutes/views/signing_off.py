"""The checks before the sign-off, what may stand of what they found, and the sign-off itself."""

from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from app.core.db import db
from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, ngettext
from app.events.pages import open_event
from app.minutes import checks, extracts, paper, policy, reviews, services
from app.minutes.forms import ApprovalForm, LetStandForm
from app.minutes.models import CheckOverride, MinutesVersion
from app.minutes.views.frame import PATH, blueprint, find, page_of, shown, under_work_or_404


def _findings(version: MinutesVersion) -> dict[str, Any]:
    found = checks.findings(version) if version.frozen_at is None else []
    keys = {each.key for each in found}
    return {
        "standing": [each for each in found if each.overridden is None],
        "let_stand": [each for each in found if each.overridden is not None],
        "found_no_more": [each for each in checks.overrides(version) if each.key not in keys],
        "checks": len(checks.CHECKS),
    }


@blueprint.route(f"{PATH}/checks", methods=["GET", "POST"])
def check(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """What the checks find, and why some of it may stand; of a text that is signed off, what was let stand then."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_see_findings(current_user, minutes))
    version = minutes.newest
    may_let_stand = policy.may_let_stand(current_user, minutes)
    form = LetStandForm()
    if form.is_submitted():
        require(may_let_stand)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.let_stand(
                minutes, actor=current_user, keys=form.keys.data or [], reason=form.reason.data or ""
            ),
            page_of(minutes, "check"),
            lambda made: ngettext("%(num)s thing may stand.", "%(num)s things may stand.", len(made)),
        )
        if answer is not None:
            return answer
    page = render_template(
        "minutes/checks.html",
        event=event,
        minutes=minutes,
        version=version,
        form=form,
        may_let_stand=may_let_stand and version.frozen_at is None,
        may_approve=policy.may_approve(current_user, minutes),
        **_findings(version),
    )
    return page, form.status


@blueprint.route(f"{PATH}/checks/<ref:override_ref>/objection", methods=["POST"])
def object_again(event_ref: str, minutes_ref: str, override_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_let_stand(current_user, minutes))
    version = under_work_or_404(minutes)
    override = db.session.scalar(
        select(CheckOverride).where(CheckOverride.version_id == version.id, CheckOverride.ref == override_ref)
    )
    return press(
        lambda: services.object_again(override or abort(404), actor=current_user),
        page_of(minutes, "check"),
        _("It does not stand any more."),
    )


@blueprint.route(f"{PATH}/approval", methods=["GET", "POST"])
def approve(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """The whole text once more, what the checks found, and what the sign-off means."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_approve(current_user, minutes))
    version = under_work_or_404(minutes)
    form = ApprovalForm(obj=version)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.approve(minutes, actor=current_user, version=form.opened_version),
            page_of(minutes, "show_version", version_ref=version.ref),
            lambda _made: _("Signed off under the number %(number)s.", number=minutes.label),
        )
        if answer is not None:
            return answer
    text = extracts.read(version, policy.clearance_of(current_user, event))
    page = render_template(
        "minutes/approve.html",
        event=event,
        minutes=minutes,
        version=version,
        form=form,
        parts=shown(text),
        people=text.people,
        lists=paper.list_labels(),
        stand_form=LetStandForm(),
        last_round=version.rounds[-1] if version.rounds else None,
        asked_round=reviews.open_round(version),
        **_findings(version),
    )
    return page, form.status
