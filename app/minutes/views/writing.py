"""Drafting and writing."""

from flask import Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import options
from app.core.i18n import _
from app.documents import markdown
from app.documents.diff import drawn as difference
from app.events.pages import open_event
from app.minutes import policy, services
from app.minutes.forms import MOST, ApprovalForm, DraftForm, TextForm
from app.minutes.views.frame import PATH, blueprint, find, page_of, under_work_or_404
from app.programme.queries import list_sessions


@blueprint.route("/events/<ref:event_ref>/minutes/new", methods=["GET", "POST"])
def draft(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_record(current_user, event))
    sessions = {each.ref: each for each in list_sessions(event)}
    form = DraftForm(session_ref=request.args.get("session"), language=_own_language())
    form.session_ref.choices = options({ref: each.display_title for ref, each in sessions.items()})
    if form.validate_on_submit():
        session = sessions[form.session_ref.data]
        answer = form.attempt(
            lambda: services.draft_minutes(session, actor=current_user, language=form.language.data),
            lambda made: page_of(made, "write"),
            _("The draft is made from what was recorded. Read it through and complete it."),
        )
        if answer is not None:
            return answer
    return render_template("minutes/new.html", event=event, form=form, sessions=sessions), form.status


def _own_language() -> str:
    return getattr(current_user, "language", None) or "en"


@blueprint.route(f"{PATH}/text", methods=["GET", "POST"])
def write(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """The editor. `preview` shows what is typed as it will look, and stores nothing."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = minutes.newest
    if request.method == "GET" and minutes.under_work is None:
        return redirect(page_of(minutes))
    if request.method == "GET" and version.frozen_at is not None:
        return redirect(page_of(minutes, "amend"))
    form = TextForm(obj=version, text=version.whole)
    preview, parts = None, []
    if request.method == "POST" and "preview" in request.form:
        preview = rendered(form.text.data or "")
    elif form.validate_on_submit():
        answer = form.attempt(
            lambda: services.write(
                minutes, actor=current_user, text=form.text.data or "", title=form.title.data,
                attendance=form.attendance, version=form.opened_version,
            ),
            page_of(minutes, "show_version", version_ref=version.ref),
            _("The text is stored."),
        )  # fmt: skip
        if answer is not None:
            return answer
        if "text" in form.theirs:
            parts = difference(minutes.newest.whole, form.text.data or "")
    page = render_template(
        "minutes/write.html", event=event, minutes=minutes, version=version, form=form, preview=preview, parts=parts
    )
    return page, form.status


@blueprint.route(f"{PATH}/preview", methods=["POST"])
def preview(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """What is typed as it will look, for the editor to show beside it."""
    event = open_event(event_ref)
    find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    return Response(str(rendered(request.form.get("text", ""))), mimetype="text/html")


def rendered(text: str):
    return markdown.to_html(text[:MOST])


@blueprint.route(f"{PATH}/new-draft", methods=["GET", "POST"])
def redraft(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Ask first, and show what would be lost."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    version = under_work_or_404(minutes)
    form = ApprovalForm(obj=version)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.redraft(minutes, actor=current_user, version=form.opened_version),
            page_of(minutes, "write"),
            _("The text was drafted again."),
        )
        if answer is not None:
            return answer
    fresh, _lists = services.draft_again(minutes)
    parts = difference(version.whole, fresh)
    page = render_template("minutes/redraft.html", event=event, minutes=minutes, form=form, parts=parts)
    return page, form.status
