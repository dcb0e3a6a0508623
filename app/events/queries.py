"""Questions about gatherings. Every read begins with what this person may see."""

from collections.abc import Sequence
from datetime import date
from enum import Enum, auto
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events.models import Audience, Event, EventSeries, ParticipantGroup, Participation, Status
from app.events.roles import HERE
from app.people.models import Organization, Person


class Sight(Enum):
    """How far somebody sees: what differs between two people of the same sight is only their account."""

    EVERYTHING = auto()
    STAFF = auto()
    MEMBER = auto()
    STRANGER = auto()


def sight_of(actor: Actor) -> Sight:
    if holds(actor, Role.ADMINISTRATOR, Role.AUDITOR):
        return Sight.EVERYTHING
    if not actor.is_authenticated:
        return Sight.STRANGER
    if holds(actor, Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER):
        return Sight.STAFF
    return Sight.MEMBER


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition under which an event is seen by the actor."""
    return _visible(sight_of(actor), actor.id)


def _visible(sight: Sight, account_id: int | BindParameter[int] | None) -> ColumnElement[bool]:
    if sight is Sight.EVERYTHING:
        return Event.id.is_not(None)
    shown = Event.status != Status.DRAFT
    if sight is Sight.STRANGER:
        return and_(shown, Event.audience == Audience.PUBLIC)
    roles_here = select(RoleGrant.event_id).where(RoleGrant.account_id == account_id, RoleGrant.role.in_(HERE))
    parts = select(Participation.event_id).join(Person).where(Person.account_id == account_id)
    conditions = [
        and_(shown, Event.audience.in_((Audience.PUBLIC, Audience.INTERNAL))),
        and_(shown, Event.id.in_(parts)),
        Event.id.in_(roles_here),
    ]
    if sight is Sight.STAFF:
        conditions.append(Event.audience != Audience.RESTRICTED)
    return or_(*conditions)


def select_visible(actor: Actor) -> Select[Event]:
    return select(Event).where(visible(actor))


def select_visible_ids(actor: Actor) -> Select[int]:
    return select(Event.id).where(visible(actor))


def find_visible(actor: Actor, ref: str) -> Event | None:
    return db.session.scalar(_one_visible(sight_of(actor)), {"ref": ref, "account_id": actor.id})


@cache
def _one_visible(sight: Sight) -> Select[Event]:
    """Every page inside an event asks this, and making the statement costs as much as asking it."""
    return (
        select(Event)
        .where(_visible(sight, bindparam("account_id")), Event.ref == bindparam("ref"))
        .options(joinedload(Event.host))
    )


def list_visible(actor: Actor) -> Sequence[Event]:
    return db.session.scalars(select_visible(actor).order_by(Event.starts_on.desc(), Event.id)).all()


def is_participant(actor: Actor, event: Event) -> bool:
    """Whether the actor's person has a part in the event (invited, registered, speaking …)."""
    if actor.id is None:
        return False
    mine = (
        select(Participation.id).join(Person).where(Participation.event_id == event.id, Person.account_id == actor.id)
    )
    return db.session.scalar(mine.limit(1)) is not None


def list_upcoming(actor: Actor, today: date, *, kind: str | None = None, status: str | None = None) -> Sequence[Event]:
    """What is on or still to come, the nearest first."""
    return db.session.scalars(
        _listed(actor, kind, status).where(Event.ends_on >= today).order_by(Event.starts_on, Event.id)
    ).all()


def list_past(actor: Actor, today: date, *, kind: str | None = None, status: str | None = None) -> Sequence[Event]:
    """What is over, the latest first."""
    return db.session.scalars(
        _listed(actor, kind, status).where(Event.ends_on < today).order_by(Event.starts_on.desc(), Event.id.desc())
    ).all()


def _listed(actor: Actor, kind: str | None, status: str | None) -> Select[Event]:
    listed = select_visible(actor)
    if kind:
        listed = listed.where(Event.kind == kind)
    if status:
        listed = listed.where(Event.status == status)
    return listed


def find_next_edition(actor: Actor, event: Event) -> Event | None:
    """The visible event that names this one as its previous edition."""
    return db.session.scalar(
        select_visible(actor).where(Event.previous_id == event.id).order_by(Event.starts_on).limit(1)
    )


def list_editions(actor: Actor, series_id: int) -> Sequence[Event]:
    """The gatherings of a series that the actor may see, in the order of their days."""
    return db.session.scalars(
        select_visible(actor)
        .where(Event.series_id == series_id)
        .options(joinedload(Event.series))
        .order_by(Event.starts_on, Event.id)
    ).all()


def find_series(ref: str) -> EventSeries | None:
    return db.session.scalar(select(EventSeries).where(EventSeries.ref == ref))


def list_parts(event: Event) -> Sequence[Participation]:
    """Named people with their parts, the presiding leaders first."""
    return db.session.scalars(
        select(Participation)
        .join(Person)
        .where(Participation.event_id == event.id)
        .options(joinedload(Participation.person).joinedload(Person.department))
        .order_by(Person.name, Participation.id)
    ).all()


def find_part(event: Event, ref: str) -> Participation | None:
    return db.session.scalar(select(Participation).where(Participation.event_id == event.id, Participation.ref == ref))


def list_groups(event: Event) -> Sequence[ParticipantGroup]:
    return db.session.scalars(
        select(ParticipantGroup).where(ParticipantGroup.event_id == event.id).order_by(ParticipantGroup.id)
    ).all()


def find_group(event: Event, ref: str) -> ParticipantGroup | None:
    return db.session.scalar(
        select(ParticipantGroup).where(ParticipantGroup.event_id == event.id, ParticipantGroup.ref == ref)
    )


def list_grants(event: Event) -> Sequence[RoleGrant]:
    """The roles given for this event, with their holders."""
    return db.session.scalars(
        select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.event_id == event.id)
        .options(joinedload(RoleGrant.account))
        .order_by(RoleGrant.role, Account.name)
    ).all()


def find_grant(event: Event, ref: str) -> RoleGrant | None:
    return db.session.scalar(select(RoleGrant).where(RoleGrant.event_id == event.id, RoleGrant.ref == ref))


def list_hosts() -> Sequence[Organization]:
    return db.session.scalars(select(Organization).order_by(Organization.is_own.desc(), Organization.name)).all()


def list_account_holders() -> Sequence[Person]:
    """People who can sign in, for giving them a role."""
    return db.session.scalars(
        select(Person)
        .join(Account, Account.id == Person.account_id)
        .where(Account.disabled_at.is_(None), Person.left_on.is_(None))
        .order_by(Person.name)
    ).all()


def find_account(person: Person) -> Account | None:
    """The account that a person signs in with."""
    return db.session.get(Account, person.account_id) if person.account_id is not None else None
