"""A requirement with what it continues and what continues it, and everything that came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Select, func, or_, select, union
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.roles import Actor, holds
from app.events.models import Event
from app.events.queries import visible
from app.extensions.models import Extension
from app.people.models import Person
from app.requirements import policy
from app.requirements.models import (
    Assignment,
    Contributor,
    Evidence,
    PrincipleReview,
    Report,
    Requirement,
    RequirementLink,
    Transfer,
    Verdict,
)
from app.speeches.models import Speech

MOST = 60  # requirements on one page; the nearest in the line are shown


@dataclass(frozen=True)
class Line:
    """What the actor may see of it. `total` counts requirements, also those beyond what is shown."""

    requirement: Requirement
    requirements: Sequence[Requirement]
    total: int
    assignments: Sequence[Assignment]
    followed: frozenset[int]  # of these also reports, evidence and verdicts
    reports: Sequence[Report]
    evidence: Sequence[Evidence]
    verdicts: Sequence[Verdict]
    reviews: Sequence[PrincipleReview]
    links: Sequence[RequirementLink]
    extensions: Sequence[Extension]
    transfers: Sequence[Transfer]


def find(event: Event, ref: str) -> Requirement | None:
    return db.session.scalar(select(Requirement).where(Requirement.event_id == event.id, Requirement.ref == ref))


def select_line(requirement_id: int) -> Select[int]:
    """The ids of the whole line, in one recursive statement that both databases run: the requirement with its whole and
    its parts, everything that these continue, and everything that continues them. A circle ends where it began."""
    whole = select(Requirement.parent_id).where(Requirement.id == requirement_id).scalar_subquery()
    start = select(Requirement.id).where(
        or_(Requirement.id == requirement_id, Requirement.id == whole, Requirement.parent_id == requirement_id)
    )
    earlier = _walk(start, "earlier", RequirementLink.later_id, RequirementLink.earlier_id)
    later = _walk(start, "later", RequirementLink.earlier_id, RequirementLink.later_id)
    both = union(select(earlier.c.id), select(later.c.id)).subquery("line")
    return select(both.c.id)


def _walk(start: Select[int], name: str, here: Any, there: Any) -> CTE:
    walk = start.cte(name, recursive=True)
    return walk.union(select(there).join(walk, here == walk.c.id))


def line_of(requirement: Requirement, actor: Actor) -> Line:
    """Statements as many for one requirement as for a hundred."""
    found = db.session.execute(
        select(Requirement, func.count().over())
        .join(Event)
        .join(Speech, Speech.id == Requirement.speech_id)
        .where(Requirement.id.in_(select_line(requirement.id)), visible(actor))
        .options(
            joinedload(Requirement.event), joinedload(Requirement.passage),
            joinedload(Requirement.speech).joinedload(Speech.speaker), joinedload(Requirement.speech).joinedload(Speech.session),
        )
        .order_by(
            func.abs(Event.id - requirement.event_id), Event.starts_on, Speech.position, Requirement.number, Requirement.sub
        )
        .limit(MOST)
    ).all()  # fmt: skip
    requirements = sorted((row[0] for row in found), key=_in_time)
    ids = [each.id for each in requirements]
    assignments = _assignments(ids, actor, requirements)
    followed = frozenset(each.id for each in assignments if _follows(actor, each))
    shown = [each.id for each in assignments]

    def of(model: Any, among: Any, *options: Any) -> Sequence[Any]:
        rows = select(model).where(model.assignment_id.in_(among)).options(*options)
        return db.session.scalars(rows.order_by(model.id)).all()

    return Line(
        requirement, requirements, found[0][1] if found else 0, assignments, followed,
        of(Report, followed), of(Evidence, followed, joinedload(Evidence.file)), of(Verdict, followed),
        db.session.scalars(select(PrincipleReview).where(PrincipleReview.requirement_id.in_(ids)).order_by(PrincipleReview.id)).all(),
        db.session.scalars(
            select(RequirementLink)
            .where(RequirementLink.earlier_id.in_(ids), RequirementLink.later_id.in_(ids))
            .order_by(RequirementLink.id)
        ).all(),
        of(Extension, shown), of(Transfer, shown),
    )  # fmt: skip


def _in_time(requirement: Requirement) -> tuple[Any, ...]:
    speech = requirement.speech
    return requirement.event.starts_on, speech.position, speech.id, requirement.number, requirement.sub


def _assignments(ids: Sequence[int], actor: Actor, requirements: Sequence[Requirement]) -> Sequence[Assignment]:
    """Also whoever helps follows the work; that is read only for those who do not follow the whole gathering."""
    found = select(Assignment).where(Assignment.requirement_id.in_(ids)).options(
        joinedload(Assignment.responsible).joinedload(Person.manager), joinedload(Assignment.verifier),
    )  # fmt: skip
    if not all(policy.may_read_history(actor, each.event) for each in requirements):
        found = found.options(
            selectinload(Assignment.support),
            selectinload(Assignment.contributors).joinedload(Contributor.person),
            joinedload(Assignment.parent).joinedload(Assignment.responsible),
        )
    return db.session.scalars(found.order_by(Assignment.id)).all()


def _follows(actor: Actor, assignment: Assignment) -> bool:
    if holds(actor, *policy.FOLLOWING, scope=assignment.event.id):
        return True
    return policy.may_follow(actor, assignment)
