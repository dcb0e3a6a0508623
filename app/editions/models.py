"""Templates that a company keeps beside those that come with Hufu."""

from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Edited, Model
from app.core.i18n import in_language


class EventTemplate(Edited, Model):
    """A named shape of a gathering in the form of app/editions/schema.json. Each saving is a new edition of the name."""

    __tablename__ = "event_template"
    __table_args__ = (UniqueConstraint("name", "edition"),)

    name: Mapped[str] = mapped_column(String(100))
    name_local: Mapped[str | None] = mapped_column(String(100))
    edition: Mapped[int] = mapped_column(default=1)
    content: Mapped[dict[str, Any]]

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)
