"""Sessions and what happens in them, minute by minute, as far as it is known."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _l, _lp, in_language
from app.events.models import Event
from app.people.models import Person, Team


class SessionKind(StrEnum):
    OPERATION_REVIEW = "operation_review"
    STRATEGY = "strategy"
    SIGNING = "signing"
    AWARDING = "awarding"
    BOARD = "board"
    TOWN_HALL = "town_hall"
    REVIEW = "review"
    OTHER = "other"


SESSION_KIND_LABELS = {
    SessionKind.OPERATION_REVIEW: _l("Operation session"),
    SessionKind.STRATEGY: _l("Strategy session"),
    SessionKind.SIGNING: _l("Signing session"),
    SessionKind.AWARDING: _l("Awarding session"),
    SessionKind.BOARD: _l("Board session"),
    SessionKind.TOWN_HALL: _l("Town hall"),
    SessionKind.REVIEW: _l("Review session"),
    SessionKind.OTHER: _l("Other session"),
}


class ItemKind(StrEnum):
    SPEECH = "speech"
    REVIEW = "review"
    DEPLOYMENT = "deployment"
    CEREMONY = "ceremony"
    STATEMENT = "statement"
    BREAK = "break"
    FREE = "free"


ITEM_KIND_LABELS = {
    ItemKind.SPEECH: _l("Speech"),
    ItemKind.REVIEW: _l("Review"),
    ItemKind.DEPLOYMENT: _l("Deployment"),
    ItemKind.CEREMONY: _l("Ceremony"),
    ItemKind.STATEMENT: _l("Statement"),
    ItemKind.BREAK: _l("Break"),
    ItemKind.FREE: _l("Other item"),
}


class Colour(StrEnum):
    """Of a track, never alone: its name always stands beside it."""

    BRONZE = "bronze"
    GREEN = "green"
    AMBER = "amber"
    BLUE = "blue"
    PLUM = "plum"
    GREY = "grey"


COLOUR_LABELS = {
    Colour.BRONZE: _l("Bronze"),
    Colour.GREEN: _l("Green"),
    Colour.AMBER: _l("Amber"),
    Colour.BLUE: _l("Blue"),
    Colour.PLUM: _l("Plum"),
    Colour.GREY: _l("Grey"),
}


class Consent(StrEnum):
    """Whether a speaker has said yes to speaking: named by the office, asked by mail, and what they answered."""

    NAMED = "named"
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"


CONSENT_LABELS = {
    Consent.NAMED: _l("Not asked yet"),
    Consent.ASKED: _l("Asked, no answer yet"),
    Consent.ACCEPTED: _lp("speaker", "Accepted"),
    Consent.DECLINED: _lp("speaker", "Declined"),
}


class Room(Edited, Model):
    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    name_local: Mapped[str | None] = mapped_column(String(100))
    seats: Mapped[int | None]
    building: Mapped[str | None] = mapped_column(String(100))  # going from one to another takes time

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class Track(Edited, Model):
    """A stream of items that belong together, told by a name and a colour."""

    __tablename__ = "track"
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(String(100))
    name_local: Mapped[str | None] = mapped_column(String(100))
    colour: Mapped[str] = mapped_column(String(10), default=Colour.BRONZE)

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return in_language(self.name_local, self.name)


class Window(Edited, Model):
    """When a person or a room can be had for this event (`is_free`), or cannot. Whoever has a free one is busy outside."""

    __tablename__ = "availability_window"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (room_id IS NULL)", name="person_or_room"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_free: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[Event] = relationship()
    person: Mapped[Person | None] = relationship()
    room: Mapped[Room | None] = relationship()

    @property
    def label(self) -> str:
        return "availability"


class HardStop(Edited, Model):
    """A moment that nothing may run over: the leader leaves, the hall closes. Of one person, or of everybody."""

    __tablename__ = "hard_stop"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    reason_local: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[Event] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def label(self) -> str:
        return self.reason

    @property
    def display_reason(self) -> str:
        return in_language(self.reason_local, self.reason)


class Session(Edited, Model):
    """A formal sitting with a kind, a year and a chair. Its day and its time may be unknown."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30), default=SessionKind.OTHER)
    covers_year: Mapped[int | None]
    theme: Mapped[str | None] = mapped_column(String(300))
    theme_local: Mapped[str | None] = mapped_column(String(300))
    purpose: Mapped[str | None]
    purpose_local: Mapped[str | None]
    chair_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"))
    day: Mapped[date | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    calendar_sequence: Mapped[int] = mapped_column(default=0)  # rises when time or place change (RFC 5545 SEQUENCE)

    event: Mapped[Event] = relationship()
    chair: Mapped[Person | None] = relationship()
    room: Mapped[Room | None] = relationship()

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_theme(self) -> str:
        return in_language(self.theme_local, self.theme)

    @property
    def display_purpose(self) -> str:
        return in_language(self.purpose_local, self.purpose)


class AgendaItem(Edited, Model):
    """One slot. Without a session it belongs to the day itself (arrival, lunch); without a time to the order only."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        Index(None, "event_id", "starts_at"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(String(20), default=ItemKind.FREE)
    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    summary: Mapped[str | None]
    summary_local: Mapped[str | None]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), index=True)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    is_internal: Mapped[bool] = mapped_column(default=False)  # seen by those who plan only
    track_id: Mapped[int | None] = mapped_column(ForeignKey("track.id", ondelete="SET NULL"), index=True)
    expected: Mapped[int | None]  # people in the room; decides whether it is large enough
    minutes: Mapped[int | None]  # how long it will take, while it has no time yet
    cancelled_at: Mapped[datetime | None]
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    # The live day: what really happened, and what is to be expected from that (None: as planned).
    began_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expected_start: Mapped[datetime | None]
    expected_end: Mapped[datetime | None]
    put_off: Mapped[int | None]  # minutes by which it was put off on the day
    cut_to: Mapped[int | None]  # minutes that it was cut to on the day

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()
    room: Mapped[Room | None] = relationship()
    track: Mapped[Track | None] = relationship()
    needed: Mapped[list["NeededPerson"]] = relationship(back_populates="item", cascade="all, delete-orphan")
    speakers: Mapped[list["AgendaSpeaker"]] = relationship(
        back_populates="item", order_by="AgendaSpeaker.position", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_summary(self) -> str:
        return in_language(self.summary_local, self.summary)

    def is_on_at(self, now: datetime) -> bool:
        return self.starts_at is not None and self.ends_at is not None and self.starts_at <= now < self.ends_at


class AgendaSpeaker(Kept, Model):
    """A person or a team that speaks in an item."""

    __tablename__ = "agenda_speaker"
    __table_args__ = (
        UniqueConstraint("item_id", "person_id"),
        CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="person_or_team"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    position: Mapped[int] = mapped_column(default=1)
    consent: Mapped[str] = mapped_column(String(10), default=Consent.NAMED)
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_note: Mapped[str | None] = mapped_column(String(500))
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the link in the mail
    calendar_sequence: Mapped[int] = mapped_column(default=0)  # added to the item's: asking and leaving count too
    agreed_start: Mapped[datetime | None]  # the time they said yes to: at another one they have to say it again
    agreed_end: Mapped[datetime | None]

    item: Mapped[AgendaItem] = relationship(back_populates="speakers")
    person: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()

    @property
    def display_name(self) -> str:
        return (self.person or self.team).display_name  # type: ignore[union-attr]

    @property
    def agreed_to_another_time(self) -> bool:
        """Whether they said yes, and the item has moved since. A change of words or of the room asks nobody again."""
        agreed = (self.agreed_start, self.agreed_end)
        return self.consent == Consent.ACCEPTED and agreed != (self.item.starts_at, self.item.ends_at)

    @property
    def is_confirmed(self) -> bool:
        return self.consent == Consent.ACCEPTED and not self.agreed_to_another_time


class NeededPerson(Kept, Model):
    """Somebody who does not speak and still has to be there: an item cannot go on without them."""

    __tablename__ = "needed_person"
    __table_args__ = (UniqueConstraint("item_id", "person_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    item: Mapped[AgendaItem] = relationship(back_populates="needed")
    person: Mapped[Person] = relationship()
