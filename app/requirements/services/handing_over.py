"""Giving a requirement to one person."""

from datetime import date, datetime

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events import queries as events
from app.people.models import Department, Person
from app.requirements import policy
from app.requirements.errors import DueDatePassed, OriginalDueDateIsFixed, WrongMoment, WrongPerson
from app.requirements.labels import next_label, year_of
from app.requirements.models import (
    Assignment,
    AssignmentState,
    Requirement,
    RequirementState,
    Tracking,
)
from app.requirements.services.handing_on import fits_into
from app.requirements.services.telling import account_of, tell
from app.requirements.services.tracking import refuse_finished
from app.speeches.holding import hold

OPEN_TO_CHANGE = (AssignmentState.PROPOSED, AssignmentState.DECLINED)


def propose_assignment(
    requirement: Requirement,
    *,
    actor: Actor,
    responsible: Person,
    verifier: Person,
    deliverable: str,
    criteria: str,
    due_on: date,
    department: Department | None = None,
    parent: Assignment | None = None,
) -> Assignment:
    """Prepare an assignment: exactly one responsible person (rule 1), verified by another one (rule 3).

    `criteria` are the acceptance criteria, one a line. Nobody is told before it is handed over. With `parent` it is a part
    of what somebody answers for already, who may hand it to their own people.
    """
    require(
        policy.may_supervise(actor, requirement.event)
        or (parent is not None and parent.requirement_id == requirement.id and policy.may_hand_on(actor, parent))
    )
    return prepare(
        requirement, actor=actor, responsible=responsible, verifier=verifier, deliverable=deliverable,
        criteria=criteria, due_on=due_on, department=department, parent=parent,
    )  # fmt: skip


def prepare(
    requirement: Requirement,
    *,
    actor: Actor,
    responsible: Person,
    verifier: Person,
    deliverable: str,
    criteria: str,
    due_on: date,
    department: Department | None = None,
    parent: Assignment | None = None,
) -> Assignment:
    """Every beat of `propose_assignment` but the right to do it."""
    hold(requirement)
    if requirement.state == RequirementState.STATED:
        raise WrongMoment(_("First the wording of the speech has to be confirmed."))
    refuse_finished(requirement)
    if requirement.tracking != Tracking.ASSIGNED:
        raise WrongMoment(_("This requirement is not set to be assigned to a person. Decide that first."))
    right_people(responsible, verifier)
    still_to_come(requirement, due_on)
    if parent is not None:
        fits_into(parent, responsible, verifier, due_on, actor=actor)
    assignment = Assignment(
        requirement=requirement,
        parent=parent,
        label=next_label("AS", year_of(requirement.speech)),
        responsible=responsible,
        verifier=verifier,
        department=department or responsible.department,
        deliverable=deliverable,
        criteria=criteria,
        original_due_on=due_on,
        due_on=due_on,
    )
    db.session.add(assignment)
    db.session.flush()
    audit.record(actor, "assignment.proposed", assignment, due_on=due_on)
    return assignment


def edit_assignment(
    assignment: Assignment,
    *,
    actor: Actor,
    responsible: Person,
    verifier: Person,
    deliverable: str,
    criteria: str,
    due_on: date,
    department: Department | None = None,
    version: int | None = None,
) -> Assignment:
    """Change what is not handed over yet, or was handed back.

    Once anybody has accepted it the dates stand (rule 2), and it goes to somebody else by a transfer only.
    """
    require(policy.may_hand_over(actor, assignment))
    hold(assignment)
    was_accepted = assignment.accepted_at is not None
    if was_accepted and due_on not in (assignment.due_on, assignment.original_due_on):
        raise OriginalDueDateIsFixed(
            _("The original due date does not change once the assignment is accepted."), field="due_on"
        )
    if assignment.state not in OPEN_TO_CHANGE:
        raise WrongMoment(_("This was handed over. What was agreed does not change any more."))
    if was_accepted and responsible is not assignment.responsible:
        raise WrongPerson(
            _("It was accepted before. Transfer it to somebody else, so that its history stays."),
            field="responsible_ref",
        )
    right_people(responsible, verifier)
    dates: dict[str, date | datetime | None] = {}
    if not was_accepted:
        still_to_come(assignment.requirement, due_on)
        dates = {"original_due_on": due_on, "due_on": due_on, "handed_over_at": None}
    if assignment.parent is not None:
        fits_into(assignment.parent, responsible, verifier, assignment.due_on if was_accepted else due_on, actor=actor)
    changes = edit(
        assignment, version=version, responsible=responsible, verifier=verifier, deliverable=deliverable,
        criteria=criteria, department=department or responsible.department, state=AssignmentState.PROPOSED, **dates,
    )  # fmt: skip
    if changes:
        audit.record(actor, "assignment.changed", assignment, fields=sorted(changes))
    return assignment


def hand_over(assignment: Assignment, *, actor: Actor) -> Assignment:
    """Give it to the responsible person, who is told and answers by accepting it or handing it back."""
    require(policy.may_hand_over(actor, assignment))
    hold(assignment)
    refuse_hand_over(assignment)
    was_accepted = assignment.accepted_at is not None  # the first clock stands, as the first acceptance does
    edit(
        assignment, version=None, state=AssignmentState.ASSIGNED, handed_over_by_id=actor.id,
        handed_over_at=assignment.handed_over_at if was_accepted else clock.now(),
    )  # fmt: skip
    _set_off(assignment.requirement)
    audit.record(actor, "assignment.handed_over", assignment, due_on=assignment.original_due_on)
    tell(assignment.responsible, "handed_over", assignment)
    for each in assignment.contributors:  # named while it was prepared
        tell(each.person, "contributing", assignment)
    return assignment


def refuse_hand_over(assignment: Assignment) -> None:
    """Every guard of handing over but the right to do it; also asked beforehand of many at once."""
    if assignment.state not in OPEN_TO_CHANGE:
        raise WrongMoment(_("This was handed over already."))
    refuse_finished(assignment.requirement)
    right_people(assignment.responsible, assignment.verifier)
    for person in (assignment.responsible, assignment.verifier):
        can_be_reached(person, assignment)


def _set_off(requirement: Requirement) -> None:
    """With the first assignment the requirement, and the whole that it is a part of, counts as assigned."""
    if requirement.state == RequirementState.CONFIRMED:
        edit(requirement, version=None, state=RequirementState.ASSIGNED, tracking=Tracking.ASSIGNED)
    if requirement.parent is not None:
        _set_off(requirement.parent)


def right_people(responsible: Person, verifier: Person) -> None:
    """One person carries it; another, who neither reports to them nor has left, verifies it (rules 1 and 3)."""
    may_judge(responsible, verifier)
    _is_still_here(responsible, "responsible_ref")


def may_judge(responsible: Person, verifier: Person) -> None:
    if responsible is verifier:
        raise WrongPerson(_("Somebody else than the responsible person has to verify."), field="verifier_ref")
    if verifier.manager_id == responsible.id:
        raise WrongPerson(
            _(
                "%(verifier)s reports to %(responsible)s and cannot verify their work.",
                verifier=verifier.display_name,
                responsible=responsible.display_name,
            ),
            field="verifier_ref",
        )
    _is_still_here(verifier, "verifier_ref")


def _is_still_here(person: Person, field: str) -> None:
    if person.left_on is not None and person.left_on < clock.today():
        raise WrongPerson(_("%(name)s has left the company.", name=person.display_name), field=field)


def can_be_reached(person: Person, assignment: Assignment) -> None:
    """Whoever is asked can sign in, and may see the gathering."""
    account = account_of(person)
    if account is None:
        raise WrongPerson(
            _(
                "%(name)s has no account and could not answer. Choose somebody else, or have an account made first.",
                name=person.display_name,
            )
        )
    if events.find_visible(account, assignment.event.ref) is None:
        raise WrongPerson(
            _("%(name)s may not see this event. Invite them, or choose somebody else.", name=person.display_name)
        )


def still_to_come(requirement: Requirement, due_on: date, *, field: str = "due_on") -> None:
    """A date lies ahead, on the calendar of the gathering's place."""
    if due_on < clock.today(requirement.event.time_zone):
        raise DueDatePassed(_("This day has passed. Please choose today or a later one."), field=field)
