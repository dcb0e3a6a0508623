"""Questions about groups and tables."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.batches.models import Batch, BatchKind, BatchMember
from app.core.db import db
from app.core.roles import Actor
from app.core.text import fold
from app.events.models import Event
from app.people.models import Department, Organization, Person
from app.people.queries import person_of
from app.registration.models import GONE, Invitation, Registration
from app.registration.queries import list_members

REMEMBERED = 20  # tables looked back at for what their columns were


def list_batches(event: Event, *, by: Actor | None = None) -> Sequence[Batch]:
    """Groups and tables of an event, newest first, without their rows; of one account if `by` is given."""
    found = select(Batch).where(Batch.event_id == event.id).order_by(Batch.id.desc()).options(defer(Batch.rows))
    if by is not None:
        found = found.where(Batch.by_id == by.id)
    return db.session.scalars(found).all()


def count_members(event: Event) -> dict[int, int]:
    """How many registrations each batch of an event has made."""
    ids = db.session.scalars(
        select(BatchMember.batch_id).join(Batch, Batch.id == BatchMember.batch_id).where(Batch.event_id == event.id)
    )
    counts: dict[int, int] = {}
    for each in ids:
        counts[each] = counts.get(each, 0) + 1
    return counts


def find_batch(event: Event, ref: str) -> Batch | None:
    return db.session.scalar(select(Batch).where(Batch.event_id == event.id, Batch.ref == ref))


def list_members_of(batch: Batch) -> Sequence[BatchMember]:
    """What a batch has made, with the registrations and their people."""
    return db.session.scalars(
        select(BatchMember)
        .where(BatchMember.batch_id == batch.id)
        .order_by(BatchMember.id)
        .options(joinedload(BatchMember.registration).joinedload(Registration.person))
        .execution_options(populate_existing=True)
    ).all()


def list_invitations_of(event: Event, people: Sequence[int]) -> Sequence[Invitation]:
    """The invitations of these people, with all answers."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.person_id.in_(people))
        .options(selectinload(Invitation.answers))
    ).all()


def list_registered_people(event: Event) -> set[int]:
    """Ids of people who have, or ask for, a place."""
    return set(
        db.session.scalars(
            select(Registration.person_id).where(Registration.event_id == event.id, Registration.state.not_in(GONE))
        )
    )


def list_led(actor: Actor, on: date) -> Sequence[Department]:
    """Departments that the actor is head of on a day."""
    if actor.id is None:
        return []
    led = db.session.scalars(
        select(Department).join(Person, Person.id == Department.head_id).where(Person.account_id == actor.id)
    )
    return [each for each in led if each.exists_on(on)]


def own_people(actor: Actor, event: Event) -> dict[int, Person]:
    """The people of the departments that the actor leads, and of those below them, by their ids."""
    members = list_members(list_led(actor, event.starts_on), below=True, on=event.starts_on)
    return {person.id: person for person, _department in members}


def find_to_choose(
    event: Event, words: str, department: Department | None, *, among: Iterable[int] | None, most: int
) -> list[Person]:
    """People who are here, by name: those whom all words fit, of a department and those below it."""
    allowed = set(among) if among is not None else None
    if department is not None:
        members = {person.id for person, _via in list_members([department], below=True, on=event.starts_on)}
        allowed = members if allowed is None else members & allowed
    found = (
        select(Person)
        .join(Organization, Organization.id == Person.organization_id)
        .where(Organization.is_own, or_(Person.left_on.is_(None), Person.left_on >= event.starts_on))
        .order_by(Person.name, Person.id)
    )
    for part in fold(words).split()[:5]:
        found = found.where(
            or_(Person.name_key.contains(part, autoescape=True), Person.email_key.contains(part, autoescape=True))
        )
    if allowed is not None:
        people = [each for each in db.session.scalars(found) if each.id in allowed]
        return people[:most]
    return list(db.session.scalars(found.limit(most)))


def remembered_columns(columns: Sequence[str]) -> dict[str, int]:
    """What these headings were the last time that somebody mapped them: of an equal table, else heading by heading."""
    earlier = db.session.execute(
        select(Batch.columns, Batch.mapping)
        .where(Batch.kind == BatchKind.TABLE)
        .order_by(Batch.id.desc())
        .limit(REMEMBERED)
    ).all()
    headings = [fold(each) for each in columns]
    for known, mapping in earlier:
        if [fold(each) for each in known] == headings:
            return dict(mapping)
    found: dict[str, int] = {}
    for known, mapping in earlier:
        for name, at in mapping.items():
            heading = fold(known[at])
            if name not in found and heading in headings and headings.index(heading) not in found.values():
                found[name] = headings.index(heading)
    return found


def is_head(actor: Actor, on: date) -> bool:
    return person_of(actor) is not None and bool(list_led(actor, on))
