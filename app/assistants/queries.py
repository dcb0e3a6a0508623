"""Questions about who acts for whom."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.assistants.models import Assistantship
from app.core import clock
from app.core.config import settings_now
from app.core.db import db
from app.core.roles import Actor
from app.people.models import Person
from app.people.queries import PeopleFilter, select_people


def today() -> date:
    """The company's day: an assistantship begins and ends at its midnight."""
    return clock.today(settings_now().default_zone)


def stands(on: date) -> ColumnElement[bool]:
    """The condition under which an assistantship opens something on a day."""
    return and_(
        Assistantship.ended_at.is_(None),
        or_(Assistantship.from_on.is_(None), Assistantship.from_on <= on),
        or_(Assistantship.to_on.is_(None), Assistantship.to_on >= on),
    )


def is_here(person: type[Person], on: date) -> ColumnElement[bool]:
    return or_(person.left_on.is_(None), person.left_on >= on)


def acts_for(actor: Actor, person: Person, *, on: date | None = None) -> bool:
    """Whether this account acts for the person on a day, today unless told. One statement."""
    if actor.id is None or person.id is None:
        return False
    day = on or today()
    assistant, principal = aliased(Person), aliased(Person)
    asked = (
        select(Assistantship.id)
        .join(assistant, assistant.id == Assistantship.assistant_id)
        .join(principal, principal.id == Assistantship.principal_id)
        .where(
            assistant.account_id == actor.id,
            Assistantship.principal_id == person.id,
            stands(day),
            is_here(assistant, day),
            is_here(principal, day),
        )
        .limit(1)
    )
    return db.session.scalar(asked) is not None


def assistants_of(person: Person, *, on: date | None = None) -> Sequence[Person]:
    """Who acts for the person on a day, by name. Somebody who never had an assistant costs no statement."""
    if not person.has_assistants:
        return []
    day = on or today()
    return db.session.scalars(
        select(Person)
        .join(Assistantship, Assistantship.assistant_id == Person.id)
        .where(Assistantship.principal_id == person.id, stands(day), is_here(Person, day))
        .order_by(Person.name, Person.id)
        .distinct()
    ).all()


def list_principals(actor: Actor, *, on: date | None = None) -> Sequence[Assistantship]:
    """For whom this account acts on a day, by the name of the principal."""
    if actor.id is None:
        return []
    day = on or today()
    assistant, principal = aliased(Person), aliased(Person)
    return db.session.scalars(
        select(Assistantship)
        .join(assistant, assistant.id == Assistantship.assistant_id)
        .join(principal, principal.id == Assistantship.principal_id)
        .where(assistant.account_id == actor.id, stands(day), is_here(assistant, day), is_here(principal, day))
        .order_by(principal.name, Assistantship.id)
        .options(joinedload(Assistantship.principal))
    ).all()


def find_principal(actor: Actor, ref: str) -> Person | None:
    """The person of this ref, if the account acts for them today."""
    return next((each.principal for each in list_principals(actor) if each.principal.ref == ref), None)


def list_assistantships(principal: Person) -> Sequence[Assistantship]:
    """All of a principal, also those to come and those that ended; the newest first."""
    return db.session.scalars(
        select(Assistantship)
        .where(Assistantship.principal_id == principal.id)
        .order_by(Assistantship.ended_at.is_not(None), Assistantship.id.desc())
        .options(joinedload(Assistantship.assistant))
    ).all()


def find_assistantship(ref: str) -> Assistantship | None:
    return db.session.scalar(
        select(Assistantship)
        .where(Assistantship.ref == ref)
        .options(joinedload(Assistantship.assistant), joinedload(Assistantship.principal))
    )


def find_clashing(
    principal: Person, assistant: Person, *, from_on: date | None, to_on: date | None
) -> Assistantship | None:
    """An assistantship of the same two that shares a day with these, and has not ended."""
    asked = select(Assistantship).where(
        Assistantship.principal_id == principal.id,
        Assistantship.assistant_id == assistant.id,
        Assistantship.ended_at.is_(None),
    )
    if to_on is not None:
        asked = asked.where(or_(Assistantship.from_on.is_(None), Assistantship.from_on <= to_on))
    if from_on is not None:
        asked = asked.where(or_(Assistantship.to_on.is_(None), Assistantship.to_on >= from_on))
    return db.session.scalars(asked).first()


MOST_FOUND = 20


def list_candidates(principal: Person, words: str, *, chosen: str | None = None) -> Sequence[Person]:
    """Colleagues with an account, by name, whom the words find; whoever is chosen already comes along."""
    found = select_people(PeopleFilter(words=words)).where(Person.account_id.is_not(None), Person.id != principal.id)
    people = list(db.session.scalars(found.limit(MOST_FOUND)).unique())
    if chosen and all(each.ref != chosen for each in people):
        people += db.session.scalars(
            select(Person).where(Person.ref == chosen).options(joinedload(Person.department))
        ).all()
    return people
