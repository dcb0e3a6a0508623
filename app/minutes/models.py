"""The approved record of a session. A published version is immutable; a change is a new version."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session
from app.signing.models import IssuedDocument


class MinutesState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


MINUTES_STATE_LABELS = {
    MinutesState.DRAFT: _lp("minutes", "Draft"),
    MinutesState.IN_REVIEW: _lp("minutes", "In review"),
    MinutesState.APPROVED: _lp("minutes", "Approved"),
    MinutesState.PUBLISHED: _lp("minutes", "Published"),
    MinutesState.WITHDRAWN: _lp("minutes", "Withdrawn"),
}


class Minutes(Edited, Model):
    """The document of one session. Its number is given at sign-off: year and serial, without gaps."""

    __tablename__ = "minutes"
    __table_args__ = (UniqueConstraint("year", "number"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(20), default="en")
    title: Mapped[str] = mapped_column(String(200))
    year: Mapped[int | None]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default=MinutesState.DRAFT)
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorder_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None]
    approved_by_name: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]
    current_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_version.id", use_alter=True))

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    recorder: Mapped[Person | None] = relationship()
    current: Mapped["MinutesVersion | None"] = relationship(foreign_keys=[current_id], post_update=True)
    versions: Mapped[list["MinutesVersion"]] = relationship(
        back_populates="minutes", foreign_keys="MinutesVersion.minutes_id", order_by="MinutesVersion.number"
    )

    @property
    def label(self) -> str:
        """`2027-03` once it is signed off, else the session's title: the log is read by more people than a draft is."""
        return f"{self.year}-{self.number:02d}" if self.year and self.number else self.session.title

    @property
    def newest(self) -> "MinutesVersion":
        return self.versions[-1]

    @property
    def under_work(self) -> "MinutesVersion | None":
        """The text that is not published yet, if there is one: the first draft, or an amendment."""
        return None if self.state == MinutesState.WITHDRAWN or self.newest.is_published else self.newest

    @property
    def was_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_chinese(self) -> bool:
        return self.language.startswith("zh")


class MinutesVersion(Edited, Model):
    """One text of the minutes. `frozen_at` set means immutable; `content_hash` is over the canonical content."""

    __tablename__ = "minutes_version"
    __table_args__ = (UniqueConstraint("minutes_id", "number"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str]  # Markdown
    attendance: Mapped[dict[str, Any]] = mapped_column(default=dict)  # present, excused, in_attendance: names as then
    change_note: Mapped[str | None]
    is_editorial: Mapped[bool] = mapped_column(default=False)  # earlier acknowledgements stay valid
    writers: Mapped[list[str]] = mapped_column(
        default=list
    )  # refs of the accounts that wrote it: they do not approve it
    in_review_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("issued_document.id", ondelete="SET NULL"))

    minutes: Mapped[Minutes] = relationship(back_populates="versions", foreign_keys=[minutes_id])
    document: Mapped[IssuedDocument | None] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return f"{self.minutes.label} v{self.number}"

    @property
    def title(self) -> str:
        return self.minutes.title

    @property
    def stage(self) -> MinutesState:
        """Where this text stands, whatever became of the others."""
        if self.is_published:
            return MinutesState.PUBLISHED
        if self.frozen_at is not None:
            return MinutesState.APPROVED
        return MinutesState.DRAFT if self.in_review_at is None else MinutesState.IN_REVIEW

    @property
    def is_published(self) -> bool:
        return self.published_at is not None or (self.id is not None and self.minutes.current_id == self.id)

    # The lists of people as the editor shows them: a name on each line.
    @property
    def present(self) -> str | None:
        return "\n".join(self.attendance.get("present", [])) or None

    @property
    def excused(self) -> str | None:
        return "\n".join(self.attendance.get("excused", [])) or None

    @property
    def in_attendance(self) -> str | None:
        return "\n".join(self.attendance.get("in_attendance", [])) or None


class ReviewComment(Kept, Model):
    """What a reviewer asks to correct while the minutes are in review."""

    __tablename__ = "minutes_comment"

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"), index=True)
    by_name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str]
    resolved_at: Mapped[datetime | None]

    minutes: Mapped[Minutes] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return self.minutes.label


class Acknowledgement(Kept, Model):
    """A person's confirmation of having read one version, bound to its hash. `version_id` None: asked, not yet read."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("minutes_id", "person_id"),)

    minutes_id: Mapped[int] = mapped_column(ForeignKey("minutes.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("minutes_version.id"))
    version_hash: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    minutes: Mapped[Minutes] = relationship()
    person: Mapped[Person] = relationship()
    version: Mapped[MinutesVersion | None] = relationship()

    @property
    def event(self) -> Event:
        return self.minutes.event

    @property
    def label(self) -> str:
        return self.minutes.label
