"""Questions about ceremonies."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.ceremonies.models import Ceremony
from app.core.db import db
from app.events.models import Event
from app.programme.models import AgendaItem


def _shown(ceremonies: Select[Ceremony]) -> Select[Ceremony]:
    return ceremonies.options(
        joinedload(Ceremony.event),
        joinedload(Ceremony.session),
        joinedload(Ceremony.item),
        joinedload(Ceremony.round),
    )


def list_ceremonies(event: Event) -> Sequence[Ceremony]:
    mine = select(Ceremony).where(Ceremony.event_id == event.id)
    return db.session.scalars(_shown(mine).order_by(Ceremony.position, Ceremony.id)).all()


def find_ceremony(event: Event, ref: str) -> Ceremony | None:
    return db.session.scalar(_shown(select(Ceremony).where(Ceremony.event_id == event.id, Ceremony.ref == ref)))


def find_of_id(event: Event, ceremony_id: int | None) -> Ceremony | None:
    if ceremony_id is None:
        return None
    return db.session.scalar(select(Ceremony).where(Ceremony.event_id == event.id, Ceremony.id == ceremony_id))


def next_position(event: Event) -> int:
    last = db.session.scalar(select(func.max(Ceremony.position)).where(Ceremony.event_id == event.id))
    return (last or 0) + 1


def is_item_taken(item: AgendaItem, besides: Ceremony | None = None) -> bool:
    other = select(Ceremony.id).where(Ceremony.item_id == item.id)
    if besides is not None:
        other = other.where(Ceremony.id != besides.id)
    return db.session.scalar(other.limit(1)) is not None
