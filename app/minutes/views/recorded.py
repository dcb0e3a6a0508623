"""How a text stands to the records of its session: what parted since the sign-off, what is not told, what says nothing."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import press
from app.core.i18n import _, ngettext
from app.documents.markdown import plain_text
from app.events.models import Event
from app.events.pages import open_event
from app.minutes import bound, paper, policy, services
from app.minutes.insertable import LABELS
from app.minutes.models import Minutes, MinutesVersion
from app.minutes.views.frame import PATH, blueprint, find, page_of
from app.people.models import CLEARANCE_LABELS


def of_records(minutes: Minutes, version: MinutesVersion) -> bound.Report | None:
    """For the page of a text: the newest one and the one in force are compared, for those who see all sections of them."""
    if version is not minutes.newest and version.id != minutes.current_id:
        return None
    return bound.report(version) if policy.may_compare(current_user, minutes) else None


def _open(event_ref: str, minutes_ref: str) -> tuple[Event, Minutes, MinutesVersion]:
    event = open_event(event_ref)
    minutes = find(event, minutes_ref)
    require(policy.may_compare(current_user, minutes))
    version = minutes.newest
    if not policy.may_see_version(current_user, minutes, version):
        abort(404)
    return event, minutes, version


@blueprint.route(f"{PATH}/records")
def show_records(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    event, minutes, version = _open(event_ref, minutes_ref)
    return render_template(
        "minutes/records.html",
        event=event,
        minutes=minutes,
        version=version,
        report=bound.report(version),
        kinds=LABELS,
        lists=paper.list_labels(),
        levels=CLEARANCE_LABELS,
        plain=plain_text,
        may_record=policy.may_record(current_user, event),
        in_force=minutes.was_published and version.frozen_at is not None,
    )


def _writable(event_ref: str, minutes_ref: str) -> Minutes:
    minutes = find(open_event(event_ref), minutes_ref)
    require(policy.may_record(current_user, minutes.event))
    return minutes


@blueprint.route(f"{PATH}/records/taken-over", methods=["POST"])
def take_over(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Let one sentence of an amendment, or all of them, say what is recorded now."""
    minutes = _writable(event_ref, minutes_ref)
    name = request.form.get("mark")
    return press(
        lambda: services.take_over(minutes, actor=current_user, names=None if name is None else [name]),
        page_of(minutes, "show_records"),
        lambda count: ngettext("%(num)s sentence follows its record again.", "%(num)s sentences follow their records again.", count),
    )  # fmt: skip


@blueprint.route(f"{PATH}/records/lists", methods=["POST"])
def take_over_lists(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    minutes = _writable(event_ref, minutes_ref)
    return press(
        lambda: services.take_over_lists(minutes, actor=current_user),
        page_of(minutes, "show_records"),
        _("The lists are those of the record of attendance now."),
    )


@blueprint.route(f"{PATH}/records/told", methods=["POST"])
def tell_record(event_ref: str, minutes_ref: str) -> ResponseReturnValue:
    """Put a record that is not told into the section for its kind."""
    minutes = _writable(event_ref, minutes_ref)
    kind, _space, ref = request.form.get("mark", "").partition(" ")
    return press(
        lambda: services.tell(minutes, actor=current_user, kind=kind, ref=ref),
        page_of(minutes, "show_records"),
        lambda section: _("It stands in the section “%(heading)s” now.", heading=section.heading),
    )
