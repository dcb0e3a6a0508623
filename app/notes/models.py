"""What the secretary notes down while a session runs, agenda item by agenda item."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _lp
from app.decisions.models import Decision
from app.events.models import Event
from app.people.models import Clearance, Person
from app.programme.models import AgendaItem, Session
from app.requirements.models import Assignment


class NoteKind(StrEnum):
    NOTE = "note"
    DECISION = "decision"
    ACTION = "action"


NOTE_KIND_LABELS = {
    NoteKind.NOTE: _lp("live note", "Note"),
    NoteKind.DECISION: _lp("live note", "Decision"),
    NoteKind.ACTION: _lp("live note", "Action"),
}


class Note(Edited, Model):
    """One line. `entry` is the name that the browser gave it, so that a line sent twice is kept once."""

    __tablename__ = "live_note"
    __table_args__ = (UniqueConstraint("session_id", "entry"), Index(None, "session_id", "item_id", "noted_at"))

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    entry: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10), default=NoteKind.NOTE)
    text: Mapped[str]
    clearance: Mapped[int] = mapped_column(default=Clearance.INTERNAL)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # of an action: who is to do it
    due_on: Mapped[date | None]
    noted_at: Mapped[datetime]  # when it was typed; `created_at` is when it reached us
    by_name: Mapped[str] = mapped_column(String(200))
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="SET NULL"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id", ondelete="SET NULL"))
    compiled_into: Mapped[list[str]] = mapped_column(default=list)  # refs of the minutes that have its words already
    removed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    person: Mapped[Person | None] = relationship()
    decision: Mapped[Decision | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()

    @property
    def label(self) -> str:
        """For the log: never the words."""
        return self.session.title
