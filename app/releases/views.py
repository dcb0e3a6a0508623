"""The URLs of releases."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import options
from app.core.guards import public
from app.core.i18n import _, ngettext
from app.events.models import Event
from app.events.pages import open_event
from app.programme import policy as programme_policy
from app.programme import printed
from app.programme.clashes import Clash
from app.programme.wording import sentence
from app.releases import policy, queries, services
from app.releases.content import Content, for_readers
from app.releases.diff import Change, diff
from app.releases.forms import AgainForm, ReleaseForm
from app.releases.models import ProgrammeRelease
from app.releases.notices import Writer
from app.releases.wording import Words, all_words, session_titles, summary
from app.signing.canonical import short

blueprint = Blueprint("releases", __name__)

EVENT = "/events/<ref:event_ref>/releases"
WORKING = "working"


@blueprint.route(EVENT)
@public
def list_releases(event_ref: str) -> ResponseReturnValue:
    """What was told, and when. That something has changed is everybody's to know."""
    event = open_event(event_ref)
    return render_template(
        "releases/list.html",
        event=event,
        releases=queries.list_releases(event),
        plans=policy.may_release(current_user, event),
        counted="counts" if _sees_internal(event) else "told",
        summary=summary,
    )


@blueprint.route(f"{EVENT}/new", methods=["GET", "POST"])
def release(event_ref: str) -> ResponseReturnValue:
    """What would be told to whom, word for word; then it is told."""
    event = open_event(event_ref)
    require(policy.may_release(current_user, event))
    form = ReleaseForm()
    if "look" not in request.form and form.validate_on_submit():
        answer = form.attempt(
            lambda: services.release(event, actor=current_user, seen=form.was_seen, **form.values("person", "seen")),
            then=lambda made: url_for("releases.show", event_ref=event.ref, number=made.number),
            said=_said,
        )
        if answer is not None:
            return answer
    draft = services.draft(event, actor=current_user)
    form.show_seen(draft.seen)
    if not form.is_submitted():
        form.name.data = _("Release %(number)d", number=draft.number)
    notices = {each.person.ref: each for each in draft.plan.notices}
    form.person.choices = options({ref: each.person.display_name for ref, each in notices.items()})
    shown = notices.get(form.person.data or "") or next(iter(notices.values()), None)
    writer = Writer(draft.plan, number=draft.number, name=form.name.data or "", message=form.message.data)
    page = render_template(
        "releases/new.html",
        event=event,
        form=form,
        draft=draft,
        words=_in_words(draft.plan.changes, event, draft.plan.before, draft.plan.after),
        errors=_sentences(draft.errors, event),
        warnings=_sentences([each for each in draft.clashes if each not in draft.errors], event),
        shown=shown,
        mail=writer.preview(shown) if shown else None,
        own=sum(1 for each in draft.plan.notices if each.own),
        entries=sum(len(each.messages) for each in draft.plan.notices),
    )
    return page, form.status


@blueprint.route(f"{EVENT}/<int:number>")
@public
def show(event_ref: str, number: int) -> ResponseReturnValue:
    """The programme as it was told then, and what was different from the time before."""
    event = open_event(event_ref)
    found = queries.find_release(event, number) or abort(404)
    before = queries.find_release(event, number - 1)
    told = queries.thawed(event, found, internal=_sees_internal(event))
    rows = printed.draw("programme/days.html", event, current_user, found.created_at, told.sessions, told.items)
    return render_template(
        "releases/show.html",
        event=event,
        release=found,
        words=_between(event, before.content, found.content) if before else None,
        rows=rows.strip(),
        digest=short(found.digest),
        plans=policy.may_release(current_user, event),
        newest=event.release_number,
    )


@blueprint.route(f"{EVENT}/compare")
@public
def compare(event_ref: str) -> ResponseReturnValue:
    """Any two versions, what was beside what is. Planners compare with what they work on, too."""
    event = open_event(event_ref)
    plans = policy.may_release(current_user, event)
    releases = queries.list_releases(event)
    after = _asked(event, "to", event.release_number, plans) or abort(404)
    before = _asked(event, "from", max(1, event.release_number - 1), plans) or abort(404)
    choices = [(str(each.number), f"{each.number} · {each.name}") for each in releases]
    if plans:
        choices.insert(0, (WORKING, _("What is worked on now")))
    return render_template(
        "releases/compare.html",
        event=event,
        choices=choices,
        names=dict(choices),
        first=before[0],
        second=after[0],
        words=_between(event, before[1], after[1]),
    )


@blueprint.route(f"{EVENT}/<int:number>/again", methods=["GET", "POST"])
def release_again(event_ref: str, number: int) -> ResponseReturnValue:
    """Make the programme what it was told to be then, and tell that."""
    event = open_event(event_ref)
    require(policy.may_release(current_user, event))
    old = queries.find_release(event, number) or abort(404)
    form = AgainForm()
    if not form.is_submitted():
        form.name.data = services.name_again(old)
    if form.validate_on_submit():
        answer = form.attempt(
            lambda: services.release_again(event, old, actor=current_user, **form.values()),
            then=lambda made: url_for("releases.show", event_ref=event.ref, number=made.number),
            said=_said,
        )
        if answer is not None:
            return answer
    now = queries.working_content(event)
    page = render_template(
        "releases/again.html",
        event=event,
        form=form,
        release=old,
        words=_in_words(diff(now, old.content), event, now, old.content),
    )
    return page, form.status


def _said(made: ProgrammeRelease) -> str:
    if not made.told:
        return _("The programme is released. Nobody had to be told.")
    return ngettext(
        "The programme is released. One person is told by mail.",
        "The programme is released. %(num)s people are told by mail.",
        made.told,
    )


def _sees_internal(event: Event) -> bool:
    return programme_policy.may_see_internal(current_user, event)


def _between(event: Event, before: Content, after: Content) -> list[Words]:
    """The differences that this visitor may see."""
    if not _sees_internal(event):
        before, after = for_readers(before), for_readers(after)
    return _in_words(diff(before, after), event, before, after)


def _in_words(changes: list[Change], event: Event, *contents: Content | None) -> list[Words]:
    return all_words(changes, event.time_zone, session_titles(*contents))


def _asked(event: Event, name: str, default: int, plans: bool) -> tuple[str, Content] | None:
    asked = request.args.get(name, str(default))
    if asked == WORKING and plans:
        return WORKING, queries.working_content(event)
    found = queries.find_release(event, int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    return (asked, found.content) if found else None


def _sentences(clashes: list[Clash], event: Event) -> list[tuple[str, str]]:
    """Each with the way to where it is seen."""
    base = f"/events/{event.ref}/programme#item-"
    return [(sentence(each, event.time_zone), base + each.first.key) for each in clashes]
