"""The spoken demand and what comes of it. Lateness and silence are computed, never states."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, in_language
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Department, Person
from app.requirements.errors import OriginalDueDateIsFixed
from app.speeches.models import Passage, Speech


class RequirementKind(StrEnum):
    DIRECTIVE = "directive"
    PRINCIPLE = "principle"
    METHOD_RULE = "method_rule"


REQUIREMENT_KIND_LABELS = {
    RequirementKind.DIRECTIVE: _l("Directive"),
    RequirementKind.PRINCIPLE: _l("Principle"),
    RequirementKind.METHOD_RULE: _l("Method rule"),
}


class Tracking(StrEnum):
    ASSIGNED = "assigned"
    PERIODIC = "periodic"
    RECORDED = "recorded"


TRACKING_LABELS = {
    Tracking.ASSIGNED: _l("Assigned to a person"),
    Tracking.PERIODIC: _l("Reviewed once a year"),
    Tracking.RECORDED: _l("Recorded only"),
}


class RequirementState(StrEnum):
    STATED = "stated"
    CONFIRMED = "confirmed"
    ASSIGNED = "assigned"
    PERIODIC = "periodic"
    RECORDED = "recorded"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


REQUIREMENT_STATE_LABELS = {
    RequirementState.STATED: _l("Stated"),
    RequirementState.CONFIRMED: _l("Wording confirmed"),
    RequirementState.ASSIGNED: _l("Assigned"),
    RequirementState.PERIODIC: _l("Reviewed once a year"),
    RequirementState.RECORDED: _l("Recorded only"),
    RequirementState.CLOSED: _l("Closed"),
    RequirementState.WITHDRAWN: _l("Withdrawn"),
}


class AssignmentState(StrEnum):
    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


ASSIGNMENT_STATE_LABELS = {
    AssignmentState.PROPOSED: _l("Proposed"),
    AssignmentState.ASSIGNED: _l("Waiting to be accepted"),
    AssignmentState.ACCEPTED: _l("Accepted"),
    AssignmentState.IN_PROGRESS: _l("In progress"),
    AssignmentState.SUBMITTED: _l("Evidence to verify"),
    AssignmentState.VERIFIED: _l("Verified"),
    AssignmentState.CLOSED: _l("Closed"),
    AssignmentState.DECLINED: _l("Handed back"),
    AssignmentState.CANCELLED: _l("Cancelled"),
}
DONE = (AssignmentState.CLOSED, AssignmentState.CANCELLED)
UNDER_WAY = (AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS)
SILENT_AFTER = timedelta(days=30)


class Requirement(Edited, Model):
    """Numbered inside its speech; `sub` numbers a part (2a). `label` is readable, the URL carries the ref."""

    __tablename__ = "requirement"
    __table_args__ = (UniqueConstraint("speech_id", "number", "sub"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    speech_id: Mapped[int] = mapped_column(ForeignKey("speech.id", ondelete="CASCADE"), index=True)
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passage.id", ondelete="SET NULL"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)  # RQ-2023-004
    number: Mapped[int]
    sub: Mapped[str] = mapped_column(String(4), default="")
    heading: Mapped[str] = mapped_column(String(200))
    heading_local: Mapped[str | None] = mapped_column(String(200))
    verbatim: Mapped[str | None]
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    kind: Mapped[str] = mapped_column(String(20))
    second_kind: Mapped[str | None] = mapped_column(String(20))  # one that is directive and principle at once
    tracking: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=RequirementState.STATED)
    audience: Mapped[str | None] = mapped_column(String(200))
    audience_local: Mapped[str | None] = mapped_column(String(200))
    topics: Mapped[list[str]] = mapped_column(default=list)
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    reviewed_on: Mapped[date | None]  # of a principle
    closed_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]

    event: Mapped[Event] = relationship()
    speech: Mapped[Speech] = relationship()
    passage: Mapped[Passage | None] = relationship()
    parent: Mapped["Requirement | None"] = relationship(remote_side="Requirement.id", back_populates="children")
    children: Mapped[list["Requirement"]] = relationship(back_populates="parent", order_by="Requirement.sub")
    addressees: Mapped[list["Addressee"]] = relationship(
        back_populates="requirement", cascade="all, delete-orphan", order_by="Addressee.id"
    )
    assignments: Mapped[list["Assignment"]] = relationship(back_populates="requirement", order_by="Assignment.id")

    @property
    def display_number(self) -> str:
        return f"{self.number}{self.sub}"

    @property
    def display_heading(self) -> str:
        return in_language(self.heading_local, self.heading)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)

    @property
    def display_audience(self) -> str:
        return in_language(self.audience_local, self.audience)


class Addressee(Kept, Model):
    """Whom a requirement is aimed at, in the words used; resolved once a department is named."""

    __tablename__ = "addressee"

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    words: Mapped[str] = mapped_column(String(200))
    words_local: Mapped[str | None] = mapped_column(String(200))

    requirement: Mapped[Requirement] = relationship(back_populates="addressees")
    department: Mapped[Department | None] = relationship()

    @property
    def display_name(self) -> str:
        return in_language(self.words_local, self.words)

    @property
    def is_resolved(self) -> bool:
        return self.department_id is not None


class Assignment(Edited, Model):
    """One requirement given to one person. The original due date never changes once it is accepted."""

    __tablename__ = "assignment"
    __table_args__ = (CheckConstraint("verifier_id <> responsible_id", name="verifier_is_another"),)

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)  # AS-2023-004
    responsible_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    verifier_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    deliverable: Mapped[str]
    criteria: Mapped[str]  # acceptance criteria, one a line
    original_due_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12), default=AssignmentState.PROPOSED, index=True)
    handed_over_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_note: Mapped[str | None]
    decline_reason: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    returns: Mapped[int] = mapped_column(default=0)
    confidence: Mapped[int | None]  # of the newest report, 1–10
    last_report_at: Mapped[datetime | None]

    requirement: Mapped[Requirement] = relationship(back_populates="assignments")
    responsible: Mapped[Person] = relationship(foreign_keys=[responsible_id])
    verifier: Mapped[Person] = relationship(foreign_keys=[verifier_id])
    department: Mapped[Department | None] = relationship()
    reports: Mapped[list["Report"]] = relationship(back_populates="assignment", order_by="Report.id")
    evidence: Mapped[list["Evidence"]] = relationship(back_populates="assignment", order_by="Evidence.id")
    verdicts: Mapped[list["Verdict"]] = relationship(back_populates="assignment", order_by="Verdict.id")

    @validates("original_due_on")
    def _fixed(self, _name: str, day: date) -> date:
        """The last guard of all doors (rule 2): whatever writes here finds it closed after acceptance."""
        if self.accepted_at is not None and self.original_due_on != day:
            raise OriginalDueDateIsFixed(_("The original due date does not change once the assignment is accepted."))
        return day

    @property
    def event(self) -> Event:
        return self.requirement.event

    @property
    def criteria_list(self) -> list[str]:
        return [line.strip() for line in self.criteria.splitlines() if line.strip()]

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    def is_late_on(self, day: date) -> bool:
        """Against the agreed date; an item with evidence in hand is late too until it is closed."""
        return not self.is_done and self.state != AssignmentState.VERIFIED and day > self.due_on

    def days_late_on(self, day: date) -> int:
        return max(0, (day - self.due_on).days) if self.is_late_on(day) else 0

    def was_closed_late(self) -> bool:
        return self.closed_at is not None and self.finished_on > self.due_on

    @property
    def finished_on(self) -> date:
        """The day the work was done: when the evidence that passed was submitted."""
        moment = self.submitted_at or self.closed_at
        assert moment is not None
        return moment.astimezone(ZoneInfo(self.event.time_zone)).date()

    def is_silent_at(self, now: datetime) -> bool:
        """Under way, and nothing heard for 30 days (rule 11)."""
        since = self.last_report_at or self.accepted_at
        return self.state in UNDER_WAY and since is not None and now - since > SILENT_AFTER


class Report(Kept, Model):
    """Append-only: what was reported, and how sure the person was (1–10)."""

    __tablename__ = "progress_report"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    confidence: Mapped[int]
    blocked_by: Mapped[str | None]
    by_name: Mapped[str] = mapped_column(String(200))

    assignment: Mapped[Assignment] = relationship(back_populates="reports")

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.assignment.label


class Evidence(Kept, Model):
    """What proves the work: a link or a file."""

    __tablename__ = "evidence"
    __table_args__ = (CheckConstraint("(url IS NULL) <> (file_id IS NULL)", name="link_or_file"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    described_as: Mapped[str] = mapped_column(String(300))
    url: Mapped[str | None] = mapped_column(String(2000))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    criteria: Mapped[list[str]] = mapped_column(default=list)  # the acceptance criteria it proves; none named: all
    by_name: Mapped[str] = mapped_column(String(200))

    assignment: Mapped[Assignment] = relationship(back_populates="evidence")
    file: Mapped[StoredFile | None] = relationship()

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.described_as


class Verdict(Kept, Model):
    __tablename__ = "verdict"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    is_accepted: Mapped[bool]
    reason: Mapped[str | None]
    by_name: Mapped[str] = mapped_column(String(200))

    assignment: Mapped[Assignment] = relationship(back_populates="verdicts")

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.assignment.label
