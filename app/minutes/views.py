"""The URLs of minutes: the library, the list of an event, the page that reads like paper, and each act on it."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import options, press, record_options
from app.core.i18n import _, ngettext, pgettext
from app.core.paging import asked_page, paged
from app.documents import markdown
from app.documents.diff import drawn as difference
from app.documents.errors import DocumentFailed
from app.events.models import Event
from app.events.pages import open_event
from app.minutes import (
    paper,
    policy,
    printing,  # it names its job
    queries,
    services,
)
from app.minutes.forms import (
    MOST,
    AcknowledgementForm,
    AmendmentForm,
    ApprovalForm,
    CommentForm,
    DraftForm,
    PublicationForm,
    TextForm,
    WithdrawalForm,
    multiple,
)
from app.minutes.models import MINUTES_STATE_LABELS, Minutes, MinutesState, MinutesVersion
from app.people import queries as people
from app.programme.queries import list_sessions

blueprint = Blueprint("minutes", __name__)
assert printing
PATH = "/events/<ref:event_ref>/minutes/<ref:minutes_ref>"


def find(event: Event, ref: str) -> Minutes:
    return queries.find_minutes(current_user, event, ref) or abort(404)


def page_of(minutes: Minutes, endpoint: str = "show", **more: Any) -> str:
    return url_for(f"minutes.{endpoint}", event_ref=minutes.event.ref, minutes_ref=minutes.ref, **more)


# --- lists --------------------------------------------------------------------------------------------------------


@blueprint.route("/minutes")
def library() -> ResponseReturnValue:
    """Everything published that this person may read, by year and event."""
    raw, event_ref = request.args.get("year", ""), request.args.get("event", "")
    year = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) == 4 else None
    page, per_page = asked_page(request.args)
    years, gatherings = queries.shelves(current_user)
    listed = queries.select_library(current_user, year=year, event_ref=event_ref or None)
    return render_template(
        "minutes/library.html",
        minutes=paged(listed, page=page, per_page=per_page),
        years=years,
        gatherings=gatherings,
        year=year,
        event_ref=event_ref,
    )


@blueprint.route("/events/<ref:event_ref>/minutes")
def list_minutes(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "minutes/list.html",
        event=event,
        listed=queries.list_minutes(current_user, event),
        labels=MINUTES_STATE_LABELS,
        may_record=policy.may_record(current_user, event),
    )


# --- the page -----------------------------------------------------------------------------------------------------


@blueprint.route(PATH)
def show(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    version = queries.version_for(current_user, minutes)
    if version is None:
        return tombstone(event, minutes)
    return sheet(event, minutes, version)


@blueprint.route(f"{PATH}/versions/<ref:version_ref>")
def show_version(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    """An earlier text, or the one under work."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    return sheet(event, minutes, queries.find_version(current_user, minutes, version_ref) or abort(404))


def sheet(event: Event, minutes: Minutes, version: MinutesVersion) -> ResponseReturnValue:
    person = people.person_of(current_user)
    asked = queries.find_reader(minutes, person)
    under_work = minutes.under_work
    sees_work = under_work is not None and policy.may_see_version(current_user, minutes, under_work)
    sees_readers = policy.may_see_readers(current_user, minutes)
    readers = queries.list_readers(minutes) if sees_readers and minutes.was_published else []
    return render_template(
        "minutes/show.html",
        event=event,
        minutes=minutes,
        version=version,
        content=version.document.content if version.document else None,
        html=markdown.to_html(version.text),
        lists=paper.list_labels(),
        versions=queries.seen_versions(current_user, minutes),
        labels=MINUTES_STATE_LABELS,
        comments=queries.list_comments(minutes) if version is under_work and sees_work else [],
        comment_form=CommentForm(),
        asked=asked,
        has_read=asked is not None and queries.counts(asked, minutes),
        may_acknowledge=policy.may_acknowledge(current_user, asked),
        acknowledgement=AcknowledgementForm(version_hash=version.content_hash),
        may_record=policy.may_record(current_user, event),
        may_comment=policy.may_comment(current_user, minutes),
        may_approve=sees_work and policy.may_approve(current_user, minutes),
        may_withdraw=policy.may_withdraw(current_user, minutes),
        under_work=under_work if sees_work else None,
        readers=readers,
        confirmed=sum(1 for each in readers if queries.counts(each, minutes)),
        sees_some_readers=sees_readers or queries.has_reports_among_readers(minutes, person),
    )


def tombstone(event: Event, minutes: Minutes) -> ResponseReturnValue:
    """What remains of withdrawn minutes; those who record still reach the texts."""
    versions = queries.seen_versions(current_user, minutes)
    page = render_template("minutes/withdrawn.html", event=event, minutes=minutes, versions=versions)
    return page, 410


@blueprint.route(f"{PATH}/compare")
def compare(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Two versions word by word; without a choice the two newest that may be seen."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    versions = queries.seen_versions(current_user, minutes)
    if len(versions) < 2:
        abort(404)
    chosen = {each.ref: each for each in versions}
    old = chosen.get(request.args.get("old", ""), versions[-2])
    new = chosen.get(request.args.get("new", ""), versions[-1])
    lists = [
        (label, difference(getattr(old, name) or "", getattr(new, name) or ""))
        for name, label in paper.list_labels().items()
        if getattr(old, name) != getattr(new, name)
    ]
    return render_template(
        "minutes/compare.html",
        event=event,
        minutes=minutes,
        versions=versions,
        old=old,
        new=new,
        parts=difference(old.text, new.text),
        lists=lists,
    )


# --- writing ------------------------------------------------------------------------------------------------------


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


def under_work_or_404(minutes: Minutes) -> MinutesVersion:
    version = minutes.under_work
    if version is None or not policy.may_see_version(current_user, minutes, version):
        abort(404)
    return version


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
    form = TextForm(obj=version)
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
            parts = difference(minutes.newest.text, form.text.data or "")
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
    parts = difference(version.text, fresh)
    page = render_template("minutes/redraft.html", event=event, minutes=minutes, form=form, parts=parts)
    return page, form.status


# --- review and sign-off ------------------------------------------------------------------------------------------


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
        html=markdown.to_html(version.text),
        lists=paper.list_labels(),
        open_comments=queries.count_open_comments(minutes),
    )
    return page, form.status


# --- publishing and reading ---------------------------------------------------------------------------------------


@blueprint.route(f"{PATH}/publication", methods=["GET", "POST"])
def publish(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Choose who is asked to confirm reading."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_record(current_user, event))
    departments = {each.ref: each for each in people.list_choosable_departments()}
    everybody = {each.ref: each for each in people.list_choosable_people()}
    form = PublicationForm()
    form.departments.choices = record_options(departments.values())
    form.people.choices = record_options(everybody.values())
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.publish(
                minutes, actor=current_user, participants=form.participants.data,
                departments=multiple(form.departments, departments), people=multiple(form.people, everybody),
            ),
            page_of(minutes),
            lambda asked: ngettext(
                "Published. %(num)s person is asked to confirm.", "Published. %(num)s people are asked to confirm.", len(asked)
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    page = render_template(
        "minutes/publish.html",
        event=event,
        minutes=minutes,
        form=form,
        participants=len(queries.list_participants(event)),
    )
    return page, form.status


@blueprint.route(f"{PATH}/acknowledgement", methods=["POST"])
def acknowledge(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    asked = queries.find_reader(minutes, people.person_of(current_user))
    require(policy.may_acknowledge(current_user, asked))
    given = request.form.get("version_hash", "")
    return press(
        lambda: services.acknowledge(minutes, actor=current_user, version_hash=given),
        page_of(minutes),
        _("Thank you. It is noted that you have read this version."),
    )


@blueprint.route(f"{PATH}/readers")
def readers(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Who has read: all for those who record, one's own reports for a manager, nobody else (rule 29)."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    whole = policy.may_see_readers(current_user, minutes)
    person = people.person_of(current_user)
    require(whole or queries.has_reports_among_readers(minutes, person))
    rows = queries.list_readers(minutes, of_manager=None if whole else person)
    told = [(each, queries.counts(each, minutes)) for each in rows]
    return render_template(
        "minutes/readers.html",
        event=event,
        minutes=minutes,
        rows=sorted(told, key=lambda pair: pair[1]),
        confirmed=sum(1 for _row, done in told if done),
        whole=whole,
        may_remind=policy.may_record(current_user, event) and minutes.state == MinutesState.PUBLISHED,
    )


@blueprint.route(f"{PATH}/readers/reminder", methods=["POST"])
def remind(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    return press(
        lambda: services.remind(minutes, actor=current_user),
        page_of(minutes, "readers"),
        lambda count: ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", count),
    )


# --- changing what is in force ------------------------------------------------------------------------------------


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


# --- paper --------------------------------------------------------------------------------------------------------


@blueprint.route(f"{PATH}/pdf")
def pdf(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    return printed(minutes, queries.version_for(current_user, minutes) or abort(404))


@blueprint.route(f"{PATH}/versions/<ref:version_ref>/pdf")
def version_pdf(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    minutes = find(open_event(event_ref), minutes_ref)
    return printed(minutes, queries.find_version(current_user, minutes, version_ref) or abort(404))


def printed(minutes: Minutes, version: MinutesVersion) -> ResponseReturnValue:
    try:
        data = paper.pdf_of(minutes, version)
    except DocumentFailed as failure:
        flash(str(failure.sentence), "refused")
        return redirect(page_of(minutes))
    response = Response(data, mimetype="application/pdf")
    number = f" {minutes.label}" if minutes.number else ""
    name = pgettext("document", "Minutes") + f"{number} v{version.number}.pdf"
    plain = f"minutes-v{version.number}.pdf"  # a header holds no Chinese: the whole name stands beside it, quoted
    response.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    return response
