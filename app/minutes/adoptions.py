"""Questions about earlier minutes on the agenda of a later session."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events import queries as events
from app.events.models import Event
from app.minutes import policy, queries
from app.minutes.models import Adoption, Minutes, MinutesState, Outcome
from app.programme.models import Session

MOST = 100
SETTLED = (Outcome.ADOPTED, Outcome.CORRECTED)


def list_candidates(actor: Actor, event: Event) -> list[Minutes]:
    """Minutes of this gathering, of its series and of the editions before it that no session has adopted or has to decide
    about, the newest first."""
    before = [Minutes.event_id == event.id]
    if event.previous_id is not None:
        before.append(Minutes.event_id == event.previous_id)
    if event.series_id is not None:
        before.append(Event.series_id == event.series_id)
    settled = select(Adoption.id).where(
        Adoption.minutes_id == Minutes.id, or_(Adoption.outcome.is_(None), Adoption.outcome.in_(SETTLED))
    )
    found = db.session.scalars(
        select(Minutes)
        .join(Event, Event.id == Minutes.event_id)
        .join(Session, Session.id == Minutes.session_id)
        .where(
            or_(*before),
            Event.starts_on <= event.ends_on,
            Minutes.state.in_((MinutesState.IN_REVIEW, MinutesState.APPROVED, MinutesState.PUBLISHED)),
            ~settled.exists(),
            events.visible(actor),
            queries.visible(actor),
        )
        .options(joinedload(Minutes.session), joinedload(Minutes.event))
        .order_by(Event.starts_on.desc(), Minutes.id.desc())
        .limit(MOST)
    ).all()
    return list(found)


def list_adoptions(actor: Actor, event: Event) -> list[Adoption]:
    """The earlier minutes on the agendas of this gathering, as far as the actor may know of them."""
    found = db.session.scalars(
        _select().where(Session.event_id == event.id).order_by(Session.position, Adoption.id)
    ).all()
    return [each for each in found if policy.may_see(actor, each.minutes)]


def find_adoption(actor: Actor, event: Event, ref: str) -> Adoption | None:
    found = db.session.scalar(_select().where(Session.event_id == event.id, Adoption.ref == ref))
    return found if found is not None and policy.may_see(actor, found.minutes) else None


def list_around(minutes: Minutes) -> Sequence[Adoption]:
    """Where these minutes were on the agenda, and which earlier ones their own session had on its agenda."""
    return db.session.scalars(
        _select()
        .where(or_(Adoption.minutes_id == minutes.id, Adoption.session_id == minutes.session_id))
        .order_by(Adoption.id)
    ).all()


def _select():
    return (
        select(Adoption)
        .join(Session, Session.id == Adoption.session_id)
        .options(
            joinedload(Adoption.minutes).joinedload(Minutes.event),
            joinedload(Adoption.minutes).joinedload(Minutes.session),
            joinedload(Adoption.session).joinedload(Session.event),
            joinedload(Adoption.item),
        )
    )


def minutes_of(actor: Actor, session: Session) -> Minutes | None:
    """The minutes that tell of the adoption, as far as the actor may read them: of the session that adopted."""
    found = db.session.scalars(
        select(Minutes)
        .where(Minutes.session_id == session.id, Minutes.state != MinutesState.WITHDRAWN, queries.visible(actor))
        .order_by(Minutes.id)
    )
    return found.first()
