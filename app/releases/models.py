"""The programme as it was told to people."""

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.core.db import Kept, Model
from app.events.models import Event


class ProgrammeRelease(Kept, Model):
    """The programme as it was told to people: frozen, numbered, never changed. What planners work on is told by nobody.

    `content` is the whole programme in the shape of app/releases/content.py, `digest` the SHA-256 of it in canonical
    JSON (RFC 8785). `changes` tells how much differs from the one before, for planners (`counts`) and for everybody
    (`told`), and what has been sent into calendars so far (`calendar`, see app/releases/calendar.py).
    """

    __tablename__ = "programme_release"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    message: Mapped[str | None]
    content: Mapped[dict[str, Any]]
    changes: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None]  # why it was released although something in it cannot be
    told: Mapped[int] = mapped_column(default=0)  # people who got a notice
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    by: Mapped[Account | None] = relationship()

    @property
    def label(self) -> str:
        return self.name
