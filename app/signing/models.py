"""Documents that were issued: anybody who holds one can ask whether it is unchanged."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # its evidence pack

    @property
    def label(self) -> str:
        return self.title


class Revision(Kept, Model):
    """One state of a signed PDF: how it was frozen, and after each signature put into it. Each is found by its hash.

    `level` is the PAdES level that was reached (B-B, B-T, B-LT), never better than it is.
    """

    __tablename__ = "document_revision"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("issued_document.id", ondelete="CASCADE"))
    number: Mapped[int]  # 0 is the frozen paper with its empty fields
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    pdf_hash: Mapped[str] = mapped_column(String(64), index=True)
    field: Mapped[str] = mapped_column(String(60))  # of the PDF form: seal, or role and place
    subject_ref: Mapped[str | None] = mapped_column(String(16))  # of the record behind the signature
    level: Mapped[str] = mapped_column(String(5))
    certificate: Mapped[str] = mapped_column(String(64))  # fingerprint of the signer's
    audit_head: Mapped[str] = mapped_column(String(64))

    document: Mapped[IssuedDocument] = relationship()

    @property
    def label(self) -> str:
        return self.field
