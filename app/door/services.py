"""What can be done at the door."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.door import policy, queries
from app.door.errors import DoorClosed, TooLateToUndo
from app.door.models import CheckIn, Point, PointKind
from app.events.models import Event, Status
from app.registration.models import Registration, State
from app.registration.queries import find_by_code


class Outcome(StrEnum):
    ADMITTED = "admitted"
    ALREADY = "already"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """What the door says to one who comes."""

    outcome: Outcome
    registration: Registration | None = None
    check_in: CheckIn | None = None


def check_in_by_code(event: Event, code: str, *, actor: Actor) -> Answer:
    """Let in whoever shows this code; of several scanners at once exactly one admits."""
    require(policy.may_check_in(actor, event))
    _check_door(event)
    registration = find_by_code(event, code)
    if registration is None:
        return Answer(Outcome.UNKNOWN)
    return _admit(event, registration, actor=actor, means="code")


def check_in_by_name(event: Event, registration: Registration, *, actor: Actor) -> Answer:
    """Let in somebody who was found by name."""
    require(policy.may_check_in(actor, event))
    _check_door(event)
    if registration.event_id != event.id:
        return Answer(Outcome.UNKNOWN)
    return _admit(event, registration, actor=actor, means="name")


def arrival_of(event: Event) -> Point:
    """The point of arrival, made when it is first needed."""
    point = queries.find_arrival(event)
    if point is None:
        db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
        point = queries.find_arrival(event)
    if point is None:
        point = Point(event=event, kind=PointKind.ARRIVAL, name="Arrival", position=0)
        db.session.add(point)
        db.session.flush()
    return point


def _check_door(event: Event) -> None:
    if event.status not in (Status.PUBLISHED, Status.CONCLUDED):
        raise DoorClosed(_("Nobody can be checked in: the event is not published, or it is cancelled."))


def _admit(event: Event, registration: Registration, *, actor: Actor, means: str) -> Answer:
    # The row's lock puts scanners of one code in a line (PostgreSQL; SQLite writes one at a time anyway).
    state = db.session.scalar(select(Registration.state).where(Registration.id == registration.id).with_for_update())
    if state == State.WAITING:
        return Answer(Outcome.WAITING, registration)
    if state != State.CONFIRMED:
        return Answer(Outcome.WITHDRAWN, registration)
    standing = queries.find_standing(event, registration.person)
    if standing is not None:
        return Answer(Outcome.ALREADY, registration, standing)
    check_in = CheckIn(
        event=event, point=arrival_of(event), person=registration.person, at=clock.now(), by_id=actor.id,
        by_name=actor.name, means=means,
    )  # fmt: skip
    db.session.add(check_in)
    db.session.flush()
    audit.record(actor, "door.admitted", check_in, scope=event, means=means)
    return Answer(Outcome.ADMITTED, registration, check_in)


def undo(check_in: CheckIn, *, actor: Actor) -> None:
    """Take a check-in back. It stays in the history, with who undid it."""
    require(policy.may_undo(actor, check_in))
    now = clock.now()
    if check_in.undone_at is not None:
        raise Refused(_("This was undone already."))
    if not policy.is_undo_in_time(actor, check_in, now):
        raise TooLateToUndo(
            _("Only who let the person in can undo it, within a quarter of an hour. Ask the organizer.")
        )
    check_in.undone_at = now
    check_in.undone_by_id = actor.id
    audit.record(actor, "door.undone", check_in, scope=check_in.event)
