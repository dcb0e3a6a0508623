"""Checkpoints: now and then the head of the log is signed by a key that whoever holds the database does not have."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Kept, Model


class Checkpoint(Kept, Model):
    """`signature` is Ed25519 over the canonical JSON of the rest (`signed.statement`). `tree` is the root over the rows
    from `since` to `seq`: with it one row can be shown to somebody who may not read the others."""

    __tablename__ = "checkpoint"

    seq: Mapped[int] = mapped_column(unique=True)
    since: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    tree: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(String(64))  # SHA-256 of the public key
    signature: Mapped[str] = mapped_column(String(128))  # hexadecimal

    @property
    def label(self) -> str:
        return str(self.seq)
