"""Change a gathering; when its days or its place change, whoever has a place is told and has it right in the calendar.

When the time changes they are asked whether they come all the same, and keep the place until they should have said so.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.events import services as events
from app.events.models import Event, Status
from app.invitations.links import reconfirm_link_of
from app.mail.services import queue_mail
from app.registration.models import Registration, State
from app.registration.queries import find_plan
from app.registration.telling import calendar_message, recipient


@dataclass(frozen=True)
class Place:
    """When and where a gathering is, as it was before a change."""

    starts_on: date
    ends_on: date
    time_zone: str
    city: str | None
    city_local: str | None
    venue: str | None
    venue_local: str | None

    @classmethod
    def of(cls, event: Event) -> "Place":
        return cls(**{name: getattr(event, name) for name in cls.__dataclass_fields__})

    def is_another_time(self, event: Event) -> bool:
        return (self.starts_on, self.ends_on, self.time_zone) != (event.starts_on, event.ends_on, event.time_zone)


def change_event(event: Event, *, actor: Actor, version: int | None, **values: Any) -> int:
    """`events.services.change_event`, and one mail to each who has a place if it is elsewhere or at another time now.

    Returns how many are told. Drafts and gatherings that are over change nobody's plans.
    """
    before, sequence = Place.of(event), event.calendar_sequence
    events.change_event(event, actor=actor, version=version, **values)
    if event.calendar_sequence == sequence or event.status != Status.PUBLISHED or event.has_ended_at(clock.now()):
        return 0
    until = _until(event, clock.now()) if before.is_another_time(event) else None
    confirmed = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()
    return sum(_tell(event, before, each, until) for each in confirmed)


def _until(event: Event, now: datetime) -> datetime | None:
    """How long places are kept for those who have not said that they come at the new time: not beyond its beginning."""
    plan = find_plan(event)
    begins = datetime.combine(event.starts_on, time(0), ZoneInfo(event.time_zone)).astimezone(UTC)
    if plan is None or not plan.reconfirm_hours or begins <= now:
        return None
    return min(now + timedelta(hours=plan.reconfirm_hours), begins)


def _tell(event: Event, before: Place, registration: Registration, until: datetime | None) -> bool:
    """The link in a mail that asks again acts without signing in, so the outbox page hides its text."""
    if until is not None:
        registration.reconfirm_until = until
        registration.version += 1
    calendar = calendar_message(registration, event, "REQUEST")
    mail = queue_mail(
        recipient(registration.person),
        "events/mail/changed",
        kind="event_changed",
        scope=event.ref,
        calendar=calendar,
        calendar_method="REQUEST" if calendar else None,
        holds_secret=until is not None,
        event=event,
        before=before,
        until=until,
        again=reconfirm_link_of(registration) if until is not None else None,
    )
    return mail is not None
