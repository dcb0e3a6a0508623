"""Questions about the directory."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import select

from app.core.db import db
from app.core.roles import Actor
from app.core.text import fold
from app.people.models import Department, Organization, Person, Team


def person_of(actor: Actor) -> Person | None:
    """The directory's person behind an account."""
    if actor.id is None:
        return None
    return db.session.scalar(select(Person).where(Person.account_id == actor.id))


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
