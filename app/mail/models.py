"""The outbox: every mail is a row, written in the same transaction as the act that tells."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Kept, Model
from app.core.i18n import _l, _lp


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDELIVERED = "undelivered"  # no mail server is configured: readable here only


MAIL_STATE_LABELS = {
    MailState.QUEUED: _l("Queued"),
    MailState.SENDING: _l("Being sent"),
    MailState.SENT: _lp("mail", "Sent"),
    MailState.RETRY: _l("To be tried again"),
    MailState.FAILED: _l("Failed"),
    MailState.CANCELLED: _l("Taken back"),
    MailState.UNDELIVERED: _l("Not delivered: no mail server is set"),
}


class MailMessage(Kept, Model):
    """One mail to one person, with a Message-ID fixed at queuing. `scope` is the ref of its event."""

    __tablename__ = "mail_message"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "scope", "id"))

    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    scope: Mapped[str | None] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(60))  # the template it was made from
    to_name: Mapped[str] = mapped_column(String(200))
    to_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str]
    html: Mapped[str | None]
    calendar: Mapped[bytes | None] = mapped_column(LargeBinary)
    calendar_method: Mapped[str | None] = mapped_column(String(10))
    holds_secret: Mapped[bool] = mapped_column(default=False)  # a link that acts: the outbox page hides the text
    state: Mapped[str] = mapped_column(String(12), default=MailState.QUEUED)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str | None]

    @property
    def label(self) -> str:
        return self.kind
