"""Consent to sign electronically: numbered versions of its words, and who agreed to which."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Kept, Model
from app.core.i18n import in_language
from app.people.models import Person


class ConsentText(Kept, Model):
    """One version, in both languages. The newest one is asked for; older ones stay readable."""

    __tablename__ = "consent_text"

    number: Mapped[int] = mapped_column(unique=True)
    text: Mapped[str]
    text_local: Mapped[str]
    content_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    @property
    def label(self) -> str:
        return str(self.number)

    @property
    def display_text(self) -> str:
        return in_language(self.text_local, self.text)


class Consent(Kept, Model):
    """Given by one person to one version; withdrawn it no longer allows to sign, and what was signed stays signed."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("person_id", "text_id", "given_at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_text.id"), index=True)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(20))

    person: Mapped[Person] = relationship()
    text: Mapped[ConsentText] = relationship()

    @property
    def label(self) -> str:
        return self.text.label
