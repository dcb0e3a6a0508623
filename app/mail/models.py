"""The outbox: every mail is a row, written in the same transaction as the act that tells."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.core.i18n import _l, _lp


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"  # of a rehearsal: it leaves only when somebody lets it
    UNDELIVERED = "undelivered"  # no mail server is configured: readable here only


MAIL_STATE_LABELS = {
    MailState.QUEUED: _l("Queued"),
    MailState.SENDING: _l("Being sent"),
    MailState.SENT: _lp("mail", "Sent"),
    MailState.RETRY: _l("To be tried again"),
    MailState.FAILED: _l("Failed"),
    MailState.CANCELLED: _l("Taken back"),
    MailState.HELD: _lp("mail", "Held back"),
    MailState.UNDELIVERED: _l("Not delivered: no mail server is set"),
}


class MailMessage(Kept, Model):
    """One mail to one person, with a Message-ID fixed at queuing. `scope` is the ref of its event."""

    __tablename__ = "mail_message"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "scope", "id"))

    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    scope: Mapped[str | None] = mapped_column(String(16))
    bundle: Mapped[str | None] = mapped_column(String(16), index=True)  # ref of what wrote many at once: a mailing
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
    least_clearance: Mapped[int] = mapped_column(default=0)  # of its text: the outbox page hides it from who reads less
    state: Mapped[str] = mapped_column(String(12), default=MailState.QUEUED)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    trouble: Mapped[str | None]

    attachments: Mapped[list["MailAttachment"]] = relationship(
        back_populates="message", order_by="MailAttachment.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def label(self) -> str:
        return self.kind


class MailHold(Kept, Model):
    """Mails of this scope are held back from now on."""

    __tablename__ = "mail_hold"

    scope: Mapped[str] = mapped_column(String(16), unique=True)


class MailAttachment(Kept, Model):
    """What comes with a mail beside its text and its calendar message."""

    __tablename__ = "mail_attachment"

    message_id: Mapped[int] = mapped_column(ForeignKey("mail_message.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))  # with its parameters, such as text/calendar; method=REQUEST
    content: Mapped[bytes] = mapped_column(LargeBinary)

    message: Mapped[MailMessage] = relationship(back_populates="attachments")
