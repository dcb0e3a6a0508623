"""Questions about awards and tallies. What is not conferred yet does not exist for others, not even as a number."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.awards import policy
from app.awards.models import Award, Recipient
from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.nominations.models import Category
from app.people.models import Person, Team


def visible(actor: Actor, event: Event) -> ColumnElement[bool]:
    if policy.sees_undecided(actor, event):
        return Award.id.is_not(None)
    return Award.conferred_on.is_not(None)


def _whole(awards: Select[Award]) -> Select[Award]:
    recipients = selectinload(Award.recipients)
    return awards.options(
        joinedload(Award.event),
        joinedload(Award.conferred_by),
        recipients.joinedload(Recipient.person),
        recipients.joinedload(Recipient.team),
        joinedload(Award.category),
        joinedload(Award.document),
    )


def list_visible(actor: Actor, event: Event, *, ceremony: Any = None) -> Sequence[Award]:
    """The awards and tallies of an event, or of one of its ceremonies, in the order in which they were entered."""
    awards = select(Award).where(Award.event_id == event.id, visible(actor, event))
    if ceremony is not None:
        awards = awards.where(Award.ceremony_id == ceremony.id)
    return db.session.scalars(_whole(awards).order_by(Award.id)).all()


def find_visible(actor: Actor, event: Event, ref: str) -> Award | None:
    """With the positions of its recipients, which its page names."""
    found = select(Award).where(Award.event_id == event.id, Award.ref == ref, visible(actor, event))
    held = selectinload(Award.recipients).joinedload(Recipient.person).selectinload(Person.positions)
    return db.session.scalar(_whole(found).options(held))


def find_recipient(award: Award, ref: str) -> Recipient | None:
    return next((each for each in award.recipients if each.ref == ref), None)


def list_of_person(person: Person, actor: Actor) -> Sequence[Award]:
    """What was conferred on a person and stands, as far as the actor sees the events."""
    mine = select(Recipient.award_id).where(Recipient.person_id == person.id)
    return _conferred(actor, Award.id.in_(mine))


def list_of_team(team: Team, actor: Actor) -> Sequence[Award]:
    mine = select(Recipient.award_id).where(Recipient.team_id == team.id)
    return _conferred(actor, Award.id.in_(mine))


def _conferred(actor: Actor, condition: ColumnElement[bool]) -> Sequence[Award]:
    awards = select(Award).where(
        condition,
        Award.conferred_on.is_not(None),
        Award.end.is_(None),
        Award.event_id.in_(events.select_visible_ids(actor)),
    )
    return db.session.scalars(_whole(awards).order_by(Award.conferred_on.desc(), Award.id)).all()


def list_of_category(actor: Actor, category: Category) -> Sequence[Award]:
    """What was decided in a category, as far as the actor may know."""
    mine = select(Award).where(Award.category_id == category.id, visible(actor, category.event))
    return db.session.scalars(_whole(mine).order_by(Award.id)).all()
