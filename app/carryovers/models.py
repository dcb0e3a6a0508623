"""What goes over into the next edition, and what was left out, with the reason."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.campaigns.models import Campaign
from app.core.db import Edited, Model
from app.core.i18n import _l
from app.events.models import Event
from app.programme.models import AgendaItem
from app.requirements.models import Assignment, Requirement


class CarryState(StrEnum):
    PROPOSED = "proposed"
    TAKEN = "taken"
    LEFT_OUT = "left_out"


CARRY_STATE_LABELS = {
    CarryState.PROPOSED: _l("To be decided"),
    CarryState.TAKEN: _l("On the agenda"),
    CarryState.LEFT_OUT: _l("Left out"),
}


class CarryOver(Edited, Model):
    """One thing that is still open when the next edition is planned: exactly one of the three it can be about."""

    __tablename__ = "carry_over"
    __table_args__ = (
        UniqueConstraint("to_event_id", "assignment_id"),
        UniqueConstraint("to_event_id", "requirement_id"),
        UniqueConstraint("to_event_id", "campaign_id"),
        CheckConstraint(
            "(CASE WHEN assignment_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN requirement_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN campaign_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="about_one",
        ),
    )

    from_event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    to_event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    age: Mapped[int]  # how many sessions it has crossed, this one with them
    state: Mapped[str] = mapped_column(String(10), default=CarryState.PROPOSED)
    reason: Mapped[str | None]  # why it was left out, or why it is taken along
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str | None] = mapped_column(String(200))

    from_event: Mapped[Event] = relationship(foreign_keys=[from_event_id])
    to_event: Mapped[Event] = relationship(foreign_keys=[to_event_id])
    assignment: Mapped[Assignment | None] = relationship()
    requirement: Mapped[Requirement | None] = relationship()
    campaign: Mapped[Campaign | None] = relationship()
    item: Mapped[AgendaItem | None] = relationship()

    @property
    def event(self) -> Event:
        return self.to_event

    @property
    def label(self) -> str:
        about = self.assignment or self.requirement or self.campaign
        return about.label if about else ""
