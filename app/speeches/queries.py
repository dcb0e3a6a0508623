"""Questions about what was said."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.events.models import Event, Participation
from app.people.models import Organization, Person
from app.programme.models import AgendaItem, Session
from app.speeches.models import Passage, Speech, Statement


def list_speeches(event: Event) -> Sequence[Speech]:
    mine = select(Speech).where(Speech.event_id == event.id).order_by(Speech.position, Speech.id)
    return db.session.scalars(mine.options(joinedload(Speech.speaker), joinedload(Speech.session))).all()


def find_speech(event: Event, ref: str) -> Speech | None:
    mine = select(Speech).where(Speech.event_id == event.id, Speech.ref == ref)
    return db.session.scalar(
        mine.options(
            joinedload(Speech.speaker),
            joinedload(Speech.delegate),
            joinedload(Speech.session),
            joinedload(Speech.item),
            selectinload(Speech.passages),
        )
    )


def find_passage(speech: Speech, ref: str) -> Passage | None:
    return db.session.scalar(select(Passage).where(Passage.speech_id == speech.id, Passage.ref == ref))


def list_statements(event: Event) -> Sequence[Statement]:
    mine = select(Statement).where(Statement.event_id == event.id).order_by(Statement.position, Statement.id)
    return db.session.scalars(mine.options(*_with_team())).all()


def find_statement(event: Event, ref: str) -> Statement | None:
    mine = select(Statement).where(Statement.event_id == event.id, Statement.ref == ref)
    return db.session.scalar(mine.options(*_with_team()))


def _with_team():
    return joinedload(Statement.team), joinedload(Statement.session), joinedload(Statement.speaker)


def list_possible_delegates(event: Event) -> Sequence[Person]:
    """Those of the possible speakers who can sign in."""
    return [each for each in list_possible_speakers(event) if each.account_id is not None]


def list_sessions(event: Event) -> Sequence[Session]:
    mine = select(Session).where(Session.event_id == event.id).order_by(Session.position, Session.id)
    return db.session.scalars(mine).all()


def list_items(event: Event) -> Sequence[AgendaItem]:
    mine = select(AgendaItem).where(AgendaItem.event_id == event.id, AgendaItem.cancelled_at.is_(None))
    return db.session.scalars(mine.order_by(AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)).all()


def list_possible_speakers(event: Event) -> Sequence[Person]:
    """Own people, and everybody who has a part in this event, by name."""
    parts = select(Participation.person_id).where(Participation.event_id == event.id)
    people = (
        select(Person)
        .outerjoin(Organization, Organization.id == Person.organization_id)
        .where(Person.left_on.is_(None), Organization.is_own | Person.id.in_(parts))
    )
    return db.session.scalars(people.order_by(Person.name)).all()


def next_speech_position(event: Event) -> int:
    last = db.session.scalar(select(func.max(Speech.position)).where(Speech.event_id == event.id))
    return (last or 0) + 1


def next_passage_position(speech: Speech) -> int:
    last = db.session.scalar(select(func.max(Passage.position)).where(Passage.speech_id == speech.id))
    return (last or 0) + 1


def next_statement_position(event: Event) -> int:
    last = db.session.scalar(select(func.max(Statement.position)).where(Statement.event_id == event.id))
    return (last or 0) + 1
