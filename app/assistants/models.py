"""Assistants: people who answer, register and change things in somebody's name. What they do is told as "A for B"."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.people.models import Person


class Assistantship(Edited, Model):
    """`assistant` acts for `principal` from a day to a day; None is open. An ended one stays as history."""

    __tablename__ = "assistantship"
    __table_args__ = (CheckConstraint("assistant_id <> principal_id", name="two_people"),)

    assistant_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    assistant: Mapped[Person] = relationship(foreign_keys=[assistant_id])
    principal: Mapped[Person] = relationship(foreign_keys=[principal_id])

    @property
    def label(self) -> str:
        return self.assistant.name

    def holds_on(self, day: date) -> bool:
        return (
            self.ended_at is None
            and (self.from_on is None or self.from_on <= day)
            and (self.to_on is None or day <= self.to_on)
        )
