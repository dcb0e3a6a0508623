"""What the responsible person answers to what is asked of them, or a recorded assistant in their name."""

from app.core import audit, clock
from app.core.db import edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.requirements import policy
from app.requirements.errors import ReasonMissing, WrongMoment
from app.requirements.models import Assignment, AssignmentState
from app.requirements.parting import end_pending
from app.requirements.services.telling import tell_supervisor
from app.speeches.holding import hold


def accept(assignment: Assignment, *, actor: Actor) -> Assignment:
    """Take it on. With the first acceptance the original due date stands (rule 2), whoever carries it later."""
    actor = held_to_answer(assignment, actor)
    _waits_for_an_answer(assignment)
    take_on(assignment)
    audit.record(actor, "assignment.accepted", assignment, due_on=assignment.original_due_on)
    return assignment


def hand_back(assignment: Assignment, *, actor: Actor, reason: str | None) -> Assignment:
    """Decline with a reason. It goes back to the supervisor, who is told, and is not dropped."""
    actor = held_to_answer(assignment, actor)
    _waits_for_an_answer(assignment)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    end_pending(assignment, actor)
    edit(assignment, version=None, state=AssignmentState.DECLINED, decline_reason=reason)
    audit.record(actor, "assignment.handed_back", assignment, reason=reason)
    tell_supervisor(assignment, "handed_back", by=actor.name, reason=reason)
    return assignment


def held_to_answer(assignment: Assignment, actor: Actor) -> Actor:
    """Whoever answers, as the log names them; the assignment is theirs until the end of the unit of work."""
    require(policy.may_answer(actor, assignment))
    hold(assignment)
    require(policy.may_answer(actor, assignment))  # it may have gone to somebody else meanwhile
    return policy.in_whose_name(actor, assignment)


def take_on(assignment: Assignment) -> None:
    """The state after an acceptance: the first one stays, the clock of reports begins anew."""
    now = clock.now()
    edit(
        assignment, version=None, state=AssignmentState.ACCEPTED, accepted_at=assignment.accepted_at or now,
        silent_from=assignment.next_word_by(now),
    )  # fmt: skip


def _waits_for_an_answer(assignment: Assignment) -> None:
    if assignment.state == AssignmentState.NEGOTIATING:
        raise WrongMoment(_("This is being negotiated. Answer the proposal that is on the table."))
    if assignment.state != AssignmentState.ASSIGNED:
        raise WrongMoment(_("This is not waiting for your answer."))
