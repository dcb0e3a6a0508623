"""Counter-proposals to an assignment. Each round keeps what was offered beside what had been asked."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _l
from app.events.models import Event
from app.requirements.models import Assignment


class ProposalState(StrEnum):
    OPEN = "open"
    AGREED = "agreed"
    DECIDED = "decided"  # the leader ended the ball game with what holds
    ANSWERED = "answered"  # by another proposal
    ENDED = "ended"  # with what it was about: transferred, cancelled


PROPOSAL_STATE_LABELS = {
    ProposalState.OPEN: _l("Waits for an answer"),
    ProposalState.AGREED: _l("Agreed"),
    ProposalState.DECIDED: _l("Decided by the leader"),
    ProposalState.ANSWERED: _l("Answered by another proposal"),
    ProposalState.ENDED: _l("Ended without an answer"),
}


class CounterProposal(Edited, Model):
    """One throw: other words, another date or other resources than `was`, which stood when it was made."""

    __tablename__ = "counter_proposal"
    __table_args__ = (
        UniqueConstraint("assignment_id", "round"),
        Index(
            "uq_counter_proposal_open", "assignment_id", unique=True,
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    round: Mapped[int]
    by_responsible: Mapped[bool]  # else by the supervising side
    by_name: Mapped[str] = mapped_column(String(200))
    words: Mapped[str | None]  # why
    deliverable: Mapped[str]
    criteria: Mapped[str]
    due_on: Mapped[date]
    resources: Mapped[str | None]
    was: Mapped[dict[str, Any]]  # deliverable, criteria, due_on, resources before
    state: Mapped[str] = mapped_column(String(10), default=ProposalState.OPEN)
    answered_at: Mapped[datetime | None]
    answered_by_name: Mapped[str | None] = mapped_column(String(200))
    answer: Mapped[str | None]

    assignment: Mapped[Assignment] = relationship()

    @property
    def was_due_on(self) -> date:
        return date.fromisoformat(self.was["due_on"])

    @property
    def differing(self) -> list[str]:
        """What it wants otherwise than what stood when it was made."""
        now = {"deliverable": self.deliverable, "criteria": self.criteria, "resources": self.resources}
        return [name for name, value in now.items() if (self.was.get(name) or None) != (value or None)] + (
            ["due_on"] if self.was_due_on != self.due_on else []
        )

    @property
    def event(self) -> Event:
        return self.assignment.event

    @property
    def label(self) -> str:
        return self.assignment.label
