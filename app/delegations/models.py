"""Delegations: the written right to sign in somebody's place. Nobody signs as a deputy without one (rule 20)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Person


class Delegation(Edited, Model):
    """From `principal` to `deputy`, from a day to a day, within one event or everywhere, with its paper if there is one."""

    __tablename__ = "delegation"
    __table_args__ = (CheckConstraint("deputy_id <> principal_id", name="two_people"),)

    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    principal: Mapped[Person] = relationship(foreign_keys=[principal_id])
    deputy: Mapped[Person] = relationship(foreign_keys=[deputy_id])
    event: Mapped[Event | None] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return self.deputy.name

    def holds_on(self, day: date) -> bool:
        return self.revoked_at is None and self.from_on <= day <= self.to_on

    def counts_in(self, event: Event, now: datetime) -> bool:
        """Whether it lets somebody sign in that event, by the day that it is there."""
        return self.event_id in (None, event.id) and self.holds_on(event.day_at(now))
