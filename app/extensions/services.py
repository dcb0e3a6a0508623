"""What can be done about more time: ask for it, grant it, refuse it. The original date moves in none of them."""

from datetime import date

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.extensions import policy, queries
from app.extensions.errors import DecidedAlready, NotLater, OneAtATime
from app.extensions.models import Extension, ExtensionState
from app.requirements.errors import PartTooLate, ReasonMissing, WrongMoment
from app.requirements.models import Assignment
from app.requirements.parting import on_parting
from app.requirements.services.answering import held_to_answer
from app.requirements.services.handing_over import still_to_come
from app.requirements.services.telling import tell, tell_supervisor
from app.speeches.holding import hold


def ask(assignment: Assignment, *, actor: Actor, new_due_on: date, reason: str | None) -> Extension:
    """Ask for more time. On the due date or before, the agreed date can move; later only a day to look at it again is
    set, and the evaluation stays where it was (rule 8). The day is told by the calendar at the event's place."""
    actor = held_to_answer(assignment, actor)
    if assignment.is_done:
        raise WrongMoment(_("This has ended already."))
    if not assignment.is_handed_over:
        raise WrongMoment(_("This is not in your hands now."))
    if queries.find_open(assignment) is not None:
        raise OneAtATime(_("You have asked for more time already. Wait for the decision."))
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    if new_due_on <= assignment.due_on:
        raise NotLater(_("Please choose a day after the one that is agreed now."), field="new_due_on")
    still_to_come(assignment.requirement, new_due_on, field="new_due_on")
    asked = Extension(
        assignment=assignment, asked_by_name=actor.name, asked_on=clock.today(assignment.event.time_zone),
        was_due_on=assignment.due_on, new_due_on=new_due_on, reason=reason,
    )  # fmt: skip
    if asked.is_in_time and assignment.parent is not None and new_due_on > assignment.parent.due_on:
        raise PartTooLate(_("A part cannot be due later than the whole."), field="new_due_on")
    db.session.add(asked)
    db.session.flush()
    audit.record(
        actor, "assignment.extension_asked", assignment, reason=reason, new_due_on=new_due_on,
        in_time=asked.is_in_time,
    )  # fmt: skip
    tell_supervisor(assignment, "extensions/mail/asked", extension=asked)
    return asked


def grant(extension: Extension, *, actor: Actor, reason: str | None = None) -> Extension:
    """Give the time. Asked for on or before the due date it is the new agreed date, later only a day to follow up."""
    assignment = _held(extension, actor)
    if extension.is_in_time:
        edit(assignment, version=None, due_on=extension.new_due_on)
    else:
        edit(assignment, version=None, follow_up_on=extension.new_due_on)
    _decided(extension, ExtensionState.GRANTED, actor, reason)
    return extension


def refuse(extension: Extension, *, actor: Actor, reason: str | None) -> Extension:
    """Say no, and why. Everything stays as it was."""
    _held(extension, actor)
    if not reason:
        raise ReasonMissing(_("Please say why."), field="reason")
    _decided(extension, ExtensionState.REFUSED, actor, reason)
    return extension


@on_parting
def _end(assignment: Assignment, actor: Actor) -> None:
    """A request about what has gone to somebody else, or has ended, waits for nobody."""
    extension = queries.find_open(assignment)
    if extension is not None:
        edit(extension, version=None, state=ExtensionState.ENDED, decided_at=clock.now(), decided_by_name=actor.name)
        db.session.flush()


def _held(extension: Extension, actor: Actor) -> Assignment:
    assignment = extension.assignment
    require(policy.may_decide(actor, assignment))
    hold(assignment)
    hold(extension)
    require(policy.may_decide(actor, assignment))
    if extension.state != ExtensionState.ASKED:
        raise DecidedAlready(
            _("%(name)s has decided this already. Look at what holds now.", name=extension.decided_by_name or "")
        )
    if assignment.is_done:
        raise WrongMoment(_("This has ended already."))
    return assignment


def _decided(extension: Extension, state: ExtensionState, actor: Actor, reason: str | None) -> None:
    edit(
        extension, version=None, state=state, decided_at=clock.now(), decided_by_name=actor.name,
        decision_reason=reason or None,
    )  # fmt: skip
    db.session.flush()
    audit.record(
        actor, f"assignment.extension_{state.value}", extension.assignment, reason=reason or None,
        new_due_on=extension.new_due_on, in_time=extension.is_in_time,
    )  # fmt: skip
    tell(extension.assignment.responsible, f"extensions/mail/{state.value}", extension.assignment, extension=extension)
