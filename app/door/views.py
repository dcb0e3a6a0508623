"""The door, for a phone in one hand; and who is here."""

from zoneinfo import ZoneInfo

from flask import Blueprint, abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _, pgettext
from app.core.text import one_line
from app.door import policy, queries, services
from app.door.forms import CodeForm
from app.door.services import Answer, Outcome
from app.events.models import Event
from app.events.pages import open_event
from app.registration.models import STATE_LABELS
from app.registration.queries import find_registration
from app.sheets.answers import sheet_answer

blueprint = Blueprint("door", __name__)


@blueprint.route("/events/<ref:event_ref>/door", methods=["GET", "POST"])
def show(event_ref: str) -> ResponseReturnValue:
    """One field for scanner and fingers, one large answer."""
    event = open_event(event_ref)
    require(policy.may_check_in(current_user, event))
    form = CodeForm()
    if form.validate_on_submit():
        code = filled(form.code.data)
        answer = form.attempt(
            lambda: services.check_in_by_code(event, code, actor=current_user), then=lambda found: _told(event, found)
        )
        if answer is not None:
            return answer
    words = request.args.get("q", "")[:200]
    return render_template(
        "door/door.html",
        event=event, form=form, words=words, found=queries.search_expected(event, words),
        answer=_answer(event), Outcome=Outcome, state_labels=STATE_LABELS,
        count=queries.count_present(event), newest=queries.list_newest(event), now=clock.now(), policy=policy,
    ), form.status  # fmt: skip


def _told(event: Event, answer: Answer) -> str:
    """The address at which the door shows this answer; asking for it again changes nothing."""
    person = answer.registration.ref if answer.registration else None
    return url_for("door.show", event_ref=event.ref, told=str(answer.outcome), person=person)


def _answer(event: Event) -> Answer | None:
    told = request.args.get("told", "")
    if told not in list(Outcome):
        return None
    registration = find_registration(event, one_line(request.args.get("person", "")))
    if registration is None:
        return Answer(Outcome.UNKNOWN)
    check_in = queries.find_standing(event, registration.person)
    if told in (Outcome.ADMITTED, Outcome.ALREADY) and check_in is None:
        return None
    return Answer(Outcome(told), registration, check_in)


@blueprint.route("/events/<ref:event_ref>/door/<ref:registration_ref>", methods=["POST"])
def admit(event_ref: str, registration_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_check_in(current_user, event))
    registration = find_registration(event, registration_ref) or abort(404)
    return press(
        lambda: services.check_in_by_name(event, registration, actor=current_user),
        lambda answer: _told(event, answer),
        refused=url_for("door.show", event_ref=event.ref),
    )


@blueprint.route("/events/<ref:event_ref>/door/check-ins/<ref:check_in_ref>/undoing", methods=["POST"])
def undo(event_ref: str, check_in_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_check_in(current_user, event))
    check_in = queries.find_check_in(event, check_in_ref) or abort(404)
    return press(
        lambda: services.undo(check_in, actor=current_user),
        url_for("door.show", event_ref=event.ref),
        _("%(name)s is no longer checked in.", name=check_in.person.display_name),
    )


@blueprint.route("/events/<ref:event_ref>/door/count")
def count(event_ref: str) -> ResponseReturnValue:
    """For the number that counts by itself: {"present": 12, "expected": 60}."""
    event = open_event(event_ref)
    require(policy.may_check_in(current_user, event))
    found = queries.count_present(event)
    return jsonify(present=found.present, expected=found.expected)


@blueprint.route("/events/<ref:event_ref>/door/present")
def list_present(event_ref: str) -> ResponseReturnValue:
    event = open_event(event_ref)
    require(policy.may_see_present(current_user, event))
    words = request.args.get("q", "")[:200]
    return render_template(
        "door/present.html",
        event=event, words=words, present=queries.list_present(event, words), count=queries.count_present(event),
        may_check_in=policy.may_check_in(current_user, event),
        shows_departments=policy.may_see_departments(current_user, event),
    )  # fmt: skip


@blueprint.route("/events/<ref:event_ref>/door/present.<any(csv, xlsx):kind>")
def export(event_ref: str, kind: str) -> ResponseReturnValue:
    """The list as it is shown, with the same search."""
    event = open_event(event_ref)
    require(policy.may_see_present(current_user, event))
    zone = ZoneInfo(event.time_zone)
    present = queries.list_present(event, request.args.get("q", "")[:200])
    columns = [pgettext("person", "Name"), _("Came at"), _("Let in by")]
    rows = [[each.name, each.at.astimezone(zone), each.by_name] for each in present]
    if policy.may_see_departments(current_user, event):
        columns.insert(1, _("Department"))
        for row, each in zip(rows, present, strict=True):
            row.insert(1, each.department)
    return sheet_answer(kind, columns, rows, title=_("Attendance"), name=f"present-{event.ref}")
