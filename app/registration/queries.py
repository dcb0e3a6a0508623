"""Questions about registration. Numbers shown here are never used to decide; the gate decides."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, inspect, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload

from app.accounts.models import Account
from app.core import clock
from app.core.db import db
from app.core.i18n import _, _l, format_moment, in_language
from app.core.roles import Actor
from app.core.text import fold, one_line
from app.events.models import Event, Status
from app.people.models import Department, Organization, Person
from app.people.queries import person_of
from app.programme.models import Session
from app.registration.models import GONE, Invitation, PlaceCounter, Registration, RegistrationPlan, Reservation, State
from app.signing import tokens


@dataclass(frozen=True)
class Standing:
    """How registration for an event stands, for one visitor.

    `left` and `capacity` are None without a limit. `mine` is this person's registration unless withdrawn, `position`
    their number on the waiting list. `why_not` is a sentence when `may_register` is False, and empty otherwise.
    `has_limited_sessions` tells whether sessions have places of their own, so that others need not be asked for.
    """

    plan: RegistrationPlan | None
    capacity: int | None
    taken: int
    left: int | None
    waiting: int
    mine: Registration | None
    position: int | None
    invitation: Invitation | None
    may_register: bool
    why_not: object
    person: Person | None
    has_limited_sessions: bool

    @property
    def is_full(self) -> bool:
        return self.left == 0


def standing_of(event: Event, person: Person | None) -> Standing:
    """Everything that an event's home tells about registration, in one statement; two for somebody who waits."""
    own = person.id if person is not None else None
    row = db.session.execute(_standing(), {"event_id": event.id, "person_id": own}).first()
    return _stand(event, person, row)


def own_standing(event: Event, actor: Actor) -> Standing:
    """The same for the person behind an account, who comes along in the same statement."""
    row = db.session.execute(_own_standing(), {"event_id": event.id, "account_id": actor.id}).first()
    if row is None:
        return _stand(event, person_of(actor), None)
    *known, person = row
    return _stand(event, person, known)


def _stand(event: Event, person: Person | None, row: Sequence[Any] | None) -> Standing:
    plan, counter, registration, invitation, limited = row if row is not None else (None, None, None, None, False)
    mine = registration if registration is not None and registration.state not in GONE else None
    why_not = why_closed(event, plan, clock.now(), invited=invitation is not None)
    if not why_not and person is None:
        why_not = _l("Sign in to register.")
    left = counter.left if counter is not None else None
    if not why_not and left == 0 and plan is not None and not plan.has_waiting_list:
        why_not = _l("All places are taken.")
    return Standing(
        plan=plan,
        capacity=counter.capacity if counter is not None else None,
        taken=counter.taken if counter is not None else 0,
        left=left,
        waiting=counter.waiting if counter is not None else 0,
        mine=mine,
        position=position_of(mine) if mine is not None and mine.state == State.WAITING else None,
        invitation=invitation,
        may_register=not why_not and mine is None,
        why_not=why_not or (_l("You are registered.") if mine is not None else ""),
        person=person,
        has_limited_sessions=bool(limited),
    )


@cache
def _standing() -> Select[*tuple[Any, ...]]:
    known = _known_of(select(*STANDING).select_from(RegistrationPlan), bindparam("person_id", type_=Integer))
    return known.where(RegistrationPlan.event_id == bindparam("event_id"))


@cache
def _own_standing() -> Select[*tuple[Any, ...]]:
    asked = select(*STANDING, Person).select_from(RegistrationPlan)
    asked = asked.outerjoin(Person, Person.account_id == bindparam("account_id", type_=Integer))
    return _known_of(asked, Person.id).where(RegistrationPlan.event_id == bindparam("event_id"))


LIMITED = (
    select(PlaceCounter.id)
    .where(PlaceCounter.event_id == RegistrationPlan.event_id, PlaceCounter.session_id.is_not(None))
    .correlate(RegistrationPlan)
    .exists()
)
OF_THE_EVENT = (PlaceCounter.session_id.is_(None), PlaceCounter.option.is_(None))
STANDING = (RegistrationPlan, PlaceCounter, Registration, Invitation, LIMITED)


def _known_of(
    asked: Select[*tuple[Any, ...]], own: ColumnElement[Any] | InstrumentedAttribute[int]
) -> Select[*tuple[Any, ...]]:
    return (
        asked.outerjoin(PlaceCounter, and_(PlaceCounter.event_id == RegistrationPlan.event_id, *OF_THE_EVENT))
        .outerjoin(
            Registration, and_(Registration.event_id == RegistrationPlan.event_id, Registration.person_id == own)
        )
        .outerjoin(
            Invitation,
            and_(
                Invitation.event_id == RegistrationPlan.event_id,
                Invitation.person_id == own,
                Invitation.revoked_at.is_(None),
            ),
        )
    )


def read_again(event: Event, person: Person, actor: Actor) -> None:
    """What a unit of work has to read anew before it acts, in one statement instead of one for each record."""
    if inspect(event).expired:
        asked = {"event_id": identity_of(event), "person_id": identity_of(person), "account_id": identity_of(actor)}
        db.session.execute(_again(), asked).unique().all()


def identity_of(record: Any) -> int | None:
    """The id of a record that may be expired, without reading it; None for an actor without an account."""
    known = inspect(getattr(record, "_get_current_object", lambda: record)(), raiseerr=False)
    return known.identity[0] if known is not None and known.identity else None


@cache
def _again() -> Select[*tuple[Any, ...]]:
    return (
        select(Event, Person, Account)
        .select_from(Event)
        .join(Person, Person.id == bindparam("person_id"))
        .outerjoin(Account, Account.id == bindparam("account_id", type_=Integer))
        .where(Event.id == bindparam("event_id"))
        .options(joinedload(Account.grants))
        .execution_options(populate_existing=True)
    )


def why_closed(event: Event, plan: RegistrationPlan | None, now: datetime, *, invited: bool) -> object:
    """Why nobody, or not this person, can register themselves now; empty when they can."""
    if plan is None:
        return _l("There is no registration for this event.")
    if event.status != Status.PUBLISHED:
        return _l("Registration opens only for a published event.")
    if event.has_ended_at(now):
        return _l("The event is over.")
    if plan.closes_at is not None and plan.closes_at <= now:
        return _l("The time to register has passed.")
    if not plan.is_open:
        return _l("Registration is closed.")
    if plan.opens_at is not None and plan.opens_at > now:
        return _("Registration opens on %(moment)s.", moment=format_moment(plan.opens_at, event.time_zone))
    if plan.invited_only and not invited:
        return _l("Registration is for invited people only.")
    return ""


def why_skipped(event: Event, registration: Registration) -> str:
    """Why the waiting list passed by this registration, or it lost its offer; empty when it did not."""
    return skipped_words(registration.skipped, names_of_places(event) if registration.skipped else {})


def names_of_places(event: Event) -> dict[int, str]:
    """What each counter counts the places of, by its id."""
    counters = db.session.scalars(
        select(PlaceCounter)
        .where(PlaceCounter.event_id == event.id)
        .options(joinedload(PlaceCounter.session), joinedload(PlaceCounter.event))
    )
    return {each.id: each.display_name for each in counters}


def skipped_words(code: str | None, names: Mapping[int, str]) -> str:
    """`Registration.skipped` in words."""
    kind, _blank, counter_id = (code or "").partition(" ")
    if kind == "offer_expired":
        return _("The offer of a place was not taken in time.")
    if kind == "offer_declined":
        return _("The offer of a place was declined.")
    if kind == "full" and counter_id.isdecimal():
        return _("No place was free in “%(name)s”.", name=names.get(int(counter_id), "?"))
    return ""


def position_of(registration: Registration) -> int:
    """The number on the waiting list, from 1."""
    order = tuple_(Registration.priority, Registration.joined_at, Registration.id)
    mine = tuple_(registration.priority, registration.joined_at, registration.id)
    before = select(func.count()).where(
        Registration.event_id == registration.event_id, Registration.state == State.WAITING, order <= mine
    )
    return db.session.scalar(before) or 0


def find_plan(event: Event) -> RegistrationPlan | None:
    return db.session.scalar(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id))


def find_registration(event: Event, ref: str) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.ref == ref)
        .options(joinedload(Registration.person))
    )


def find_own(event: Event, person: Person | None) -> Registration | None:
    """This person's registration, withdrawn ones too."""
    if person is None:
        return None
    return db.session.scalar(
        select(Registration).where(Registration.event_id == event.id, Registration.person_id == person.id)
    )


def find_by_code(event: Event, code: str) -> Registration | None:
    """The registration behind a scanned or typed code, in whatever way it was typed."""
    known = tokens.normalise(code)
    if not known:
        return None
    return db.session.scalar(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.door_code == known)
        .options(joinedload(Registration.person))
    )


@dataclass(frozen=True)
class SessionPlaces:
    """A session that has places of its own."""

    session: Session
    capacity: int | None
    taken: int
    left: int | None
    waiting: int


def crowd_of(event: Event) -> int | None:
    """How many people to expect in the event as a whole: all places there are, or without a limit all that are taken."""
    counter = select(PlaceCounter.capacity, PlaceCounter.taken).where(PlaceCounter.event_id == event.id, *OF_THE_EVENT)
    row = db.session.execute(counter).first()
    return (row.capacity or row.taken or None) if row is not None else None


def list_limited_sessions(event: Event) -> list[SessionPlaces]:
    """Sessions that people choose at registration, in the order of the programme."""
    rows = db.session.execute(
        select(Session, PlaceCounter)
        .select_from(Session)
        .join(PlaceCounter, PlaceCounter.session_id == Session.id)
        .where(PlaceCounter.event_id == event.id, PlaceCounter.capacity.is_not(None))
        .order_by(Session.position, Session.id)
    )
    return [SessionPlaces(each, c.capacity, c.taken, c.left, c.waiting) for each, c in rows]


def list_sessions_with_places(event: Event) -> list[SessionPlaces]:
    """Every session with its places; a capacity of None means that it takes no registration of its own."""
    rows = db.session.execute(
        select(Session, PlaceCounter)
        .select_from(Session)
        .outerjoin(PlaceCounter, PlaceCounter.session_id == Session.id)
        .where(Session.event_id == event.id)
        .order_by(Session.position, Session.id)
    )
    return [
        SessionPlaces(each, c.capacity, c.taken, c.left, c.waiting) if c else SessionPlaces(each, None, 0, None, 0)
        for each, c in rows
    ]


@dataclass(frozen=True)
class OptionPlaces:
    """A choice of the form that has places of its own."""

    key: str
    name: str
    capacity: int | None
    taken: int
    left: int | None
    waiting: int


def list_options_with_places(event: Event) -> list[OptionPlaces]:
    counters = db.session.scalars(
        select(PlaceCounter)
        .where(PlaceCounter.event_id == event.id, PlaceCounter.option.is_not(None))
        .order_by(PlaceCounter.id)
    )
    return [
        OptionPlaces(
            c.option or "", in_language(c.name_local, c.name or c.option), c.capacity, c.taken, c.left, c.waiting
        )
        for c in counters
    ]


def list_chosen_options(registration: Registration) -> list[str]:
    """Keys of the options of which the registration has or awaits a place."""
    keys = db.session.scalars(
        select(PlaceCounter.option)
        .join(Reservation, Reservation.counter_id == PlaceCounter.id)
        .where(Reservation.registration_id == registration.id, PlaceCounter.option.is_not(None))
        .order_by(PlaceCounter.id)
    )
    return [each for each in keys if each]


def list_chosen_sessions(registration: Registration) -> Sequence[Session]:
    return db.session.scalars(
        select(Session)
        .join(PlaceCounter, PlaceCounter.session_id == Session.id)
        .join(Reservation, Reservation.counter_id == PlaceCounter.id)
        .where(Reservation.registration_id == registration.id)
        .order_by(Session.position, Session.id)
    ).all()


def find_invitation(event: Event, person: Person | None) -> Invitation | None:
    """The standing invitation of this person."""
    if person is None:
        return None
    return db.session.scalar(
        select(Invitation).where(
            Invitation.event_id == event.id, Invitation.person_id == person.id, Invitation.revoked_at.is_(None)
        )
    )


def list_invitations_of(event: Event, people: Collection[Person]) -> Sequence[Invitation]:
    """The standing invitations of these people."""
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.event_id == event.id,
            Invitation.person_id.in_([each.id for each in people]),
            Invitation.revoked_at.is_(None),
        )
        .options(joinedload(Invitation.person))
    ).all()


def find_invitation_by_ref(event: Event, ref: str) -> Invitation | None:
    return db.session.scalar(
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.ref == ref)
        .options(joinedload(Invitation.person))
    )


def find_by_token(token: str, now: datetime) -> Invitation | None:
    """The invitation that a link in a mail belongs to, while it lasts: until it is revoked or its event ends."""
    invitation = db.session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == tokens.digest(token[:200]), Invitation.revoked_at.is_(None))
        .options(joinedload(Invitation.person), joinedload(Invitation.event))
    )
    if invitation is None or invitation.event.status != Status.PUBLISHED or invitation.event.has_ended_at(now):
        return None
    return invitation


def list_members(departments: Iterable[Department], *, below: bool, on: date) -> list[tuple[Person, Department]]:
    """People of these departments, with those below them or without, each with the department chosen for them."""
    chosen = {each.id: each for each in departments}
    if not chosen:
        return []
    if below:
        children: dict[int | None, list[int]] = {}
        for department_id, parent_id in db.session.execute(select(Department.id, Department.parent_id)):
            children.setdefault(parent_id, []).append(department_id)
        queue = list(chosen)
        for each in queue:
            for child in children.get(each, []):
                if child not in chosen:
                    chosen[child] = chosen[each]
                    queue.append(child)
    members = select(Person).where(
        Person.department_id.in_(chosen), or_(Person.left_on.is_(None), Person.left_on >= on)
    )
    return [(each, chosen[each.department_id]) for each in db.session.scalars(members) if each.department_id]


def list_invited_ids(event: Event) -> set[int]:
    """People with a standing invitation."""
    return set(
        db.session.scalars(
            select(Invitation.person_id).where(Invitation.event_id == event.id, Invitation.revoked_at.is_(None))
        )
    )


def list_registered_ids(event: Event) -> set[int]:
    return set(
        db.session.scalars(
            select(Registration.person_id).where(Registration.event_id == event.id, Registration.state.not_in(GONE))
        )
    )


def invitations_by_person(event: Event) -> dict[int, Invitation]:
    """Every invitation of the event, revoked ones too, by the id of the person."""
    return {
        each.person_id: each for each in db.session.scalars(select(Invitation).where(Invitation.event_id == event.id))
    }


def list_silent(event: Event) -> Sequence[Invitation]:
    """Standing invitations without an answer, of people who have no place and can be written to."""
    return db.session.scalars(
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .where(
            Invitation.event_id == event.id,
            Invitation.revoked_at.is_(None),
            Invitation.answer.is_(None),
            Person.email.is_not(None),
            Invitation.person_id.not_in(
                select(Registration.person_id).where(Registration.event_id == event.id, Registration.state.not_in(GONE))
            ),
        )
        .order_by(Person.name)
        .options(contains_eager(Invitation.person))
    ).all()


# --- the organizer's list -----------------------------------------------------------------------------------------

SORTS = ("name", "department", "state", "joined")
SIZES = (25, 50, 100, 500)


@dataclass(frozen=True)
class ListView:
    """Which part of the list is looked at, as the address of the page says it."""

    words: str = ""
    state: str = ""
    sort: str = "joined"
    page: int = 1
    per_page: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list."""

    id: int
    ref: str
    person_ref: str
    name: str
    name_local: str | None
    email: str | None
    department: str | None
    department_local: str | None
    state: str
    joined_at: datetime
    note: str | None
    skipped: str | None
    offer_until: datetime | None


@dataclass(frozen=True)
class ListPage:
    """Rows with what the pager needs, and how many there are in each state."""

    rows: list[Listed]
    counts: dict[str, int]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))


def list_page(event: Event, view: ListView) -> ListPage:
    """One page of the organizer's list. The counts heed the search, not the state."""
    counts = count_states(event, view.words)
    total = counts.get(view.state, 0) if view.state else sum(counts.values())
    pages = max(1, -(-total // view.per_page))
    page = min(max(1, view.page), pages)
    rows = list_rows(event, view, offset=(page - 1) * view.per_page, limit=view.per_page) if total else []
    return ListPage(rows, counts, total, page, view.per_page)


def count_states(event: Event, words: str = "") -> dict[str, int]:
    counted = (
        select(Registration.state, func.count(Registration.id))
        .where(Registration.event_id == event.id)
        .group_by(Registration.state)
    )
    if words.strip():
        counted = counted.join(Person, Person.id == Registration.person_id).where(*_matches(words))
    return {state: number for state, number in db.session.execute(counted)}


def list_rows(event: Event, view: ListView, *, offset: int = 0, limit: int | None = None) -> list[Listed]:
    """The rows of a view, all of them unless limited: plain values, since there may be thousands."""
    listed = (
        select(
            Registration.id, Registration.ref, Person.ref, Person.name, Person.name_local, Person.email,
            Department.name, Department.name_local, Registration.state, Registration.joined_at, Registration.note,
            Registration.skipped, Registration.offer_until,
        )
        .select_from(Registration)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Department, Department.id == Person.department_id)
        .where(Registration.event_id == event.id, *_matches(view.words))
        .order_by(*_order(view.sort))
        .offset(offset)
    )  # fmt: skip
    if view.state:
        listed = listed.where(Registration.state == view.state)
    if limit is not None:
        listed = listed.limit(limit)
    rows: Iterable[Any] = db.session.execute(listed)
    return [Listed(*row) for row in rows]


def remarks(event: Event, rows: Sequence[Listed]) -> dict[int, str]:
    """What is to be said of a row beside its state: until when a place is offered, why the list passed by."""
    names = names_of_places(event) if any((each.skipped or "").startswith("full") for each in rows) else {}
    words = {
        each.id: _("until %(moment)s", moment=format_moment(each.offer_until, event.time_zone))
        if each.state == State.OFFERED
        else skipped_words(each.skipped, names)
        for each in rows
        if each.skipped or each.state == State.OFFERED
    }
    return {number: each for number, each in words.items() if each}


def _matches(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            Person.name_key.contains(part, autoescape=True),
            Person.name_local.contains(part, autoescape=True),
            Person.email_key.contains(part, autoescape=True),
        )
        for part in fold(words).split()[:5]
    ]


def _order(sort: str) -> tuple[Any, ...]:
    columns: dict[str, tuple[Any, ...]] = {
        "name": (Person.name,),
        "department": (Department.name, Person.name),
        "state": (Registration.state, Registration.priority, Registration.joined_at),
        "joined": (Registration.joined_at,),
    }
    chosen = columns.get(sort.removeprefix("-"), columns["joined"])
    first = chosen[0].desc() if sort.startswith("-") else chosen[0]
    return (first, *chosen[1:], Registration.id)


def sessions_by_registration(event: Event, rows: Sequence[Listed]) -> dict[int, list[str]]:
    """Titles of the sessions in which each of these has or awaits a place of its own."""
    found: dict[int, list[str]] = {}
    titles = db.session.execute(
        select(Reservation.registration_id, Session.title, Session.title_local)
        .join(PlaceCounter, PlaceCounter.id == Reservation.counter_id)
        .join(Session, Session.id == PlaceCounter.session_id)
        .where(PlaceCounter.event_id == event.id)
        .order_by(Session.position, Session.id)
    )
    wanted = {each.id for each in rows}
    for registration_id, title, local in titles:
        if registration_id in wanted:
            found.setdefault(registration_id, []).append(in_language(local, title))
    return found


# --- the organizer's invitations ----------------------------------------------------------------------------------


def list_invitations(event: Event) -> Sequence[Invitation]:
    return db.session.scalars(
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .where(Invitation.event_id == event.id)
        .order_by(Person.name, Invitation.id)
        .options(contains_eager(Invitation.person).joinedload(Person.department))
    ).all()


def list_registrable(event: Event) -> Sequence[Person]:
    """People who are here and not registered, by name, for the organizer to choose from."""
    registered = select(Registration.person_id).where(
        Registration.event_id == event.id, Registration.state.not_in(GONE)
    )
    return db.session.scalars(
        select(Person)
        .outerjoin(Organization, Organization.id == Person.organization_id)
        .where(
            or_(Person.left_on.is_(None), Person.left_on >= event.starts_on),
            Organization.is_own,
            Person.id.not_in(registered),
        )
        .order_by(Person.name)
    ).all()


MOST_CHOSEN = 500


def find_people(refs: Iterable[str]) -> Sequence[Person]:
    """People by their refs, as many as are known."""
    asked = [one_line(each) for each in refs][:MOST_CHOSEN]
    return db.session.scalars(select(Person).where(Person.ref.in_(asked)).order_by(Person.name)).all()


def find_departments(refs: Iterable[str]) -> Sequence[Department]:
    asked = [one_line(each) for each in refs][:MOST_CHOSEN]
    return db.session.scalars(select(Department).where(Department.ref.in_(asked))).all()


def find_session(event: Event, ref: str) -> Session | None:
    return db.session.scalar(select(Session).where(Session.event_id == event.id, Session.ref == ref))


def find_sessions(event: Event, refs: Iterable[str]) -> Sequence[Session]:
    return db.session.scalars(
        select(Session).where(Session.event_id == event.id, Session.ref.in_(list(refs))).order_by(Session.position)
    ).all()
