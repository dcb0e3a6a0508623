"""Verifying by another person, closing by the leader or the supervisor, ending early."""

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.requirements import policy
from app.requirements.errors import EvaluationMissing, EvidenceMissing, ReasonMissing, WrongMoment
from app.requirements.models import Assignment, AssignmentState, Quality, Verdict
from app.requirements.parting import end_pending
from app.requirements.services.carrying_out import missing_evidence
from app.requirements.services.telling import tell
from app.requirements.services.tracking import end_early, roll_up
from app.speeches.holding import hold


def verify(assignment: Assignment, *, actor: Actor, reason: str | None = None) -> Assignment:
    """Find that the evidence is enough; `reason` says what was looked at, if one wants to."""
    _judged(assignment, actor, is_accepted=True, reason=reason)
    edit(assignment, version=None, state=AssignmentState.VERIFIED, verified_at=clock.now())
    audit.record(actor, "assignment.verified", assignment, reason=reason)
    tell(assignment.responsible, "verified", assignment, reason=reason)
    return assignment


def send_back(assignment: Assignment, *, actor: Actor, reason: str | None) -> Assignment:
    """Find that something is missing, and say what. It is in progress again."""
    _judged(assignment, actor, is_accepted=False, reason=reason)
    edit(assignment, version=None, state=AssignmentState.IN_PROGRESS, returns=assignment.returns + 1)
    audit.record(actor, "assignment.returned", assignment, reason=reason)
    tell(assignment.responsible, "returned", assignment, reason=reason)
    return assignment


def close_assignment(
    assignment: Assignment,
    *,
    actor: Actor,
    quality: Quality | str | None,
    note: str | None = None,
    version: int | None = None,
) -> Assignment:
    """Close what was verified, and say how good it was. Whether it was on time is computed, not said: it counts from
    the day on which the evidence came, against the agreed and against the original date."""
    require(policy.may_close(actor, assignment))
    hold(assignment)
    require(policy.may_close(actor, assignment))
    if assignment.state != AssignmentState.VERIFIED:
        raise WrongMoment(_("Only what was verified can be closed. It is not, or no longer."))
    missing = missing_evidence(assignment)
    if missing:
        raise EvidenceMissing(_("There is no evidence yet for “%(criterion)s”.", criterion=missing[0]))
    if quality not in {*Quality}:
        raise EvaluationMissing(_("Please say how good it is."), field="quality")
    edit(
        assignment, version=version, state=AssignmentState.CLOSED, closed_at=clock.now(), closing_note=note or None,
        quality=Quality(quality), closed_by_name=actor.name,
    )  # fmt: skip
    audit.record(
        actor, "assignment.closed", assignment, quality=quality,
        on_time_as_agreed=assignment.finished_on <= assignment.due_on,
        on_time_as_first_set=assignment.finished_on <= assignment.original_due_on,
    )  # fmt: skip
    end_pending(assignment, actor)
    _settle(assignment, actor)
    return assignment


def cancel_assignment(assignment: Assignment, *, actor: Actor, reason: str | None) -> Assignment:
    """End it before it is done. The leader may; the supervisor may while it is proposed or was handed back."""
    require(policy.may_cancel(actor, assignment))
    hold(assignment)
    require(policy.may_cancel(actor, assignment))
    if assignment.is_done:
        raise WrongMoment(_("This has ended already."))
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    end_early(assignment, reason, actor)
    _settle(assignment, actor)
    return assignment


def _judged(assignment: Assignment, actor: Actor, *, is_accepted: bool, reason: str | None) -> None:
    require(policy.may_verify(actor, assignment))
    hold(assignment)
    require(policy.may_verify(actor, assignment))
    if assignment.state != AssignmentState.SUBMITTED:
        raise WrongMoment(_("There is nothing to verify now."))
    if not is_accepted and not reason:
        raise ReasonMissing(_("Please say what is missing."), field="reason")
    db.session.add(Verdict(assignment=assignment, is_accepted=is_accepted, reason=reason, by_name=actor.name))
    db.session.flush()


def _settle(assignment: Assignment, actor: Actor) -> None:
    db.session.flush()
    hold(assignment.requirement)  # of two that close the last two at once, the second sees the first
    roll_up(assignment.requirement, actor=actor)
