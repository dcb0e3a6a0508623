"""What every page about a requirement or an assignment begins with and leads back to, also in other features."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.forms import HufuForm
from app.events.pages import open_event
from app.requirements import queries
from app.requirements.models import Assignment, Requirement

blueprint = Blueprint("requirements", __name__)

ASSIGNMENT = "/events/<ref:event_ref>/assignments/<ref:assignment_ref>"
REQUIREMENT = "/events/<ref:event_ref>/requirements/<ref:requirement_ref>"


def open_requirement(event_ref: str, ref: str) -> Requirement:
    """The requirement of this page, through its event; 404 unless the visitor may see it."""
    return queries.find(open_event(event_ref), ref) or abort(404)


def open_assignment(event_ref: str, ref: str) -> Assignment:
    return queries.find_assignment(open_event(event_ref), ref) or abort(404)


def page_of(record: Requirement | Assignment) -> str:
    """Its address."""
    if isinstance(record, Assignment):
        return url_for("requirements.show_assignment", event_ref=record.event.ref, assignment_ref=record.ref)
    return url_for("requirements.show", event_ref=record.event.ref, requirement_ref=record.ref)


def ask(
    form: HufuForm,
    title: str,
    act: Callable[[], Any],
    said: str | Callable[[Any], str],
    *,
    about: Requirement | Assignment,
    button: str,
    lead: str | None = None,
    weighty: bool = False,
    multipart: bool = False,
    then: Callable[[Any], str] | None = None,
) -> ResponseReturnValue:
    """A page with one form about a requirement or an assignment; `weighty` marks what cannot be undone."""
    back = page_of(about)
    if form.validate_on_submit():
        answer = form.attempt(act, then=then or back, said=said)
        if answer is not None:
            return answer
    assignment = about if isinstance(about, Assignment) else None
    return (
        render_template(
            "requirements/ask.html", form=form, title=title, lead=lead, button=button, weighty=weighty,
            multipart=multipart, requirement=assignment.requirement if assignment else about, assignment=assignment,
            event=about.event, back=back,
        ),
        form.status,
    )  # fmt: skip
