"""Releases about a gathering, to the public or to the house."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, in_language
from app.events.models import Event


class ReleaseState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


RELEASE_STATE_LABELS = {
    ReleaseState.DRAFT: _l("Draft"),
    ReleaseState.PUBLISHED: _l("Published"),
    ReleaseState.WITHDRAWN: _l("Withdrawn"),
}


class Release(Edited, Model):
    """A text for the public page (no sign-in) or the internal one. `body` is Markdown, None when withheld."""

    __tablename__ = "release"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    title_local: Mapped[str | None] = mapped_column(String(300))
    released_on: Mapped[date | None]
    body: Mapped[str | None]
    body_local: Mapped[str | None]
    summary: Mapped[str | None]  # ours, where the text itself is withheld
    summary_local: Mapped[str | None]
    is_public: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=ReleaseState.DRAFT)
    published_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str | None]

    event: Mapped[Event] = relationship()
    closing: Mapped[list["ClosingPassage"]] = relationship(
        back_populates="release", order_by="ClosingPassage.position", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_body(self) -> str:
        return in_language(self.body_local, self.body)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)


class ClosingPassage(Kept, Model):
    """An editorial closing paragraph of a release, as a passage of its own."""

    __tablename__ = "closing_passage"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20), default="exhortation")
    verbatim: Mapped[str | None]
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]

    release: Mapped[Release] = relationship(back_populates="closing")

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)
