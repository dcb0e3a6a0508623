"""The gathering: a frame of days and a place around one or more sessions."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.i18n import _, _l, in_language
from app.people.models import Organization, Person


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


class Audience(StrEnum):
    """public: no sign-in. internal: any account. restricted: invited people and the event's roles."""

    PUBLIC = "public"
    INTERNAL = "internal"
    RESTRICTED = "restricted"


class Kind(StrEnum):
    ANNUAL_GATHERING = "annual_gathering"
    STRATEGY_SESSION = "strategy_session"
    SIGNING_CEREMONY = "signing_ceremony"
    TOWN_HALL = "town_hall"
    BOARD_MEETING = "board_meeting"
    MONTHLY_REVIEW = "monthly_review"
    OTHER = "other"


KIND_LABELS = {
    Kind.ANNUAL_GATHERING: _l("Annual gathering"),
    Kind.STRATEGY_SESSION: _l("Strategy session"),
    Kind.SIGNING_CEREMONY: _l("Signing ceremony"),
    Kind.TOWN_HALL: _l("Town hall"),
    Kind.BOARD_MEETING: _l("Board meeting"),
    Kind.MONTHLY_REVIEW: _l("Monthly review"),
    Kind.OTHER: _l("Other gathering"),
}
STATUS_LABELS = {
    Status.DRAFT: _l("Draft"),
    Status.PUBLISHED: _l("Published"),
    Status.CONCLUDED: _l("Concluded"),
    Status.CANCELLED: _l("Cancelled"),
}
AUDIENCE_LABELS = {
    Audience.PUBLIC: _l("Public: everybody, without signing in"),
    Audience.INTERNAL: _l("Internal: everybody with an account"),
    Audience.RESTRICTED: _l("Restricted: invited people and those with a role here"),
}


class EventSeries(Edited, Model):
    """Gatherings that follow one another: the yearly review, the monthly one. `rule` is an RFC 5545 RRULE, if there is one."""

    __tablename__ = "event_series"

    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    rule: Mapped[str | None] = mapped_column(String(300))

    @property
    def label(self) -> str:
        return self.title

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)


class Event(Edited, Model):
    __tablename__ = "event"

    title: Mapped[str] = mapped_column(String(200))
    title_local: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(30), default=Kind.ANNUAL_GATHERING)
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(60))
    city: Mapped[str | None] = mapped_column(String(100))
    city_local: Mapped[str | None] = mapped_column(String(100))
    venue: Mapped[str | None] = mapped_column(String(200))
    venue_local: Mapped[str | None] = mapped_column(String(200))
    description: Mapped[str | None]
    description_local: Mapped[str | None]
    host_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    audience: Mapped[str] = mapped_column(String(12), default=Audience.INTERNAL)
    status: Mapped[str] = mapped_column(String(12), default=Status.DRAFT, index=True)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    published_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("source.id"))  # told by a document rather than entered
    calendar_sequence: Mapped[int] = mapped_column(default=0)  # rises when time or place change (RFC 5545 SEQUENCE)
    programme_version: Mapped[int] = mapped_column(default=0)  # rises with each act on the programme
    release_number: Mapped[int] = mapped_column(default=0)  # of the newest release of the programme; 0: never released
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id", ondelete="SET NULL"), index=True)
    is_rehearsal: Mapped[bool] = mapped_column(default=False)  # mails are held, registrations are marked
    made_from: Mapped[str | None] = mapped_column(
        String(200)
    )  # template and its version, or the ref of the event cloned

    host: Mapped[Organization | None] = relationship()
    previous: Mapped["Event | None"] = relationship(remote_side="Event.id")
    series: Mapped["EventSeries | None"] = relationship()

    @property
    def label(self) -> str:
        return self.title

    @property
    def event(self) -> "Event":
        """So that the audit log finds the event of an event as it finds that of a session."""
        return self

    @property
    def display_title(self) -> str:
        return in_language(self.title_local, self.title)

    @property
    def display_place(self) -> str:
        house, city = in_language(self.venue_local, self.venue), in_language(self.city_local, self.city)
        return _("%(house)s, %(city)s", house=house, city=city) if house and city else house or city or ""

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_open_to_all_accounts(self) -> bool:
        return self.audience in (Audience.PUBLIC, Audience.INTERNAL)

    @property
    def is_public(self) -> bool:
        return self.audience == Audience.PUBLIC and self.status != Status.DRAFT

    def day_at(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def has_begun_at(self, now: datetime) -> bool:
        return self.starts_on <= self.day_at(now)

    def has_ended_at(self, now: datetime) -> bool:
        return self.ends_on < self.day_at(now)

    def is_on_at(self, now: datetime) -> bool:
        return self.has_begun_at(now) and not self.has_ended_at(now)


class Participation(Kept, Model):
    """A named person's part in an event. It opens a restricted event to that person."""

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("event_id", "person_id", "role"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))  # presiding_leader, invited, registered, speaker, guest
    position_title: Mapped[str | None] = mapped_column(String(200))  # as it was then
    position_title_local: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[Event] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def label(self) -> str:
        return self.role


class ParticipantGroup(Kept, Model):
    """People who came without being named: a category, and a head-count where one is known."""

    __tablename__ = "participant_group"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    category: Mapped[str] = mapped_column(String(200))
    category_local: Mapped[str | None] = mapped_column(String(200))
    headcount: Mapped[int | None]

    event: Mapped[Event] = relationship()

    @property
    def label(self) -> str:
        return self.category

    @property
    def display_name(self) -> str:
        return in_language(self.category_local, self.category)
