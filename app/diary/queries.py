"""Questions about the calendar of all events, and about everybody's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account
from app.core.db import db
from app.core.roles import Actor
from app.diary.models import CalendarFeed
from app.diary.secrets import is_token_of, ref_in
from app.events import queries as events
from app.events.models import Event, Participation, Status
from app.people.models import Person
from app.programme import policy as programme_policy
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, Session
from app.registration.models import GONE, Invitation, Registration
from app.releases.content import thaw
from app.releases.models import ProgrammeRelease
from app.requirements.models import Assignment, AssignmentState, Requirement

KEPT = timedelta(days=400)  # how long what is over stays in a feed


# --- the calendar of all events -----------------------------------------------------------------------------------


def list_between(
    actor: Actor, first: date, last: date, *, kind: str | None = None, audience: str | None = None
) -> Sequence[Event]:
    """The events that the actor may see and of which at least a day lies between these, both included."""
    found = events.select_visible(actor).where(Event.starts_on <= last, Event.ends_on >= first)
    if kind:
        found = found.where(Event.kind == kind)
    if audience:
        found = found.where(Event.audience == audience)
    return db.session.scalars(found.order_by(Event.starts_on, Event.ends_on.desc(), Event.id)).all()


# --- everybody's own ----------------------------------------------------------------------------------------------


def find_feed(account: Actor, *, for_change: bool = False) -> CalendarFeed | None:
    """Also one that was ended. `for_change` locks its row until the end of the unit of work."""
    mine = select(CalendarFeed).where(CalendarFeed.account_id == account.id)
    return db.session.scalar(mine.with_for_update() if for_change else mine)


@dataclass(frozen=True)
class Reader:
    """Whose calendar program it is that asks."""

    feed: CalendarFeed
    account: Account
    person: Person | None

    @property
    def language(self) -> str:
        return self.account.language or (self.person.language if self.person else "") or "en"


def find_reader(token: str, today: date) -> Reader | None:
    """Whoever this address was made for, if it still holds: not turned, not ended, and they still belong to the house."""
    row = db.session.execute(
        select(CalendarFeed, Account, Person)
        .join(Account, Account.id == CalendarFeed.account_id)
        .outerjoin(Person, Person.account_id == Account.id)
        .where(CalendarFeed.ref == ref_in(token[:100]))
    ).first()
    feed, account, person = row if row is not None else (None, None, None)
    if not is_token_of(token[:100], feed) or feed is None or account is None:
        return None
    has_left = person is not None and person.left_on is not None and person.left_on <= today
    if feed.ended_at is not None or not account.is_active or has_left:
        return None
    return Reader(feed, account, person)


@dataclass(frozen=True)
class Part:
    """An item that somebody speaks in, or a session that they chair, as they are told of it."""

    event: Event
    thing: AgendaItem | Session
    extra: int = 0  # what the speaker's own sequence adds


def list_registrations(reader: Reader, today: date) -> Sequence[Registration]:
    """With a place, or waiting for one."""
    assert reader.person is not None
    return db.session.scalars(
        select(Registration)
        .join(Event)
        .where(Registration.person_id == reader.person.id, Registration.state.not_in(GONE))
        .where(*_shown(reader, today))
        .options(joinedload(Registration.event))
        .order_by(Event.starts_on, Registration.id)
    ).all()


def list_open_invitations(reader: Reader, today: date) -> Sequence[Invitation]:
    """What was asked and not answered, nor registered for in another way."""
    assert reader.person is not None
    registered = select(Registration.event_id).where(
        Registration.person_id == reader.person.id, Registration.state.not_in(GONE)
    )
    return db.session.scalars(
        select(Invitation)
        .join(Event)
        .where(
            Invitation.person_id == reader.person.id,
            Invitation.revoked_at.is_(None),
            Invitation.answer.is_(None),
            Invitation.event_id.not_in(registered),
        )
        .where(*_shown(reader, today))
        .options(joinedload(Invitation.event))
        .order_by(Event.starts_on, Invitation.id)
    ).all()


def list_parts(reader: Reader, today: date) -> list[Part]:
    """What they speak in or chair, by the newest release of each event. Three statements, however many events.

    Whoever chairs a session without a time of its own is told of its items.
    """
    assert reader.person is not None
    return [*_working_parts(reader, reader.person, today), *_released_parts(reader, reader.person, today)]


def _working_parts(reader: Reader, person: Person, today: date) -> list[Part]:
    shown = (*_shown(reader, today), Event.release_number == 0)
    items = db.session.execute(
        select(AgendaItem, AgendaSpeaker)
        .select_from(AgendaItem)
        .join(Event, Event.id == AgendaItem.event_id)
        .outerjoin(Session, Session.id == AgendaItem.session_id)
        .outerjoin(AgendaSpeaker, and_(AgendaSpeaker.item_id == AgendaItem.id, AgendaSpeaker.person_id == person.id))
        .where(
            AgendaItem.starts_at.is_not(None),
            or_(
                AgendaSpeaker.id.is_not(None),
                and_(Session.chair_id == person.id, Session.starts_at.is_(None), AgendaItem.is_internal.is_(False)),
            ),
            or_(AgendaSpeaker.id.is_(None), AgendaSpeaker.consent != Consent.DECLINED),
            *shown,
        )
        .options(joinedload(AgendaItem.event), joinedload(AgendaItem.room))
        .order_by(AgendaItem.starts_at, AgendaItem.id)
    ).all()
    sessions = db.session.scalars(
        select(Session)
        .join(Event, Event.id == Session.event_id)
        .where(Session.chair_id == person.id, Session.starts_at.is_not(None), *shown)
        .options(joinedload(Session.event), joinedload(Session.room))
        .order_by(Session.starts_at, Session.id)
    )
    found = [
        Part(item.event, item, speaker.calendar_sequence if speaker is not None else 0)
        for item, speaker in items
        if not item.is_internal or programme_policy.may_see_internal(reader.account, item.event)
    ]
    return found + [Part(each.event, each) for each in sessions]


def _released_parts(reader: Reader, person: Person, today: date) -> list[Part]:
    """Of events in which they have any part: the release may still name what is being taken from them."""
    has_part = select(Participation.event_id).where(Participation.person_id == person.id)
    rows = db.session.execute(
        select(Event, ProgrammeRelease)
        .join(ProgrammeRelease, ProgrammeRelease.event_id == Event.id)
        .where(ProgrammeRelease.number == Event.release_number, Event.id.in_(has_part), *_shown(reader, today))
        .order_by(Event.starts_on, Event.id)
    ).all()
    declined = _declined(person) if rows else frozenset()
    found: list[Part] = []
    for event, release in rows:
        internal = programme_policy.may_see_internal(reader.account, event)
        sessions, items = thaw(release.content, event, internal=internal)
        chaired = {each.ref: each for each in sessions if each.chair is not None and each.chair.ref == person.ref}
        found += [Part(event, each) for each in chaired.values() if each.starts_at]  # type: ignore[arg-type]
        for item in items:
            speaks = any(each.person is not None and each.person.ref == person.ref for each in item.speakers)
            chairs = item.session is not None and item.session.ref in chaired and not item.session.starts_at
            if item.starts_at and (chairs or (speaks and item.ref not in declined)):
                found.append(Part(event, item))  # type: ignore[arg-type]  # reads like the record
    return found


def _declined(person: Person) -> frozenset[str]:
    said_no = select(AgendaItem.ref).join(AgendaSpeaker, AgendaSpeaker.item_id == AgendaItem.id)
    said_no = said_no.where(AgendaSpeaker.person_id == person.id, AgendaSpeaker.consent == Consent.DECLINED)
    return frozenset(db.session.scalars(said_no))


def list_all(reader: Reader, today: date) -> Sequence[Event]:
    """All events that they may see."""
    found = events.select_visible(reader.account).where(Event.ends_on >= today - KEPT)
    return db.session.scalars(found.order_by(Event.starts_on, Event.id)).all()


def list_due(reader: Reader, today: date) -> Sequence[Assignment]:
    """What was handed over to them, also what has ended since; nothing of gatherings that are tried out."""
    assert reader.person is not None
    return db.session.scalars(
        select(Assignment)
        .join(Assignment.requirement)
        .join(Event, Event.id == Requirement.event_id)
        .where(
            Assignment.responsible_id == reader.person.id,
            Assignment.handed_over_at.is_not(None),
            Assignment.state != AssignmentState.PROPOSED,
            Assignment.due_on >= today - KEPT,
            events.visible(reader.account),
            Event.is_rehearsal.is_(False),
        )
        .options(joinedload(Assignment.requirement).joinedload(Requirement.event))
        .order_by(Assignment.due_on, Assignment.id)
    ).all()


def _shown(reader: Reader, today: date):
    """Only while they may see it: asked at each reading. What is drafted or tried out stands in nobody's calendar."""
    return (
        events.visible(reader.account),
        Event.status != Status.DRAFT,
        Event.is_rehearsal.is_(False),
        Event.ends_on >= today - KEPT,
    )


def is_worth_noting(read_at: datetime | None, now: datetime) -> bool:
    """To the hour, so that reading stays reading."""
    return read_at is None or now - read_at >= timedelta(hours=1)
