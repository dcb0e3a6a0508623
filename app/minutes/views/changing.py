"""What changes minutes that were approved."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.i18n import _
from app.events.pages import open_event
from app.minutes import policy, services
from app.minutes.forms import AmendmentForm, WithdrawalForm
from app.minutes.views.frame import PATH, blueprint, find, page_of


@blueprint.route(f"{PATH}/amendment", methods=["GET", "POST"])
def amend(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    form = AmendmentForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.amend(minutes, actor=current_user, **form.values()),
            page_of(minutes, "write"),
            _("Here is the text as it was approved. Your changes make a new version."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/amend.html", event=event, minutes=minutes, form=form), form.status


@blueprint.route(f"{PATH}/withdrawal", methods=["GET", "POST"])
def withdraw(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_withdraw(current_user, minutes))
    form = WithdrawalForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.withdraw(minutes, actor=current_user, reason=form.reason.data or ""),
            url_for("minutes.list_minutes", event_ref=event.ref),
            _("The minutes are withdrawn."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/withdraw.html", event=event, minutes=minutes, form=form), form.status
