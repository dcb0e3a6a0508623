"""Questions about the timetable: everything on it, and who has moved what lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account
from app.core import clock
from app.core.db import db
from app.core.i18n import in_language
from app.core.roles import Actor
from app.events.models import Event
from app.people.models import Person, Team
from app.programme import queries as programme
from app.programme.clashes import Clash
from app.programme.models import AgendaItem, AgendaSpeaker, Room, Session, Track
from app.timetable.models import Step

KEPT = 50  # steps of one account in one event
LATELY = timedelta(minutes=2)


@dataclass(frozen=True)
class Timetable:
    """The working programme of an event as it is arranged, with all its clashes."""

    rooms: Sequence[Room]
    tracks: Sequence[Track]
    sessions: Sequence[Session]
    items: Sequence[AgendaItem]
    clashes: Sequence[Clash]


@dataclass(frozen=True)
class Told:
    """A step of one's own, by the name of its item."""

    ref: str
    title: str


@dataclass(frozen=True)
class Pulse:
    """What changes from one moment to the next: which step would be taken back or done again, and who else is at it."""

    undo: Told | None
    redo: Told | None
    others: list[str]


def timetable_of(event: Event, actor: Actor) -> Timetable:
    """In a constant number of statements, whatever stands in the programme."""
    rooms = programme.list_rooms(event)
    tracks = programme.list_tracks(event)  # found by the items in the session's memory
    sessions = programme.list_sessions(event)
    items = list_items(event)
    return Timetable(rooms, tracks, sessions, items, programme.clashes_in(event, actor, sessions, items))


def list_items(event: Event) -> Sequence[AgendaItem]:
    """All items, for those who plan, with the names of who speaks; rooms, tracks and sessions are known already."""
    names = joinedload(AgendaItem.speakers).options(
        joinedload(AgendaSpeaker.person).load_only(Person.ref, Person.name, Person.name_local),
        joinedload(AgendaSpeaker.team).load_only(Team.ref, Team.name, Team.name_local),
    )
    return (
        db.session.scalars(
            select(AgendaItem)
            .where(AgendaItem.event_id == event.id)
            .options(names)
            .order_by(AgendaItem.starts_at.is_(None), AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)
        )
        .unique()
        .all()
    )


def find_step(event: Event, actor: Actor, ref: str) -> Step | None:
    """A step of the actor's own."""
    return db.session.scalar(
        select(Step).where(Step.event_id == event.id, Step.account_id == actor.id, Step.ref == ref)
    )


def pulse_of(event: Event, actor: Actor) -> Pulse:
    """Two statements."""
    rows = db.session.execute(
        select(Step.id, Step.ref, Step.undone_at, AgendaItem.title, AgendaItem.title_local)
        .join(AgendaItem, AgendaItem.id == Step.item_id)
        .where(Step.event_id == event.id, Step.account_id == actor.id)
        .order_by(Step.id.desc())
        .limit(KEPT)
    ).all()
    undo, redo = next_steps([(row.id, row.undone_at is not None) for row in rows])
    told = {row.id: Told(row.ref, in_language(row.title_local, row.title)) for row in rows}
    since = clock.now() - LATELY
    others = db.session.scalars(
        select(Account.name)
        .where(
            Account.id.in_(
                select(Step.account_id).where(
                    Step.event_id == event.id,
                    Step.account_id != actor.id,
                    or_(Step.created_at >= since, Step.undone_at >= since),
                )
            )
        )
        .order_by(Account.name)
    ).all()
    return Pulse(told.get(undo), told.get(redo), list(others))


def next_steps(steps: Sequence[tuple[int, bool]]) -> tuple[int | None, int | None]:
    """Of (id, was it taken back), newest first: which would be taken back next, and which done again.

    Whoever moves something after having taken steps back has chosen another way: those before are not done again.
    """
    redo = None
    for step, undone in steps:
        if not undone:
            return step, redo
        redo = step
    return None, redo
