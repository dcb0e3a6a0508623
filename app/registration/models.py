"""Who is asked, who answered, who has a place. Counters and reservations are written by the gate alone (places.py)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.people.models import Person
from app.programme.models import Session


class State(StrEnum):
    """Confirmed and offered hold their places, pending holds them where the plan says so, waiting asks for them."""

    PENDING = "pending"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"  # the place went to a substitute, without ever being free
    REFUSED = "refused"  # by whoever approves


STATE_LABELS = {
    State.PENDING: _lp("registration", "Waits for approval"),
    State.OFFERED: _lp("registration", "Place offered"),
    State.CONFIRMED: _l("Has a place"),
    State.WAITING: _l("On the waiting list"),
    State.WITHDRAWN: _lp("registration", "Withdrawn"),
    State.REPLACED: _lp("registration", "Substituted"),
    State.REFUSED: _lp("registration", "Not approved"),
}
GONE = (State.WITHDRAWN, State.REPLACED, State.REFUSED)  # holds nothing, asks for nothing


class Approver(StrEnum):
    """Who must agree to a registration."""

    NOBODY = "nobody"
    MANAGER = "manager"
    ORGANIZER = "organizer"


class Substitutes(StrEnum):
    """Whom a person with a place may send instead."""

    NOBODY = "nobody"
    DEPARTMENT = "department"
    ANYBODY = "anybody"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    DELEGATED = "delegated"


ANSWER_LABELS = {
    Answer.YES: _lp("invitation", "Yes"),
    Answer.NO: _lp("invitation", "No"),
    Answer.MAYBE: _lp("invitation", "Maybe"),
    Answer.DELEGATED: _lp("invitation", "Sends somebody else"),
}


class Excuse(StrEnum):
    """Why somebody cannot come, in one word."""

    CLASH = "clash"
    TRAVEL = "travel"
    LEAVE = "leave"
    ILL = "ill"
    NOT_MINE = "not_mine"
    OTHER = "other"


EXCUSE_LABELS = {
    Excuse.CLASH: _lp("excuse", "Another appointment"),
    Excuse.TRAVEL: _lp("excuse", "On a business trip"),
    Excuse.LEAVE: _lp("excuse", "On leave"),
    Excuse.ILL: _lp("excuse", "Ill"),
    Excuse.NOT_MINE: _lp("excuse", "Not my field"),
    Excuse.OTHER: _lp("excuse", "Another reason"),
}


class RegistrationPlan(Edited, Model):
    """How registration for one event works."""

    __tablename__ = "registration_plan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    is_open: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime | None]  # open, but not before this
    closes_at: Mapped[datetime | None]
    has_waiting_list: Mapped[bool] = mapped_column(default=True)
    invited_only: Mapped[bool] = mapped_column(default=False)
    offer_hours: Mapped[int] = mapped_column(default=0)  # who moves up has so long to say yes; 0: moves up at once
    approver: Mapped[str] = mapped_column(String(10), default=Approver.NOBODY)
    approval_days: Mapped[int] = mapped_column(default=3)  # until the organizer is asked in the manager's place
    pending_holds: Mapped[bool] = mapped_column(default=True)  # whoever waits for approval holds the place meanwhile
    changes_until: Mapped[datetime | None]  # answers change freely until then; afterwards by request
    reconfirm_hours: Mapped[int] = mapped_column(default=48)  # after a change of time: 0 asks nobody
    substitutes: Mapped[str] = mapped_column(String(10), default=Substitutes.DEPARTMENT)
    substitutes_approved: Mapped[bool] = mapped_column(default=False)  # the line manager must agree first

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.event.title

    def takes_registrations_at(self, now: datetime) -> bool:
        return (
            self.is_open
            and (self.opens_at is None or self.opens_at <= now)
            and (self.closes_at is None or now < self.closes_at)
        )


class PlaceCounter(Kept, Model):
    """How many places of one resource are taken: the event itself, one session, or one option of the form.

    No capacity means no limit. An option is named by the keys of its question and of the choice: `dinner/vegan`.
    """

    __tablename__ = "place_counter"
    __table_args__ = (
        Index(
            "uq_place_counter_event_itself",
            "event_id",
            unique=True,
            sqlite_where=text("session_id IS NULL AND option IS NULL"),
            postgresql_where=text("session_id IS NULL AND option IS NULL"),
        ),
        UniqueConstraint("event_id", "option"),
        CheckConstraint("session_id IS NULL OR option IS NULL", name="one_resource"),
        CheckConstraint("taken >= 0", name="not_negative"),
        CheckConstraint("capacity IS NULL OR taken <= capacity + allowed_over", name="never_oversold"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), unique=True)
    option: Mapped[str | None] = mapped_column(String(100))
    name: Mapped[str | None] = mapped_column(String(200))  # of an option, as people read it
    name_local: Mapped[str | None] = mapped_column(String(200))
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
    def display_name(self) -> str:
        """Of what these are the places, as people read it."""
        if self.session is not None:
            return self.session.display_title
        return in_language(self.name_local, self.name or self.option) or self.event.display_title

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
        CheckConstraint(
            "state IN ('pending', 'offered', 'confirmed', 'waiting', 'withdrawn', 'replaced', 'refused')",
            name="known_state",
        ),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime]  # order on the waiting list: (priority, joined_at, id)
    priority: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None]
    offer_until: Mapped[datetime | None]  # of an offered place
    skipped: Mapped[str | None] = mapped_column(String(200))  # why the waiting list passed by, the last time it moved
    reconfirm_until: Mapped[datetime | None]  # the time of the event changed: the place is kept until then
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whom a substitute comes for
    door_code: Mapped[str] = mapped_column(String(40), unique=True)  # random, in the QR of the admission card
    note: Mapped[str | None]  # what the person wants the organizer to know
    is_rehearsal: Mapped[bool] = mapped_column(default=False)  # made while the event was rehearsed; goes in one act
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    calendar_sequence: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    instead_of: Mapped[Person | None] = relationship(foreign_keys=[instead_of_id])
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
    answer: Mapped[str | None] = mapped_column(String(10))  # the last one; all of them are InvitationAnswers
    answered_at: Mapped[datetime | None]
    excuse: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None]
    maybe_until: Mapped[date | None]
    instead_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)  # who handed it on
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    instead_of: Mapped[Person | None] = relationship(foreign_keys=[instead_of_id])
    answers: Mapped[list["InvitationAnswer"]] = relationship(
        back_populates="invitation", order_by="InvitationAnswer.id", passive_deletes=True
    )

    @property
    def label(self) -> str:
        return self.answer or "asked"


class InvitationAnswer(Kept, Model):
    """One answer of an invited person. All are kept, the last one counts."""

    __tablename__ = "invitation_answer"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), index=True)
    answer: Mapped[str] = mapped_column(String(10))
    excuse: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None]
    maybe_until: Mapped[date | None]
    means: Mapped[str] = mapped_column(String(10))  # page, link, organizer, assistant
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(String(200))

    invitation: Mapped[Invitation] = relationship(back_populates="answers")

    @property
    def label(self) -> str:
        return self.answer


class ReminderPlan(Edited, Model):
    """Up to three reminders to those who have not answered: so many days before registration closes."""

    __tablename__ = "reminder_plan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    first: Mapped[int | None]
    second: Mapped[int | None]
    third: Mapped[int | None]

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.event.title

    @property
    def steps(self) -> list[int]:
        """Days before the deadline, the earliest reminder first."""
        return sorted({each for each in (self.first, self.second, self.third) if each is not None}, reverse=True)


class EndedCode(Kept, Model):
    """A code that admits nobody any more, so that the door can say why, and who comes instead."""

    __tablename__ = "ended_code"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    replaced_by: Mapped[Person | None] = relationship(foreign_keys=[replaced_by_id])

    @property
    def label(self) -> str:
        return self.code[:4]


class ApprovalState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"  # the registration was withdrawn, or the organizer was asked in the manager's place


APPROVAL_LABELS = {
    ApprovalState.OPEN: _lp("approval", "To be decided"),
    ApprovalState.APPROVED: _lp("approval", "Approved"),
    ApprovalState.REFUSED: _lp("approval", "Refused"),
    ApprovalState.LAPSED: _lp("approval", "No longer asked"),
}


class Approval(Edited, Model):
    """One question to one approver; without `approver` it is for the organizers. At most one is open at a time."""

    __tablename__ = "approval"
    __table_args__ = (
        Index(
            "uq_approval_open",
            "registration_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(None, "event_id", "state"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=ApprovalState.OPEN)
    due_at: Mapped[datetime | None]
    comment: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    decided_by_name: Mapped[str | None] = mapped_column(String(200))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the link in the approver's mail

    event: Mapped[Event] = relationship()
    registration: Mapped[Registration] = relationship()
    approver: Mapped[Person | None] = relationship()

    @property
    def label(self) -> str:
        return self.state
