"""Awards and the tally as records: citation, recipients as far as they are stated, conferral."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.nominations.models import Category, Nomination
from app.people.models import Person, Team
from app.signing.models import IssuedDocument


class AwardKind(StrEnum):
    AWARD = "award"
    TALLY = "tally"


AWARD_KIND_LABELS = {AwardKind.AWARD: _l("Award"), AwardKind.TALLY: _l("Tally")}


class RecipientsKnown(StrEnum):
    NAMED = "named"
    COUNTED = "counted"
    NOT_STATED = "not_stated"


class AwardEnd(StrEnum):
    """What ended an award: before it was conferred, or after."""

    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    REVOKED = "revoked"


AWARD_END_LABELS = {
    AwardEnd.WITHDRAWN: _lp("award", "Withdrawn"),
    AwardEnd.DECLINED: _lp("award", "Declined"),
    AwardEnd.REVOKED: _lp("award", "Revoked"),
}


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
    category_id: Mapped[int | None] = mapped_column(ForeignKey("award_category.id", ondelete="SET NULL"), index=True)
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]  # under embargo from here to the conferral
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    cue_ref: Mapped[str | None] = mapped_column(String(16))  # conferred on stage
    conferred_outside: Mapped[str | None]  # why not on stage
    end: Mapped[str | None] = mapped_column(String(10))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    conferred_by: Mapped[Person | None] = relationship()
    category: Mapped[Category | None] = relationship()
    nomination: Mapped[Nomination | None] = relationship()
    document: Mapped[IssuedDocument | None] = relationship()
    recipients: Mapped[list["Recipient"]] = relationship(
        back_populates="award", cascade="all, delete-orphan", order_by="Recipient.id"
    )

    @property
    def label(self) -> str:
        """What the log calls it. Before the conferral a title may tell too much, and the log is read by more people."""
        if self.is_conferred:
            return self.title
        return self.category.title if self.category is not None else ""

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_citation(self) -> str:
        return in_language(self.citation_local, self.citation)

    @property
    def is_conferred(self) -> bool:
        return self.conferred_on is not None

    @property
    def is_pending(self) -> bool:
        """Neither conferred nor ended: it can still be changed and conferred."""
        return self.conferred_on is None and self.end is None

    @property
    def stands(self) -> bool:
        """Conferred, and neither declined nor revoked since."""
        return self.is_conferred and self.end is None

    @property
    def end_label(self) -> str:
        return str(AWARD_END_LABELS[AwardEnd(self.end)]) if self.end else ""


class Recipient(Kept, Model):
    __tablename__ = "award_recipient"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN outside_name IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_recipient",
        ),
    )

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    outside_name: Mapped[str | None] = mapped_column(String(200))  # of somebody outside the company
    outside_name_local: Mapped[str | None] = mapped_column(String(200))
    outside_organization: Mapped[str | None] = mapped_column(String(200))
    position_title: Mapped[str | None] = mapped_column(String(200))  # frozen at conferral

    award: Mapped[Award] = relationship(back_populates="recipients")
    person: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def display_name(self) -> str:
        inside = self.person or self.team
        return inside.display_name if inside else in_language(self.outside_name_local, self.outside_name)

    @property
    def position_title_local(self) -> str | None:
        return self.person.local_title(self.position_title) if self.person and self.position_title else None

    @property
    def display_position(self) -> str:
        return in_language(self.position_title_local, self.position_title)

    @property
    def both_names(self) -> tuple[str, str | None]:
        inside = self.person or self.team
        return (inside.name, inside.name_local) if inside else (self.outside_name or "", self.outside_name_local)
