"""Questions about speakers: who was asked, what they answered, what they still have to bring in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core import clock
from app.core.db import db
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import initials
from app.events.models import Event, Status
from app.people.models import Person
from app.programme.clashes import Named
from app.programme.models import AgendaItem, AgendaSpeaker, Consent, Window
from app.signing import tokens
from app.speakers.models import DELIVERABLE_LABELS, Deliverable, DeliverableVersion, Review, SpeakerProfile

OPEN_REVIEWS = (Review.MISSING, Review.RETURNED)
# Whoever has declined or was taken out of the item owes it nothing.
STILL_SPEAKS = exists().where(
    AgendaSpeaker.item_id == Deliverable.item_id,
    AgendaSpeaker.person_id == Deliverable.person_id,
    AgendaSpeaker.consent != Consent.DECLINED,
)
IN_ORDER = (AgendaItem.starts_at.is_(None), AgendaItem.starts_at, AgendaItem.position, AgendaItem.id)


# --- asking and answering -----------------------------------------------------------------------------------------


def list_parts(event: Event) -> Sequence[AgendaSpeaker]:
    """Everybody's parts in the items that take place, by time. One statement."""
    return db.session.scalars(
        select(AgendaSpeaker)
        .join(AgendaSpeaker.item)
        .where(AgendaItem.event_id == event.id, AgendaItem.cancelled_at.is_(None))
        .options(
            contains_eager(AgendaSpeaker.item).joinedload(AgendaItem.room),
            joinedload(AgendaSpeaker.person),
            joinedload(AgendaSpeaker.team),
        )
        .order_by(*IN_ORDER, AgendaSpeaker.position)
    ).all()


def find_part(event: Event, ref: str) -> AgendaSpeaker | None:
    return db.session.scalar(
        select(AgendaSpeaker)
        .join(AgendaSpeaker.item)
        .where(AgendaItem.event_id == event.id, AgendaSpeaker.ref == ref)
        .options(contains_eager(AgendaSpeaker.item), joinedload(AgendaSpeaker.person))
    )


def find_by_token(token: str) -> AgendaSpeaker | None:
    """The part that a link in a mail asks about, whether it can still be answered or not."""
    return db.session.scalar(
        select(AgendaSpeaker)
        .where(AgendaSpeaker.secret_hash == tokens.digest(token[:200]))
        .options(joinedload(AgendaSpeaker.item).joinedload(AgendaItem.event), joinedload(AgendaSpeaker.person))
    )


def is_over(part: AgendaSpeaker, now: datetime) -> bool:
    """Whether there is nothing left to answer: the item or its event is cancelled, or the event has ended."""
    event = part.item.event
    return part.item.cancelled_at is not None or event.status == Status.CANCELLED or event.has_ended_at(now)


def _own_parts(person: Person, now: datetime) -> Select[AgendaSpeaker]:
    return (
        select(AgendaSpeaker)
        .join(AgendaSpeaker.item)
        .join(AgendaItem.event)
        .where(
            AgendaSpeaker.person_id == person.id,
            AgendaItem.cancelled_at.is_(None),
            Event.status != Status.CANCELLED,
            Event.ends_on >= now.date() - timedelta(days=1),
        )
        .options(
            contains_eager(AgendaSpeaker.item).contains_eager(AgendaItem.event),
            contains_eager(AgendaSpeaker.item).joinedload(AgendaItem.room),
        )
        .order_by(Event.starts_on, *IN_ORDER)
    )


def list_own_parts(person: Person | None, now: datetime) -> list[AgendaSpeaker]:
    """Where this person was asked to speak, in gatherings to come. Those nobody has asked about yet are left out."""
    if person is None:
        return []
    mine = _own_parts(person, now).where(AgendaSpeaker.consent != Consent.NAMED)
    return [each for each in db.session.scalars(mine) if not is_over(each, now)]


def list_unanswered(person: Person | None, now: datetime) -> list[AgendaSpeaker]:
    return [each for each in list_own_parts(person, now) if each.consent == Consent.ASKED]


def find_own_part(person: Person | None, ref: str) -> AgendaSpeaker | None:
    """The person's own part in whatever event, once they were asked. The asking has told them of the event."""
    if person is None:
        return None
    return db.session.scalar(
        select(AgendaSpeaker)
        .where(AgendaSpeaker.ref == ref, AgendaSpeaker.person_id == person.id, AgendaSpeaker.consent != Consent.NAMED)
        .options(joinedload(AgendaSpeaker.item).joinedload(AgendaItem.event))
    )


def list_refusals(now: datetime, seen: ColumnElement[bool]) -> list[tuple[Event, int]]:
    """Gatherings to come in which parts were declined and still stand, with how many; of those under the condition."""
    rows = db.session.execute(
        select(Event, func.count())
        .join(AgendaItem, AgendaItem.event_id == Event.id)
        .join(AgendaSpeaker, AgendaSpeaker.item_id == AgendaItem.id)
        .where(
            seen,
            Event.status.in_((Status.DRAFT, Status.PUBLISHED)),
            Event.ends_on >= now.date(),
            AgendaItem.cancelled_at.is_(None),
            AgendaSpeaker.consent == Consent.DECLINED,
        )
        .group_by(Event.id)
        .order_by(Event.starts_on)
    )
    return [(event, number) for event, number in rows]


# --- the list of all speakers -------------------------------------------------------------------------------------


@dataclass
class SpeakerRow:
    """One person (or team) of the list: what they speak in, what is told of them, what they owe."""

    who: Person | object
    person: Person | None
    parts: list[AgendaSpeaker] = field(default_factory=list)
    profile: SpeakerProfile | None = None
    deliverables: list[Deliverable] = field(default_factory=list)

    @property
    def missing(self) -> list[Deliverable]:
        speaks = {each.item_id for each in self.parts if each.consent != Consent.DECLINED}
        return [each for each in self.deliverables if each.review in OPEN_REVIEWS and each.item_id in speaks]

    def has(self, which: str) -> bool:
        """Whether the row belongs under a filter of the list."""
        if which == "missing":
            return bool(self.missing)
        return any(standing_of(each) == which for each in self.parts)


def standing_of(part: AgendaSpeaker) -> str:
    """named, asked, accepted, again (moved since) or declined; nobody for a team, which nobody asks by mail."""
    if part.person is None:
        return "team"
    return "again" if part.agreed_to_another_time else part.consent


def list_speakers(event: Event) -> list[SpeakerRow]:
    """By name; three statements, whatever the number of speakers."""
    rows: dict[str, SpeakerRow] = {}
    for part in list_parts(event):
        who = part.person or part.team
        assert who is not None
        row = rows.setdefault(who.ref, SpeakerRow(who, part.person))
        row.parts.append(part)
    by_person = {row.person.id: row for row in rows.values() if row.person}
    profiles = db.session.scalars(
        select(SpeakerProfile).where(SpeakerProfile.event_id == event.id, SpeakerProfile.person_id.in_(by_person))
    )
    for profile in profiles:
        by_person[profile.person_id].profile = profile
    for each in list_deliverables(event):
        if each.person_id in by_person:
            by_person[each.person_id].deliverables.append(each)
    return sorted(rows.values(), key=lambda row: (row.person is None, row.parts[0].display_name))


# --- profiles -----------------------------------------------------------------------------------------------------


def find_profile(event: Event, person: Person) -> SpeakerProfile | None:
    return db.session.scalar(
        select(SpeakerProfile)
        .where(SpeakerProfile.event_id == event.id, SpeakerProfile.person_id == person.id)
        .options(joinedload(SpeakerProfile.photo))
    )


def find_speaking_person(event: Event, ref: str) -> Person | None:
    """Somebody who speaks in an item of this event, as the planners have it."""
    speaks = exists().where(
        AgendaSpeaker.person_id == Person.id, AgendaSpeaker.item_id == AgendaItem.id, AgendaItem.event_id == event.id
    )
    return db.session.scalar(select(Person).where(Person.ref == ref, speaks).options(selectinload(Person.positions)))


@dataclass(frozen=True)
class Portrait:
    """A speaker as the page of a session shows them."""

    ref: str
    name: str
    initials: str
    bio: str
    has_photo: bool


def portraits_of(event: Event, items: Iterable[AgendaItem]) -> list[Portrait]:
    """The people who speak in these items (released ones, too), each once, in the order of the items. One statement."""
    people = {
        speaker.person.ref: speaker.person
        for item in items
        if item.cancelled_at is None
        for speaker in item.speakers
        if speaker.person is not None
    }
    if not people:
        return []
    rows = db.session.execute(
        select(Person.ref, SpeakerProfile)
        .join(SpeakerProfile, SpeakerProfile.person_id == Person.id)
        .where(SpeakerProfile.event_id == event.id, Person.ref.in_(people))
    )
    profiles = {ref: profile for ref, profile in rows}
    return [
        Portrait(
            ref=ref,
            name=person.display_name,
            initials=initials(person.name),
            bio=profiles[ref].display_bio if ref in profiles else "",
            has_photo=ref in profiles and profiles[ref].photo_id is not None,
        )
        for ref, person in people.items()
    ]


# --- deliverables -------------------------------------------------------------------------------------------------


def list_deliverables(event: Event) -> Sequence[Deliverable]:
    """Those of items that take place, by the item's time and the person. With item and person, in one statement."""
    return db.session.scalars(
        _deliverables()
        .where(AgendaItem.event_id == event.id, AgendaItem.cancelled_at.is_(None))
        .order_by(*IN_ORDER, Deliverable.person_id, Deliverable.kind)
    ).all()


def _deliverables() -> Select[Deliverable]:
    return (
        select(Deliverable)
        .join(Deliverable.item)
        .options(
            contains_eager(Deliverable.item).joinedload(AgendaItem.event),
            joinedload(Deliverable.person),
        )
    )


def find_deliverable(event: Event, ref: str) -> Deliverable | None:
    return db.session.scalar(
        _deliverables()
        .where(AgendaItem.event_id == event.id, Deliverable.ref == ref)
        .options(selectinload(Deliverable.versions).joinedload(DeliverableVersion.file))
    )


def list_own_deliverables(person: Person | None, now: datetime, seen: ColumnElement[bool]) -> list[Deliverable]:
    """What is expected of this person in published gatherings to come, of those that they see."""
    if person is None:
        return []
    mine = (
        _deliverables()
        .join(AgendaItem.event)
        .where(
            Deliverable.person_id == person.id,
            AgendaItem.cancelled_at.is_(None),
            STILL_SPEAKS,
            seen,
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date() - timedelta(days=1),
        )
        .order_by(Event.starts_on, *IN_ORDER)
    )
    return list(db.session.scalars(mine))


def list_own_missing(person: Person, now: datetime, seen: ColumnElement[bool]) -> list[Deliverable]:
    """Of what this person owes, what is missing, where they still speak; one statement."""
    return [
        each
        for each in list_own_deliverables(person, now, seen)
        if each.review in OPEN_REVIEWS and not each.event.has_ended_at(now)
    ]


def list_missing(event: Event, kind: str | None = None) -> Sequence[Deliverable]:
    """Exactly what is missing: never brought in, or sent back, by people who still speak in an item that takes place."""
    missing = (
        _deliverables()
        .where(
            AgendaItem.event_id == event.id,
            AgendaItem.cancelled_at.is_(None),
            Deliverable.review.in_(OPEN_REVIEWS),
            STILL_SPEAKS,
        )
        .order_by(*IN_ORDER, Deliverable.person_id, Deliverable.kind)
    )
    if kind is not None:
        missing = missing.where(Deliverable.kind == kind)
    return db.session.scalars(missing).all()


def due_on(deliverable: Deliverable) -> date:
    """Counted back from the day of the item, and moving with it; without a time from the event's first day."""
    item, event = deliverable.item, deliverable.item.event
    day = event.day_at(item.starts_at) if item.starts_at else event.starts_on
    return day - timedelta(days=deliverable.days_before)


def is_late(deliverable: Deliverable, today: date) -> bool:
    return deliverable.review in OPEN_REVIEWS and due_on(deliverable) < today


def missing_of(event: Event) -> Mapping[str, Sequence[Named]]:
    """For the clashes: by ref of the item, who owes it what, once the day has come on which it was due."""
    today = event.day_at(clock.now())
    found: dict[str, list[Named]] = {}
    for each in list_missing(event):
        if due_on(each) <= today:
            words = _("%(kind)s of %(name)s", kind=DELIVERABLE_LABELS[each.kind], name=each.person.display_name)
            found.setdefault(each.item.ref, []).append(Named(each.person.ref, words))
    return found


# --- when somebody cannot come ------------------------------------------------------------------------------------


def list_absences(event: Event, person: Person) -> Sequence[Window]:
    """The times that the person has told for themselves, and those the organizers entered."""
    return db.session.scalars(
        select(Window)
        .where(Window.event_id == event.id, Window.person_id == person.id)
        .order_by(Window.starts_at, Window.id)
    ).all()


def find_absence(event: Event, person: Person, ref: str) -> Window | None:
    return db.session.scalar(
        select(Window).where(Window.event_id == event.id, Window.person_id == person.id, Window.ref == ref)
    )


def speaks_in(event: Event, actor: Actor) -> bool:
    if actor.id is None:
        return False
    mine = (
        select(AgendaSpeaker.id)
        .join(AgendaSpeaker.item)
        .join(Person, Person.id == AgendaSpeaker.person_id)
        .where(AgendaItem.event_id == event.id, Person.account_id == actor.id)
    )
    return db.session.scalar(mine.limit(1)) is not None
