"""Who is asked, who answered, who has a place. Counters and reservations are written by the gate alone (places.py)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session


class State(StrEnum):
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


STATE_LABELS = {
    State.CONFIRMED: _l("Has a place"),
    State.WAITING: _l("On the waiting list"),
    State.WITHDRAWN: _lp("registration", "Withdrawn"),
}


class RegistrationPlan(Edited, Model):
    """How registration for one event works."""

    __tablename__ = "registration_plan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    is_open: Mapped[bool] = mapped_column(default=False)
    closes_at: Mapped[datetime | None]
    has_waiting_list: Mapped[bool] = mapped_column(default=True)
    invited_only: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.event.title

    def takes_registrations_at(self, now: datetime) -> bool:
        return self.is_open and (self.closes_at is None or now < self.closes_at)


class PlaceCounter(Kept, Model):
    """How many places of one resource are taken: the event itself, or one session. No capacity means no limit."""

    __tablename__ = "place_counter"
    __table_args__ = (
        Index(
            "uq_place_counter_event_itself",
            "event_id",
            unique=True,
            sqlite_where=text("session_id IS NULL"),
            postgresql_where=text("session_id IS NULL"),
        ),
        CheckConstraint("taken >= 0", name="not_negative"),
        CheckConstraint("capacity IS NULL OR taken <= capacity + allowed_over", name="never_oversold"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), unique=True)
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    allowed_over: Mapped[int] = mapped_column(default=0)  # a capacity lowered below use, with a reason
    waiting: Mapped[int] = mapped_column(default=0)  # places asked for by people on the waiting list

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()

    @property
    def label(self) -> str:
        return "places"

    @property
    def left(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def over(self) -> int:
        return 0 if self.capacity is None else max(0, self.taken - self.capacity)


class Registration(Edited, Model):
    """One person's registration for one event: at most one, ever; withdrawing and coming back reuses it."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index(None, "event_id", "state", "joined_at"),
        CheckConstraint("state IN ('confirmed', 'waiting', 'withdrawn')", name="state"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime]  # order on the waiting list: (priority, joined_at, id)
    priority: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None]
    door_code: Mapped[str] = mapped_column(String(40), unique=True)  # random, in the QR of the admission card
    note: Mapped[str | None]  # what the person wants the organizer to know
    is_rehearsal: Mapped[bool] = mapped_column(default=False)  # made while the event was rehearsed; goes in one act
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    calendar_sequence: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()
    reservations: Mapped[list["Reservation"]] = relationship(
        back_populates="registration", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.state


class Reservation(Kept, Model):
    """A place of one resource that a registration holds (`is_held`) or waits for."""

    __tablename__ = "reservation"
    __table_args__ = (UniqueConstraint("registration_id", "counter_id"), Index(None, "counter_id", "is_held"))

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    counter_id: Mapped[int] = mapped_column(ForeignKey("place_counter.id", ondelete="CASCADE"))
    is_held: Mapped[bool]

    registration: Mapped[Registration] = relationship(back_populates="reservations")
    counter: Mapped[PlaceCounter] = relationship()


class Invitation(Edited, Model):
    """An asked person; bound to the person. The link's secret is in the mail only, here is its hash."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    via: Mapped[str] = mapped_column(String(200), default="")  # "person" or the department's name
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(10))  # yes, no
    answered_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    revoked_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.answer or "asked"
