"""What is computed about an assignment and never stored as its state: several may hold at once.

Each flag has one function for an object and one for SQL: `is_blocked` and `blocked`. A test holds the two together.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_

from app.core.i18n import _l
from app.people.models import Department, Person
from app.requirements.models import DONE, UNDER_WAY, Assignment, AssignmentState

UNSURE = 4  # confidence from here down says that the date will hardly be met
NEAR = timedelta(days=7)
HALF = 50


class Flag(StrEnum):
    """In the order of weight: the first of several is the worst."""

    LATE = "late"
    STRANDED = "stranded"
    BLOCKED = "blocked"
    SILENT = "silent"
    AT_RISK = "at_risk"


FLAG_LABELS = {
    Flag.LATE: _l("Late"),
    Flag.STRANDED: _l("Stranded"),
    Flag.BLOCKED: _l("Blocked"),
    Flag.SILENT: _l("Silent"),
    Flag.AT_RISK: _l("At risk"),
}


# --- of one assignment --------------------------------------------------------------------------------------------


def flags_of(assignment: Assignment, now: datetime) -> tuple[Flag, ...]:
    """Everything that holds at this moment, the worst first."""
    day = assignment.event.day_at(now)
    held: dict[Flag, Callable[[], bool]] = {
        Flag.LATE: lambda: assignment.is_late_on(day),
        Flag.STRANDED: lambda: is_stranded(assignment, day),
        Flag.BLOCKED: lambda: is_blocked(assignment),
        Flag.SILENT: lambda: assignment.is_silent_at(now),
        Flag.AT_RISK: lambda: is_at_risk(assignment, day),
    }
    return tuple(flag for flag in Flag if held[flag]())


def is_blocked(assignment: Assignment) -> bool:
    """The newest report of the responsible person names what stands in the way."""
    return assignment.state in UNDER_WAY and bool(assignment.blocked_by)


def is_at_risk(assignment: Assignment, day: date) -> bool:
    """Not late yet, but likely to be, while there is time to help.

    Either the responsible person says so (4 of 10 sure or less), or the agreed date is at most a week away and less than
    half is done, or nothing was ever reported. A percentage that was not given counts for nothing: whoever reports without
    one is judged by how sure they are.
    """
    if assignment.state not in UNDER_WAY or day > assignment.due_on:
        return False
    if assignment.confidence is not None and assignment.confidence <= UNSURE:
        return True
    if assignment.due_on > day + NEAR:
        return False
    return assignment.last_report_at is None or (assignment.percent is not None and assignment.percent < HALF)


def is_stranded(assignment: Assignment, day: date) -> bool:
    """Nobody answers for it any more: the responsible person left, or the leading department was dissolved (rule 40)."""
    return assignment.why_stranded_on(day) is not None


# --- the same in SQL ----------------------------------------------------------------------------------------------


def where(flag: Flag, now: datetime, day: date) -> ColumnElement[bool]:
    """The condition under which an assignment carries the flag. `day` is today where the list is read."""
    conditions = {
        Flag.LATE: lambda: late(day),
        Flag.STRANDED: lambda: stranded(day),
        Flag.BLOCKED: blocked,
        Flag.SILENT: lambda: silent(now),
        Flag.AT_RISK: lambda: at_risk(day),
    }
    return conditions[flag]()


def late(day: date) -> ColumnElement[bool]:
    """As `Assignment.is_late_on`."""
    return and_(Assignment.state.not_in((*DONE, AssignmentState.VERIFIED)), Assignment.due_on < day)


def silent(now: datetime) -> ColumnElement[bool]:
    """As `Assignment.is_silent_at` (rule 11)."""
    return and_(Assignment.state.in_(UNDER_WAY), Assignment.silent_from < now)


def blocked() -> ColumnElement[bool]:
    return and_(Assignment.state.in_(UNDER_WAY), Assignment.blocked_by != "")


def at_risk(day: date) -> ColumnElement[bool]:
    near = and_(Assignment.due_on <= day + NEAR, or_(Assignment.last_report_at.is_(None), Assignment.percent < HALF))
    return and_(Assignment.state.in_(UNDER_WAY), Assignment.due_on >= day, or_(Assignment.confidence <= UNSURE, near))


def stranded(day: date) -> ColumnElement[bool]:
    """As `Assignment.why_stranded_on`."""
    return and_(
        Assignment.state.not_in(DONE),
        or_(
            Assignment.department.has(Department.valid_to < day),
            Assignment.responsible.has(Person.left_on < day),
        ),
    )
