"""What becomes of a confirmed requirement: who is meant, how it is followed, when it ends."""

from datetime import date

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.people.models import Department
from app.programme.models import Session
from app.requirements import policy
from app.requirements.errors import AddresseeUnresolved, ReasonMissing, WrongMoment
from app.requirements.models import (
    Addressee,
    Assignment,
    AssignmentState,
    PrincipleReview,
    Requirement,
    RequirementState,
    Tracking,
)
from app.requirements.parting import end_pending
from app.requirements.periods import LONGEST, SHORTEST, months_after
from app.requirements.services.telling import tell, tell_all
from app.requirements.services.wording import index_requirement
from app.speeches.errors import NotPartOfThis
from app.speeches.holding import hold

FINISHED = (RequirementState.CLOSED, RequirementState.WITHDRAWN)


def resolve_addressee(addressee: Addressee, department: Department, *, actor: Actor) -> Addressee:
    """Say which department the words mean. The words themselves stay as they were said."""
    requirement = addressee.requirement
    require(policy.may_resolve(actor, requirement.event))
    hold(requirement)
    before = addressee.department
    if before is not department:
        addressee.department = department
        audit.record(actor, "requirement.addressee_resolved", requirement, before=before, after=department)
    return addressee


def set_tracking(
    requirement: Requirement,
    tracking: Tracking | str,
    *,
    actor: Actor,
    review_months: int | None = None,
    version: int | None = None,
) -> Requirement:
    """Decide how a confirmed requirement is followed: assigned to a person, reviewed once a period, or recorded only.

    To be assigned, every addressee must be resolved to a department; it counts as assigned with the first assignment
    that is handed over. `review_months` is the period of what is reviewed.
    """
    require(policy.may_supervise(actor, requirement.event))
    hold(requirement)
    tracking = Tracking(tracking)
    if requirement.state == RequirementState.STATED:
        raise WrongMoment(_("First the wording of the speech has to be confirmed."))
    refuse_finished(requirement)
    if tracking == Tracking.ASSIGNED:
        unresolved = [each.display_name for each in requirement.addressees if not each.is_resolved]
        if unresolved:
            raise AddresseeUnresolved(
                _(
                    "Nobody has said yet which department is meant by “%(words)s”. Resolve every addressee first.",
                    words=unresolved[0],
                ),
                field="tracking",
            )
    elif any(not each.is_done for each in requirement.assignments):
        raise WrongMoment(_("There are open assignments. Close or cancel them first."), field="tracking")
    months = review_months or requirement.review_months
    if not SHORTEST <= months <= LONGEST:
        raise WrongMoment(_("Please give a number from %(least)s to %(most)s.", least=SHORTEST, most=LONGEST),
                          field="review_months")  # fmt: skip
    changes = edit(
        requirement, version=version, tracking=tracking, state=_state_for(requirement, tracking), review_months=months,
        review_due_on=_review_due(requirement, months) if tracking == Tracking.PERIODIC else None,
    )  # fmt: skip
    if changes:
        audit.record(actor, "requirement.tracking_set", requirement, tracking=tracking, review_months=months)
    return requirement


def record_review(
    requirement: Requirement,
    *,
    actor: Actor,
    on: date,
    finding: str | None = None,
    session: Session | None = None,
    version: int | None = None,
) -> PrincipleReview:
    """Note how a principle is lived (rule 9: it needs no assignment, but shows when it was last reviewed).

    `on` is when it was looked at, `session` the sitting that did. Reviews are only added; the newest day counts.
    """
    require(policy.may_supervise(actor, requirement.event))
    hold(requirement)
    if requirement.state != RequirementState.PERIODIC:
        raise WrongMoment(_("Only what is reviewed once a period has a day of review."))
    if on > clock.today(requirement.event.time_zone):
        raise WrongMoment(_("This day is still to come."), field="reviewed_on")
    if on < requirement.event.starts_on:
        raise WrongMoment(_("This day lies before the gathering."), field="reviewed_on")
    if session is not None and not policy.may_name_session(actor, session):
        raise NotPartOfThis(_("This session is not among those that you may see."), field="session_ref")
    review = PrincipleReview(
        requirement=requirement, session=session, reviewed_on=on, finding=finding, by_name=actor.name
    )
    db.session.add(review)
    newest = max(on, requirement.reviewed_on or on)
    edit(
        requirement, version=version, reviewed_on=newest,
        review_due_on=months_after(newest, requirement.review_months),
    )  # fmt: skip
    db.session.flush()
    audit.record(actor, "requirement.reviewed", requirement, on=on, session=session)
    return review


def _review_due(requirement: Requirement, months: int) -> date:
    """The last day on which the newest review, or the speech itself, is recent enough."""
    return months_after(requirement.reviewed_on or requirement.speech.day, months)


def withdraw_requirement(
    requirement: Requirement, *, actor: Actor, reason: str | None, version: int | None = None
) -> Requirement:
    """Take a requirement back, with its parts and whatever was given to people for it; they are told."""
    require(policy.may_withdraw(actor, requirement))
    hold(requirement)
    refuse_finished(requirement)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    edit(requirement, version=version, state=RequirementState.WITHDRAWN, withdrawn_reason=reason)
    audit.record(actor, "requirement.withdrawn", requirement, reason=reason)
    for assignment in requirement.assignments:
        hold(assignment)
        if not assignment.is_done:
            end_early(assignment, reason, actor)
    for part in requirement.children:
        if part.state not in FINISHED:
            withdraw_requirement(part, actor=actor, reason=reason)
    index_requirement(requirement)
    if requirement.parent is not None:
        roll_up(requirement.parent, actor=actor)
    return requirement


def roll_up(requirement: Requirement, *, actor: Actor) -> None:
    """What its assignments and parts say about the whole: closed when all of them are, confirmed when none is left."""
    if requirement.state != RequirementState.ASSIGNED:
        return
    assignments = requirement.assignments
    parts = [part for part in requirement.children if part.tracking == Tracking.ASSIGNED]
    if any(not each.is_done for each in assignments) or any(part.state not in FINISHED for part in parts):
        return
    if any(each.state == AssignmentState.CLOSED for each in assignments) or any(
        part.state == RequirementState.CLOSED for part in parts
    ):
        edit(requirement, version=None, state=RequirementState.CLOSED, closed_at=clock.now())
        audit.record(actor, "requirement.closed", requirement)
    else:
        edit(requirement, version=None, state=RequirementState.CONFIRMED)
    if requirement.parent is not None:
        roll_up(requirement.parent, actor=actor)


def refuse_finished(requirement: Requirement) -> None:
    if requirement.state == RequirementState.CLOSED:
        raise WrongMoment(_("This requirement is closed."))
    if requirement.state == RequirementState.WITHDRAWN:
        raise WrongMoment(_("This requirement was withdrawn."))


def _state_for(requirement: Requirement, tracking: Tracking) -> RequirementState:
    if tracking == Tracking.PERIODIC:
        return RequirementState.PERIODIC
    if tracking == Tracking.RECORDED:
        return RequirementState.RECORDED
    handed_over = any(each.handed_over_at is not None and not each.is_done for each in requirement.assignments)
    return RequirementState.ASSIGNED if handed_over else RequirementState.CONFIRMED


def end_early(assignment: Assignment, reason: str, actor: Actor) -> None:
    """Cancel it with whatever is pending about it; whoever carries, verifies or helps is told. Rights are not asked here."""
    was_asked = assignment.is_handed_over
    end_pending(assignment, actor)
    edit(assignment, version=None, state=AssignmentState.CANCELLED, cancel_reason=reason)
    audit.record(actor, "assignment.cancelled", assignment, reason=reason)
    if was_asked:
        tell(assignment.responsible, "withdrawn", assignment, reason=reason)
        tell_all(assignment, "ended", reason=reason)
    for part in assignment.children:  # what was handed on ends with the whole
        if not part.is_done:
            end_early(part, reason, actor)
