"""Questions about the directory."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, bindparam, event, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from app.accounts.models import Account
from app.core.db import db
from app.core.paging import Page, escape_like, paged
from app.core.roles import Actor
from app.core.text import fold
from app.people.models import Department, Import, Organization, Person, Position, Team, TeamMember

PERSON_OF = select(Person).where(Person.account_id == bindparam("account_id"))


def person_of(actor: Actor) -> Person | None:
    """The directory's person behind an account; asked once in a transaction that changes nobody."""
    if actor.id is None:
        return None
    if db.session.new or db.session.dirty:
        return db.session.scalar(PERSON_OF, {"account_id": actor.id})
    known = db.session.info.setdefault("person_of", {})
    if actor.id not in known:
        known[actor.id] = db.session.scalar(PERSON_OF, {"account_id": actor.id})
    return known[actor.id]


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    if any(isinstance(each, Person) for each in (*session.new, *session.dirty, *session.deleted)):
        session.info.pop("person_of", None)


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _settled(session: Session) -> None:
    session.info.pop("person_of", None)


def name_key(name: str, name_local: str | None = None) -> str:
    """What a name is found by: both names folded, the Latin one also without accents and written as one word."""
    latin = fold(name)
    plain = "".join(sign for sign in unicodedata.normalize("NFD", latin) if not unicodedata.combining(sign))
    ways = [latin, fold(name_local or ""), plain, plain.replace(" ", "").replace("-", "")]
    return " ".join(dict.fromkeys(way for way in ways if way))[:500]


def find_person_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email_key == fold(email)))


def find_person(ref: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.ref == ref))


def find_department(ref: str) -> Department | None:
    return db.session.scalar(select(Department).where(Department.ref == ref))


def find_team(ref: str) -> Team | None:
    return db.session.scalar(select(Team).where(Team.ref == ref))


def own_organization() -> Organization | None:
    return db.session.scalar(select(Organization).where(Organization.is_own))


def house_words() -> list[str]:
    """The names of our company: what a password must not be made of (AN2)."""
    own = own_organization()
    return [name for name in (own.name, own.name_local) if name] if own else []


def list_choosable_people() -> Sequence[Person]:
    """Own people who are still here, by name, for choosers."""
    mine = (
        select(Person)
        .outerjoin(Organization, Organization.id == Person.organization_id)
        .where(Person.left_on.is_(None), Organization.is_own)
    )
    return db.session.scalars(mine.order_by(Person.name)).all()


def list_people_without_account() -> Sequence[Person]:
    """Own people who are still here and cannot sign in yet."""
    mine = (
        select(Person)
        .join(Organization, Organization.id == Person.organization_id)
        .where(Person.left_on.is_(None), Organization.is_own, Person.account_id.is_(None))
    )
    return db.session.scalars(mine.order_by(Person.name)).all()


def list_choosable_teams() -> Sequence[Team]:
    return db.session.scalars(select(Team).join(Organization).where(Organization.is_own).order_by(Team.name)).all()


def list_choosable_departments() -> Sequence[Department]:
    return db.session.scalars(select(Department).where(Department.valid_to.is_(None)).order_by(Department.name)).all()


def latest_position(person: Person) -> Position | None:
    """The one still held, else the last one that is known."""
    still = [each for each in person.positions if each.to_on is None]
    return (still or person.positions or [None])[-1]


@dataclass(frozen=True)
class PeopleFilter:
    words: str = ""
    departments: tuple[int, ...] = ()  # a department and those below it; empty means all
    left: bool = False


def select_people(asked: PeopleFilter) -> Select[Person]:
    """People of our own company: those who are here, or those who left."""
    found = (
        select(Person)
        .join(Organization, Organization.id == Person.organization_id)
        .where(Organization.is_own, Person.left_on.is_not(None) if asked.left else Person.left_on.is_(None))
        .options(joinedload(Person.department), selectinload(Person.positions))
        .order_by(Person.name, Person.id)
    )
    for word in fold(asked.words).split():
        like = f"%{escape_like(word)}%"
        held = Person.positions.any(
            and_(
                Position.to_on.is_(None),
                or_(Position.title.ilike(like, escape="\\"), Position.title_local.ilike(like, escape="\\")),
            )
        )
        found = found.where(
            or_(Person.name_key.like(like, escape="\\"), Person.email_key.like(like, escape="\\"), held)
        )
    if asked.departments:
        found = found.where(Person.department_id.in_(asked.departments))
    return found


def list_people(asked: PeopleFilter, *, page: int, per_page: int) -> Page[Person]:
    return paged(select_people(asked), page=page, per_page=per_page)


def list_for_export(asked: PeopleFilter) -> Sequence[Person]:
    """Everybody whom the filter finds, with managers, in four statements."""
    return db.session.scalars(select_people(asked).options(joinedload(Person.manager))).unique().all()


@dataclass
class Branch:
    """A department in the tree, with those below it and how many people it has itself and in all."""

    department: Department
    people: int = 0
    below: list["Branch"] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.people + sum(each.total for each in self.below)

    def ids(self) -> tuple[int, ...]:
        return (self.department.id, *(each for branch in self.below for each in branch.ids()))


def department_tree() -> tuple[list[Branch], dict[str, Branch]]:
    """The roots of our own tree, and every branch by the ref of its department. Two statements."""
    mine = (
        select(Department)
        .outerjoin(Organization, Organization.id == Department.organization_id)
        .where(or_(Organization.is_own, Department.organization_id.is_(None)))
        .options(joinedload(Department.head))
        .order_by(Department.code, Department.name)
    )
    departments = db.session.scalars(mine).all()
    working = select(Person.department_id, func.count(Person.id)).where(Person.left_on.is_(None))
    counted = {place: number for place, number in db.session.execute(working.group_by(Person.department_id))}
    branches = {each.id: Branch(each, counted.get(each.id, 0)) for each in departments}
    roots = []
    for each in departments:
        above = branches.get(each.parent_id) if each.parent_id else None
        (above.below if above else roots).append(branches[each.id])
    return roots, {branch.department.ref: branch for branch in branches.values()}


def list_department_people(department: Department) -> Sequence[Person]:
    mine = select(Person).where(Person.department_id == department.id, Person.left_on.is_(None))
    return db.session.scalars(mine.options(selectinload(Person.positions)).order_by(Person.name)).all()


def is_head(person: Person) -> bool:
    """Whether this person heads a department that still exists."""
    mine = select(Department.id).where(Department.head_id == person.id, Department.valid_to.is_(None))
    return db.session.scalar(mine.limit(1)) is not None


def list_people_under(head: Person) -> Sequence[Person]:
    """Who works in a department that this person heads, or in one below it; the head apart. One statement."""
    under = select(Department.id).where(Department.head_id == head.id).cte("under", recursive=True)
    below = aliased(Department)
    under = under.union(select(below.id).join(under, below.parent_id == under.c.id))
    mine = select(Person).where(
        Person.department_id.in_(select(under.c.id)), Person.left_on.is_(None), Person.id != head.id
    )
    return db.session.scalars(mine.order_by(Person.name, Person.id)).all()


def find_position(person: Person, ref: str) -> Position | None:
    return db.session.scalar(select(Position).where(Position.person_id == person.id, Position.ref == ref))


def list_memberships(person: Person) -> Sequence[TeamMember]:
    mine = select(TeamMember).where(TeamMember.person_id == person.id).options(joinedload(TeamMember.team))
    return db.session.scalars(mine.order_by(TeamMember.id)).all()


def list_reports(person: Person) -> Sequence[Person]:
    """Whose manager this is."""
    mine = select(Person).where(Person.manager_id == person.id, Person.left_on.is_(None))
    return db.session.scalars(mine.order_by(Person.name)).all()


def list_teams() -> Sequence[Team]:
    """Our own teams, the newest year first, with their members. Three statements."""
    mine = select(Team).join(Organization, Organization.id == Team.organization_id).where(Organization.is_own)
    members = selectinload(Team.members).joinedload(TeamMember.person)
    return db.session.scalars(mine.options(members).order_by(Team.year.desc(), Team.name)).all()


def find_member(team: Team, ref: str) -> TeamMember | None:
    return db.session.scalar(select(TeamMember).where(TeamMember.team_id == team.id, TeamMember.ref == ref))


def department_names(ids: Iterable[int | None]) -> dict[int, Department]:
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    found = db.session.scalars(select(Department).where(Department.id.in_(wanted)))
    return {each.id: each for each in found}


def find_import(actor: Actor, ref: str) -> Import | None:
    """An import of one's own."""
    return db.session.scalar(select(Import).where(Import.ref == ref, Import.by_id == actor.id))


def list_accounts_without_person() -> Sequence[Account]:
    linked = select(Person.account_id).where(Person.account_id.is_not(None))
    return db.session.scalars(select(Account).where(Account.id.not_in(linked)).order_by(Account.name)).all()


def account_of(person: Person) -> Account | None:
    return db.session.get(Account, person.account_id) if person.account_id else None
