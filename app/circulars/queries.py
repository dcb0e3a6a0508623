"""Questions about circulars. `readable` says the same as `policy.may_read`."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Account, RoleGrant
from app.circulars.models import Circular, CircularReader, CircularState
from app.core import clock
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events.models import Audience, Event, Participation, Status
from app.events.queries import visible
from app.events.roles import HERE
from app.figures.policy import followed
from app.people.models import Department, Person
from app.requirements import flags
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.requirements.policy import FOLLOWING

SUPERVISING = (Role.SUPERVISOR, Role.ORGANIZER)


def readable(actor: Actor) -> ColumnElement[bool]:
    """Which circulars somebody may open; one of a gathering only while they see that gathering."""
    mine = select(CircularReader.circular_id).join(Person).where(Person.account_id == actor.id)
    follows = Circular.event_id.in_(select(Event.id).where(followed(actor)))
    of_the_house = Circular.event_id.is_(None)
    published = Circular.state == CircularState.PUBLISHED
    reads = [Circular.id.in_(mine), follows]
    if holds(actor, *FOLLOWING):
        reads.append(of_the_house)
    prepared = [Circular.event_id.in_(_supervised(actor))]
    if holds(actor, *SUPERVISING):
        prepared.append(of_the_house)
    seen = or_(of_the_house, Circular.event_id.in_(select(Event.id).where(visible(actor))))
    return and_(seen, or_(and_(published, or_(*reads)), and_(~published, or_(*prepared))))


def _supervised(actor: Actor):
    if holds(actor, *SUPERVISING):
        return select(Event.id).where(visible(actor))
    return select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role.in_(SUPERVISING))


def list_readable(actor: Actor, *, event: Event | None = None) -> Sequence[Circular]:
    """Drafts first, then the newest."""
    mine = select(Circular).where(readable(actor)).options(joinedload(Circular.event))
    if event is not None:
        mine = mine.where(Circular.event_id == event.id)
    drafts_first = Circular.state == CircularState.PUBLISHED
    return db.session.scalars(
        mine.order_by(drafts_first, Circular.year.desc(), Circular.number.desc(), Circular.id.desc())
    ).all()


def find_readable(actor: Actor, ref: str) -> Circular | None:
    return db.session.scalar(
        select(Circular)
        .where(Circular.ref == ref, readable(actor))
        .options(
            joinedload(Circular.event),
            joinedload(Circular.document),
            selectinload(Circular.readers).joinedload(CircularReader.person).joinedload(Person.department),
        )
    )


def find_reader(circular: Circular, ref: str) -> CircularReader | None:
    return db.session.scalar(
        select(CircularReader).where(CircularReader.circular_id == circular.id, CircularReader.ref == ref)
    )


def newest_number(year: int) -> int:
    return db.session.scalar(select(func.max(Circular.number)).where(Circular.year == year)) or 0


def covered(event: Event | None) -> ColumnElement[bool]:
    """The gatherings that a circular tells of: one, or all that are neither drafts nor restricted to some."""
    if event is not None:
        return Event.id == event.id
    return and_(Event.audience != Audience.RESTRICTED, Event.status != Status.DRAFT)


def list_stranded(event: Event | None) -> Sequence[Assignment]:
    """Assignments that are with somebody in a dissolved department, or with somebody who has left (rule 40)."""
    day = clock.today(event.time_zone) if event is not None else clock.today()
    return (
        db.session.scalars(
            select(Assignment)
            .join(Requirement, Requirement.id == Assignment.requirement_id)
            .join(Event, Event.id == Requirement.event_id)
            .where(covered(event), flags.stranded(day), Assignment.state != AssignmentState.PROPOSED)
            .options(
                joinedload(Assignment.requirement).joinedload(Requirement.event),
                joinedload(Assignment.responsible),
                joinedload(Assignment.department),
            )
            .order_by(Assignment.due_on, Assignment.id)
        )
        .unique()
        .all()
    )


def who_could_read(people: Sequence[Person], event: Event | None) -> set[int]:
    """The ids of those who can sign in and, where it is of one gathering, open its pages. At most two statements."""
    ids = [each.id for each in people]
    signed = select(Person.id).join(Account, Account.id == Person.account_id)
    found = set(db.session.scalars(signed.where(Person.id.in_(ids), Account.disabled_at.is_(None))))
    if event is None or event.is_open_to_all_accounts:
        return found
    part = select(Participation.person_id).where(Participation.event_id == event.id)
    wide = and_(RoleGrant.event_id.is_(None), RoleGrant.role.in_((Role.ADMINISTRATOR, Role.AUDITOR)))
    role = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.account_id == Person.account_id)
        .where(or_(and_(RoleGrant.event_id == event.id, RoleGrant.role.in_(HERE)), wide))
    )
    return found & set(db.session.scalars(part.union(role)))


def list_departments() -> Sequence[Department]:
    return db.session.scalars(select(Department).where(Department.valid_to.is_(None)).order_by(Department.name)).all()
