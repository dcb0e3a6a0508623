"""A record that was taken from a document tells of each value whether it was stated, inferred or left open."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model


class Provenance(StrEnum):
    STATED = "stated"
    INFERRED = "inferred"
    ENTERED = "entered"
    UNKNOWN = "unknown"


class Source(Kept, Model):
    """A document that tells of an event. Its text is not kept: `sha256` and `length` say which text the spans mean."""

    __tablename__ = "source"

    title: Mapped[str] = mapped_column(String(300))
    publisher: Mapped[str | None] = mapped_column(String(200))
    released_on: Mapped[date | None]
    language: Mapped[str] = mapped_column(String(20))
    is_translation: Mapped[str] = mapped_column(String(10), default=Provenance.UNKNOWN)  # yes, no, likely, unknown
    sha256: Mapped[str] = mapped_column(String(64))
    length: Mapped[int]  # characters
    remarks: Mapped[list[dict[str, str]]]  # facts that no entity holds yet: {"fact", "text", "text_local"}

    @property
    def label(self) -> str:
        return self.title


class ValueNote(Kept, Model):
    """Where one value of one record comes from. `scope` is the event's ref, so that a page loads all notes at once."""

    __tablename__ = "value_note"
    __table_args__ = (UniqueConstraint("subject_type", "subject_ref", "name"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(String(16), index=True)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_ref: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    provenance: Mapped[str] = mapped_column(String(10))
    basis: Mapped[str | None]
    basis_local: Mapped[str | None]
    fact: Mapped[str | None] = mapped_column(String(10))  # number in the table of facts
    span_start: Mapped[int | None]
    span_end: Mapped[int | None]

    source: Mapped[Source] = relationship()
