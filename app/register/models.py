"""Views of the register that somebody keeps."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Model
from app.events.models import Event


class SavedView(Edited, Model):
    """A search with a name; only its owner sees it. Without an event it is of the register of all gatherings."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(String(1000))

    event: Mapped[Event | None] = relationship()

    @property
    def label(self) -> str:
        return self.name
