"""Which line about an assignment goes to whom today: a pure function of the assignment, the day and what was said.

Reminders are counted in working days at the place of the gathering: weekends and the holidays fixed by law are none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.calendars.working_days import count_working_days, is_day_off, last_working_day
from app.core.i18n import _, format_day, ngettext
from app.digests.models import UrgeKind, UrgingPlan
from app.digests.queries import Known, default_plan
from app.people.models import Person
from app.requirements.flags import is_stranded
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState

ASKING = {AssignmentState.ASSIGNED: "accept", AssignmentState.NEGOTIATING: "settle"}
URGENCY = (
    UrgeKind.STRANDED, UrgeKind.SUPERVISOR, UrgeKind.HEAD, UrgeKind.AFTER, UrgeKind.DUE, UrgeKind.SILENT, "verify",
    "accept", "settle", UrgeKind.BEFORE, "carry",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a mail: `kind` is an urge, or what is asked: accept, settle, verify, carry. Its words are said in the
    language of whoever reads them."""

    person: Person
    kind: str
    assignment: Assignment
    day: date  # today at the place of the gathering
    is_new: bool = False  # worth a mail of its own

    @property
    def is_urge(self) -> bool:
        return self.kind in set(UrgeKind)

    @property
    def rank(self) -> tuple[int, date, int]:
        return URGENCY.index(self.kind), self.assignment.due_on, self.assignment.id

    @property
    def path(self) -> str:
        return f"/events/{self.assignment.event.ref}/assignments/{self.assignment.ref}"

    @property
    def words(self) -> str:
        return _said(self.kind, self.assignment, self.day)


def lines_about(assignment: Assignment, known: Known, now: datetime, since: dict[int, datetime]) -> Iterator[Line]:
    """Everything to be told about one assignment today. `since`: when each person was last written to."""
    day = assignment.event.day_at(now)
    if is_day_off(day, assignment.event.time_zone):
        return
    plan = known.plans.get(assignment.event.id) or default_plan()
    yield from _asked(assignment, day, since)
    for kind, people in _urged(assignment, plan, known, day, now):
        for person in people:
            last = known.urged_on.get((assignment.id, person.id, kind))
            if _is_due(kind, last, assignment, plan, day):
                yield Line(person, kind, assignment, day, is_new=True)


def _asked(assignment: Assignment, day: date, since: dict[int, datetime]) -> Iterator[Line]:
    state = AssignmentState(assignment.state)
    if state == AssignmentState.SUBMITTED:
        person, kind, asked_at = assignment.verifier, "verify", assignment.submitted_at
    elif state in ASKING:
        person, kind, asked_at = assignment.responsible, ASKING[state], assignment.handed_over_at
    elif state in UNDER_WAY:
        person, kind, asked_at = assignment.responsible, "carry", None
    else:
        return
    if not _has_left(person, day):
        last = since.get(person.id)
        is_new = asked_at is not None and (last is None or asked_at > last)
        yield Line(person, kind, assignment, day, is_new=is_new)


def _urged(
    assignment: Assignment, plan: UrgingPlan, known: Known, day: date, now: datetime
) -> Iterator[tuple[UrgeKind, Sequence[Person]]]:
    supervisors = known.supervisors.get(assignment.event.id, ())
    responsible, zone = assignment.responsible, assignment.event.time_zone
    in_hand = assignment.state != AssignmentState.SUBMITTED
    verifier_left = not in_hand and _has_left(assignment.verifier, day)
    if is_stranded(assignment, day) or verifier_left:
        yield UrgeKind.STRANDED, supervisors
    if in_hand and not _has_left(responsible, day):
        yield from ((kind, [responsible]) for kind in _of_responsible(assignment, plan, day, now))
    late = count_working_days(assignment.due_on, day, zone) if assignment.is_late_on(day) else 0
    if late and late >= plan.head_after:
        head = head_over(assignment, day)
        yield UrgeKind.HEAD, [head] if head else supervisors
    if late and late >= plan.supervisor_after:
        yield UrgeKind.SUPERVISOR, supervisors


def _of_responsible(assignment: Assignment, plan: UrgingPlan, day: date, now: datetime) -> Iterator[UrgeKind]:
    zone = assignment.event.time_zone
    due = last_working_day(assignment.due_on, zone)
    if day == due:
        yield UrgeKind.DUE
    elif day < due and count_working_days(day, due, zone) <= plan.days_before:
        yield UrgeKind.BEFORE
    elif assignment.is_late_on(day) and not (assignment.follow_up_on and day < assignment.follow_up_on):
        yield UrgeKind.AFTER
    if assignment.is_silent_at(now):
        yield UrgeKind.SILENT


def _is_due(kind: UrgeKind, last: date | None, assignment: Assignment, plan: UrgingPlan, day: date) -> bool:
    """Once before and once at each date; the others again each so many working days, for as long as they hold."""
    zone = assignment.event.time_zone
    if last is None:
        return True
    if kind == UrgeKind.DUE:
        return last < day
    if kind == UrgeKind.BEFORE:
        return count_working_days(last, assignment.due_on, zone) > plan.days_before  # it was for an earlier date
    if kind in (UrgeKind.AFTER, UrgeKind.HEAD, UrgeKind.SUPERVISOR) and last <= assignment.due_on:
        return True  # of a date that was moved
    return count_working_days(last, day, zone) >= plan.repeat_after


def head_over(assignment: Assignment, day: date) -> Person | None:
    """Who answers for the one who answers: the head of the leading department, else of the person's own, else the
    manager; never the responsible person, nobody who left."""
    responsible = assignment.responsible
    departments = (assignment.department, responsible.department)
    wanted = [*(each.head for each in departments if each), responsible.manager]
    return next((each for each in wanted if each and each.id != responsible.id and not _has_left(each, day)), None)


def _has_left(person: Person, day: date) -> bool:
    return person.left_on is not None and person.left_on < day


def _said(kind: str, assignment: Assignment, day: date) -> str:
    due, name = format_day(assignment.due_on), assignment.responsible.display_name
    late = assignment.days_late_on(day)
    if kind == UrgeKind.STRANDED:
        return _("Nobody answers for it any more: %(name)s has left, or the department is dissolved.", name=name)
    if kind in (UrgeKind.SUPERVISOR, UrgeKind.HEAD):
        return ngettext(
            "%(num)s day late, with %(name)s. It was due on %(day)s.",
            "%(num)s days late, with %(name)s. It was due on %(day)s.",
            late, name=name, day=due,
        )  # fmt: skip
    if kind == UrgeKind.AFTER:
        return ngettext(
            "%(num)s day late. It was due on %(day)s.", "%(num)s days late. It was due on %(day)s.", late, day=due
        )
    if kind == UrgeKind.DUE:
        return (
            _("Due today.")
            if assignment.due_on == day
            else _("Due on %(day)s, a day off: today is the last working day before it.", day=due)
        )
    if kind == UrgeKind.SILENT:
        return _("Nothing was heard for too long. Please report how it stands; it is due on %(day)s.", day=due)
    if kind == UrgeKind.BEFORE:
        return _("Due soon, on %(day)s.", day=due)
    if kind == "verify":
        return _("Please verify the evidence of %(name)s. It is due on %(day)s.", name=name, day=due)
    if kind == "accept":
        return _("Please accept it or hand it back. It is due on %(day)s.", day=due)
    if kind == "settle":
        return _("It is being negotiated. It is due on %(day)s.", day=due)
    return _("In your hands, due on %(day)s.", day=due)
