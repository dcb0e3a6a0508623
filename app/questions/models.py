"""The registration form of an event as it is edited, its published versions, and the answers to them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp
from app.events.models import Event
from app.files.models import StoredFile
from app.registration.models import Registration


class QuestionForm(Edited, Model):
    """The form as its builder shows it. People answer the newest published version (`number`; 0: none yet)."""

    __tablename__ = "question_form"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    schema: Mapped[dict[str, Any]] = mapped_column(default=dict)
    number: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return "form"


class FormVersion(Kept, Model):
    """A published form, frozen: old answers keep the questions that they were given to."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    schema: Mapped[dict[str, Any]]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return str(self.number)


class AnswerSheet(Edited, Model):
    """What one registration answered. `values` by the key of the question; what is hidden is not in it."""

    __tablename__ = "answer_sheet"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), unique=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"), index=True)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shown: Mapped[list[str] | None]  # the keys that were asked so far; None: all that is asked when registering
    answered_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()
    form: Mapped[FormVersion] = relationship()

    @property
    def label(self) -> str:
        return "answers"


class AnswerFile(Kept, Model):
    """A file or photo given as an answer; `values[key]` holds its ref."""

    __tablename__ = "answer_file"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(40))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    registration: Mapped[Registration] = relationship()
    file: Mapped[StoredFile] = relationship()

    @property
    def label(self) -> str:
        return self.key


class RequestState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


REQUEST_LABELS = {
    RequestState.OPEN: _lp("request", "Open"),
    RequestState.ACCEPTED: _lp("request", "Accepted"),
    RequestState.REFUSED: _lp("request", "Refused"),
    RequestState.TAKEN_BACK: _lp("request", "Taken back"),
}


class ChangeRequest(Edited, Model):
    """A change of answers that somebody wants after the deadline. `wanted`: {key: [before, after]}."""

    __tablename__ = "change_request"
    __table_args__ = (Index(None, "event_id", "state"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"))
    wanted: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(12), default=RequestState.OPEN)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    comment: Mapped[str | None]

    event: Mapped[Event] = relationship()
    registration: Mapped[Registration] = relationship()
    form: Mapped[FormVersion] = relationship()

    @property
    def label(self) -> str:
        return self.state
