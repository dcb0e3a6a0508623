"""Templates that a company keeps beside those that come with Hufu."""

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import in_language
from app.events.models import Event


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


class PlannedDeliverable(Kept, Model):
    """What every speaker of items of a kind is to bring in, before anybody is named: a template knows no people."""

    __tablename__ = "planned_deliverable"
    __table_args__ = (UniqueConstraint("event_id", "item_kind", "kind"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    item_kind: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    days_before: Mapped[int]

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.kind
