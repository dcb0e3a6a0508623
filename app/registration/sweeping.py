"""What the gate does by itself: offers end at their moment, and free places go to those who wait."""

from sqlalchemy import and_, or_, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.jobs import every_minute
from app.core.roles import SYSTEM
from app.events.models import Event, Status
from app.registration import offers, services
from app.registration.models import PlaceCounter, Registration, State


@every_minute
def sweep_waiting_lists() -> None:
    """Each event in a unit of work of its own. Promotion follows each release at once; this is the second look."""
    for event_id in _events_to_sweep():
        with unit_of_work():
            event = db.session.get_one(Event, event_id)
            offers.expire(event)
            services.promote_waiting(event, actor=SYSTEM)


def _events_to_sweep() -> list[int]:
    """Published events to come with an offer whose time is over, or with free places while people wait."""
    now = clock.now()
    over = (
        select(Registration.id)
        .where(Registration.event_id == Event.id, Registration.state == State.OFFERED, Registration.offer_until <= now)
        .exists()
    )
    free = (
        select(PlaceCounter.id)
        .where(
            PlaceCounter.event_id == Event.id,
            and_(PlaceCounter.session_id.is_(None), PlaceCounter.option.is_(None)),
            PlaceCounter.waiting > 0,
            or_(PlaceCounter.capacity.is_(None), PlaceCounter.taken < PlaceCounter.capacity),
        )
        .exists()
    )
    asked = select(Event).where(Event.status == Status.PUBLISHED, or_(over, free)).order_by(Event.id)
    return [each.id for each in db.session.scalars(asked) if not each.has_ended_at(now)]
