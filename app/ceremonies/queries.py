"""Questions about ceremonies."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.ceremonies.models import Ceremony, CeremonyKind, Photograph
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


def find_held(event: Event, kind: CeremonyKind, session_id: int | None) -> Ceremony | None:
    """The ceremony of this kind to which an evening belongs, that of the evening's session where it has one. Where there
    are several, nobody guesses."""
    mine = select(Ceremony).where(Ceremony.event_id == event.id, Ceremony.kind == kind)
    if session_id is not None:
        mine = mine.where(or_(Ceremony.session_id == session_id, Ceremony.session_id.is_(None)))
    found = db.session.scalars(mine.limit(2)).all()
    return found[0] if len(found) == 1 else None


def next_position(event: Event) -> int:
    last = db.session.scalar(select(func.max(Ceremony.position)).where(Ceremony.event_id == event.id))
    return (last or 0) + 1


def is_item_taken(item: AgendaItem, besides: Ceremony | None = None) -> bool:
    other = select(Ceremony.id).where(Ceremony.item_id == item.id)
    if besides is not None:
        other = other.where(Ceremony.id != besides.id)
    return db.session.scalar(other.limit(1)) is not None


# --- what is remembered -------------------------------------------------------------------------------------------


def list_photographs(ceremony: Ceremony) -> Sequence[Photograph]:
    mine = select(Photograph).where(Photograph.ceremony_id == ceremony.id).options(joinedload(Photograph.file))
    return db.session.scalars(mine.order_by(Photograph.position, Photograph.id)).all()


def count_photographs(ceremony: Ceremony) -> int:
    return db.session.scalar(select(func.count(Photograph.id)).where(Photograph.ceremony_id == ceremony.id)) or 0


def find_photograph(ceremony: Ceremony, ref: str) -> Photograph | None:
    mine = select(Photograph).where(Photograph.ceremony_id == ceremony.id, Photograph.ref == ref)
    return db.session.scalar(mine.options(joinedload(Photograph.file), joinedload(Photograph.ceremony)))


def find_newest_photograph(ceremony_id: int | None) -> Photograph | None:
    """The last of a ceremony, for the screen in the hall."""
    if ceremony_id is None:
        return None
    mine = select(Photograph).where(Photograph.ceremony_id == ceremony_id).options(joinedload(Photograph.file))
    return db.session.scalar(mine.order_by(Photograph.position.desc(), Photograph.id.desc()).limit(1))
