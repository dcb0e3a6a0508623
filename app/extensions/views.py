"""The URLs of requests for more time."""

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import clock
from app.core.errors import require
from app.core.forms import filled
from app.core.i18n import _, format_day, pgettext
from app.extensions import policy, queries, services
from app.extensions.forms import AskForm, GrantForm, RefusalForm
from app.extensions.models import Extension
from app.requirements import pages
from app.requirements.pages import ASSIGNMENT

blueprint = Blueprint("extensions", __name__)

EXTENSION = f"{ASSIGNMENT}/extensions/<ref:extension_ref>"


@blueprint.route(f"{ASSIGNMENT}/extensions/new", methods=["GET", "POST"])
def ask(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
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
    return pages.ask(
        form,
        _("Ask for more time"),
        lambda: services.ask(
            assignment, actor=current_user, new_due_on=filled(form.new_due_on.data), reason=form.reason.data
        ),
        _said_when_asked,
        about=assignment,
        button=pgettext("more time", "Ask"),
        lead=lead,
    )


def _said_when_asked(asked: Extension) -> str:
    if asked.is_in_time:
        return _("You have asked in time. The date moves when it is granted.")
    return _("You have asked after the date: the evaluation stays on %(day)s.", day=format_day(asked.was_due_on))


@blueprint.route(f"{EXTENSION}/grant", methods=["GET", "POST"])
def grant(event_ref: str, assignment_ref: str, extension_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
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
    return pages.ask(
        form,
        _("Give more time"),
        lambda: services.grant(extension, actor=current_user, reason=form.reason.data),
        _("It is granted. %(name)s is told by mail.", name=assignment.responsible.display_name),
        about=assignment,
        button=_("Grant"),
        lead=lead,
    )


@blueprint.route(f"{EXTENSION}/refusal", methods=["GET", "POST"])
def refuse(event_ref: str, assignment_ref: str, extension_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    extension = queries.find(assignment, extension_ref) or abort(404)
    require(policy.may_decide(current_user, assignment))
    form = RefusalForm()
    return pages.ask(
        form,
        _("Give no more time"),
        lambda: services.refuse(extension, actor=current_user, reason=form.reason.data),
        _("It is refused. %(name)s is told by mail.", name=assignment.responsible.display_name),
        about=assignment,
        button=_("Refuse"),
        lead=_("It stays due on %(day)s.", day=format_day(assignment.due_on)),
    )
