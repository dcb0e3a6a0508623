"""The URLs of requests for more time."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import HufuForm, filled
from app.core.i18n import _, format_day
from app.events.pages import open_event
from app.extensions import policy, queries, services
from app.extensions.forms import AskForm, GrantForm, RefusalForm
from app.extensions.models import Extension
from app.requirements import queries as requirements
from app.requirements.models import Assignment

blueprint = Blueprint("extensions", __name__)

ASSIGNMENT = "/events/<ref:event_ref>/assignments/<ref:assignment_ref>"
EXTENSION = f"{ASSIGNMENT}/extensions/<ref:extension_ref>"


@blueprint.route(f"{ASSIGNMENT}/extensions/new", methods=["GET", "POST"])
def ask(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = _open(event_ref, assignment_ref)
    require(policy.may_ask(current_user, assignment))
    form = AskForm()
    due = format_day(assignment.due_on)
    if clock.today(assignment.event.time_zone) <= assignment.due_on:
        lead = _("Due on %(day)s. Asked for today, the agreed date can move; the original one stays.", day=due)
    else:
        lead = _(
            "It was due on %(day)s, which has passed: the evaluation stays on that day. You can ask for a day on which "
            "it is looked at again.",
            day=due,
        )
    return _answer(
        form,
        _("Ask for more time"),
        lambda: services.ask(
            assignment, actor=current_user, new_due_on=filled(form.new_due_on.data), reason=form.reason.data
        ),
        _said_when_asked,
        assignment,
        button=_("Ask"),
        lead=lead,
    )


def _said_when_asked(asked: Extension) -> str:
    if asked.is_in_time:
        return _("You have asked in time. The date moves when it is granted.")
    return _("You have asked after the date: the evaluation stays on %(day)s.", day=format_day(asked.was_due_on))


@blueprint.route(f"{EXTENSION}/grant", methods=["GET", "POST"])
def grant(event_ref: str, assignment_ref: str, extension_ref: str) -> ResponseReturnValue:
    assignment = _open(event_ref, assignment_ref)
    extension = queries.find(assignment, extension_ref) or abort(404)
    require(policy.may_decide(current_user, assignment))
    form = GrantForm()
    day, due = format_day(extension.new_due_on), format_day(extension.was_due_on)
    if extension.is_in_time:
        lead = _("The agreed date moves from %(due)s to %(day)s. The original date stays.", due=due, day=day)
    else:
        lead = _(
            "It was asked for after %(due)s: the evaluation stays on that day, and %(day)s is only when it is looked at "
            "again.",
            due=due,
            day=day,
        )
    return _answer(
        form,
        _("Give more time"),
        lambda: services.grant(extension, actor=current_user, reason=form.reason.data),
        _("It is granted. %(name)s is told by mail.", name=assignment.responsible.display_name),
        assignment,
        button=_("Grant"),
        lead=lead,
    )


@blueprint.route(f"{EXTENSION}/refusal", methods=["GET", "POST"])
def refuse(event_ref: str, assignment_ref: str, extension_ref: str) -> ResponseReturnValue:
    assignment = _open(event_ref, assignment_ref)
    extension = queries.find(assignment, extension_ref) or abort(404)
    require(policy.may_decide(current_user, assignment))
    form = RefusalForm()
    return _answer(
        form,
        _("Give no more time"),
        lambda: services.refuse(extension, actor=current_user, reason=form.reason.data),
        _("It is refused. %(name)s is told by mail.", name=assignment.responsible.display_name),
        assignment,
        button=_("Refuse"),
        lead=_("It stays due on %(day)s.", day=format_day(assignment.due_on)),
    )


def _open(event_ref: str, ref: str) -> Assignment:
    return requirements.find_assignment(open_event(event_ref), ref) or abort(404)


def _answer(
    form: HufuForm,
    title: str,
    act: Callable[[], Any],
    said: Any,
    assignment: Assignment,
    *,
    button: str,
    lead: str,
) -> ResponseReturnValue:
    event = assignment.event
    back = url_for("requirements.show_assignment", event_ref=event.ref, assignment_ref=assignment.ref)
    if form.validate_on_submit():
        answer = form.attempt(act, then=back, said=said)
        if answer is not None:
            return answer
    return (
        render_template(
            "requirements/ask.html", form=form, title=title, lead=lead, button=button, weighty=False, multipart=False,
            requirement=assignment.requirement, assignment=assignment, event=event, back=back,
        ),
        form.status,
    )  # fmt: skip
