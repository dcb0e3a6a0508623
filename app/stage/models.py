"""The evening itself: which cue is on, what the hall sees, and every mark the console made."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.events.models import Event
from app.shows.models import Cue, Show

REVEAL_LASTS = timedelta(minutes=10)  # after that nobody remembers having asked: it is asked anew


class MarkKind(StrEnum):
    CALLED = "called"
    DONE = "done"
    SKIPPED = "skipped"
    BACK = "back"
    CORRECTED = "corrected"


class Stage(Edited, Model):
    """The state of one show while it runs. `picture` rises with each change that the hall could see."""

    __tablename__ = "stage"

    show_id: Mapped[int] = mapped_column(ForeignKey("run_of_show.id", ondelete="CASCADE"), unique=True)
    cue_id: Mapped[int | None] = mapped_column(ForeignKey("cue.id", ondelete="SET NULL"))  # what the hall sees
    picture: Mapped[int] = mapped_column(default=1)
    is_blank: Mapped[bool] = mapped_column(default=True)
    is_rehearsal: Mapped[bool] = mapped_column(default=False)
    screen_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the link on the hall's screen
    screen_turn: Mapped[int] = mapped_column(default=0)  # rises with each new link; the link itself is not stored
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    show: Mapped[Show] = relationship()
    cue: Mapped[Cue | None] = relationship()

    @property
    def event(self) -> Event:
        return self.show.event

    @property
    def label(self) -> str:
        return self.show.title

    @property
    def is_on(self) -> bool:
        return self.began_at is not None and self.ended_at is None

    @property
    def run(self) -> str:
        """A name for this evening or this rehearsal: what a console kept of another one is not taken for it."""
        return str(int(self.began_at.timestamp())) if self.began_at else ""


class Reveal(Kept, Model):
    """A winner is shown when one operator asked for it and another confirmed."""

    __tablename__ = "reveal"

    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    cue_id: Mapped[int] = mapped_column(ForeignKey("cue.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_by_name: Mapped[str] = mapped_column(String(200))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_by_name: Mapped[str | None] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]

    stage: Mapped[Stage] = relationship()
    cue: Mapped[Cue] = relationship()

    @property
    def event(self) -> Event:
        return self.stage.event

    @property
    def label(self) -> str:
        return self.cue.label

    def is_open_at(self, now: datetime) -> bool:
        return self.confirmed_at is None and self.dropped_at is None and now < self.created_at + REVEAL_LASTS


class CueMark(Kept, Model):
    """What the operator did, when, as the console's own clock and the server's saw it. `entry` is the browser's name
    for it: sent twice, it counts once."""

    __tablename__ = "cue_mark"
    __table_args__ = (UniqueConstraint("stage_id", "entry"),)

    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    cue_id: Mapped[int] = mapped_column(ForeignKey("cue.id", ondelete="CASCADE"), index=True)
    entry: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))  # called, done, skipped, back, corrected
    at: Mapped[datetime]
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))

    cue: Mapped[Cue] = relationship()

    @property
    def event(self) -> Event:
        return self.cue.event

    @property
    def label(self) -> str:
        return self.cue.label
