"""How badges look, and what was printed for whom."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _lp
from app.events.models import Event
from app.files.models import StoredFile
from app.registration.models import Registration


class BadgeKind(StrEnum):
    BADGE = "badge"
    TENT = "tent"
    TABLE = "table"
    CERTIFICATE = "certificate"


BADGE_LABELS = {
    BadgeKind.BADGE: _lp("print", "Badge"),
    BadgeKind.TENT: _lp("print", "Tent card"),
    BadgeKind.TABLE: _lp("print", "Table number"),
    BadgeKind.CERTIFICATE: _lp("print", "Certificate of attendance"),
}


class BadgeLayout(Edited, Model):
    """Sizes in millimetres, the sheet, and which fields appear: {"width": 90, "height": 55, "sheet": "a4", …}."""

    __tablename__ = "badge_layout"
    __table_args__ = (UniqueConstraint("event_id", "kind"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.kind


class PrintRun(Kept, Model):
    """One order to print: for whom, and the file once it is made. The file goes after some days, the run stays."""

    __tablename__ = "print_run"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    wanted: Mapped[list[str]]  # refs of registrations in the order of printing; of tables their numbers
    start: Mapped[int] = mapped_column(default=0)  # places of the first sheet that are used already
    pages: Mapped[int | None]
    made_at: Mapped[datetime | None]
    failed: Mapped[str | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))

    event: Mapped[Event] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def label(self) -> str:
        return self.kind


class Printed(Kept, Model):
    """One print for one person. What is printed again is what reads differently from the newest print."""

    __tablename__ = "printed"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("print_run.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(12))
    # Of everything that stands on it, in four parts of sixteen signs: the name, the other texts, the code, the layout.
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    registration: Mapped[Registration] = relationship()

    @property
    def label(self) -> str:
        return self.kind
