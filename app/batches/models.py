"""Many people registered in one act: all of them or none, or as many as fit."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.events.models import Event
from app.registration.models import Registration


class BatchKind(StrEnum):
    GROUP = "group"
    TABLE = "table"


class Batch(Edited, Model):
    """A group or a table: looked at first (`applied_at` None), then applied in one act, perhaps undone in one act."""

    __tablename__ = "batch"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))  # of the file, or of the group
    columns: Mapped[list[str]] = mapped_column(default=list)  # the headings as they stood in the file
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)  # our field: number of the column it is read from
    rows: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # with a verdict each; no cells once applied
    as_fits: Mapped[bool] = mapped_column(default=False)  # else all or none
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    members: Mapped[list["BatchMember"]] = relationship(
        back_populates="batch", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def label(self) -> str:
        return self.name


class BatchMember(Kept, Model):
    """A registration that a batch made; what it was before, so that undoing puts it back."""

    __tablename__ = "batch_member"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    made_version: Mapped[int]  # of the registration as the batch left it: who changed it since is not undone

    batch: Mapped[Batch] = relationship(back_populates="members")
    registration: Mapped[Registration] = relationship()

    @property
    def label(self) -> str:
        return "member"
