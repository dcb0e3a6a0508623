"""Questions about who holds what. Only what both parties confirmed counts; a loss counts at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.custody import policy
from app.custody.models import CustodyEvent, CustodyKind
from app.people.models import Person


@dataclass(frozen=True)
class Holding:
    """Who has a thing now: a person, the office (`person` is None), or nobody since it was lost. `for_good`: it may stay."""

    person: Person | None = None
    since: datetime | None = None
    is_lost: bool = False
    for_good: bool = False


OFFICE = Holding()


def _whole(found: Select[CustodyEvent]) -> Select[CustodyEvent]:
    return found.options(
        joinedload(CustodyEvent.event),
        joinedload(CustodyEvent.giver),
        joinedload(CustodyEvent.taker),
        joinedload(CustodyEvent.photo),
    )


def history(object_kind: str, object_ref: str) -> Sequence[CustodyEvent]:
    """Every change of hands that was recorded, withdrawn ones among them. None happened before the one recorded earlier."""
    return history_of(object_kind, [object_ref])


def history_of(object_kind: str, refs: Iterable[str]) -> Sequence[CustodyEvent]:
    """The same of several things in one statement."""
    own = select(CustodyEvent).where(CustodyEvent.object_kind == object_kind, CustodyEvent.object_ref.in_(tuple(refs)))
    return db.session.scalars(_whole(own).order_by(CustodyEvent.id)).all()


def holder_now(object_kind: str, object_ref: str) -> Holding:
    """Who has it: as the last change that counts says; before the first one it lies in the office."""
    return holders_of(object_kind, [object_ref])[object_ref]


def holders_of(object_kind: str, refs: Iterable[str]) -> dict[str, Holding]:
    """The same of several things in one statement."""
    refs = tuple(refs)
    held = dict.fromkeys(refs, OFFICE)
    for each in history_of(object_kind, refs):
        if each.is_settled:
            held[each.object_ref] = Holding(
                each.taker, each.at, is_lost=each.kind == CustodyKind.LOSS, for_good=each.kind == CustodyKind.KEPT
            )
    return held


def find_open(object_kind: str, object_ref: str) -> CustodyEvent | None:
    """The change of hands that somebody has still to confirm."""
    return next((each for each in history(object_kind, object_ref) if each.is_open), None)


def find_visible(actor: Actor, ref: str) -> CustodyEvent | None:
    found = db.session.scalar(_whole(select(CustodyEvent).where(CustodyEvent.ref == ref)))
    return found if found is not None and policy.may_see(actor, found) else None


def list_waiting_for(actor: Actor, person: Person | None) -> Sequence[CustodyEvent]:
    waiting = select_waiting_for(actor, person)
    return db.session.scalars(_whole(waiting).order_by(CustodyEvent.at, CustodyEvent.id)).all()


def select_waiting_for(actor: Actor, person: Person | None) -> Select[CustodyEvent]:
    """What this person has still to confirm, for themselves or for the office of their events."""
    own = and_(CustodyEvent.from_id == person.id, CustodyEvent.from_confirmed_at.is_(None)) if person else None
    taken = and_(CustodyEvent.to_id == person.id, CustodyEvent.to_confirmed_at.is_(None)) if person else None
    office = or_(
        and_(CustodyEvent.from_id.is_(None), CustodyEvent.from_confirmed_at.is_(None)),
        and_(CustodyEvent.to_id.is_(None), CustodyEvent.to_confirmed_at.is_(None)),
    )
    if not holds(actor, Role.ORGANIZER, Role.SECRETARY):
        here = {
            each.event_id
            for each in getattr(actor, "grants", ())
            if each.event_id is not None and each.role in (Role.ORGANIZER, Role.SECRETARY)
        }
        office = and_(office, CustodyEvent.event_id.in_(here))
    sides = [each for each in (own, taken, office) if each is not None]
    return select(CustodyEvent).where(
        CustodyEvent.withdrawn_at.is_(None), CustodyEvent.kind != CustodyKind.LOSS, or_(*sides)
    )


def list_of_person(person: Person) -> Sequence[CustodyEvent]:
    """What this person gave and took, the newest first."""
    own = or_(CustodyEvent.from_id == person.id, CustodyEvent.to_id == person.id)
    found = _whole(select(CustodyEvent).where(own))
    return db.session.scalars(found.order_by(CustodyEvent.id.desc())).all()


def list_held_by(person: Person) -> list[CustodyEvent]:
    """What this person holds now: the change of hands by which each thing came to them."""
    ever = select(CustodyEvent.object_ref).where(CustodyEvent.to_id == person.id)
    about = _whole(select(CustodyEvent).where(CustodyEvent.object_ref.in_(ever)))
    last: dict[tuple[str, str], CustodyEvent] = {}
    for each in db.session.scalars(about.order_by(CustodyEvent.id)):
        if each.is_settled:
            last[each.object_kind, each.object_ref] = each
    return [each for each in last.values() if each.to_id == person.id]
