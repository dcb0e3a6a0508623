"""The spoken demand and what comes of it. Lateness and silence are computed, never states."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core import clock
from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, in_language
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Department, Person
from app.programme.models import Session
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
    Tracking.PERIODIC: _l("Reviewed once a period"),
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
    RequirementState.PERIODIC: _l("Reviewed once a period"),
    RequirementState.RECORDED: _l("Recorded only"),
    RequirementState.CLOSED: _l("Closed"),
    RequirementState.WITHDRAWN: _l("Withdrawn"),
}


class AssignmentState(StrEnum):
    PROPOSED = "proposed"
    ASSIGNED = "assigned"
    NEGOTIATING = "negotiating"
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
    AssignmentState.NEGOTIATING: _l("In negotiation"),
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
SILENT_AFTER_DAYS = 30  # the cadence of reports unless an assignment has its own


class Quality(StrEnum):
    """How good the work was, told when it is closed; whether it was on time is computed."""

    GOOD = "good"
    SUFFICIENT = "sufficient"
    POOR = "poor"


QUALITY_LABELS = {
    Quality.GOOD: _l("Good"),
    Quality.SUFFICIENT: _l("Sufficient"),
    Quality.POOR: _l("Poor"),
}


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
    wording: Mapped[int] = mapped_column(default=1)  # the edition of its text that holds
    review_months: Mapped[int] = mapped_column(default=12)  # of a principle: how long a review holds
    reviewed_on: Mapped[date | None]  # of a principle: the newest review
    review_due_on: Mapped[date | None] = mapped_column(index=True)  # of a periodic one: the last day the review holds
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
    wordings: Mapped[list["Wording"]] = relationship(back_populates="requirement", order_by="Wording.edition")
    reviews: Mapped[list["PrincipleReview"]] = relationship(back_populates="requirement", order_by="PrincipleReview.id")

    @property
    def display_number(self) -> str:
        return f"{self.number}{self.sub}"

    def is_unreviewed_on(self, day: date) -> bool:
        """Reviewed once a period, and a period has passed without (rule 9)."""
        return self.state == RequirementState.PERIODIC and self.review_due_on is not None and day > self.review_due_on

    @property
    def display_heading(self) -> str:
        return in_language(self.heading_local, self.heading)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)

    @property
    def display_audience(self) -> str:
        return in_language(self.audience_local, self.audience)


class Wording(Kept, Model):
    """An edition of a confirmed text. Append-only: the newest is what the requirement says, the others stay readable."""

    __tablename__ = "wording"
    __table_args__ = (UniqueConstraint("requirement_id", "edition"),)

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"))
    edition: Mapped[int]
    heading: Mapped[str] = mapped_column(String(200))
    heading_local: Mapped[str | None] = mapped_column(String(200))
    verbatim: Mapped[str | None]
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    reason: Mapped[str | None]  # why it was reworded; the first has none
    by_name: Mapped[str] = mapped_column(String(200))

    requirement: Mapped[Requirement] = relationship(back_populates="wordings")


class PrincipleReview(Kept, Model):
    """Once a period somebody says how a principle is lived (rule 9). `reviewed_on` is when, `created_at` when recorded."""

    __tablename__ = "principle_review"

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    reviewed_on: Mapped[date]
    finding: Mapped[str | None]
    by_name: Mapped[str] = mapped_column(String(200))

    requirement: Mapped[Requirement] = relationship(back_populates="reviews")
    session: Mapped[Session | None] = relationship()


class RequirementLink(Kept, Model):
    """What was asked at one gathering lives on in what was asked at a later one."""

    __tablename__ = "requirement_link"
    __table_args__ = (
        UniqueConstraint("earlier_id", "later_id"),
        CheckConstraint("earlier_id <> later_id", name="two_requirements"),
    )

    earlier_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"))
    later_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    by_name: Mapped[str] = mapped_column(String(200))

    earlier: Mapped[Requirement] = relationship(foreign_keys=[earlier_id])
    later: Mapped[Requirement] = relationship(foreign_keys=[later_id])


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
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)  # AS-2023-004
    responsible_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    verifier_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"), index=True)  # the lead department
    deliverable: Mapped[str]
    criteria: Mapped[str]  # acceptance criteria, one a line
    resources: Mapped[str | None]  # what was agreed that the responsible person gets for it
    original_due_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date]  # as agreed: later than the original only by extensions asked for in time
    follow_up_on: Mapped[date | None]  # set after the date had passed: when to look again; improves no figure
    cadence_days: Mapped[int] = mapped_column(default=SILENT_AFTER_DAYS)
    state: Mapped[str] = mapped_column(String(12), default=AssignmentState.PROPOSED, index=True)
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL")
    )  # gets the answers
    accepted_at: Mapped[datetime | None]  # for the first time; a transfer does not take it back
    submitted_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closing_note: Mapped[str | None]
    quality: Mapped[str | None] = mapped_column(String(10))
    closed_by_name: Mapped[str | None] = mapped_column(String(200))
    decline_reason: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]  # kept by whichever door ends it: after the date it counts as late
    returns: Mapped[int] = mapped_column(default=0)
    carry_count: Mapped[int] = mapped_column(default=0)  # how many sessions it has crossed
    confidence: Mapped[int | None]  # of the newest report, 1–10
    percent: Mapped[int | None]  # of the newest report: how much is done, apart from how sure one is (rule 12)
    blocked_by: Mapped[str | None]  # of the newest report
    help_needed: Mapped[str | None]  # of the newest report
    last_report_at: Mapped[datetime | None]
    silent_from: Mapped[datetime | None] = mapped_column(index=True)  # the last word heard plus its cadence

    requirement: Mapped[Requirement] = relationship(back_populates="assignments")
    parent: Mapped["Assignment | None"] = relationship(remote_side="Assignment.id", back_populates="children")
    children: Mapped[list["Assignment"]] = relationship(back_populates="parent", order_by="Assignment.id")
    support: Mapped[list["Support"]] = relationship(
        back_populates="assignment", cascade="all, delete-orphan", order_by="Support.id"
    )
    contributors: Mapped[list["Contributor"]] = relationship(
        back_populates="assignment", cascade="all, delete-orphan", order_by="Contributor.id"
    )
    transfers: Mapped[list["Transfer"]] = relationship(back_populates="assignment", order_by="Transfer.id")
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

    @validates("accepted_at")
    def _stays(self, _name: str, moment: datetime | None) -> datetime | None:
        """The first acceptance stands, also when the item goes to somebody else: it is what fixes the date (rule 2)."""
        if self.accepted_at is not None and self.accepted_at != moment:
            raise OriginalDueDateIsFixed(_("An acceptance that was given stands."))
        return moment

    @validates("state")
    def _ended(self, _name: str, state: str) -> str:
        """Whatever cancels it, the moment is kept: the figures ask whether the date had passed by then."""
        if state == AssignmentState.CANCELLED and self.cancelled_at is None:
            self.cancelled_at = clock.now()
        return state

    @property
    def event(self) -> Event:
        return self.requirement.event

    @property
    def criteria_list(self) -> list[str]:
        return [line.strip() for line in self.criteria.splitlines() if line.strip()]

    @property
    def is_done(self) -> bool:
        return self.state in DONE

    @property
    def is_handed_over(self) -> bool:
        """In somebody's hands: neither still proposed, nor handed back, nor ended."""
        return not self.is_done and self.state not in (AssignmentState.PROPOSED, AssignmentState.DECLINED)

    @property
    def asked_at(self) -> datetime | None:
        """Since when the present responsible person has been asked."""
        handed_on = [each.created_at for each in self.transfers]
        return max([*handed_on, *([self.handed_over_at] if self.handed_over_at else [])], default=None)

    def why_stranded_on(self, day: date) -> str | None:
        """Why it must be transferred (rule 40): its person has left, or its department is dissolved. Else None."""
        if self.is_done:
            return None
        if self.responsible.left_on is not None and self.responsible.left_on < day:
            return "left"
        if self.department is not None and self.department.valid_to is not None and self.department.valid_to < day:
            return "dissolved"
        return None

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
        """Under way, and nothing heard for longer than its cadence (rule 11)."""
        return self.state in UNDER_WAY and self.silent_from is not None and now > self.silent_from

    def next_word_by(self, heard: datetime) -> datetime:
        """When it turns silent if nothing is heard after this moment."""
        return heard + timedelta(days=self.cadence_days)


class Support(Kept, Model):
    """A department that helps the leading one."""

    __tablename__ = "assignment_support"
    __table_args__ = (UniqueConstraint("assignment_id", "department_id"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), index=True)

    assignment: Mapped[Assignment] = relationship(back_populates="support")
    department: Mapped[Department] = relationship()


class Contributor(Kept, Model):
    """Somebody who works on it and may report on their own part; the responsible person stays one (rule 1)."""

    __tablename__ = "contributor"
    __table_args__ = (UniqueConstraint("assignment_id", "person_id"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    assignment: Mapped[Assignment] = relationship(back_populates="contributors")
    person: Mapped[Person] = relationship()


class Transfer(Kept, Model):
    """Append-only: from whom to whom it went, with the names of that day (rule 7)."""

    __tablename__ = "transfer"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_name: Mapped[str] = mapped_column(String(200))
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str]
    by_name: Mapped[str] = mapped_column(String(200))

    assignment: Mapped[Assignment] = relationship(back_populates="transfers")


class Report(Kept, Model):
    """Append-only: what was reported, and how sure the person was (1–10)."""

    __tablename__ = "progress_report"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    confidence: Mapped[int | None]  # only of the responsible person
    percent: Mapped[int | None]
    blocked_by: Mapped[str | None]
    help_needed: Mapped[str | None]
    by_name: Mapped[str] = mapped_column(String(200))

    assignment: Mapped[Assignment] = relationship(back_populates="reports")

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.assignment.label


class Evidence(Kept, Model):
    """What proves the work: exactly one of a link, a file and a figure. One piece may serve many assignments (rule 13):
    the copy says from which it came, and the file is kept once."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN url IS NULL THEN 0 ELSE 1 END) + (CASE WHEN file_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN figure IS NULL THEN 0 ELSE 1 END) = 1",
            name="link_file_or_figure",
        ),
    )

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    described_as: Mapped[str] = mapped_column(String(300))
    url: Mapped[str | None] = mapped_column(String(2000))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    figure: Mapped[str | None] = mapped_column(String(200))  # "43.1 t of 42 t": the number and what it counts
    reused_from_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"))
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
