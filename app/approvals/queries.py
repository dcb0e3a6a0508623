"""Questions about requests to come."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event, Status
from app.people.models import Person
from app.registration.models import Approval, ApprovalState, Registration, State
from app.signing import tokens

MOST_SHOWN = 500


def _with_people() -> Select[Approval]:
    registration = joinedload(Approval.registration)
    return (
        select(Approval)
        .join(Registration, Registration.id == Approval.registration_id)
        .options(
            registration.joinedload(Registration.person).joinedload(Person.department),
            joinedload(Approval.approver),
            joinedload(Approval.event),
        )
    )


def list_open(event: Event) -> Sequence[Approval]:
    """Requests to be decided, in the order in which people registered."""
    return db.session.scalars(
        _with_people()
        .where(Approval.event_id == event.id, Approval.state == ApprovalState.OPEN)
        .order_by(Registration.joined_at, Approval.id)
        .limit(MOST_SHOWN)
    ).all()


def list_decided(event: Event) -> Sequence[Approval]:
    """The newest decisions first."""
    return db.session.scalars(
        _with_people()
        .where(Approval.event_id == event.id, Approval.state.in_((ApprovalState.APPROVED, ApprovalState.REFUSED)))
        .order_by(Approval.decided_at.desc(), Approval.id.desc())
        .limit(MOST_SHOWN)
    ).all()


def count_open(event: Event) -> int:
    asked = select(func.count(Approval.id)).where(Approval.event_id == event.id, Approval.state == ApprovalState.OPEN)
    return db.session.scalar(asked) or 0


def list_asked(person: Person | None, now: datetime) -> Sequence[Approval]:
    """What waits for this person's decision, of gatherings to come; what has to be decided first stands first."""
    if person is None:
        return []
    found = db.session.scalars(
        _with_people()
        .join(Event, Event.id == Approval.event_id)
        .where(
            Approval.approver_id == person.id,
            Approval.state == ApprovalState.OPEN,
            Event.status == Status.PUBLISHED,
        )
        .order_by(Approval.due_at, Approval.id)
        .limit(MOST_SHOWN)
    )
    return [each for each in found if not each.event.has_ended_at(now)]


def count_for_organizers(visible: ColumnElement[bool]) -> Sequence[tuple[Event, int]]:
    """Published gatherings with requests that wait for their organizers, and how many."""
    rows = db.session.execute(
        select(Event, func.count(Approval.id))
        .join(Approval, Approval.event_id == Event.id)
        .where(
            Approval.state == ApprovalState.OPEN,
            Approval.approver_id.is_(None),
            Event.status == Status.PUBLISHED,
            visible,
        )
        .group_by(Event.id)
        .order_by(Event.starts_on)
    )
    return [(event, number) for event, number in rows]


def find_many(refs: Collection[str], *, event: Event | None = None, approver: Person | None = None) -> list[Approval]:
    """Chosen requests of one event, or of one approver, decided ones too; in the order in which people registered."""
    asked = _with_people().where(Approval.ref.in_(list(refs)[:MOST_SHOWN]))
    if event is not None:
        asked = asked.where(Approval.event_id == event.id)
    if approver is not None:
        asked = asked.where(Approval.approver_id == approver.id)
    return list(db.session.scalars(asked.order_by(Registration.joined_at, Approval.id)))


def find_by_token(token: str) -> Approval | None:
    """The request that a link in the approver's mail belongs to; None once it is asked somewhere else."""
    return db.session.scalar(_with_people().where(Approval.token_hash == tokens.digest(token[:200])))


def list_overdue(now: datetime) -> Sequence[Approval]:
    """Requests that a manager has not decided in time, of gatherings to come."""
    found = db.session.scalars(
        _with_people()
        .join(Event, Event.id == Approval.event_id)
        .where(
            Approval.state == ApprovalState.OPEN,
            Approval.approver_id.is_not(None),
            Approval.due_at <= now,
            Event.status == Status.PUBLISHED,
            Registration.state == State.PENDING,
        )
        .order_by(Approval.event_id, Approval.id)
    )
    return [each for each in found if not each.event.has_ended_at(now)]
