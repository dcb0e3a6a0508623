"""Views that somebody keeps, and handing over many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core import audit
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.register import policy, queries
from app.register.errors import NameTaken, NothingAsked, TooManyViews
from app.register.language import read
from app.register.models import SavedView
from app.requirements import services as requirements
from app.requirements.models import Assignment, AssignmentState, Requirement, RequirementState, Tracking
from app.requirements.policy import may_hand_over, may_supervise

MOST_VIEWS = 50


def save_view(*, actor: Actor, name: str, query: str, event: Event | None = None) -> SavedView:
    """Keep a question under a name; only its owner sees it. It is kept as it was understood."""
    require(policy.may_keep_views(actor))
    understood = " ".join(each.text for each in read(query).terms)
    if not understood:
        raise NothingAsked(_("Search for something first: an empty search is the register itself."), field="query")
    if queries.count_views(actor) >= MOST_VIEWS:
        raise TooManyViews(_("You have %(most)s views already. Remove one that you do not use.", most=MOST_VIEWS))
    _is_free(actor, name)
    assert actor.id is not None
    view = SavedView(account_id=actor.id, event=event, name=name, query=understood)
    db.session.add(view)
    db.session.flush()
    audit.record(actor, "view.saved", view, scope=event)
    return view


def change_view(view: SavedView, *, actor: Actor, name: str, query: str, version: int | None = None) -> SavedView:
    """Another name, or another question."""
    require(view.account_id == actor.id)
    understood = " ".join(each.text for each in read(query).terms)
    if not understood:
        raise NothingAsked(_("Search for something first: an empty search is the register itself."), field="query")
    _is_free(actor, name, except_for=view)
    changes = edit(view, version=version, name=name, query=understood)
    if changes:
        audit.record(actor, "view.changed", view, scope=view.event, fields=sorted(changes))
    return view


def remove_view(view: SavedView, *, actor: Actor) -> None:
    require(view.account_id == actor.id)
    audit.record(actor, "view.removed", view, scope=view.event)
    db.session.delete(view)


def _is_free(actor: Actor, name: str, *, except_for: SavedView | None = None) -> None:
    if queries.is_name_taken(actor, name, except_for=except_for):
        raise NameTaken(_("You have a view of this name. Please choose another one."), field="name")


# --- many at once -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What becomes of one chosen row: `why_not` is empty where the assignment can go, or has gone."""

    requirement: Requirement
    assignment: Assignment | None
    why_not: str = ""


def look_at(chosen: Sequence[Requirement], *, actor: Actor) -> list[Verdict]:
    """What would go and what would not, and why, before anything is done."""
    verdicts = []
    for requirement in chosen:
        waiting = _waiting(requirement)
        if not waiting:
            verdicts.append(Verdict(requirement, _newest(requirement), _why_none(requirement, actor)))
        for assignment in waiting:
            try:
                if not may_hand_over(actor, assignment):
                    raise Refused(_("Handing this over is not yours to do."))
                requirements.refuse_hand_over(assignment)
                verdicts.append(Verdict(requirement, assignment))
            except Refused as refusal:
                verdicts.append(Verdict(requirement, assignment, str(refusal.sentence)))
    return verdicts


def hand_over_chosen(chosen: Sequence[Requirement], *, actor: Actor) -> list[Verdict]:
    """Hand over every prepared assignment of these rows that can go; the others stay as they are, with the reason.

    Not all or nothing: thirty people should not wait for their work because the thirty-first has no account, and each
    assignment is an act of its own with its own guards, entry and mail. A guard speaks before anything is written.
    """
    verdicts = []
    for verdict in look_at(chosen, actor=actor):
        if verdict.assignment is None or verdict.why_not:
            verdicts.append(verdict)
            continue
        try:
            requirements.hand_over(verdict.assignment, actor=actor)
            verdicts.append(verdict)
        except Refused as refusal:
            verdicts.append(Verdict(verdict.requirement, verdict.assignment, str(refusal.sentence)))
    return verdicts


def _waiting(requirement: Requirement) -> list[Assignment]:
    return [each for each in requirement.assignments if each.state == AssignmentState.PROPOSED]


def _newest(requirement: Requirement) -> Assignment | None:
    told = [each for each in requirement.assignments if each.state != AssignmentState.CANCELLED]
    return max(told, key=lambda each: each.id, default=None)


def _why_none(requirement: Requirement, actor: Actor) -> str:
    """Why a row has nothing to hand over."""
    newest = _newest(requirement)
    if requirement.state == RequirementState.WITHDRAWN:
        return _("This requirement was withdrawn.")
    if requirement.state == RequirementState.CLOSED:
        return _("This requirement is closed.")
    if newest is not None and newest.state == AssignmentState.DECLINED:
        return _("It was handed back. Read the reason and change the assignment before you hand it over again.")
    if newest is not None:
        return _("It is handed over already.")
    if not may_supervise(actor, requirement.event):
        return _("Handing this over is not yours to do.")
    if requirement.state == RequirementState.STATED:
        return _("The wording of the speech is not confirmed yet.")
    if requirement.tracking in (Tracking.PERIODIC, Tracking.RECORDED):
        return _("It is not followed by assignments.")
    return _("No assignment is prepared: choose a person, a date and a verifier first.")
