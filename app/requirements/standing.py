"""How a requirement or an assignment stands, in words, with the line of its life."""

from dataclasses import dataclass
from datetime import datetime

from app.core.i18n import _, format_day, ngettext
from app.requirements.flags import Flag, flags_of
from app.requirements.models import (
    REQUIREMENT_STATE_LABELS,
    UNDER_WAY,
    Assignment,
    AssignmentState,
    Requirement,
    RequirementState,
)

ALL_FLAGS = tuple(Flag)  # the worst first
DUE_AHEAD = 0.83  # where the due date stands on the line while it lies ahead
ASKED = (
    AssignmentState.ASSIGNED, AssignmentState.NEGOTIATING, AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS,
    AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED,
)  # fmt: skip
UNTOLD = (AssignmentState.PROPOSED, AssignmentState.DECLINED)  # of which the words do not say that they are late
PROVEN = (AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED)


@dataclass(frozen=True)
class Mark:
    """A flag in words, beside the state."""

    words: str
    kind: str = "risk"
    icon: str = "alert-triangle"


@dataclass(frozen=True)
class Standing:
    """`words`, `kind` (kept, risk, late, live, none) and `icon` are the state; `marks` are the flags that hold besides,
    the worst first; the rest draws the lifeline."""

    words: str
    kind: str = "none"
    icon: str | None = None
    points: tuple[bool, bool, bool, bool] = (True, False, False, False)
    due: float | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def all_words(self) -> str:
        """The state and every flag, for where there is one line only."""
        return "; ".join([self.words, *(each.words for each in self.marks)])

    @property
    def is_done(self) -> bool:
        return self.points[-1]

    @property
    def is_late(self) -> bool:
        return self.kind == "late"


def of_assignment(assignment: Assignment, now: datetime) -> Standing:
    day = assignment.event.day_at(now)
    words, kind, icon = _words(assignment, now)
    asked, proven = assignment.state in ASKED, assignment.state in PROVEN
    closed = assignment.state == AssignmentState.CLOSED
    due = None
    if not assignment.is_done or closed:
        due = DUE_AHEAD
        late_until = assignment.finished_on if closed else day
        if assignment.handed_over_at is not None and late_until > assignment.due_on:
            begun = assignment.event.day_at(assignment.handed_over_at)
            due = max(0.05, (assignment.due_on - begun).days / max(1, (late_until - begun).days))
    return Standing(words, kind, icon, (True, asked, proven, closed), due, _marks(assignment, now))


def _marks(assignment: Assignment, now: datetime) -> tuple[Mark, ...]:
    """The flags that the words of the state do not tell: those of lateness and silence do."""
    day, held = assignment.event.day_at(now), flags_of(assignment, now)
    told = []
    for flag in held:
        if flag == Flag.STRANDED:
            gone = assignment.why_stranded_on(day) == "left"
            words = _("Responsible person has left") if gone else _("Department is dissolved")
            told.append(Mark(words, icon="user-x" if gone else "building"))
        elif flag == Flag.BLOCKED:
            told.append(Mark(_("Blocked"), icon="ban"))
        elif flag == Flag.AT_RISK:
            told.append(Mark(_("At risk")))
        elif flag == Flag.LATE and assignment.state in UNTOLD:
            told.append(Mark(_days_late(assignment.days_late_on(day)), "late", "clock"))
    return tuple(told)


def of_requirement(requirement: Requirement, now: datetime) -> Standing:
    """That of the assignment which matters most now; without one, that of the requirement itself."""
    state = RequirementState(requirement.state)
    if state == RequirementState.WITHDRAWN:
        return Standing(_("Withdrawn"), icon="x")
    foremost = foremost_of(requirement, now)
    if state == RequirementState.CLOSED and foremost is None:
        return Standing(_("Closed with all its parts"), "kept", points=(True, True, True, True))
    if foremost is not None:
        return of_assignment(foremost, now)
    if state == RequirementState.PERIODIC:
        if requirement.is_unreviewed_on(requirement.event.day_at(now)):
            return Standing(_("Principle not reviewed"), "risk", "repeat")
        if requirement.reviewed_on is None:
            return Standing(_("Reviewed once a period, not yet"), icon="repeat")
        return Standing(_("Last reviewed on %(day)s", day=format_day(requirement.reviewed_on)), icon="repeat")
    if state == RequirementState.CONFIRMED:
        return Standing(_("Confirmed, not handed over yet"), icon="quote")
    if state == RequirementState.STATED:
        return Standing(_("Stated, wording not confirmed"), icon="quote")
    icons = {RequirementState.RECORDED: "note"}
    return Standing(str(REQUIREMENT_STATE_LABELS[state]), icon=icons.get(state))


def foremost_of(requirement: Requirement, now: datetime) -> Assignment | None:
    """The assignment that a row of the register shows, of the requirement or of a part of it: late before stranded,
    blocked, silent and at risk, before open, before ended. A late part hides behind nothing."""
    parts = requirement.children if requirement.parent_id is None else []  # a part has none
    own = [*requirement.assignments, *(each for part in parts for each in part.assignments)]
    told = [each for each in own if each.state != AssignmentState.CANCELLED]

    def rank(each: Assignment) -> tuple[int, bool, int]:
        held = flags_of(each, now)
        return (ALL_FLAGS.index(held[0]) if held else len(ALL_FLAGS), each.is_done, each.due_on.toordinal())

    return min(told, key=rank, default=None)


def _words(assignment: Assignment, now: datetime) -> tuple[str, str, str | None]:
    day = assignment.event.day_at(now)
    state = AssignmentState(assignment.state)
    if state == AssignmentState.CLOSED:
        return _closed(assignment)
    if state == AssignmentState.CANCELLED:
        return _("Cancelled"), "none", "x"
    if state == AssignmentState.VERIFIED:
        return _("Verified, to be closed"), "kept", "checks"
    if state == AssignmentState.PROPOSED:
        return _("Proposed, not handed over yet"), "none", "user-plus"
    if state == AssignmentState.DECLINED:
        return _("Handed back"), "risk", "arrow-back-up"
    late, silent = assignment.days_late_on(day), assignment.is_silent_at(now)
    if silent:
        since = assignment.last_report_at or assignment.accepted_at
        heard = format_day(assignment.event.day_at(since or now), year=False)
        if late:
            return _("%(lateness)s, silent since %(day)s", lateness=_days_late(late), day=heard), "late", None
        return _("Silent since %(day)s", day=heard), "risk", "message-circle"
    if state == AssignmentState.SUBMITTED:
        if late:
            return _("Evidence to verify, %(lateness)s", lateness=_days_late(late)), "late", None
        return _("Evidence to verify"), "live", None
    if late:
        return _days_late(late), "late", None
    if state == AssignmentState.ASSIGNED:
        return _("Waiting to be accepted"), "live", None
    if state == AssignmentState.NEGOTIATING:
        return _("In negotiation"), "live", "message-circle"
    if assignment.returns and assignment.state in UNDER_WAY:
        times = ngettext("Returned once", "Returned %(num)s times", assignment.returns)
        return times, "risk", "arrow-back-up"
    if assignment.confidence is not None:
        return _("In progress, %(sure)s of 10 sure", sure=assignment.confidence), "none", "clock"
    return _("Accepted"), "none", "clock"


def _closed(assignment: Assignment) -> tuple[str, str, str | None]:
    if not assignment.was_closed_late():
        return _("Closed on time"), "kept", None
    days = (assignment.finished_on - assignment.due_on).days
    return ngettext("Closed, %(num)s day late", "Closed, %(num)s days late", days), "risk", "check"


def _days_late(days: int) -> str:
    return ngettext("%(num)s day late", "%(num)s days late", days)
