"""What is printed: one edition of a programme, and what stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Actor, Role
from app.events.models import Event
from app.handouts import policy
from app.people.models import Person
from app.programme import queries as programme
from app.programme.models import AgendaItem, Room, Session
from app.releases import queries as releases
from app.speakers import queries as speakers
from app.speakers.models import Deliverable


@dataclass(frozen=True)
class Edition:
    """The programme as it goes out: a release (`number`), or the version that is worked on."""

    event: Event
    sessions: Sequence[Session]
    items: Sequence[AgendaItem]
    number: int = 0
    name: str = ""
    released_at: datetime | None = None

    @property
    def is_working(self) -> bool:
        return self.number == 0

    @property
    def days(self) -> list[programme.Day]:
        return programme.by_day(self.event, self.sessions, self.items)

    @property
    def dated(self) -> date:
        """The day that stands in the file: the same edition gives the same file."""
        return self.event.day_at(self.released_at) if self.released_at else self.event.starts_on


def edition_for(event: Event, actor: Actor, *, working: bool = False, internal: bool = False) -> Edition:
    """The newest release; before the first one, and for planners who ask for it, the working version.

    Internal items only for those who may see them, and only if they ask: most of what is printed is given to guests.
    """
    internal = internal and policy.may_print_internal(actor, event)
    if event.release_number == 0 or (working and policy.may_choose_version(actor, event)):
        sessions, items = releases.working(event)
        return Edition(event, sessions, [each for each in items if internal or not each.is_internal])
    release = releases.newest(event)
    told = releases.thawed(event, release, internal=internal)
    if release is None:
        return Edition(event, *told)
    return Edition(event, *told, number=release.number, name=release.name, released_at=release.created_at)


@dataclass
class RoomDay:
    """What is in one room on one day."""

    room: Room
    day: date
    items: list[AgendaItem] = field(default_factory=list)


def rooms_by_day(edition: Edition, *, room: str = "", day: date | None = None) -> list[RoomDay]:
    """By room and day, with what has a time there; only one room (its ref), only one day, if they are given."""
    found: dict[tuple[str, date], RoomDay] = {}
    for item in edition.items:
        place = item.room or (item.session.room if item.session else None)
        if place is None or item.starts_at is None or item.cancelled_at is not None:
            continue
        on = edition.event.day_at(item.starts_at)
        if (room and place.ref != room) or (day and on != day):
            continue
        found.setdefault((place.ref, on), RoomDay(place, on)).items.append(item)
    return sorted(found.values(), key=lambda each: (each.room.name, each.day))


def rooms_of(edition: Edition) -> list[Room]:
    """The rooms for which there is a sign."""
    return list({each.room.ref: each.room for each in rooms_by_day(edition)}.values())


@dataclass
class SpeakerSheet:
    person: Person
    items: list[AgendaItem]
    deliverables: list[Deliverable]


def sheets(edition: Edition, *, person: str = "") -> list[SpeakerSheet]:
    """A sheet for each person who speaks, by name; or for one (the ref). Three statements."""
    items: dict[str, list[AgendaItem]] = {}
    for item in edition.items:
        for speaker in item.speakers:
            ref = speaker.person.ref if speaker.person else ""
            if ref and item.cancelled_at is None and (not person or ref == person):
                items.setdefault(ref, []).append(item)
    people = db.session.scalars(
        select(Person).where(Person.ref.in_(items)).options(selectinload(Person.positions)).order_by(Person.name)
    ).all()
    owed: dict[int, list[Deliverable]] = {}
    for each in speakers.list_deliverables(edition.event):
        owed.setdefault(each.person_id, []).append(each)
    return [SpeakerSheet(each, items[each.ref], owed.get(each.id, [])) for each in people]


def list_organizers(event: Event) -> Sequence[Account]:
    """Whom speakers call: the organizers of this event."""
    mine = select(RoleGrant.account_id).where(RoleGrant.event_id == event.id, RoleGrant.role == Role.ORGANIZER)
    return cast(
        "Sequence[Account]",
        db.session.scalars(select(Account).where(Account.id.in_(mine)).order_by(Account.name)).all(),
    )
