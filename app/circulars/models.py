"""Published status of all supervised items (rule 39: a frozen publication, never a live view)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, in_language
from app.events.models import Event
from app.people.models import Person
from app.signing.models import IssuedDocument


class CircularState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


CIRCULAR_STATE_LABELS = {CircularState.DRAFT: _l("Draft"), CircularState.PUBLISHED: _l("Published")}


class Circular(Edited, Model):
    """Of one event, or of all gatherings when it names none. `content` is filled once, at publication."""

    __tablename__ = "circular"
    __table_args__ = (UniqueConstraint("year", "number"),)

    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    year: Mapped[int | None]
    number: Mapped[int | None]  # given at publication, without gaps in a year
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    from_on: Mapped[date]
    to_on: Mapped[date]
    remarks: Mapped[str | None]
    remarks_local: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(10), default=CircularState.DRAFT)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[datetime | None]
    published_by_name: Mapped[str | None] = mapped_column(String(200))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id", ondelete="SET NULL"))

    event: Mapped[Event | None] = relationship()
    document: Mapped[IssuedDocument | None] = relationship()
    readers: Mapped[list["CircularReader"]] = relationship(
        back_populates="circular", cascade="all, delete-orphan", order_by="CircularReader.id"
    )

    @property
    def label(self) -> str:
        return f"{self.year}-{self.number:02}" if self.number else self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


class CircularReader(Kept, Model):
    """The distribution list."""

    __tablename__ = "circular_reader"
    __table_args__ = (UniqueConstraint("circular_id", "person_id"),)

    circular_id: Mapped[int] = mapped_column(ForeignKey("circular.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    circular: Mapped[Circular] = relationship(back_populates="readers")
    person: Mapped[Person] = relationship()
