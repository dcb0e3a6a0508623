"""What is still open of the editions before: one function says it for the page, the count and the act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.campaigns.models import Campaign, CampaignState
from app.carryovers.models import CarryOver, CarryState
from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.events.queries import visible
from app.programme.models import AgendaItem
from app.requirements.models import DONE, Assignment, Requirement, RequirementState
from app.requirements.periods import unreviewed
from app.speeches.models import Speech

FARTHEST = 60  # editions back
OLD = 2  # an item that crosses so many sessions is told in words


@dataclass(frozen=True)
class Matter:
    """One thing that is open: an assignment, a principle nobody reviewed, or a campaign in review."""

    kind: str
    record: Any
    from_event: Event
    age: int  # sessions crossed, the coming one with them
    row: CarryOver | None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.record.ref}"

    @property
    def requirement(self) -> Requirement | None:
        return {"assignment": lambda: self.record.requirement, "requirement": lambda: self.record}.get(
            self.kind, lambda: None
        )()

    @property
    def heading(self) -> str:
        about = self.requirement
        return about.display_heading if about else self.record.display_name

    @property
    def is_old(self) -> bool:
        return self.age >= OLD

    @property
    def is_decided(self) -> bool:
        if self.row is None or self.row.state == CarryState.PROPOSED:
            return False
        return self.row.state == CarryState.LEFT_OUT or is_on_the_agenda(self.row)


def is_on_the_agenda(row: CarryOver) -> bool:
    """An item that was removed or cancelled decides nothing any more: the matter comes back."""
    return row.state == CarryState.TAKEN and row.item is not None and row.item.cancelled_at is None


def _chain() -> Any:
    """The editions before, with how far back each is. Bound by `event_id`."""
    before = (
        select(Event.previous_id.label("id"), literal(1).label("depth"))
        .where(Event.id == bindparam("event_id", type_=Integer), Event.previous_id.is_not(None))
        .cte("before", recursive=True)
    )
    older = (
        select(Event.previous_id, before.c.depth + 1)
        .join(before, Event.id == before.c.id)
        .where(Event.previous_id.is_not(None), before.c.depth < FARTHEST)
    )
    return before.union_all(older)


def _open(chain: Any, day: date) -> dict[str, tuple[Any, ColumnElement[bool]]]:
    """What is proposed of the editions in the chain: by kind its table, and when it is."""
    ids = select(chain.c.id)
    of_requirements = select(Requirement.id).where(Requirement.event_id.in_(ids))
    return {
        "assignment": (
            Assignment, and_(Assignment.state.not_in(DONE), Assignment.requirement_id.in_(of_requirements)),
        ),
        "requirement": (
            Requirement,
            and_(
                Requirement.event_id.in_(ids), Requirement.state == RequirementState.PERIODIC,
                or_(unreviewed(day), Requirement.review_due_on.is_(None)),
            ),
        ),
        "campaign": (Campaign, and_(Campaign.event_id.in_(ids), Campaign.state == CampaignState.IN_REVIEW)),
    }  # fmt: skip


def day_of(event: Event) -> date:
    """The day on which it matters whether a principle was reviewed: that of the coming edition."""
    return max(event.starts_on, clock.today(event.time_zone))


def list_matters(event: Event, actor: Actor) -> list[Matter]:
    """Everything that is open of the earlier editions that the actor may see, decided or not: the oldest first."""
    if event.previous_id is None:
        return []
    chain = _chain()
    depths = aliased(chain)
    bound = {"event_id": event.id}
    kinds = _open(chain, day_of(event))
    rows = {_about(each): each for each in list_rows(event)}
    found: list[Matter] = []
    for kind, (table, is_open) in kinds.items():
        for record, from_event, depth, crossed in db.session.execute(
            _select(kind, table, depths).where(is_open, visible(actor)), bound
        ).unique():
            age = max(depth, crossed + 1 if rows.get((kind, record.id)) is None else crossed or 1)
            row = rows.get((kind, record.id))
            found.append(Matter(kind, record, from_event, row.age if row is not None else age, row))
    order = list(kinds)
    return sorted(found, key=lambda each: (-each.age, order.index(each.kind), each.record.id))


def _select(kind: str, table: Any, depths: Any) -> Select[*tuple[Any, ...]]:
    """Each with its event, how far back that is, and how many sessions it was carried through before."""
    taken = select(func.count(CarryOver.id)).where(
        CarryOver.state == CarryState.TAKEN,
        {
            "assignment": CarryOver.assignment_id,
            "requirement": CarryOver.requirement_id,
            "campaign": CarryOver.campaign_id,
        }[kind]
        == table.id,
    )
    crossed = Assignment.carry_count if kind == "assignment" else taken.correlate(table).scalar_subquery()
    found = select(table, Event, depths.c.depth, crossed)
    if kind == "assignment":
        found = found.join(Assignment.requirement).join(Event, Event.id == Requirement.event_id)
        options = (
            joinedload(Assignment.requirement).options(joinedload(Requirement.event), joinedload(Requirement.speech).joinedload(Speech.speaker)),
            joinedload(Assignment.responsible), joinedload(Assignment.verifier),
        )  # fmt: skip
    elif kind == "requirement":
        found = found.join(Event, Event.id == Requirement.event_id)
        options = (joinedload(Requirement.event), joinedload(Requirement.speech).joinedload(Speech.speaker))
    else:
        found = found.join(Event, Event.id == Campaign.event_id)
        options = (joinedload(Campaign.event), joinedload(Campaign.commander))
    return found.join(depths, depths.c.id == Event.id).options(*options)


def _about(row: CarryOver) -> tuple[str, int]:
    kinds = {"assignment": row.assignment_id, "requirement": row.requirement_id, "campaign": row.campaign_id}
    return next((kind, about) for kind, about in kinds.items() if about is not None)


def list_rows(event: Event) -> Sequence[CarryOver]:
    """What was decided for this event."""
    mine = select(CarryOver).where(CarryOver.to_event_id == event.id)
    return db.session.scalars(mine.options(joinedload(CarryOver.item)).order_by(CarryOver.id)).all()


def find_row(event: Event, ref: str) -> CarryOver | None:
    return db.session.scalar(select(CarryOver).where(CarryOver.to_event_id == event.id, CarryOver.ref == ref))


def count_undecided(event: Event) -> int:
    """How much nobody has decided about yet, whoever may see it, in one statement."""
    if event.previous_id is None:
        return 0
    chain = _chain()
    columns = {
        "assignment": CarryOver.assignment_id,
        "requirement": CarryOver.requirement_id,
        "campaign": CarryOver.campaign_id,
    }
    standing = (
        select(AgendaItem.id).where(AgendaItem.id == CarryOver.item_id, AgendaItem.cancelled_at.is_(None)).exists()
    )
    decided = or_(CarryOver.state == CarryState.LEFT_OUT, and_(CarryOver.state == CarryState.TAKEN, standing))
    counts = [
        select(func.count(table.id))
        .where(is_open, ~exists().where(CarryOver.to_event_id == event.id, columns[kind] == table.id, decided))
        .scalar_subquery()
        for kind, (table, is_open) in _open(chain, day_of(event)).items()
    ]
    row = db.session.execute(select(*counts), {"event_id": event.id}).one()
    return sum(row)


# --- what became of the last session's requirements ---------------------------------------------------------------


@dataclass(frozen=True)
class Became:
    """Of what was given to people at the edition before: numbers that are the lengths of lists."""

    event: Event
    closed: int
    open: int
    late: int
    cancelled: int
    carried: int

    @property
    def all(self) -> int:
        return self.closed + self.open + self.cancelled


def became_of_last(event: Event, actor: Actor) -> Became | None:
    """None when there is no edition before that the actor may see, or nothing was given to anybody there."""
    if event.previous_id is None:
        return None
    today = clock.today(event.time_zone)
    is_open = Assignment.state.not_in(DONE)
    count = func.count(Assignment.id)
    row = db.session.execute(
        select(
            Event,
            count.filter(Assignment.state == "closed"),
            count.filter(is_open),
            count.filter(is_open, Assignment.state != "verified", Assignment.due_on < today),
            count.filter(Assignment.state == "cancelled"),
            count.filter(is_open, Assignment.carry_count > 0),
        )
        .join(Requirement, Requirement.event_id == Event.id)
        .join(Assignment, Assignment.requirement_id == Requirement.id)
        .where(Event.id == event.previous_id, Assignment.handed_over_at.is_not(None), visible(actor))
        .group_by(Event.id)
    ).one_or_none()
    return Became(*row) if row else None


def list_of_assignments(ids: Sequence[int]) -> Sequence[CarryOver]:
    """Through which sessions these were carried, or why not."""
    mine = select(CarryOver).where(CarryOver.assignment_id.in_(ids))
    return db.session.scalars(
        mine.options(
            joinedload(CarryOver.to_event), joinedload(CarryOver.item), joinedload(CarryOver.assignment)
        ).order_by(CarryOver.id)
    ).all()
