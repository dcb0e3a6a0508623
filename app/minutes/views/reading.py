"""The page that reads like paper, and its versions."""

from functools import partial

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.text import one_line
from app.events.models import Event
from app.events.pages import open_event
from app.minutes import extracts, library, paper, policy, queries, readers, since
from app.minutes.forms import AcknowledgementForm
from app.minutes.models import MINUTES_STATE_LABELS, Minutes, MinutesState, MinutesVersion
from app.minutes.views import adopting, recorded, remarks
from app.minutes.views.frame import PATH, blueprint, find, shown
from app.people import queries as people
from app.people.models import CLEARANCE_LABELS
from app.search import tokens


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
    in_force = version.id == minutes.current_id and minutes.state == MinutesState.PUBLISHED
    words = one_line(request.args.get("words", ""))[: tokens.MOST_ASKED]
    under_work = minutes.under_work
    sees_work = under_work is not None and policy.may_see_version(current_user, minutes, under_work)
    shows_work = sees_work and version is under_work
    sees_readers = policy.may_see_readers(current_user, minutes)
    board = readers.board_of(minutes) if sees_readers and minutes.was_published else None
    asked, has_reports = readers.own_part(minutes, person, board)
    return render_template(
        "minutes/show.html",
        event=event,
        minutes=minutes,
        version=version,
        document=extract.document if extract else None,
        parts=shown(
            text,
            partial(tokens.hits, user_text=words) if words else None,
            beside=remarks.beside(minutes, version) if shows_work else None,
        ),
        people=text.people,
        words=words,
        last_read=since.since(current_user, minutes, text.clearance, asked) if in_force else since.Since(),
        may_note_reading=in_force and since.may_note(current_user),
        filed=library.subjects_for(minutes, text.clearance) if in_force else [],
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
        sees_some_readers=sees_readers or has_reports,
    )


def tombstone(event: Event, minutes: Minutes) -> ResponseReturnValue:
    """What remains of withdrawn minutes; those who record still reach the texts."""
    versions = queries.seen_versions(current_user, minutes)
    page = render_template("minutes/withdrawn.html", event=event, minutes=minutes, versions=versions)
    return page, 410
