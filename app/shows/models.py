"""The run of show: the one table of the evening, minute by minute, cue by cue; every published version is kept."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.awards.models import Award
from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.people.models import Person
from app.pledges.models import Pledge, PledgeState, SignatureSlot
from app.programme.models import Session
from app.tallies.models import Tally


class Precedence(StrEnum):
    """Who stands where: the principal in the middle, the second at their own left, or at their own right."""

    OWN_LEFT_FIRST = "own_left_first"
    OWN_RIGHT_FIRST = "own_right_first"


PRECEDENCE_LABELS = {
    Precedence.OWN_LEFT_FIRST: _l("Own left ranks higher (mainland China)"),
    Precedence.OWN_RIGHT_FIRST: _l("Own right ranks higher (international protocol)"),
}


class CueKind(StrEnum):
    OTHER = "other"
    WALK_IN = "walk_in"
    CALL = "call"
    SPEECH = "speech"
    STATEMENT = "statement"
    OATH = "oath"
    FLAG = "flag"
    APPOINTMENT = "appointment"
    READING = "reading"
    SIGNING = "signing"
    TALLY = "tally"
    REVEAL = "reveal"
    CONFERRAL = "conferral"
    PHOTOGRAPH = "photograph"
    BREAK = "break"
    RESET = "reset"


CUE_KIND_LABELS = {
    CueKind.OTHER: _lp("cue", "Other"),
    CueKind.WALK_IN: _lp("cue", "Walk-in"),
    CueKind.CALL: _lp("cue", "Call to the stage"),
    CueKind.SPEECH: _lp("cue", "Speech"),
    CueKind.STATEMENT: _lp("cue", "Statement of a team"),
    CueKind.OATH: _lp("cue", "Oath"),
    CueKind.FLAG: _lp("cue", "Presentation of a flag"),
    CueKind.APPOINTMENT: _lp("cue", "Appointment"),
    CueKind.READING: _lp("cue", "Reading"),
    CueKind.SIGNING: _lp("cue", "Signature"),
    CueKind.TALLY: _lp("cue", "Tally"),
    CueKind.REVEAL: _lp("cue", "Reveal of a winner"),
    CueKind.CONFERRAL: _lp("cue", "Conferral"),
    CueKind.PHOTOGRAPH: _lp("cue", "Photograph"),
    CueKind.BREAK: _lp("cue", "Break"),
    CueKind.RESET: _lp("cue", "Reset of the stage"),
}


class CueStatus(StrEnum):
    PLANNED = "planned"
    CALLED = "called"
    DONE = "done"
    SKIPPED = "skipped"


CUE_STATUS_LABELS = {
    CueStatus.PLANNED: _lp("cue", "Planned"),
    CueStatus.CALLED: _lp("cue", "Called"),
    CueStatus.DONE: _lp("cue", "Done"),
    CueStatus.SKIPPED: _lp("cue", "Skipped"),
}


class Show(Edited, Model):
    """One evening's table. `number` counts the published versions; 0 means that nobody works from it yet."""

    __tablename__ = "run_of_show"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]  # by when it has to be over
    precedence: Mapped[str] = mapped_column(String(16), default=Precedence.OWN_LEFT_FIRST)
    number: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()
    cues: Mapped[list["Cue"]] = relationship(
        back_populates="show", order_by="Cue.position, Cue.id", cascade="all, delete-orphan"
    )
    versions: Mapped[list["ShowVersion"]] = relationship(
        back_populates="show", order_by="ShowVersion.number.desc()", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


class ShowVersion(Kept, Model):
    """The table as it was given out: frozen rows, so that an old print can be laid beside it."""

    __tablename__ = "show_version"
    __table_args__ = (UniqueConstraint("show_id", "number"),)

    show_id: Mapped[int] = mapped_column(ForeignKey("run_of_show.id", ondelete="CASCADE"))
    number: Mapped[int]
    note: Mapped[str | None]
    rows: Mapped[list[dict[str, Any]]]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    published_by_name: Mapped[str] = mapped_column(String(200))

    show: Mapped[Show] = relationship(back_populates="versions")

    @property
    def event(self) -> Event:
        return self.show.event

    @property
    def label(self) -> str:
        return f"{self.show.title} v{self.number}"


class Cue(Edited, Model):
    """One row. Its start follows from the rows before it unless `fixed_at` says when it must begin (a hard stop)."""

    __tablename__ = "cue"
    __table_args__ = (
        UniqueConstraint("show_id", "number"),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
    )

    show_id: Mapped[int] = mapped_column(ForeignKey("run_of_show.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(10))  # 101, 102 … 201, by block
    block: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12), default=CueKind.OTHER)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    starts_at: Mapped[datetime]  # planned, kept in step by the act that recomputes
    minutes: Mapped[int] = mapped_column(default=1)
    fixed_at: Mapped[datetime | None]
    on_stage: Mapped[str | None]
    stage_position: Mapped[str | None] = mapped_column(String(200))
    script: Mapped[str | None]
    script_local: Mapped[str | None]
    sound: Mapped[str | None]
    light: Mapped[str | None]
    screen: Mapped[str | None]
    props: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    owner_name: Mapped[str | None] = mapped_column(String(200))  # of somebody who is not listed
    pronunciation: Mapped[str | None] = mapped_column(String(200))
    rehearsed_at: Mapped[datetime | None]
    rehearsed_by_name: Mapped[str | None] = mapped_column(String(200))
    ceremony_id: Mapped[int | None] = mapped_column(ForeignKey("ceremony.id", ondelete="SET NULL"))
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("pledge.id", ondelete="SET NULL"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("signature_slot.id", ondelete="SET NULL"))
    tally_id: Mapped[int | None] = mapped_column(ForeignKey("tally.id", ondelete="SET NULL"))
    award_id: Mapped[int | None] = mapped_column(ForeignKey("award.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(8), default=CueStatus.PLANNED)
    began_at: Mapped[datetime | None]  # actual
    ended_at: Mapped[datetime | None]
    skip_reason: Mapped[str | None]  # stays at the console
    can_be_cut: Mapped[bool] = mapped_column(default=False)

    show: Mapped[Show] = relationship(back_populates="cues")
    owner: Mapped[Person | None] = relationship()
    pledge: Mapped[Pledge | None] = relationship()
    slot: Mapped[SignatureSlot | None] = relationship()
    tally: Mapped[Tally | None] = relationship()
    award: Mapped[Award | None] = relationship()

    @property
    def event(self) -> Event:
        return self.show.event

    @property
    def label(self) -> str:
        """What the log calls it: a title that may name a winner stays out of there (rule 31)."""
        return self.number if self.is_secret else f"{self.number} {self.title}"

    @property
    def is_secret(self) -> bool:
        """Whether its words could tell of a winner: it belongs to an award, or reveals or confers one."""
        tells = self.kind in (CueKind.REVEAL, CueKind.CONFERRAL) and self.tally_id is None and self.tally is None
        return self.award_id is not None or self.award is not None or tells

    @property
    def is_withheld(self) -> bool:
        """Of a pledge that was declined or declared void the hall sees nothing, not even its name."""
        return self.pledge is not None and self.pledge.state in (PledgeState.REFUSED, PledgeState.VOID)

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def planned_end(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)
