"""Questions about invitations and their answers."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core.db import db
from app.core.paging import Page, paged
from app.core.text import fold, one_line
from app.events.models import Event, Status
from app.invitations.links import is_reconfirm_link_of, ref_in
from app.invitations.units import Unit, Units
from app.people.models import Department, Person
from app.registration.models import (
    GONE,
    Answer,
    Invitation,
    Registration,
    RegistrationPlan,
    ReminderPlan,
    State,
    Substitutes,
)

SILENT, REVOKED = "silent", "revoked"
WHICH = ("", Answer.YES, Answer.NO, Answer.MAYBE, Answer.DELEGATED, SILENT, REVOKED)
NO_UNIT = "none"


# --- one invitation -----------------------------------------------------------------------------------------------


def find_with_answers(event: Event, ref: str) -> Invitation | None:
    """An invitation with all that was answered."""
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.ref == ref)
        .options(
            joinedload(Invitation.person).joinedload(Person.department),
            joinedload(Invitation.instead_of),
            selectinload(Invitation.answers),
        )
    )


def find_any(event: Event, person: Person) -> Invitation | None:
    """This person's invitation, also one that was taken back."""
    return db.session.scalar(
        select(Invitation).where(Invitation.event_id == event.id, Invitation.person_id == person.id)
    )


def find_handed_on(event: Event, person: Person) -> Invitation | None:
    """The standing invitation of the colleague to whom this person has handed theirs on."""
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.instead_of_id == person.id, Invitation.revoked_at.is_(None))
        .options(joinedload(Invitation.person))
    )


def find_by_reconfirm_link(token: str, now: datetime) -> Registration | None:
    """The registration behind the link in the mail about a new time, until the event is over."""
    registration = db.session.scalar(
        select(Registration)
        .where(Registration.ref == one_line(ref_in(token))[:16])
        .options(joinedload(Registration.person), joinedload(Registration.event))
    )
    if registration is None or not is_reconfirm_link_of(token, registration):
        return None
    event = registration.event
    return registration if event.status == Status.PUBLISHED and not event.has_ended_at(now) else None


# --- whom somebody may send ---------------------------------------------------------------------------------------


def may_be_sent(event: Event, plan: RegistrationPlan | None, person: Person, colleague: Person) -> bool:
    """Whether the plan lets `person` hand their invitation to this colleague."""
    if plan is None or plan.substitutes == Substitutes.NOBODY or colleague.id == person.id:
        return False
    if colleague.left_on is not None and colleague.left_on < event.starts_on:
        return False
    if not colleague.email or colleague.organization_id != person.organization_id:
        return False
    if plan.substitutes == Substitutes.DEPARTMENT:
        return person.department_id is not None and colleague.department_id == person.department_id
    return True


def find_colleague(event: Event, plan: RegistrationPlan | None, person: Person, words: str) -> Person | None:
    """The one person who can be sent and whose address or number this is."""
    meant = fold(one_line(words))
    if not meant:
        return None
    found = db.session.scalars(
        select(Person).where(or_(Person.email_key == meant, func.lower(Person.employee_no) == meant)).limit(2)
    ).all()
    fitting = [each for each in found if may_be_sent(event, plan, person, each)]
    return fitting[0] if len(fitting) == 1 else None


MOST_SUGGESTED = 500


def list_colleagues(event: Event, plan: RegistrationPlan | None, person: Person) -> Sequence[Person]:
    """Whom somebody who is signed in may send, by name: suggestions while typing."""
    if plan is None or plan.substitutes == Substitutes.NOBODY:
        return []
    found = (
        select(Person)
        .where(
            Person.id != person.id,
            Person.organization_id == person.organization_id,
            Person.email.is_not(None),
            or_(Person.left_on.is_(None), Person.left_on >= event.starts_on),
        )
        .order_by(Person.name)
        .limit(MOST_SUGGESTED)
    )
    if plan.substitutes == Substitutes.DEPARTMENT:
        found = found.where(Person.department_id == person.department_id)
    return db.session.scalars(found).all()


# --- the list -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListView:
    """Which part of the list is looked at, as the address of the page says it."""

    which: str = ""
    words: str = ""
    unit: Unit | None = None
    without_unit: bool = False


def bucket() -> ColumnElement[str]:
    """An answer, or that there is none."""
    return func.coalesce(Invitation.answer, SILENT)


def list_page(
    event: Event, view: ListView, units: Units, only: Collection[int] | None, *, page: int, per_page: int
) -> Page[Invitation]:
    """One page of the invited. `only` are the departments that the reader may see; None for all."""
    return paged(_select_listed(event, view, units, only), page=page, per_page=per_page)


def list_all(event: Event, view: ListView, units: Units, only: Collection[int] | None) -> Sequence[Invitation]:
    return db.session.scalars(_select_listed(event, view, units, only)).unique().all()


def _select_listed(event: Event, view: ListView, units: Units, only: Collection[int] | None) -> Select[Invitation]:
    listed = (
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event.id, *_within(view, units, only))
        .order_by(Person.name, Invitation.id)
        .options(contains_eager(Invitation.person).joinedload(Person.department), joinedload(Invitation.instead_of))
    )
    if view.which == REVOKED:
        return listed.where(Invitation.revoked_at.is_not(None))
    listed = listed.where(Invitation.revoked_at.is_(None))
    return listed.where(bucket() == view.which) if view.which else listed


def count_answers(event: Event, view: ListView, units: Units, only: Collection[int] | None) -> dict[str, int]:
    """How many of each answer there are among those whom the search and the department leave."""
    is_revoked = Invitation.revoked_at.is_not(None)
    rows = db.session.execute(
        select(bucket(), is_revoked, func.count(Invitation.id))
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event.id, *_within(view, units, only))
        .group_by(bucket(), is_revoked)
    )
    counts: dict[str, int] = {}
    for answer, revoked, number in rows:
        keys = (REVOKED,) if revoked else ("", answer)
        for key in keys:
            counts[key] = counts.get(key, 0) + number
    return counts


def _within(view: ListView, units: Units, only: Collection[int] | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(
            Person.name_key.contains(part, autoescape=True),
            Person.name_local.contains(part, autoescape=True),
            Person.email_key.contains(part, autoescape=True),
        )
        for part in fold(view.words).split()[:5]
    ]
    if only is not None:
        conditions.append(Person.department_id.in_(only))
    if view.unit is not None:
        conditions.append(Person.department_id.in_(units.below[view.unit.id]))
    if view.without_unit:
        conditions.append(Person.department_id.is_(None))
    return conditions


# --- the response board -------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """How many are invited and what they answer."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, answer: str, number: int) -> None:
        self.counts[answer] = self.counts.get(answer, 0) + number

    def of(self, answer: str) -> int:
        return self.counts.get(answer, 0)

    @property
    def invited(self) -> int:
        return sum(self.counts.values())

    @property
    def answered(self) -> int:
        return self.invited - self.of(SILENT)

    @property
    def percent(self) -> int:
        """Of the answered, rounded down: a hundred only when nobody is missing."""
        return 100 * self.answered // self.invited if self.invited else 0


@dataclass(frozen=True)
class BoardRow:
    """A department with those below it; `unit` is None for people without a department."""

    unit: Unit | None
    tally: Tally
    depth: int


@dataclass(frozen=True)
class Board:
    total: Tally
    rows: list[BoardRow]


def read_board(event: Event, units: Units, only: Collection[int] | None) -> Board:
    """What was answered, per department with those below it. One statement, whatever the number of people."""
    rows: Iterable[Any] = db.session.execute(
        select(Person.department_id, bucket(), func.count(Invitation.id))
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event.id, Invitation.revoked_at.is_(None))
        .group_by(Person.department_id, bucket())
    )
    own: dict[int | None, Tally] = {}
    total = Tally()
    for department_id, answer, number in rows:
        if only is not None and department_id not in only:
            continue
        own.setdefault(department_id, Tally()).add(answer, number)
        total.add(answer, number)
    listed = []
    base = min((each.depth for each in units.ordered if only is None or each.id in only), default=0)
    for unit in units.ordered:
        if only is not None and unit.id not in only:
            continue
        tally = Tally()
        for inside in units.below[unit.id] & own.keys():
            for answer, number in own[inside].counts.items():
                tally.add(answer, number)
        if tally.invited:
            listed.append(BoardRow(unit, tally, unit.depth - base))
    if None in own:
        listed.append(BoardRow(None, own[None], 0))
    return Board(total, listed)


def list_silent_below(person: Person, since: datetime, seen: ColumnElement[bool]) -> Sequence[tuple[Event, int]]:
    """Events to come about which people in the units that this person heads have kept silent since then, how many each.

    One statement; `seen` is the condition under which the reader may see an event.
    """
    below = select(Department.id).where(Department.head_id == person.id).cte("below", recursive=True)
    below = below.union(select(Department.id).join(below, Department.parent_id == below.c.id))
    rows = db.session.execute(
        select(Event, func.count(Invitation.id))
        .join(Invitation, Invitation.event_id == Event.id)
        .join(Person, Person.id == Invitation.person_id)
        .where(
            Person.department_id.in_(select(below.c.id)),
            Person.id != person.id,
            Invitation.answer.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.sent_at <= since,
            Event.status == Status.PUBLISHED,
            Event.starts_on > since.date(),
            seen,
        )
        .group_by(Event.id)
        .order_by(Event.starts_on, Event.id)
    )
    return [(event, number) for event, number in rows]


# --- after a change of time ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reconfirmation:
    """How many are still asked whether they come at the new time, and how many let it pass."""

    asked: int
    lapsed: int


def count_reconfirmations(event: Event) -> Reconfirmation:
    rows = db.session.execute(
        select(Registration.state, func.count(Registration.id))
        .where(Registration.event_id == event.id, Registration.reconfirm_until.is_not(None))
        .group_by(Registration.state)
    )
    counts = {state: number for state, number in rows}
    return Reconfirmation(counts.get(State.CONFIRMED, 0), counts.get(State.WITHDRAWN, 0))


def list_reconfirmations(event: Event, *, lapsed: bool, page: int, per_page: int) -> Page[Registration]:
    """Who was asked and has not confirmed yet; or, `lapsed`, whose place was given back for it."""
    return paged(
        select(Registration)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.event_id == event.id,
            Registration.reconfirm_until.is_not(None),
            Registration.state == (State.WITHDRAWN if lapsed else State.CONFIRMED),
        )
        .order_by(Person.name, Registration.id)
        .options(contains_eager(Registration.person).joinedload(Person.department)),
        page=page,
        per_page=per_page,
    )


# --- reminders ----------------------------------------------------------------------------------------------------


def find_reminder_plan(event: Event) -> ReminderPlan | None:
    return db.session.scalar(select(ReminderPlan).where(ReminderPlan.event_id == event.id))


def rested_people(person_ids: Collection[int], since: datetime) -> set[int]:
    """Those of them who were not reminded since then, of whatever event."""
    wanted = set(person_ids)
    if not wanted:
        return set()
    lately = select(Invitation.person_id).where(Invitation.reminded_at > since)
    return wanted - set(db.session.scalars(lately))


def lock_silent(event: Event) -> Select[int]:
    """The ids of those who have not answered, locked for this unit of work."""
    return (
        select(Invitation.id)
        .where(Invitation.event_id == event.id, Invitation.answer.is_(None), Invitation.revoked_at.is_(None))
        .order_by(Invitation.id)
        .with_for_update()
    )


def select_silent(event_ids: Collection[int]) -> Select[Invitation]:
    """Standing invitations without a place of people who are here and can be written to; answered or not."""
    return (
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .join(Event, Event.id == Invitation.event_id)
        .where(
            Invitation.event_id.in_(event_ids),
            Invitation.revoked_at.is_(None),
            Invitation.sent_at.is_not(None),
            Person.email.is_not(None),
            or_(Person.left_on.is_(None), Person.left_on >= Event.starts_on),
            ~select(Registration.id)
            .where(
                Registration.event_id == Invitation.event_id,
                Registration.person_id == Invitation.person_id,
                Registration.state.not_in(GONE),
            )
            .exists(),
        )
        .order_by(Person.name, Invitation.id)
        .options(contains_eager(Invitation.person), contains_eager(Invitation.event))
    )
