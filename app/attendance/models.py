"""The record of attendance: one mark for one person and one half-day or session, with what it rests on."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session


class MarkStatus(StrEnum):
    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    ABSENT = "absent"
    EXCUSED = "excused"
    SUBSTITUTED = "substituted"
    REMOTE = "remote"


class Source(StrEnum):
    SCAN = "scan"
    SELF = "self"
    MANUAL = "manual"
    SHEET = "sheet"
    IMPORT = "import"


STATUS_LABELS = {
    MarkStatus.PRESENT: _lp("attendance", "Present"),
    MarkStatus.LATE: _lp("attendance", "Late"),
    MarkStatus.LEFT_EARLY: _lp("attendance", "Left early"),
    MarkStatus.ABSENT: _lp("attendance", "Absent"),
    MarkStatus.EXCUSED: _lp("attendance", "Excused"),
    MarkStatus.SUBSTITUTED: _lp("attendance", "Substituted"),
    MarkStatus.REMOTE: _lp("attendance", "Remote"),
}
SOURCE_LABELS = {
    Source.SCAN: _lp("attendance", "Scanned at the door"),
    Source.SELF: _lp("attendance", "Checked in by the room’s code"),
    Source.MANUAL: _lp("attendance", "Entered by hand"),
    Source.SHEET: _lp("attendance", "Signature on the sheet"),
    Source.IMPORT: _lp("attendance", "From a table"),
}


class Mark(Edited, Model):
    """A mark that somebody or something set; without one, the door and the answers tell (see `queries.record`).

    `span` is what it is about: `2027-01-12/am`, `2027-01-12/pm`, or the ref of a session.
    """

    __tablename__ = "attendance_mark"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id", "span"),
        CheckConstraint(
            "status IN ('present', 'late', 'left_early', 'absent', 'excused', 'substituted', 'remote')", name="status"
        ),
        Index(None, "event_id", "span"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    span: Mapped[str] = mapped_column(String(16))
    on: Mapped[date] = mapped_column("day")
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int | None]  # late by, or gone before the end
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(8))
    evidence: Mapped[str | None] = mapped_column(String(300))  # the scan's ref, the sheet's number and line
    reason: Mapped[str | None]  # of a correction
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    substitute: Mapped[Person | None] = relationship(foreign_keys=[substitute_id])
    session: Mapped[Session | None] = relationship()

    @property
    def label(self) -> str:
        return self.status


class SignInSheet(Kept, Model):
    """A sheet as it was printed: its lines, so that what was ticked on paper is ticked back by number."""

    __tablename__ = "sign_in_sheet"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    span: Mapped[str] = mapped_column(String(16))
    people: Mapped[list[str]]  # refs, in the order of the lines
    by_name: Mapped[str] = mapped_column(String(200))
    ticked_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return str(self.number)
