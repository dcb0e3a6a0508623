"""Which line about an assignment goes to whom today: a pure function of the assignment, the day and what was said.

Reminders are counted in working days at the place of the gathering: weekends and the holidays fixed by law are none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.calendars.working_days import count_working_days, is_day_off, last_working_day
from app.core.i18n import _, format_day, ngettext
from app.digests.models import UrgeKind, UrgingPlan
from app.digests.queries import IN_HANDS, Known, default_plan
from app.extensions.models import Extension
from app.negotiations.models import CounterProposal
from app.negotiations.services import MOST_ROUNDS
from app.people.models import Person
from app.requirements.flags import is_stranded
from app.requirements.models import UNDER_WAY, Assignment, AssignmentState

URGENCY = (
    UrgeKind.STRANDED, UrgeKind.SUPERVISOR, UrgeKind.HEAD, UrgeKind.AFTER, UrgeKind.DUE, UrgeKind.SILENT, "verify",
    "accept", "settle", "answer", "decide", "grant", "hand_over", "close", UrgeKind.BEFORE, "carry",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a mail: `kind` is an urge, or what is asked: of the responsible person accept, settle, carry; of the
    verifier verify; of whoever gave it answer, decide, grant, hand_over, close. `matter` is what was proposed or asked for.
    Its words are said in the language of whoever reads them."""

    person: Person
    kind: str
    assignment: Assignment
    day: date  # today at the place of the gathering
    is_new: bool = False  # worth a mail of its own
    matter: CounterProposal | Extension | None = None

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
        return _asking(self) if self.matter is not None else _said(self.kind, self.assignment, self.day)


def lines_about(assignment: Assignment, known: Known, now: datetime, since: dict[int, datetime]) -> Iterator[Line]:
    """Everything to be told about one assignment today. `since`: when each person was last written to."""
    day = assignment.event.day_at(now)
    if is_day_off(day, assignment.event.time_zone):
        return
    plan = known.plans.get(assignment.event.id) or default_plan()
    for person, kind, asked_at, matter in _asked(assignment, known):
        if not _has_left(person, day):
            last = since.get(person.id)
            is_new = asked_at is not None and (last is None or asked_at > last)
            yield Line(person, kind, assignment, day, is_new=is_new, matter=matter)
    for kind, people in _urged(assignment, plan, known, day, now):
        for person in people:
            last = known.urged_on.get((assignment.id, person.id, kind))
            if _is_due(kind, last, assignment, plan, day):
                yield Line(person, kind, assignment, day, is_new=True)


Asking = tuple[Person, str, datetime | None, CounterProposal | Extension | None]


def _asked(assignment: Assignment, known: Known) -> Iterator[Asking]:
    """Whom the next step waits for, which one, and since when: at each moment one side has the ball."""
    state = AssignmentState(assignment.state)
    if state == AssignmentState.SUBMITTED:
        yield assignment.verifier, "verify", assignment.submitted_at, None
    elif state == AssignmentState.ASSIGNED:
        yield assignment.responsible, "accept", assignment.handed_over_at, None
    elif state in UNDER_WAY:
        yield assignment.responsible, "carry", None, None
    yield from _to_decide(assignment, state, known)


def _to_decide(assignment: Assignment, state: AssignmentState, known: Known) -> Iterator[Asking]:
    """What waits for whoever gave it, and for the leader: a proposal, more time, a closure, a handing over anew."""
    givers, leaders = _givers(assignment, known), _not_their_own(assignment, known.leaders)
    proposal, request = known.proposals.get(assignment.id), known.requests.get(assignment.id)
    if state == AssignmentState.NEGOTIATING and proposal is not None:
        at = proposal.created_at
        if not proposal.by_responsible:
            yield assignment.responsible, "settle", at, proposal
        else:
            yield from ((each, "answer", at, proposal) for each in givers)
            if proposal.round >= MOST_ROUNDS:  # nobody may propose any more
                yield from ((each, "decide", at, proposal) for each in leaders if each not in givers)
    if request is not None:
        yield from ((each, "grant", request.created_at, request) for each in givers or leaders)
    if state == AssignmentState.DECLINED:
        yield from ((each, "hand_over", assignment.changed_at, None) for each in givers)
    if state == AssignmentState.VERIFIED:
        both = [*givers, *(each for each in leaders if each not in givers and assignment.parent is None)]
        yield from ((each, "close", assignment.verified_at, None) for each in both)


def _givers(assignment: Assignment, known: Known) -> Sequence[Person]:
    """The head who handed on a part; of anything else the supervisors."""
    if assignment.parent is not None:
        head = assignment.parent.responsible
        if head.id != assignment.responsible_id and head.left_on is None:
            return [head]
    return _not_their_own(assignment, known.supervisors)


def _not_their_own(assignment: Assignment, people: dict[int, Sequence[Person]]) -> Sequence[Person]:
    """Nobody decides about what they carry themselves."""
    return [each for each in people.get(assignment.event.id, ()) if each.id != assignment.responsible_id]


def _urged(
    assignment: Assignment, plan: UrgingPlan, known: Known, day: date, now: datetime
) -> Iterator[tuple[UrgeKind, Sequence[Person]]]:
    if assignment.state not in IN_HANDS:
        return
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
    if kind == "close":
        return _("Verified by %(name)s. Please close it.", name=assignment.verifier.display_name)
    if kind == "hand_over":
        return _("%(name)s handed it back. Please hand it over anew, or cancel it.", name=name)
    return _("In your hands, due on %(day)s.", day=due)


def _asking(line: Line) -> str:
    """What is asked about a proposal or a request for more time."""
    matter = line.matter
    if isinstance(matter, Extension):
        name, day = matter.asked_by_name, format_day(matter.new_due_on)
        return _("%(name)s asks to have until %(day)s. Please grant or refuse it.", name=name, day=day)
    assert matter is not None
    if line.kind == "decide":
        return _(
            "%(name)s proposes something else, and nobody may propose any more. Please say what holds.",
            name=matter.by_name,
        )
    return _("%(name)s proposes something else. Please answer.", name=matter.by_name)
