"""Documents that were issued: anybody who holds one can ask whether it is unchanged."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Kept, Model


class IssuedDocument(Kept, Model):
    """`code` is printed as a QR; `content_hash` is over the canonical `content`; the PDF is kept as a file."""

    __tablename__ = "issued_document"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # pledge, minutes
    title: Mapped[str] = mapped_column(String(300))
    is_title_public: Mapped[bool] = mapped_column(default=False)
    subject_ref: Mapped[str] = mapped_column(String(16), index=True)
    edition: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    pdf_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    audit_head: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    is_complete: Mapped[bool] = mapped_column(default=True)  # all required people have signed

    @property
    def label(self) -> str:
        return self.title
