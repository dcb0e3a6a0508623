"""How far a piece of long work is, and the file that came of it. Only who asked for it sees it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.files.models import StoredFile


class Progress(Kept, Model):
    """`key` says what is made, so that the same is made once; `then` is the page that is waiting for it."""

    __tablename__ = "progress"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    job: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(20))  # of who asked: the steps are told in it
    then: Mapped[str] = mapped_column(String(500))
    step: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    failure: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    file: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return self.title

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None
