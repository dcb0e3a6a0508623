"""Questions about gatherings. Every read begins with what this person may see."""

from collections.abc import Sequence

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.events.models import Audience, Event, Participation, Status
from app.events.policy import HERE
from app.people.models import Person


def visible(actor: Actor):
    """The condition under which an event is seen by the actor."""
    if holds(actor, Role.ADMINISTRATOR, Role.AUDITOR):
        return Event.id.is_not(None)
    shown = Event.status != Status.DRAFT
    if not actor.is_authenticated:
        return and_(shown, Event.audience == Audience.PUBLIC)
    roles_here = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role.in_(HERE))
    parts = select(Participation.event_id).join(Person).where(Person.account_id == actor.id)
    conditions = [
        and_(shown, Event.audience.in_((Audience.PUBLIC, Audience.INTERNAL))),
        and_(shown, Event.id.in_(parts)),
        Event.id.in_(roles_here),
    ]
    if holds(actor, Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER):
        conditions.append(Event.audience != Audience.RESTRICTED)
    return or_(*conditions)


def select_visible(actor: Actor) -> Select[Event]:
    return select(Event).where(visible(actor))


def select_visible_ids(actor: Actor) -> Select[int]:
    return select(Event.id).where(visible(actor))


def find_visible(actor: Actor, ref: str) -> Event | None:
    return db.session.scalar(
        select_visible(actor).where(Event.ref == ref).options(joinedload(Event.host), joinedload(Event.previous))
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
