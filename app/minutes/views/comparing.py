"""What changed between two versions of minutes, and since somebody read them last."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _
from app.events.pages import open_event
from app.minutes import comparing, extracts, long_comparison, paper, policy, queries, since
from app.minutes.extracts import Text
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.services.reading import note_reading
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people.models import CLEARANCE_LABELS
from app.people.queries import person_of


@blueprint.route(f"{PATH}/compare")
def compare(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Two versions word by word; without a choice the one that was read last and the one in force, else the newest two.

    Long ones are compared afterwards.
    """
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    versions, old, new = _chosen(minutes, request.args.get("old", ""), request.args.get("new", ""))
    clearance = policy.clearance_of(current_user, event)
    before, after = extracts.read(old, clearance), extracts.read(new, clearance)
    return render_template(
        "minutes/compare.html",
        event=event,
        minutes=minutes,
        versions=versions,
        old=old,
        new=new,
        change_note=after.change_note,
        compared=_compared(before, after),
        lists=paper.list_labels(),
        levels=CLEARANCE_LABELS,
    )


def _compared(before: Text, after: Text) -> comparing.Comparison | None:
    if comparing.is_large(before, after):
        return long_comparison.find(before, after, actor=current_user)
    return comparing.compare(before, after)


def _chosen(
    minutes: Minutes, old_ref: str, new_ref: str
) -> tuple[list[MinutesVersion], MinutesVersion, MinutesVersion]:  # fmt: skip
    versions = queries.seen_versions(current_user, minutes)
    if len(versions) < 2:
        abort(404)
    by_ref = {each.ref: each for each in versions}
    new = by_ref.get(new_ref) or _in_force(minutes, versions)
    old = by_ref.get(old_ref) or _read_before(minutes, versions, new)
    return versions, old, new


def _in_force(minutes: Minutes, versions: list[MinutesVersion]) -> MinutesVersion:
    """What people read; for those who write, what they are writing."""
    under_work = minutes.under_work
    if under_work in versions:
        return under_work  # type: ignore[return-value]  # nothing is in no list
    return next((each for each in versions if each.id == minutes.current_id), versions[-1])


def _read_before(minutes: Minutes, versions: list[MinutesVersion], new: MinutesVersion) -> MinutesVersion:
    asked = queries.find_reader(minutes, person_of(current_user))
    last = since.since(current_user, minutes, policy.clearance_of(current_user, minutes.event), asked).version
    if last in versions and last is not new:
        return last  # type: ignore[return-value]  # nothing is in no list
    at = versions.index(new)
    return versions[at - 1] if at else versions[1]


@blueprint.route(f"{PATH}/compare", methods=["POST"])
def compare_long(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Have two long versions compared after the answer."""
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    _versions, old, new = _chosen(minutes, request.form.get("old", ""), request.form.get("new", ""))
    require(current_user.is_authenticated)
    clearance = policy.clearance_of(current_user, event)
    then = page_of(minutes, "compare", old=old.ref, new=new.ref)
    return press(
        lambda: long_comparison.begin(
            extracts.read(old, clearance), extracts.read(new, clearance), actor=current_user,
            title=_("%(title)s: version %(old)s and version %(new)s", title=minutes.title, old=old.number, new=new.number),
            then=then,
        ),
        lambda begun: url_for("progress.show", progress_ref=begun.ref),
        refused=then,
    )  # fmt: skip


@blueprint.route(f"{PATH}/versions/<ref:version_ref>/reading", methods=["POST"])
def read(event_ref: str, minutes_ref: str, version_ref: str) -> ResponseReturnValue:
    """Note that the reader has seen this version, so that they can be told later what changed."""
    minutes = find(open_event(event_ref), minutes_ref)
    version = queries.find_version(current_user, minutes, version_ref) or abort(404)
    require(since.may_note(current_user))
    return press(lambda: note_reading(minutes, version, actor=current_user), page_of(minutes))
