"""Change a gathering; when its days or its place change, whoever has a place is told and has it right in the calendar."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.events import services as events
from app.events.models import Event, Status
from app.mail.services import queue_mail
from app.registration.models import Registration, State
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


def change_event(event: Event, *, actor: Actor, version: int | None, **values: Any) -> int:
    """`events.services.change_event`, and one mail to each who has a place if it is elsewhere or at another time now.

    Returns how many are told. Drafts and gatherings that are over change nobody's plans.
    """
    before, sequence = Place.of(event), event.calendar_sequence
    events.change_event(event, actor=actor, version=version, **values)
    if event.calendar_sequence == sequence or event.status != Status.PUBLISHED or event.has_ended_at(clock.now()):
        return 0
    confirmed = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()
    return sum(_tell(event, before, each) for each in confirmed)


def _tell(event: Event, before: Place, registration: Registration) -> bool:
    calendar = calendar_message(registration, event, "REQUEST")
    mail = queue_mail(
        recipient(registration.person),
        "events/mail/changed",
        kind="event_changed",
        scope=event.ref,
        calendar=calendar,
        calendar_method="REQUEST" if calendar else None,
        event=event,
        before=before,
    )
    return mail is not None
