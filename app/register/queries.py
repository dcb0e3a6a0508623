"""Questions about the register: its rows, what its chips would show, and the views that somebody keeps."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.events.queries import visible
from app.people.models import Department
from app.register.conditions import Asking, conditions_of
from app.register.language import Question, Term
from app.register.models import SavedView
from app.requirements.models import Addressee, Assignment, AssignmentState, Requirement
from app.speeches.models import Speech

MOST_ROWS = 5000
MOST_CHOSEN = 100


@dataclass(frozen=True)
class Rows:
    """One page of the register, in the shape that the pager reads."""

    items: Sequence[Requirement]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


def find_rows(
    actor: Actor, question: Question, *, event: Event | None = None, page: int = 1, per_page: int = 50
) -> Rows:
    """The register of one event, or of every event that the actor may see; the newest gathering first.

    A page beyond the end is the last one.
    """
    wanted = [_within(actor, event), *conditions_of(question.asked, _asking(actor, event))]
    total = db.session.scalar(select(func.count(Requirement.id)).join(Event).where(*wanted)) or 0
    page = min(max(1, page), max(1, -(-total // per_page)))
    if not total:
        return Rows([], 0, page, per_page)
    found = _select_ordered(question.group).where(*wanted).limit(per_page).offset((page - 1) * per_page)
    return Rows(db.session.scalars(found.options(*_for_a_row())).unique().all(), total, page, per_page)


def find_whole_register(actor: Actor, question: Question, *, event: Event | None = None) -> Sequence[Requirement]:
    """All rows of a view, for export; at most as many as a table should hold."""
    return find_rows(actor, question, event=event, per_page=MOST_ROWS).items


def count_each(actor: Actor, questions: Sequence[Question], *, event: Event | None = None) -> list[int]:
    """How many rows each of these questions would show, in one statement."""
    asking = _asking(actor, event)
    counts = [
        func.count(case((and_(true(), *conditions_of(each.asked, asking)), Requirement.id))) for each in questions
    ]
    return list(
        db.session.execute(select(*counts).select_from(Requirement).join(Event).where(_within(actor, event))).one()
    )


def list_departments_in(actor: Actor, *, event: Event | None = None) -> Sequence[Department]:
    """The departments that requirements of the register are aimed at or given to."""
    aimed = select(Addressee.department_id).join(Requirement).join(Event).where(_within(actor, event))
    given = select(Assignment.department_id).join(Requirement).join(Event).where(_within(actor, event))
    mine = select(Department).where(or_(Department.id.in_(aimed), Department.id.in_(given)))
    return db.session.scalars(mine.order_by(Department.name)).all()


def departments_of(requirements: Sequence[Requirement]) -> dict[int, Department | None]:
    """The department under which a row stands when rows are grouped so; no statement for rows of `find_rows`."""
    return {each.id: _department_of(each) for each in requirements}


def _department_of(requirement: Requirement) -> Department | None:
    """As `_leading` says it in SQL."""
    given = [each for each in requirement.assignments if each.department_id and each.state != AssignmentState.CANCELLED]
    if given:
        return min(given, key=lambda each: each.id).department
    aimed = [each for each in requirement.addressees if each.department_id]
    return min(aimed, key=lambda each: each.id).department if aimed else None


def list_chosen(actor: Actor, refs: Sequence[str]) -> Sequence[Requirement]:
    """The requirements of these refs that the actor may see, in the order of the register."""
    wanted = list(dict.fromkeys(refs))[:MOST_CHOSEN]
    if not wanted:
        return []
    found = _select_ordered("speech").where(visible(actor), Requirement.ref.in_(wanted))
    people = selectinload(Requirement.assignments).options(
        joinedload(Assignment.verifier), joinedload(Assignment.parent)
    )
    return db.session.scalars(found.options(*_for_a_row(), people)).unique().all()


def _asking(actor: Actor, event: Event | None) -> Asking:
    now = clock.now()
    return Asking(actor, now, event.day_at(now) if event else now.date())


def _within(actor: Actor, event: Event | None) -> ColumnElement[bool]:
    return Requirement.event_id == event.id if event is not None else visible(actor)


def _select_ordered(group: str) -> Select[Requirement]:
    found = select(Requirement).join(Event).join(Speech, Speech.id == Requirement.speech_id)
    if group == "dept":
        leading = _leading()
        found = found.outerjoin(Department, Department.id == leading)
        found = found.order_by(Department.id.is_(None), Department.name, Department.id)
    return found.order_by(
        Event.starts_on.desc(), Event.id, Speech.position, Speech.id, Requirement.number, Requirement.sub
    )


def _leading() -> ColumnElement[int]:
    """The department of the first assignment that was not cancelled, else the first one addressed."""
    given: ScalarSelect[int] = (
        select(Assignment.department_id)
        .where(
            Assignment.requirement_id == Requirement.id,
            Assignment.department_id.is_not(None),
            Assignment.state != AssignmentState.CANCELLED,
        )
        .order_by(Assignment.id)
        .limit(1)
        .correlate(Requirement)
        .scalar_subquery()
    )
    aimed: ScalarSelect[int] = (
        select(Addressee.department_id)
        .where(Addressee.requirement_id == Requirement.id, Addressee.department_id.is_not(None))
        .order_by(Addressee.id)
        .limit(1)
        .correlate(Requirement)
        .scalar_subquery()
    )
    return func.coalesce(given, aimed)


def _for_a_row():
    speech = joinedload(Requirement.speech)
    return (
        joinedload(Requirement.event),
        speech.joinedload(Speech.speaker),
        speech.joinedload(Speech.session),
        selectinload(Requirement.addressees).joinedload(Addressee.department),
        selectinload(Requirement.assignments).options(
            joinedload(Assignment.responsible), joinedload(Assignment.department)
        ),
        # a whole stands as its parts do
        selectinload(Requirement.children)
        .selectinload(Requirement.assignments)
        .options(joinedload(Assignment.responsible), joinedload(Assignment.department)),
    )


# --- views that somebody keeps ------------------------------------------------------------------------------------


def list_views(actor: Actor) -> Sequence[SavedView]:
    """By name. One of a gathering that the actor may not see any more is not told."""
    found = _own_views(actor).order_by(func.lower(SavedView.name), SavedView.id)
    return db.session.scalars(found).all() if actor.id is not None else []


def find_view(actor: Actor, ref: str) -> SavedView | None:
    """One's own; of another's nobody learns that there is one."""
    return db.session.scalar(_own_views(actor).where(SavedView.ref == ref))


def _own_views(actor: Actor) -> Select[SavedView]:
    return (
        select(SavedView)
        .outerjoin(Event, Event.id == SavedView.event_id)
        .where(SavedView.account_id == actor.id, or_(SavedView.event_id.is_(None), visible(actor)))
        .options(joinedload(SavedView.event))
    )


def count_views(actor: Actor) -> int:
    return db.session.scalar(select(func.count(SavedView.id)).where(SavedView.account_id == actor.id)) or 0


def is_name_taken(actor: Actor, name: str, *, except_for: SavedView | None = None) -> bool:
    mine = select(SavedView.id).where(SavedView.account_id == actor.id, SavedView.name == name)
    if except_for is not None:
        mine = mine.where(SavedView.id != except_for.id)
    return db.session.scalar(mine.limit(1)) is not None


LATE, SILENT, CARRIED, MINE = Term("is", "late"), Term("is", "silent"), Term("is", "carried"), Term("owner", "me")
PROPOSED, BLOCKED = Term("is", "proposed"), Term("is", "blocked")
