"""A text to many people of an event, from its draft until its mails lie in the outbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.core.i18n import _lp, in_language
from app.events.models import Event


class MailingState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"  # its mails are in the outbox, and can be taken back for as long as they lie there
    CANCELLED = "cancelled"


MAILING_LABELS = {
    MailingState.DRAFT: _lp("mailing", "Draft"),
    MailingState.APPROVED: _lp("mailing", "Approved"),
    MailingState.SENT: _lp("mailing", "In the outbox"),
    MailingState.CANCELLED: _lp("mailing", "Dropped"),
}


class Mailing(Edited, Model):
    """`audience`: {"standing": [registered, waiting, silent, …], "departments": [refs], "people": [refs]}."""

    __tablename__ = "mailing"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    subject_local: Mapped[str | None] = mapped_column(String(200))
    text: Mapped[str]
    text_local: Mapped[str | None]
    audience: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default=MailingState.DRAFT)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # who wrote it last
    by_name: Mapped[str] = mapped_column(String(200))
    approved_by_name: Mapped[str | None] = mapped_column(String(200))
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]  # when its mails were put into the outbox
    due_at: Mapped[datetime | None]  # when they may leave it
    sent_to: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # frozen at sending: {"person": ref, "name": …}
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # … with {"why": a code}

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.subject

    @property
    def display_subject(self) -> str:
        """The subject as it is spoken of, before it is filled for anybody."""
        return in_language(self.subject_local, self.subject).replace("{event}", self.event.display_title)
