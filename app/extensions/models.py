"""Requests for more time."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _l, _lp
from app.events.models import Event
from app.requirements.models import Assignment


class ExtensionState(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    ENDED = "ended"  # with what it was about: transferred, cancelled, another date agreed


EXTENSION_STATE_LABELS = {
    ExtensionState.ASKED: _l("Waits for a decision"),
    ExtensionState.GRANTED: _l("Granted"),
    ExtensionState.REFUSED: _lp("extension", "Refused"),
    ExtensionState.ENDED: _l("Ended without a decision"),
}


class Extension(Edited, Model):
    """Granted and asked before the date: a new agreed date. Asked after it: a follow-up date only (rule 8).

    `asked_on` is the day at the event's place; whether it was in time is computed from it and `was_due_on` alone.
    """

    __tablename__ = "extension"
    __table_args__ = (
        Index(
            "uq_extension_asked", "assignment_id", unique=True,
            sqlite_where=text("state = 'asked'"), postgresql_where=text("state = 'asked'"),
        ),
    )  # fmt: skip

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    asked_by_name: Mapped[str] = mapped_column(String(200))
    asked_on: Mapped[date]
    was_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default=ExtensionState.ASKED)
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    decision_reason: Mapped[str | None]

    assignment: Mapped[Assignment] = relationship()

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.assignment.label

    @property
    def is_in_time(self) -> bool:
        return self.asked_on <= self.was_due_on
