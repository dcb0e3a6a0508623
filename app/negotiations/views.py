"""The URLs of negotiations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core.errors import require
from app.core.forms import filled, press
from app.core.i18n import _
from app.documents.diff import drawn
from app.negotiations import policy, queries, services
from app.negotiations.forms import TermsForm
from app.negotiations.models import PROPOSAL_STATE_LABELS, CounterProposal, ProposalState
from app.requirements import pages
from app.requirements import policy as rights
from app.requirements.models import Assignment, AssignmentState
from app.requirements.pages import ASSIGNMENT

blueprint = Blueprint("negotiations", __name__)

Parts = list[tuple[str, str]]


@dataclass(frozen=True)
class Side:
    """One text before and after, with what differs marked in each."""

    label: str
    before: Parts
    after: Parts


@blueprint.route(f"{ASSIGNMENT}/negotiation")
def show(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_see(current_user, assignment))
    return render_template("negotiations/show.html", **_told(assignment))


@blueprint.route(f"{ASSIGNMENT}/negotiation/proposals/new", methods=["GET", "POST"])
def propose(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_take_part(current_user, assignment))
    return _ask(
        assignment,
        _("Propose something else"),
        lambda form: services.propose_otherwise(
            assignment, actor=current_user, version=form.opened_version, **_terms(form)
        ),
        _("Your proposal is with the other side, who is told by mail."),
        button=_("Propose"),
        lead=_("Offer other words, another date or other resources. Both texts are kept side by side."),
    )


@blueprint.route(f"{ASSIGNMENT}/negotiation/proposals/<ref:proposal_ref>/agreement", methods=["POST"])
def agree(event_ref: str, assignment_ref: str, proposal_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    proposal = queries.find(assignment, proposal_ref) or abort(404)
    require(policy.may_answer(current_user, proposal))
    return press(
        lambda: services.agree(proposal, actor=current_user),
        pages.page_of(assignment),
        _("It is agreed, and accepted with these words and this date."),
        refused=_negotiation_of(assignment),
    )


@blueprint.route(f"{ASSIGNMENT}/negotiation/decision", methods=["GET", "POST"])
def decide(event_ref: str, assignment_ref: str) -> ResponseReturnValue:
    assignment = pages.open_assignment(event_ref, assignment_ref)
    require(policy.may_decide(current_user, assignment))
    return _ask(
        assignment,
        _("Decide what holds"),
        lambda form: services.decide(assignment, actor=current_user, version=form.opened_version, **_terms(form)),
        _("It is decided. The responsible person accepts it now, or hands it back."),
        button=_("Decide"),
        lead=_("This ends the negotiation. What you write here is what is asked."),
    )


def _ask(
    assignment: Assignment, title: str, act: Callable[[TermsForm], Any], said: str, *, button: str, lead: str
) -> ResponseReturnValue:
    form = TermsForm(obj=assignment)
    proposal = queries.find_open(assignment)
    if proposal is not None and not form.is_submitted():
        for name, value in services.terms_of(proposal).items():
            form[name].data = value
    if form.validate_on_submit():
        answer = form.attempt(lambda: act(form), then=_negotiation_of(assignment), said=said)
        if answer is not None:
            return answer
    page = render_template(
        "negotiations/propose.html", form=form, title=title, button=button, lead=lead, **_told(assignment)
    )
    return page, form.status


def _terms(form: TermsForm) -> dict[str, Any]:
    return {**form.values("due_on"), "due_on": filled(form.due_on.data)}


def _told(assignment: Assignment) -> dict[str, Any]:
    """What the pages show: all proposals, the newest first, and who may do what now."""
    proposals = list(reversed(queries.list_of(assignment)))
    table = next((each for each in proposals if each.state == ProposalState.OPEN), None)
    negotiating = assignment.state == AssignmentState.NEGOTIATING
    answers = table is not None and negotiating and policy.may_answer(current_user, table)
    return {
        "event": assignment.event,
        "assignment": assignment,
        "requirement": assignment.requirement,
        "proposals": proposals,
        "table": table if negotiating else None,
        "sides": {each.id: _sides(each) for each in proposals},
        "labels": PROPOSAL_STATE_LABELS,
        "answers": answers,
        "rounds_left": services.rounds_left(assignment),
        "begins": rights.may_answer(current_user, assignment) and services.may_begin(assignment),
        "decides": negotiating and policy.may_decide(current_user, assignment),
        "back": pages.page_of(assignment),
    }


def _sides(proposal: CounterProposal) -> list[Side]:
    texts = [
        ("deliverable", _("What is to be delivered")), ("criteria", _("Accepted when")), ("resources", _("Resources")),
    ]  # fmt: skip
    told = []
    for name, label in texts:
        parts = drawn(proposal.was.get(name), getattr(proposal, name))
        if parts:
            before = [part for part in parts if part[0] != "ins"]
            told.append(Side(label, before, [part for part in parts if part[0] != "del"]))
    return told


def _negotiation_of(assignment: Assignment) -> str:
    return url_for("negotiations.show", event_ref=assignment.event.ref, assignment_ref=assignment.ref)
