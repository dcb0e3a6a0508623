"""What a session decided: by whom moved, how agreed, what was handed to somebody because of it. And what was announced."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _lp, in_language
from app.events.models import Event
from app.people.models import Clearance, Person
from app.programme.models import AgendaItem, Session
from app.requirements.models import Requirement


class Means(StrEnum):
    """How a decision came about."""

    CONSENSUS = "consensus"
    VOTE = "vote"
    CHAIR = "chair"


MEANS_LABELS = {
    Means.CONSENSUS: _lp("decision", "By consensus"),
    Means.VOTE: _lp("decision", "By vote"),
    Means.CHAIR: _lp("decision", "By the chair"),
}


class Decision(Edited, Model):
    """Numbered inside its session. A withdrawn one keeps its number and its words."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND abstained >= 0", name="votes_are_counts"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    number: Mapped[int]
    text: Mapped[str]
    text_local: Mapped[str | None]
    mover_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    mover_name: Mapped[str | None] = mapped_column(String(200))  # as it stood then, also of somebody not listed
    means: Mapped[str] = mapped_column(String(10), default=Means.CONSENSUS)
    is_carried: Mapped[bool] = mapped_column(default=True)  # a motion may also be lost
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    abstained: Mapped[int | None]
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)
    decided_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("requirement.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    mover: Mapped[Person | None] = relationship()
    requirement: Mapped[Requirement | None] = relationship()

    @property
    def label(self) -> str:
        """For the log, which is read by more people than a classified decision is."""
        return f"{self.session.title} {self.number}"

    @property
    def display_text(self) -> str:
        return in_language(self.text_local, self.text)


class Announcement(Edited, Model):
    """What was made known in a session, without anything to decide. One that was taken back is not told."""

    __tablename__ = "announcement"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    text: Mapped[str]
    text_local: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_name: Mapped[str | None] = mapped_column(String(200))  # as it stood then, also of somebody not listed
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)
    announced_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    by: Mapped[Person | None] = relationship()

    @property
    def label(self) -> str:
        """For the log: never the words."""
        return self.session.title

    @property
    def display_text(self) -> str:
        return in_language(self.text_local, self.text)

    @property
    def display_speaker(self) -> str:
        return in_language(self.by.name_local if self.by else None, self.by_name)
