"""Review and sign-off."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _
from app.events.pages import open_event
from app.minutes import extracts, paper, policy, queries, services
from app.minutes.forms import ApprovalForm, CommentForm
from app.minutes.views.frame import PATH, blueprint, find, page_of, shown, under_work_or_404


@blueprint.route(f"{PATH}/review", methods=["POST"])
def send_to_review(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    back = page_of(minutes, "show_version", version_ref=minutes.newest.ref)
    return press(
        lambda: services.send_to_review(minutes, actor=current_user),
        back,
        _("The text is in review. The presiding leader was told."),
    )


@blueprint.route(f"{PATH}/comments", methods=["GET", "POST"])
def comment(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_comment(current_user, minutes))
    version = under_work_or_404(minutes)
    form = CommentForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.comment(minutes, actor=current_user, text=form.text.data or ""),
            page_of(minutes, "show_version", version_ref=version.ref) + "#comments",
            _("Your comment is noted."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/comment.html", event=event, minutes=minutes, form=form), form.status


@blueprint.route(f"{PATH}/comments/<ref:comment_ref>/resolution", methods=["POST"])
def resolve(event_ref: str, minutes_ref: str, comment_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    version = under_work_or_404(minutes)
    said = queries.find_comment(minutes, comment_ref) or abort(404)
    back = page_of(minutes, "show_version", version_ref=version.ref) + "#comments"
    return press(lambda: services.resolve(said, actor=current_user), back, _("The comment is dealt with."))


@blueprint.route(f"{PATH}/approval", methods=["GET", "POST"])
def approve(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """The whole text once more, with what the sign-off means."""
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
    page = render_template(
        "minutes/approve.html",
        event=event,
        minutes=minutes,
        version=version,
        form=form,
        parts=shown(extracts.read(version, policy.clearance_of(current_user, event))),
        lists=paper.list_labels(),
        open_comments=queries.count_open_comments(minutes),
    )
    return page, form.status
