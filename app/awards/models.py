"""Awards and the tally as records: citation, recipients as far as they are stated, conferral."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, in_language
from app.events.models import Event
from app.people.models import Person, Team


class AwardKind(StrEnum):
    AWARD = "award"
    TALLY = "tally"


AWARD_KIND_LABELS = {AwardKind.AWARD: _l("Award"), AwardKind.TALLY: _l("Tally")}


class RecipientsKnown(StrEnum):
    NAMED = "named"
    COUNTED = "counted"
    NOT_STATED = "not_stated"


class Award(Edited, Model):
    """One award or tally. What is not conferred yet is seen by those who plan the ceremony only."""

    __tablename__ = "award"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    ceremony_id: Mapped[int | None] = mapped_column(ForeignKey("ceremony.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(8), default=AwardKind.AWARD)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    citation: Mapped[str | None]
    citation_local: Mapped[str | None]
    recipients_known: Mapped[str] = mapped_column(String(12), default=RecipientsKnown.NAMED)
    recipients_count: Mapped[int | None]
    conferred_on: Mapped[date | None]
    conferred_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    event: Mapped[Event] = relationship()
    conferred_by: Mapped[Person | None] = relationship()
    recipients: Mapped[list["Recipient"]] = relationship(
        back_populates="award", cascade="all, delete-orphan", order_by="Recipient.id"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_citation(self) -> str:
        return in_language(self.citation_local, self.citation)

    @property
    def is_conferred(self) -> bool:
        return self.conferred_on is not None


class Recipient(Kept, Model):
    __tablename__ = "award_recipient"
    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="person_or_team"),)

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    position_title: Mapped[str | None] = mapped_column(String(200))  # frozen at conferral

    award: Mapped[Award] = relationship(back_populates="recipients")
    person: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def display_name(self) -> str:
        return (self.person or self.team).display_name  # type: ignore[union-attr]
