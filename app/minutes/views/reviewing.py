"""Asking for corrections, commenting, answering comments, and sending a text back."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.calendars.working_days import next_working_day
from app.core import clock
from app.core.errors import require
from app.core.forms import press, record_options
from app.core.i18n import _
from app.events.pages import open_event
from app.minutes import extracts, policy, proposals, reviews, services
from app.minutes.forms import CommentForm, DeclineForm, ReturnForm, RoundForm, multiple
from app.minutes.models import Minutes, MinutesState, MinutesVersion, ReviewComment
from app.minutes.views import remarks
from app.minutes.views.frame import PATH, blueprint, find, page_of, under_work_or_404

DAYS = 3  # that reviewers have unless somebody says otherwise


def _back(minutes: Minutes, version: MinutesVersion) -> str:
    return page_of(minutes, "show_version", version_ref=version.ref) + "#comments"


@blueprint.route(f"{PATH}/review", methods=["GET", "POST"])
def send_to_review(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Whom to ask, until when, and what silence means: for a draft, and once more for a text in review."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    again = version.stage == MinutesState.IN_REVIEW
    people = {each.ref: each for each in reviews.list_reviewers(minutes)}
    form = RoundForm(due_on=_suggested_day(minutes))
    form.reviewers.choices = record_options(people.values())
    if form.validate_on_submit():
        act = services.ask_again if again else services.send_to_review
        chosen = multiple(form.reviewers, people)
        answer = form.attempt(
            lambda: act(
                minutes, actor=current_user, reviewers=chosen, due_on=form.due_on.data if chosen else None,
                silence_agrees=form.silence.data == "agrees", note=form.note.data,
            ),
            _back(minutes, version),
            lambda made: (
                _("The text is in review. The reviewers were asked.")
                if made.reviewers
                else _("The text is in review. The presiding leader was told.")
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template("minutes/review.html", event=event, minutes=minutes, form=form, again=again)
    return page, form.status


def _suggested_day(minutes: Minutes):
    zone = minutes.event.time_zone
    day = clock.today(zone)
    for _each in range(DAYS):
        day = next_working_day(day.fromordinal(day.toordinal() + 1), zone)
    return day


@blueprint.route(f"{PATH}/review/answer", methods=["POST"])
def answer_review(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    version = under_work_or_404(minutes)
    agrees = request.form.get("agrees") == "1"
    return press(
        lambda: services.answer(minutes, actor=current_user, agrees=agrees),
        _back(minutes, version),
        _("Thank you. Your answer is noted."),
    )


@blueprint.route(f"{PATH}/return", methods=["GET", "POST"])
def send_back(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_send_back(current_user, minutes))
    version = under_work_or_404(minutes)
    form = ReturnForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.send_back(minutes, actor=current_user, reason=form.reason.data or ""),
            page_of(minutes, "show_version", version_ref=version.ref),
            _("The text is a draft again."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/return.html", event=event, minutes=minutes, form=form), form.status


# --- comments -----------------------------------------------------------------------------------------------------


@blueprint.route(f"{PATH}/comments", methods=["GET", "POST"])
def comment(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Of the whole text, or of the paragraph that `at` names, with another wording for it."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_comment(current_user, minutes))
    version = under_work_or_404(minutes)
    text = extracts.read(version, policy.clearance_of(current_user, event))
    form = CommentForm(place=request.args.get("at", ""))
    place = remarks.find_place(text, form.place.data or "")
    if request.method == "GET":
        form.proposed.data = proposals.bare(place.quoted or "") or None
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.comment(
                minutes, actor=current_user, text=form.text.data or "", proposed=form.proposed.data,
                section_origin=place.origin if place.is_there else form.place.data, quoted=place.quoted,
                number=place.number,
            ),
            _back(minutes, version),
            _("Your comment is noted."),
        )  # fmt: skip
        if answer is not None:
            return answer
    if not place.is_there:
        form.place.data = place.origin or ""
    page = render_template("minutes/comment.html", event=event, minutes=minutes, form=form, place=place)
    return page, form.status


def _comment(minutes: Minutes, ref: str) -> ReviewComment:
    return reviews.find_comment(minutes, ref, policy.clearance_of(current_user, minutes.event)) or abort(404)


@blueprint.route(f"{PATH}/comments/<ref:comment_ref>/resolution", methods=["POST"])
def resolve(event_ref: str, minutes_ref: str, comment_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    version = under_work_or_404(minutes)
    said = _comment(minutes, comment_ref)
    return press(
        lambda: services.resolve(said, actor=current_user), _back(minutes, version), _("The comment is dealt with.")
    )


@blueprint.route(f"{PATH}/comments/<ref:comment_ref>/acceptance", methods=["POST"])
def accept(event_ref: str, minutes_ref: str, comment_ref: str) -> ResponseReturnValue:
    """The proposed wording stands in the text, by one press."""
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    version = under_work_or_404(minutes)
    said = _comment(minutes, comment_ref)
    return press(
        lambda: services.accept(said, actor=current_user),
        _back(minutes, version),
        _("The proposed wording stands in the text."),
    )


@blueprint.route(f"{PATH}/comments/<ref:comment_ref>/refusal", methods=["GET", "POST"])
def decline(event_ref: str, minutes_ref: str, comment_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    said = _comment(minutes, comment_ref)
    form = DeclineForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.decline(said, actor=current_user, reason=form.reason.data or ""),
            _back(minutes, version),
            _("The text stays as it is, and your reason stands with the comment."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/decline.html", event=event, minutes=minutes, said=said, form=form), form.status
