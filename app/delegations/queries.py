"""Questions about delegations."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.delegations.models import Delegation
from app.events.models import Event
from app.people.models import Person


def _whole(found: Select[Delegation]) -> Select[Delegation]:
    return found.options(
        joinedload(Delegation.principal), joinedload(Delegation.deputy), joinedload(Delegation.event),
        joinedload(Delegation.file),
    )  # fmt: skip


def list_of_principal(person: Person) -> Sequence[Delegation]:
    mine = select(Delegation).where(Delegation.principal_id == person.id)
    return db.session.scalars(_whole(mine).order_by(Delegation.id.desc())).all()


def list_of_deputy(person: Person) -> Sequence[Delegation]:
    mine = select(Delegation).where(Delegation.deputy_id == person.id)
    return db.session.scalars(_whole(mine).order_by(Delegation.id.desc())).all()


def list_of_event(event: Event) -> Sequence[Delegation]:
    here = select(Delegation).where(Delegation.event_id == event.id)
    return db.session.scalars(_whole(here).order_by(Delegation.id.desc())).all()


def list_of_principals(person_ids: Iterable[int]) -> Sequence[Delegation]:
    """What these have given and not taken back, whenever and wherever it counts."""
    theirs = select(Delegation).where(Delegation.principal_id.in_(set(person_ids)), Delegation.revoked_at.is_(None))
    return db.session.scalars(_whole(theirs).order_by(Delegation.id)).all()


def find_delegation(ref: str) -> Delegation | None:
    return db.session.scalar(_whole(select(Delegation).where(Delegation.ref == ref)))


def holding(event_id: int, day: date) -> ColumnElement[bool]:
    """Those that count on that day in that event."""
    return and_(
        Delegation.revoked_at.is_(None),
        Delegation.from_on <= day,
        Delegation.to_on >= day,
        or_(Delegation.event_id.is_(None), Delegation.event_id == event_id),
    )


def principals_of(actor: Actor, event: Event, day: date) -> dict[int, Delegation]:
    """In whose place this account's person may sign in the event on that day, by the id of the person."""
    if actor.id is None:
        return {}
    mine = (
        select(Delegation)
        .join(Person, Person.id == Delegation.deputy_id)
        .where(Person.account_id == actor.id, Person.left_on.is_(None), holding(event.id, day))
        .order_by(Delegation.id)
    )
    return {each.principal_id: each for each in db.session.scalars(_whole(mine))}


def select_principal_ids(actor: Actor, event: Event, day: date) -> Select[Any]:
    """The same as a part of another statement."""
    return (
        select(Delegation.principal_id)
        .join(Person, Person.id == Delegation.deputy_id)
        .where(Person.account_id == actor.id, Person.left_on.is_(None), holding(event.id, day))
    )
