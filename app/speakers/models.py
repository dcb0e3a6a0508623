"""What is known of a speaker at one event, and what each still has to bring in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.files.models import StoredFile
from app.people.models import Person
from app.programme.models import AgendaItem


class DeliverableKind(StrEnum):
    SLIDES = "slides"
    SCRIPT = "script"
    PHOTO = "photo"
    REQUIREMENT_SHEET = "requirement_sheet"
    VIDEO = "video"
    OTHER = "other"


DELIVERABLE_LABELS: dict[str, Any] = {
    DeliverableKind.SLIDES: _l("Slides"),
    DeliverableKind.SCRIPT: _l("Script"),
    DeliverableKind.PHOTO: _l("Photo"),
    DeliverableKind.REQUIREMENT_SHEET: _l("Requirement sheet"),
    DeliverableKind.VIDEO: _l("Video"),
    DeliverableKind.OTHER: _lp("deliverable", "Something else"),
}


class Review(StrEnum):
    """Where a deliverable stands: nothing brought in, brought in and unseen, accepted, or sent back with words."""

    MISSING = "missing"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    RETURNED = "returned"


REVIEW_LABELS: dict[str, Any] = {
    Review.MISSING: _lp("deliverable", "Missing"),
    Review.SUBMITTED: _lp("deliverable", "To be looked at"),
    Review.ACCEPTED: _lp("deliverable", "Accepted"),
    Review.RETURNED: _lp("deliverable", "Sent back"),
}


class SpeakerProfile(Edited, Model):
    """What the programme of one event says of a speaker, over what the directory says."""

    __tablename__ = "speaker_profile"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    bio: Mapped[str | None]
    bio_local: Mapped[str | None]
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()
    photo: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return "profile"

    @property
    def display_bio(self) -> str:
        return in_language(self.bio_local, self.bio)


class Deliverable(Edited, Model):
    """Something that one person owes one item. Its due day is counted back from the item, and moves with it."""

    __tablename__ = "deliverable"
    __table_args__ = (UniqueConstraint("item_id", "person_id", "kind"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    days_before: Mapped[int] = mapped_column(default=7)
    note: Mapped[str | None] = mapped_column(String(500))
    review: Mapped[str] = mapped_column(String(10), default=Review.MISSING)
    reminded_at: Mapped[datetime | None]

    item: Mapped[AgendaItem] = relationship()
    person: Mapped[Person] = relationship()
    versions: Mapped[list["DeliverableVersion"]] = relationship(
        back_populates="deliverable", order_by="DeliverableVersion.number", cascade="all, delete-orphan"
    )

    @property
    def event(self) -> Event:
        return self.item.event

    @property
    def label(self) -> str:
        return self.kind


class DeliverableVersion(Kept, Model):
    """One thing that was brought in, and the verdict on it."""

    __tablename__ = "deliverable_version"
    __table_args__ = (UniqueConstraint("deliverable_id", "number"),)

    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id", ondelete="CASCADE"))
    number: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    note: Mapped[str | None] = mapped_column(String(500))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    is_accepted: Mapped[bool | None]
    verdict: Mapped[str | None] = mapped_column(String(1000))
    judged_at: Mapped[datetime | None]

    deliverable: Mapped[Deliverable] = relationship(back_populates="versions")
    file: Mapped[StoredFile] = relationship()
