"""The page that reads like paper, its versions, and what changed between two of them."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.documents.diff import drawn as difference
from app.events.models import Event
from app.events.pages import open_event
from app.minutes import extracts, paper, policy, queries, readers
from app.minutes.forms import AcknowledgementForm
from app.minutes.models import MINUTES_STATE_LABELS, Minutes, MinutesVersion
from app.minutes.views import adopting, recorded, remarks
from app.minutes.views.frame import PATH, blueprint, find, shown
from app.people import queries as people
from app.people.models import CLEARANCE_LABELS


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
    text = extracts.read(version, policy.clearance_of(current_user, event))
    extract = extracts.find_extract(version, text.clearance)
    asked = queries.find_reader(minutes, person)
    under_work = minutes.under_work
    sees_work = under_work is not None and policy.may_see_version(current_user, minutes, under_work)
    shows_work = sees_work and version is under_work
    sees_readers = policy.may_see_readers(current_user, minutes)
    board = readers.board_of(minutes) if sees_readers and minutes.was_published else None
    return render_template(
        "minutes/show.html",
        event=event,
        minutes=minutes,
        version=version,
        document=extract.document if extract else None,
        parts=shown(text, beside=remarks.beside(minutes, version) if shows_work else None),
        files=text.files,
        clearances=CLEARANCE_LABELS,
        change_note=text.change_note,
        lists=paper.list_labels(),
        versions=queries.seen_versions(current_user, minutes),
        labels=MINUTES_STATE_LABELS,
        **remarks.of_review(minutes, version, text, shown=shows_work),
        **adopting.of_adoption(minutes, shown=minutes.was_published or shows_work),
        report=recorded.of_records(minutes, version),
        asked=asked,
        has_read=asked is not None and queries.counts(asked, minutes, text.clearance),
        may_acknowledge=policy.may_acknowledge(current_user, asked),
        acknowledgement=AcknowledgementForm(version_hash=extract.document.content_hash if extract else None),
        may_record=policy.may_record(current_user, event),
        may_comment=policy.may_comment(current_user, minutes),
        may_approve=sees_work and policy.may_approve(current_user, minutes),
        may_withdraw=policy.may_withdraw(current_user, minutes),
        under_work=under_work if sees_work else None,
        board=board,
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
    clearance = policy.clearance_of(current_user, event)
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
        parts=difference(extracts.read(old, clearance).markdown, extracts.read(new, clearance).markdown),
        lists=lists,
    )
