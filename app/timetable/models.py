"""Moves, so that they can be taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.programme.models import AgendaItem


class Step(Kept, Model):
    """One move of one item by one account, so that it can be taken back: the fields before and after, as JSON keeps them."""

    __tablename__ = "programme_step"
    __table_args__ = (Index(None, "event_id", "account_id", "id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"), index=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    item_version: Mapped[int]  # of the item after the move: it is taken back only while nobody moved it since
    undone_at: Mapped[datetime | None]

    item: Mapped[AgendaItem] = relationship()
