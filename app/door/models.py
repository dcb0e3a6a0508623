"""Points where people are admitted, the devices that admit them, and who passed when. What was undone stays as history."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session


class PointKind(StrEnum):
    ARRIVAL = "arrival"
    SESSION = "session"
    MEAL = "meal"
    OTHER = "other"


class Repeat(StrEnum):
    """How often one person is admitted at a point."""

    ONCE = "once"
    DAILY = "daily"
    MANY = "many"


POINT_LABELS = {
    PointKind.ARRIVAL: _lp("point", "Arrival"),
    PointKind.SESSION: _lp("point", "Session"),
    PointKind.MEAL: _lp("point", "Meal"),
    PointKind.OTHER: _lp("point", "Other"),
}
REPEAT_LABELS = {
    Repeat.ONCE: _lp("point", "Once"),
    Repeat.DAILY: _lp("point", "Once a day"),
    Repeat.MANY: _lp("point", "As often as they come"),
}


class Outcome(StrEnum):
    """What the door says to one who comes."""

    ADMITTED = "admitted"
    ALREADY = "already"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    NOT_APPROVED = "not_approved"
    NOT_CHOSEN = "not_chosen"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Point(Edited, Model):
    """Where people are let in. An event has one point of arrival, made when it is first needed."""

    __tablename__ = "door_point"
    __table_args__ = (
        Index(
            "uq_door_point_arrival",
            "event_id",
            unique=True,
            sqlite_where=text("kind = 'arrival'"),
            postgresql_where=text("kind = 'arrival'"),
        ),
        Index(None, "event_id", "position"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    name_local: Mapped[str | None] = mapped_column(String(200))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"))
    repeat: Mapped[str] = mapped_column(String(8), default=Repeat.ONCE)
    counts_out: Mapped[bool] = mapped_column(default=False)  # people are scanned on their way out too
    chosen_only: Mapped[bool] = mapped_column(default=False)  # of a session: only those with a place in it
    takes_walk_ins: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=1)
    closed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        if self.kind == PointKind.ARRIVAL:
            return str(POINT_LABELS[PointKind.ARRIVAL])
        return in_language(self.name_local, self.name)

    def was_closed_at(self, moment: datetime) -> bool:
        return self.closed_at is not None and self.closed_at <= moment


class Profile(StrEnum):
    """What a paired device may do, and nothing else."""

    SCAN = "scan"
    SEARCH = "search"


PROFILE_LABELS = {
    Profile.SCAN: _l("Scan codes only"),
    Profile.SEARCH: _l("Scan codes and search by name"),
}


class Device(Edited, Model):
    """A phone that keeps a door without an account. Paired by a code that is shown once; only digests are stored."""

    __tablename__ = "door_device"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int | None] = mapped_column(ForeignKey("door_point.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    profile: Mapped[str] = mapped_column(String(8), default=Profile.SCAN)
    pairing_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    pairing_until: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    paired_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship()
    point: Mapped[Point | None] = relationship()

    @property
    def label(self) -> str:
        return self.name

    def is_on_at(self, now: datetime) -> bool:
        """Whether its token is good for anything."""
        return self.token_hash is not None and self.revoked_at is None and now < self.expires_at

    def can_be_paired_at(self, now: datetime) -> bool:
        pairing = self.pairing_hash is not None and self.pairing_until is not None and now < self.pairing_until
        return pairing and self.revoked_at is None and now < self.expires_at


class CheckIn(Kept, Model):
    """One pass of one person at one point. `slot` is what may happen once: "" for good, the day, or each pass its own."""

    __tablename__ = "check_in"
    __table_args__ = (
        Index(
            "uq_check_in_standing",
            "point_id",
            "person_id",
            "slot",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index(None, "event_id", "at"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    point_id: Mapped[int] = mapped_column(ForeignKey("door_point.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    slot: Mapped[str] = mapped_column(String(40), default="")
    direction: Mapped[str] = mapped_column(String(3), default="in")  # in, out
    at: Mapped[datetime]  # when the person passed; of a scan that was kept by a phone, earlier than created_at
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("door_device.id", ondelete="SET NULL"))
    means: Mapped[str] = mapped_column(String(10))  # code, name, self, walk_in, sheet, import
    scan_id: Mapped[str | None] = mapped_column(String(40), unique=True)  # the phone's own, so that it may send twice
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    undo_reason: Mapped[str | None]

    event: Mapped[Event] = relationship()
    point: Mapped[Point] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.means


class RefusedScan(Kept, Model):
    """A scan that admitted nobody although a phone had let the person pass: for the report of double admissions."""

    __tablename__ = "refused_scan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("door_point.id", ondelete="CASCADE"))
    scan_id: Mapped[str] = mapped_column(String(40), unique=True)
    outcome: Mapped[str] = mapped_column(String(12))  # already, waiting, withdrawn, replaced, unknown, …
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id", ondelete="SET NULL"))  # who was let in first
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(200))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("door_device.id", ondelete="SET NULL"))
    was_offline: Mapped[bool] = mapped_column(default=False)

    point: Mapped[Point] = relationship()
    person: Mapped[Person | None] = relationship()
    first: Mapped[CheckIn | None] = relationship()

    @property
    def label(self) -> str:
        return self.outcome
