"""What was said: speeches with their passages, statements of teams. A verbatim text is never altered."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _l, in_language
from app.events.models import Event
from app.people.models import Person, Team
from app.programme.models import AgendaItem, Session


class PassageKind(StrEnum):
    DIRECTIVE = "directive"
    PRINCIPLE = "principle"
    METHOD_RULE = "method_rule"
    EXHORTATION = "exhortation"
    CONTEXT = "context"


PASSAGE_KIND_LABELS = {
    PassageKind.DIRECTIVE: _l("Directive"),
    PassageKind.PRINCIPLE: _l("Principle"),
    PassageKind.METHOD_RULE: _l("Method rule"),
    PassageKind.EXHORTATION: _l("Exhortation"),
    PassageKind.CONTEXT: _l("Context"),
}


DEMANDS = (PassageKind.DIRECTIVE, PassageKind.PRINCIPLE, PassageKind.METHOD_RULE)


class Speech(Edited, Model):
    """One person's address. The speaker's name and position are kept as they were when it was held."""

    __tablename__ = "speech"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    speaker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    speaker_name: Mapped[str] = mapped_column(String(200))
    position_title: Mapped[str | None] = mapped_column(String(200))
    position_title_local: Mapped[str | None] = mapped_column(String(200))
    audience: Mapped[str | None] = mapped_column(String(200))
    audience_local: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20), default="en")
    held_at: Mapped[datetime | None]
    announced_count: Mapped[int | None]  # "seven requirements"
    announced_words: Mapped[str | None] = mapped_column(String(60))  # the word used, also when it is no number
    translation_language: Mapped[str | None] = mapped_column(String(20))  # of `Passage.translation`
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who may confirm for the speaker
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    confirmed_by_name: Mapped[str | None] = mapped_column(String(200))
    count_override: Mapped[str | None]  # why a count that differs was accepted

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    speaker: Mapped[Person] = relationship(foreign_keys=[speaker_id])
    delegate: Mapped[Person | None] = relationship(foreign_keys=[delegate_id])
    passages: Mapped[list["Passage"]] = relationship(
        back_populates="speech", order_by="Passage.position", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_position(self) -> str:
        return in_language(self.position_title_local, self.position_title)

    @property
    def display_speaker(self) -> str:
        """The name as it was kept; in Chinese the directory's, where it has one."""
        return in_language(self.speaker.name_local, self.speaker_name)

    @property
    def display_audience(self) -> str:
        return in_language(self.audience_local, self.audience)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def day(self) -> date:
        """The day on which it was held as far as that is known; else the one on which the gathering began."""
        moment = self.held_at or (self.item.starts_at if self.item else None) or self.session.starts_at
        if moment is not None:
            return moment.astimezone(ZoneInfo(self.event.time_zone)).date()
        return self.session.day or self.event.starts_on


class Passage(Edited, Model):
    """A piece of a speech. `verbatim` is None when it is withheld; then the span says where it stands in the source."""

    __tablename__ = "passage"
    __table_args__ = (UniqueConstraint("speech_id", "line_id"),)

    speech_id: Mapped[int] = mapped_column(ForeignKey("speech.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    verbatim: Mapped[str | None]
    translation: Mapped[str | None]  # aligned with the verbatim text, passage by passage
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]
    line_id: Mapped[str | None] = mapped_column(
        String(36)
    )  # named by the browser that captured it: sent twice, kept once

    speech: Mapped[Speech] = relationship(back_populates="passages")

    @property
    def is_demand(self) -> bool:
        return self.kind in DEMANDS

    @property
    def kind_label(self) -> str:
        return str(PASSAGE_KIND_LABELS[PassageKind(self.kind)])

    @property
    def event(self) -> Event:
        return self.speech.event

    @property
    def label(self) -> str:
        return self.kind

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)


class Statement(Edited, Model):
    """A team's public declaration; said, not signed."""

    __tablename__ = "statement"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    speaker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    position: Mapped[int] = mapped_column(default=1)
    occasion: Mapped[str | None] = mapped_column(String(200))
    occasion_local: Mapped[str | None] = mapped_column(String(200))
    verbatim: Mapped[str | None]
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()
    team: Mapped[Team] = relationship()
    speaker: Mapped[Person | None] = relationship()

    @property
    def label(self) -> str:
        return self.team.name

    @property
    def display_occasion(self) -> str:
        return in_language(self.occasion_local, self.occasion)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)
