"""Spreading a requirement: over parts, over departments, over those who help, and down to one's own people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.cascades import queries
from app.cascades.errors import HelpsAlready, NothingChosen, RowsRefused
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.people.models import Department, Person
from app.requirements import policy, services
from app.requirements import queries as requirements
from app.requirements.errors import WrongMoment, WrongPerson
from app.requirements.labels import next_label, year_of
from app.requirements.models import (
    UNDER_WAY,
    Addressee,
    Assignment,
    AssignmentState,
    Contributor,
    Requirement,
    RequirementState,
    Support,
    Tracking,
)
from app.requirements.services import To
from app.requirements.services.handing_over import can_be_reached, right_people
from app.requirements.services.telling import tell
from app.requirements.services.tracking import refuse_finished
from app.requirements.services.wording import edition_of, index_requirement
from app.speeches.holding import hold
from app.speeches.services import hold_open

MOST_PARTS = 26  # a, b, c …
OPEN_TO_HELP = (AssignmentState.PROPOSED, AssignmentState.ASSIGNED, AssignmentState.NEGOTIATING, *UNDER_WAY)


# --- a requirement into parts -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """What a part is called, and the department that it is aimed at, if that is known already."""

    heading: str
    heading_local: str | None = None
    department: Department | None = None


def may_split(actor: Actor, requirement: Requirement) -> bool:
    """While it is being recorded, whoever records; once it is confirmed, whoever hands it over."""
    if requirement.parent_id is not None:
        return False
    if requirement.state == RequirementState.STATED:
        return policy.may_record(actor, requirement.event)
    return policy.may_supervise(actor, requirement.event)


def split(requirement: Requirement, parts: Sequence[Part], *, actor: Actor) -> list[Requirement]:
    """Divide a whole into parts, all of them or none. What was said is not touched: a part says who does what of it.

    The parts of a confirmed requirement are confirmed with it; those aimed at a department can be handed over at once.
    """
    require(may_split(actor, requirement))
    if requirement.state == RequirementState.STATED:
        hold_open(requirement.speech)
    hold(requirement)
    refuse_finished(requirement)
    if not parts:
        raise NothingChosen(_("Please name at least one part."))
    if len(requirement.children) + len(parts) > MOST_PARTS:
        raise NothingChosen(_("A requirement can have %(most)s parts at most.", most=MOST_PARTS))
    if requirement.state == RequirementState.STATED:
        return [_record(requirement, each, actor) for each in parts]
    made = [_divide(requirement, each, actor) for each in parts]
    audit.record(actor, "requirement.split", requirement, parts=[each.label for each in made])
    for each in made:
        audit.record(actor, "requirement.recorded", each, number=each.display_number)
        index_requirement(each)
    return made


def _record(whole: Requirement, part: Part, actor: Actor) -> Requirement:
    return services.add_requirement(
        whole.speech,
        actor=actor,
        parent=whole,
        heading=part.heading,
        heading_local=part.heading_local,
        kind=whole.kind,
        addressees=_aimed(part),
    )


def _divide(whole: Requirement, part: Part, actor: Actor) -> Requirement:
    """A part of a confirmed whole: confirmed with it, and its text is kept as the first edition."""
    made = Requirement(
        event=whole.event,
        speech=whole.speech,
        passage=whole.passage,
        parent=whole,
        label=next_label("RQ", year_of(whole.speech)),
        number=whole.number,
        sub=requirements.next_sub(whole),
        heading=part.heading,
        heading_local=part.heading_local,
        kind=whole.kind,
        state=RequirementState.CONFIRMED,
        tracking=Tracking.ASSIGNED if part.department else None,
        addressees=[
            Addressee(words=each.words, words_local=each.words_local, department=each.department)
            for each in _aimed(part)
        ],
    )
    db.session.add(made)
    db.session.flush()
    db.session.add(edition_of(made, by_name=actor.name))
    return made


def _aimed(part: Part) -> list[To]:
    return [To(part.department.name, part.department.name_local, part.department)] if part.department else []


# --- one requirement to many departments --------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One department with who would answer for it, and why that cannot be, if it cannot."""

    department: Department
    responsible: Person | None
    obstacle: str | None = None


def look_ahead(
    requirement: Requirement, chosen: Iterable[tuple[Department, Person | None]], *, verifier: Person | None
) -> list[Row]:
    """What would come of it, row by row, as the act would find it. The number of statements is that of one row."""
    rows = list(chosen)
    everybody = [each for _department, each in rows if each is not None] + ([verifier] if verifier else [])
    reachable = queries.list_reachable(requirement.event, everybody)
    given = {each.department_id for each in requirement.assignments if not each.is_done and each.parent_id is None}
    today = clock.today(requirement.event.time_zone)
    return [
        Row(department, person, _obstacle(department, person, verifier, reachable, given, today))
        for department, person in rows
    ]


def _obstacle(
    department: Department,
    person: Person | None,
    verifier: Person | None,
    reachable: set[int],
    given: set[int | None],
    today: date,
) -> str | None:
    if not department.exists_on(today):
        return _("This department is dissolved.")
    if department.id in given:
        return _("This department has an open assignment of this requirement already.")
    if person is None:
        return _("This department has no head. Choose who answers for it.")
    if person.id not in reachable:
        return _("%(name)s has no account, or may not see this event, and could not answer.", name=person.display_name)
    if verifier is None:
        return None
    try:
        right_people(person, verifier)
    except Refused as refusal:
        return str(refusal.sentence)
    return None


def assign_departments(
    requirement: Requirement,
    chosen: Sequence[tuple[Department, Person | None]],
    *,
    actor: Actor,
    verifier: Person,
    deliverable: str,
    criteria: str,
    due_on: date,
    at_once: bool = False,
) -> list[Assignment]:
    """The same to each department, answered for by one person each: all of them or none. `at_once` also hands over."""
    require(policy.may_supervise(actor, requirement.event))
    if not chosen:
        raise NothingChosen(_("Please choose at least one department."), field="departments")
    if at_once and verifier.id not in queries.list_reachable(requirement.event, [verifier]):
        raise WrongPerson(
            _("%(name)s has no account, or may not see this event, and could not answer.", name=verifier.display_name),
            field="verifier_ref",
        )
    stuck = [each for each in look_ahead(requirement, chosen, verifier=verifier) if each.obstacle]
    if stuck:
        raise RowsRefused(
            _("%(name)s: %(why)s Nothing was made.", name=stuck[0].department.display_name, why=stuck[0].obstacle)
        )
    made = []
    for department, person in chosen:
        assert person is not None  # look_ahead names it as an obstacle
        made.append(
            services.propose_assignment(
                requirement, actor=actor, responsible=person, verifier=verifier, deliverable=deliverable,
                criteria=criteria, due_on=due_on, department=department,
            )
        )  # fmt: skip
    if at_once:
        for each in made:
            services.hand_over(each, actor=actor)
    return made


# --- a head to their own people -----------------------------------------------------------------------------------


def hand_on(
    parent: Assignment,
    responsible: Sequence[Person],
    *,
    actor: Actor,
    deliverable: str,
    criteria: str,
    due_on: date,
    verifier: Person | None = None,
    at_once: bool = True,
) -> list[Assignment]:
    """Give parts of what one answers for to one's own people; whoever answers for the whole verifies them."""
    require(policy.may_hand_on(actor, parent) or policy.may_supervise(actor, parent.event))
    if not responsible:
        raise NothingChosen(_("Please choose at least one person."), field="responsible_refs")
    hold(parent)
    made = [
        services.propose_assignment(
            parent.requirement, actor=actor, responsible=each, verifier=verifier or parent.responsible,
            deliverable=deliverable, criteria=criteria, due_on=due_on, parent=parent,
            department=each.department or parent.department,
        )
        for each in responsible
    ]  # fmt: skip
    if at_once:
        for each in made:
            services.hand_over(each, actor=actor)
    return made


# --- those who help -----------------------------------------------------------------------------------------------


def add_support(assignment: Assignment, department: Department, *, actor: Actor) -> Support:
    """Name a department that helps. Its people may report on their part; its head is told."""
    _may_change_help(assignment, actor)
    if department is assignment.department:
        raise HelpsAlready(_("This department leads it."), field="department_ref")
    if any(each.department is department for each in assignment.support):
        raise HelpsAlready(_("This department helps already."), field="department_ref")
    if not department.exists_on(clock.today(assignment.event.time_zone)):
        raise HelpsAlready(_("This department is dissolved."), field="department_ref")
    helping = Support(assignment=assignment, department=department)
    db.session.add(helping)
    db.session.flush()
    audit.record(actor, "assignment.help_added", assignment, department=department)
    head = department.head
    if head is not None and assignment.handed_over_at is not None and _can_be_told(head, assignment):
        tell(head, "supporting", assignment, department=department)
    return helping


def remove_support(helping: Support, *, actor: Actor) -> None:
    """What its people reported stays."""
    assignment = helping.assignment
    _may_change_help(assignment, actor)
    audit.record(actor, "assignment.help_removed", assignment, department=helping.department)
    assignment.support.remove(helping)
    db.session.flush()


def add_contributor(assignment: Assignment, person: Person, *, actor: Actor) -> Contributor:
    """Name somebody who works on it. They are told and may report on their part; the responsible person stays one."""
    _may_change_help(assignment, actor)
    if person is assignment.responsible:
        raise HelpsAlready(_("%(name)s answers for it already.", name=person.display_name), field="person_ref")
    if any(each.person is person for each in assignment.contributors):
        raise HelpsAlready(_("%(name)s helps already.", name=person.display_name), field="person_ref")
    if person.left_on is not None and person.left_on < clock.today(assignment.event.time_zone):
        raise WrongPerson(_("%(name)s has left the company.", name=person.display_name), field="person_ref")
    can_be_reached(person, assignment)
    helping = Contributor(assignment=assignment, person=person)
    db.session.add(helping)
    db.session.flush()
    audit.record(actor, "assignment.help_added", assignment, person=person)
    if assignment.handed_over_at is not None:
        tell(person, "contributing", assignment)
    return helping


def remove_contributor(helping: Contributor, *, actor: Actor) -> None:
    """What they reported stays."""
    assignment = helping.assignment
    _may_change_help(assignment, actor)
    audit.record(actor, "assignment.help_removed", assignment, person=helping.person)
    assignment.contributors.remove(helping)
    db.session.flush()


def set_lead(assignment: Assignment, department: Department, *, actor: Actor, version: int | None = None) -> Assignment:
    """Say which department leads. One that helped until now leads instead of helping."""
    require(policy.may_supervise(actor, assignment.event))
    hold(assignment)
    if not department.exists_on(clock.today(assignment.event.time_zone)):
        raise HelpsAlready(_("This department is dissolved."), field="lead_ref")
    if assignment.is_done:
        raise WrongMoment(_("This has ended already."))
    before = assignment.department
    if edit(assignment, version=version, department=department):
        for helping in [each for each in assignment.support if each.department is department]:
            assignment.support.remove(helping)
        audit.record(actor, "assignment.lead_changed", assignment, before=before, after=department)
    return assignment


def _may_change_help(assignment: Assignment, actor: Actor) -> None:
    require(policy.may_add_help(actor, assignment))
    hold(assignment)
    if assignment.state not in OPEN_TO_HELP:
        raise WrongMoment(_("Nobody can help with it any more: its evidence is submitted, or it has ended."))


def _can_be_told(person: Person, assignment: Assignment) -> bool:
    return person.id in queries.list_reachable(assignment.event, [person])
