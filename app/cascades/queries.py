"""What hangs below a requirement or an assignment, and how it stands taken together."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Role
from app.events.models import Audience, Event, Participation
from app.events.roles import HERE
from app.people.models import Person
from app.requirements.flags import Flag, flags_of
from app.requirements.models import Assignment, AssignmentState, Requirement

DEEPEST = 20  # no organisation hands on as often; a loop, which no act can make, would end here
STAFF = (Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER)


@dataclass(frozen=True)
class Below:
    """An assignment under the one that is looked at; `depth` 1 was handed on by it, 2 by one of those."""

    assignment: Assignment
    depth: int


@dataclass(frozen=True)
class RollUp:
    """How many stand where, and the worst that holds for any of them, however deep it lies."""

    states: Counter[AssignmentState]
    flags: Counter[Flag]
    worst: Flag | None = None
    worst_of: Assignment | None = None

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def by_state(self) -> list[tuple[AssignmentState, int]]:
        """In the order of an assignment's life."""
        return [(state, self.states[state]) for state in AssignmentState if self.states[state]]

    @property
    def by_flag(self) -> list[tuple[Flag, int]]:
        """The worst first."""
        return [(flag, self.flags[flag]) for flag in Flag if self.flags[flag]]


def roll_up(assignments: Iterable[Assignment], now: datetime) -> RollUp:
    """What is cancelled counts as a state and carries no flag; of several that are equally bad the first due is named."""
    states: Counter[AssignmentState] = Counter()
    held: Counter[Flag] = Counter()
    worst: tuple[int, int] | None = None
    worst_of: Assignment | None = None
    for each in assignments:
        states[AssignmentState(each.state)] += 1
        flags = flags_of(each, now)
        held.update(flags)
        if flags:
            weight = (tuple(Flag).index(flags[0]), each.due_on.toordinal())
            if worst is None or weight < worst:
                worst, worst_of = weight, each
    return RollUp(states, held, tuple(Flag)[worst[0]] if worst else None, worst_of)


def list_below(assignment: Assignment) -> list[Below]:
    """Everything that was handed on from it, down to the last, each under the one it is a part of. One statement."""
    depth = literal(0).label("depth")
    tree = select(Assignment.id, depth).where(Assignment.id == assignment.id).cte("below", recursive=True)
    part = aliased(Assignment)
    tree = tree.union_all(
        select(part.id, tree.c.depth + 1).join(tree, part.parent_id == tree.c.id).where(tree.c.depth < DEEPEST)
    )
    found = db.session.execute(
        select(Assignment, tree.c.depth)
        .join(tree, tree.c.id == Assignment.id)
        .options(*_told_about())
        .where(tree.c.depth > 0)
        .order_by(tree.c.depth, Assignment.due_on, Assignment.id)
    )
    under: dict[int | None, list[Below]] = {}
    for each, deep in found:
        under.setdefault(each.parent_id, []).append(Below(each, deep))
    return list(_in_order(assignment.id, under))


def list_under(requirement: Requirement) -> Sequence[Assignment]:
    """The assignments of a requirement and of all its parts, with what was handed on from them. One statement."""
    tree = select(Requirement.id).where(Requirement.id == requirement.id).cte("parts", recursive=True)
    part = aliased(Requirement)
    tree = tree.union(select(part.id).join(tree, part.parent_id == tree.c.id))
    mine = select(Assignment).where(Assignment.requirement_id.in_(select(tree.c.id)))
    return db.session.scalars(mine.options(*_told_about()).order_by(Assignment.due_on, Assignment.id)).all()


def _in_order(parent_id: int, under: dict[int | None, list[Below]]) -> Iterable[Below]:
    for each in under.get(parent_id, []):
        yield each
        yield from _in_order(each.assignment.id, under)


def _told_about():
    requirement = joinedload(Assignment.requirement)
    return (
        requirement.joinedload(Requirement.event),
        joinedload(Assignment.responsible),
        joinedload(Assignment.department),
    )


# --- who can be asked ---------------------------------------------------------------------------------------------


def list_reachable(event: Event, people: Iterable[Person]) -> set[int]:
    """The ids of those people who can sign in and see the event: what `hand_over` asks of each, for many at once."""
    accounts = {each.account_id: each.id for each in people if each.account_id}
    working = select(Account.id).where(Account.id.in_(accounts), Account.disabled_at.is_(None))
    if event.is_draft or event.audience == Audience.RESTRICTED:
        allowed = [Account.id.in_(_granted(event))]
        if not event.is_draft:
            parts = select(Person.account_id).join(Participation).where(Participation.event_id == event.id)
            allowed.append(Account.id.in_(parts))
        working = working.where(or_(*allowed))
    return {accounts[each] for each in db.session.scalars(working)}


def _granted(event: Event) -> Select[int]:
    """Whom a role lets see an event that is not for everybody in the house."""
    everywhere = (Role.ADMINISTRATOR, Role.AUDITOR)
    if event.audience != Audience.RESTRICTED:
        everywhere = (*everywhere, *STAFF)
    return select(RoleGrant.account_id).where(
        or_(
            and_(RoleGrant.event_id == event.id, RoleGrant.role.in_(HERE)),
            and_(RoleGrant.event_id.is_(None), RoleGrant.role.in_(everywhere)),
        )
    )
