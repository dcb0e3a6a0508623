"""The URLs of releases: inside their event, and for everybody under /news, where nothing tells of the event."""

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.guards import public
from app.core.i18n import _, is_chinese
from app.core.paging import asked_page, paged
from app.documents.markdown import to_html
from app.events import queries as events
from app.events.models import Event
from app.events.pages import open_event
from app.provenance.queries import find_source, note, notes_of
from app.publications import policy, queries, services
from app.publications.forms import MOST, ReleaseForm, WithdrawalForm
from app.publications.models import RELEASE_STATE_LABELS, Release, ReleaseState

blueprint = Blueprint("publications", __name__)
PATH = "/events/<ref:event_ref>/publications"


def find(event: Event, ref: str) -> Release:
    return queries.find_release(current_user, event, ref) or abort(404)


def page_of(release: Release) -> str:
    return url_for("publications.show", event_ref=release.event.ref, release_ref=release.ref)


# --- reading ------------------------------------------------------------------------------------------------------


@blueprint.route("/news")
@public
def news() -> ResponseReturnValue:
    """What was released to the public, of all gatherings; to those who are signed in also what is for them."""
    page, per_page = asked_page(request.args)
    releases = paged(queries.select_for(current_user), page=page, per_page=per_page)
    return render_template("publications/news.html", releases=releases)


@blueprint.route("/news/<ref:release_ref>")
@public
def read(release_ref: str) -> ResponseReturnValue:
    """A public release for anybody. Of its event nothing is told but who released it."""
    release = queries.find_open_release(release_ref) or abort(404)
    sees_event = events.find_visible(current_user, release.event.ref) is not None
    page = render_template(
        "publications/read.html",
        release=release,
        sees_event=sees_event,
        host=release.event.host,
        sources=source_of(release) if sees_event else None,
        **shown(release),
    )
    return page, 410 if release.state == ReleaseState.WITHDRAWN else 200


@blueprint.route(PATH)
@public
def list_releases(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    return render_template(
        "publications/list.html",
        event=event,
        releases=queries.list_releases(current_user, event),
        labels=RELEASE_STATE_LABELS,
        may_write=policy.may_write(current_user, event),
    )


@blueprint.route(f"{PATH}/<ref:release_ref>")
@public
def show(event_ref: str, release_ref: str) -> ResponseReturnValue:
    """A release inside its event. Who may not see the event is led to the public page, if there is one."""
    event = events.find_visible(current_user, event_ref)
    if event is None:
        released = queries.find_open_release(release_ref)
        if released is None or released.event.ref != event_ref:
            abort(404)
        return redirect(url_for("publications.read", release_ref=released.ref))
    g.event = event
    release = find(event, release_ref)
    page = render_template(
        "publications/show.html",
        event=event,
        release=release,
        labels=RELEASE_STATE_LABELS,
        may_write=policy.may_write(current_user, event),
        may_publish=policy.may_publish(current_user, event),
        is_open=release.is_public and policy.may_be_public(event),
        sources=source_of(release),
        **shown(release),
    )
    return page, 410 if release.state == ReleaseState.WITHDRAWN else 200


def shown(release: Release) -> dict:
    """The text in the reader's language; of a withdrawn release there is none."""
    if release.state == ReleaseState.WITHDRAWN:
        return {"html": None, "language": "en"}
    body = release.display_body
    chosen = release.body_local if is_chinese() else release.body
    own = "zh-Hans" if body and body == release.body_local else "en"
    return {"html": to_html(body) if body else None, "language": own, "is_other": bool(body) and not chosen}


def source_of(release: Release) -> dict | None:
    """The document that told of the event, and what is known of this release's values."""
    event = release.event
    source = find_source(event.source_id)
    if source is None:
        return None
    notes = notes_of(event.ref)
    return {
        "source": source,
        "date": note(notes, release, "released_on"),
        "time": note(notes, release, "released_at"),
    }


# --- writing ------------------------------------------------------------------------------------------------------


@blueprint.route(f"{PATH}/new", methods=["GET", "POST"])
def add(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    form = ReleaseForm()
    texts = previewed(form)
    if texts is None and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.draft_release(event, actor=current_user, **form.values()),
            page_of,
            _("The release is kept as a draft."),
        )
        if answer is not None:
            return answer
    page = render_template("publications/write.html", event=event, release=None, form=form, texts=texts)
    return page, form.status


@blueprint.route(f"{PATH}/<ref:release_ref>/text", methods=["GET", "POST"])
def write(event_ref: str, release_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    release = find(event, release_ref)
    require(policy.may_write(current_user, event))
    if release.state != ReleaseState.DRAFT:
        require(policy.may_publish(current_user, event))
    form = ReleaseForm(obj=release)
    if release.state != ReleaseState.DRAFT:
        del form.is_public
    texts = previewed(form)
    if texts is None and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.write_release(release, actor=current_user, version=form.opened_version, **form.values()),
            page_of(release),
            _("The text is stored."),
        )
        if answer is not None:
            return answer
    page = render_template("publications/write.html", event=event, release=release, form=form, texts=texts)
    return page, form.status


def previewed(form: ReleaseForm) -> list | None:
    """The texts as they will look, when the button for it was pressed; nothing is stored then."""
    if request.method != "POST" or "preview" not in request.form:
        return None
    return [to_html((text or "")[:MOST]) for text in (form.body.data, form.body_local.data)]


@blueprint.route(f"{PATH}/preview", methods=["POST"])
def preview(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_write(current_user, event))
    return Response(str(to_html(request.form.get("text", "")[:MOST])), mimetype="text/html")


@blueprint.route(f"{PATH}/<ref:release_ref>/publication", methods=["POST"])
def publish(event_ref: str, release_ref: str) -> ResponseReturnValue:
    release = find(open_event(event_ref), release_ref)
    require(policy.may_publish(current_user, release.event))
    return press(
        lambda: services.publish_release(release, actor=current_user), page_of(release), _("The release is published.")
    )


@blueprint.route(f"{PATH}/<ref:release_ref>/withdrawal", methods=["GET", "POST"])
def withdraw(event_ref: str, release_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    release = find(event, release_ref)
    require(policy.may_publish(current_user, event))
    form = WithdrawalForm()
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.withdraw_release(release, actor=current_user, reason=form.reason.data or ""),
            url_for("publications.list_releases", event_ref=event.ref),
            _("The release is withdrawn."),
        )
        if answer is not None:
            return answer
    return render_template("publications/withdraw.html", event=event, release=release, form=form), form.status
