"""Urging: when somebody is reminded, and what was said already."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l
from app.events.models import Event
from app.people.models import Person


class UrgingPlan(Edited, Model):
    """Of one event, in working days; an event without a plan follows the defaults."""

    __tablename__ = "urging_plan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    days_before: Mapped[int] = mapped_column(default=5)
    repeat_after: Mapped[int] = mapped_column(default=5)  # late: reminded again each so many working days
    head_after: Mapped[int] = mapped_column(default=3)  # late: the head of the department is told
    supervisor_after: Mapped[int] = mapped_column(default=10)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.event.title


class UrgeKind(StrEnum):
    BEFORE = "before"
    DUE = "due"
    AFTER = "after"
    SILENT = "silent"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    STRANDED = "stranded"


URGE_KIND_LABELS = {
    UrgeKind.BEFORE: _l("Due soon"),
    UrgeKind.DUE: _l("Due today"),
    UrgeKind.AFTER: _l("Late"),
    UrgeKind.SILENT: _l("Silent"),
    UrgeKind.HEAD: _l("Late in your department"),
    UrgeKind.SUPERVISOR: _l("Late, to be followed up"),
    UrgeKind.STRANDED: _l("Nobody answers for it any more"),
}


class Urge(Kept, Model):
    """That one person was told one thing about one assignment on one day. A second worker finds it and says nothing."""

    __tablename__ = "urge"
    __table_args__ = (UniqueConstraint("assignment_id", "person_id", "kind", "on"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    on: Mapped[date]


class Digest(Kept, Model):
    """One mail to one person on one day; the unique key is what keeps it at one."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("person_id", "on"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    on: Mapped[date]
    lines: Mapped[int]

    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.on.isoformat()


class DigestRound(Kept, Model):
    """That everybody was served who was to be told something on a day in a zone: the minute's job rests until the next."""

    __tablename__ = "digest_round"
    __table_args__ = (UniqueConstraint("zone", "on"),)

    zone: Mapped[str] = mapped_column(String(60))
    on: Mapped[date]
