"""The secret address under which a person's calendar program reads their own diary."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Kept, Model


class CalendarFeed(Kept, Model):
    """One per account. The secret of its address is derived from the ref and the turn; turning makes the old one void."""

    __tablename__ = "calendar_feed"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    turn: Mapped[int] = mapped_column(default=1)
    ended_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # when a calendar program last asked, to the hour

    @property
    def label(self) -> str:
        return "feed"
