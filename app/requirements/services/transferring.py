"""Giving an assignment to somebody else: its history and its dates stay, the new person answers anew."""

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.people.models import Department, Person
from app.requirements import policy
from app.requirements.errors import ReasonMissing, WrongMoment, WrongPerson
from app.requirements.models import Assignment, AssignmentState, Transfer
from app.requirements.parting import end_pending
from app.requirements.services.handing_over import can_be_reached, may_judge, right_people
from app.requirements.services.telling import tell
from app.requirements.services.tracking import refuse_finished
from app.speeches.holding import hold


def transfer(
    assignment: Assignment,
    *,
    actor: Actor,
    to: Person,
    reason: str | None,
    verifier: Person | None = None,
    department: Department | None = None,
    version: int | None = None,
) -> Assignment:
    """Give what is open to another person, who accepts it anew. Without a department it goes to the person's own.

    Neither date moves, whenever it happens: an acceptance that was given keeps them fixed (rule 2), and the names of
    this day stay (rule 7). What was being negotiated or asked for ends.
    """
    require(policy.may_settle(actor, assignment))
    hold(assignment)
    require(policy.may_settle(actor, assignment))
    if assignment.is_done:
        raise WrongMoment(_("This has ended already."))
    if assignment.state == AssignmentState.PROPOSED:
        raise WrongMoment(_("Nobody has been asked yet. Change the proposal instead."))
    refuse_finished(assignment.requirement)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    before = assignment.responsible
    if to is before:
        raise WrongPerson(_("%(name)s has it already.", name=to.display_name), field="responsible_ref")
    judge = verifier or assignment.verifier
    right_people(to, judge)
    for person in (to, judge):
        can_be_reached(person, assignment)
    end_pending(assignment, actor)
    was_asked = assignment.is_handed_over
    moved = Transfer(
        assignment=assignment, from_id=before.id, from_name=before.name, to_id=to.id, to_name=to.name, reason=reason,
        by_name=actor.name,
    )  # fmt: skip
    db.session.add(moved)
    edit(
        assignment, version=version, state=AssignmentState.ASSIGNED, responsible=to, verifier=judge,
        department=department or to.department, decline_reason=None, handed_over_by_id=actor.id,
        handed_over_at=assignment.handed_over_at if assignment.accepted_at is not None else clock.now(),
    )  # fmt: skip
    db.session.flush()
    audit.record(actor, "assignment.transferred", assignment, reason=reason, before=before, after=to)
    today = clock.today(assignment.event.time_zone)
    tell(to, "transferred", assignment, reason=reason, before=before, today=today)
    if was_asked:
        tell(before, "taken_over", assignment, reason=reason, after=to)
    return assignment


def replace_verifier(
    assignment: Assignment, *, actor: Actor, verifier: Person, reason: str | None, version: int | None = None
) -> Assignment:
    """Have somebody else verify it, as when the verifier has left. Nothing else of it changes."""
    require(policy.may_settle(actor, assignment))
    hold(assignment)
    require(policy.may_settle(actor, assignment))
    if not assignment.is_handed_over or assignment.state == AssignmentState.VERIFIED:
        raise WrongMoment(_("There is nothing left to verify, or nobody has been asked yet."))
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    before = assignment.verifier
    if verifier is before:
        raise WrongPerson(_("%(name)s verifies it already.", name=verifier.display_name), field="verifier_ref")
    may_judge(assignment.responsible, verifier)
    can_be_reached(verifier, assignment)
    edit(assignment, version=version, verifier=verifier)
    audit.record(actor, "assignment.verifier_replaced", assignment, reason=reason, before=before, after=verifier)
    tell(verifier, "to_verify", assignment, reason=reason)
    return assignment
