"""What can be done with registration: open and close, register, withdraw, set capacities."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, delete, select
from sqlalchemy.orm import joinedload

from app.core import audit, clock
from app.core.db import db, edit, new_ref
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Audience, Event, Participation, Status
from app.people.models import Person
from app.programme.models import Session
from app.registration import answering, asking, leaving, places, policy, queries, telling
from app.registration.errors import AlreadyRegistered, NoPlaceLeft, NotRegistered, RegistrationClosed
from app.registration.models import (
    GONE,
    Answer,
    Approver,
    EndedCode,
    Invitation,
    Registration,
    RegistrationPlan,
    State,
)
from app.signing import tokens

MOST_PLACES = 1_000_000
# How registration works, with what one person has of it already: a registration, a standing invitation.
Known = tuple[RegistrationPlan, Registration | None, Invitation | None]


def open_registration(
    event: Event,
    *,
    actor: Actor,
    capacity: int | None = None,
    closes_at: datetime | None = None,
    has_waiting_list: bool = True,
    invited_only: bool = False,
) -> RegistrationPlan:
    """Begin to take registrations, from now on. No capacity means that there is room for everybody."""
    require(policy.may_organize(actor, event))
    return arrange(
        event,
        actor=actor,
        version=None,
        is_open=True,
        capacity=capacity,
        closes_at=closes_at,
        has_waiting_list=has_waiting_list,
        invited_only=invited_only,
    )


def arrange(
    event: Event,
    *,
    actor: Actor,
    version: int | None,
    is_open: bool,
    capacity: int | None,
    closes_at: datetime | None,
    has_waiting_list: bool,
    invited_only: bool,
    reason: str | None = None,
    **rules: Any,
) -> RegistrationPlan:
    """Set how registration for an event works; makes the plan the first time. `reason` is for a capacity below use.

    `rules` are further columns of the plan, named in RULES; those not given stay as they are.
    """
    require(policy.may_organize(actor, event))
    now = clock.now()
    if event.status == Status.CANCELLED:
        raise Refused(_("The event is cancelled."))
    if is_open and event.has_ended_at(now):
        raise Refused(_("The event is over: nobody can register any more."))
    if is_open and closes_at is not None and closes_at <= now:
        raise Refused(_("This time has passed already. Choose a later one, or none."), field="closes_at")
    _check_rules(rules, closes_at)
    values = {
        "is_open": is_open, "closes_at": closes_at, "has_waiting_list": has_waiting_list, "invited_only": invited_only,
        **rules,
    }  # fmt: skip
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    plan = queries.find_plan(event)
    if plan is None:
        plan = RegistrationPlan(event=event, **values)
        db.session.add(plan)
        places.open_counter(event)
        changes = values
    else:
        changes = edit(plan, version=version, **values)
    _resize(event, None, capacity, actor=actor, reason=reason, now=now)
    if changes:
        told = {name: each if isinstance(each, list) else [None, each] for name, each in changes.items()}
        audit.record(actor, "registration.arranged", plan, scope=event, changed=told)
    return plan


MOST_HOURS = 24 * 60
MOST_DAYS = 60
RULES = (
    "opens_at",
    "offer_hours",
    "approver",
    "approval_days",
    "pending_holds",
    "changes_until",
    "reconfirm_hours",
    "substitutes",
    "substitutes_approved",
)


def _check_rules(rules: Mapping[str, Any], closes_at: datetime | None) -> None:
    unknown = set(rules).difference(RULES)
    if unknown:
        raise TypeError(f"no rules of registration: {', '.join(sorted(unknown))}")
    opens_at = rules.get("opens_at")
    if opens_at is not None and closes_at is not None and closes_at <= opens_at:
        raise Refused(_("Registration has to close after it opens."), field="closes_at")
    for name, least, most in (
        ("offer_hours", 0, MOST_HOURS),
        ("reconfirm_hours", 0, MOST_HOURS),
        ("approval_days", 1, MOST_DAYS),
    ):
        if not least <= rules.get(name, least) <= most:
            raise Refused(_("Please give a number from %(least)d to %(most)d.", least=least, most=most), field=name)


def close_registration(plan: RegistrationPlan, *, actor: Actor) -> None:
    """Take no more registrations. Who waits still moves up when somebody withdraws."""
    require(policy.may_organize(actor, plan.event))
    if not plan.is_open:
        raise Refused(_("Registration is closed already."))
    edit(plan, version=None, is_open=False)
    audit.record(actor, "registration.closed", plan)


def reopen_registration(plan: RegistrationPlan, *, actor: Actor) -> None:
    require(policy.may_organize(actor, plan.event))
    now = clock.now()
    if plan.is_open:
        raise Refused(_("Registration is open already."))
    if plan.event.has_ended_at(now):
        raise Refused(_("The event is over: nobody can register any more."))
    if plan.closes_at is not None and plan.closes_at <= now:
        raise Refused(_("The time to register has passed. Change it in the settings first."))
    edit(plan, version=None, is_open=True)
    audit.record(actor, "registration.opened", plan)


def set_capacity(
    event: Event,
    session: Session | None,
    capacity: int | None,
    *,
    actor: Actor,
    reason: str | None = None,
    option: str | None = None,
    name: str | None = None,
    name_local: str | None = None,
) -> list[Registration]:
    """The number of places of the event, of one of its sessions, or of an option (its key); None is no limit.

    More places go to the waiting list at once: returns those who moved up. Fewer than are taken needs a reason.
    """
    require(policy.may_organize(actor, event))
    if session is not None and session.event_id != event.id:
        raise Refused(_("This session belongs to another event."))
    return _resize(
        event, session, capacity, actor=actor, reason=reason, now=clock.now(), option=option, name=name,
        name_local=name_local,
    )  # fmt: skip


def _resize(
    event: Event,
    session: Session | None,
    capacity: int | None,
    *,
    actor: Actor,
    reason: str | None,
    now: datetime,
    option: str | None = None,
    name: str | None = None,
    name_local: str | None = None,
) -> list[Registration]:
    if capacity is not None and not 0 <= capacity <= MOST_PLACES:
        raise Refused(_("Please give a number from 0 to 1,000,000."), field="capacity")
    places.lock(event)
    counter = places.open_counter(event, session, option=option, name=name, name_local=name_local)
    db.session.refresh(counter)
    before = counter.capacity
    if before == capacity:
        return []
    promoted = places.set_capacity(counter, capacity, places.lock(event), reason=reason, now=now)
    of_option: dict[str, Any] = {"option": option} if option else {}
    audit.record(
        actor, "registration.capacity_set", counter, scope=event, reason=reason, capacity=[before, capacity],
        session=session.ref if session else None, **of_option,
    )  # fmt: skip
    welcome(promoted, event, actor)
    return promoted


def register_person(
    event: Event,
    person: Person,
    *,
    actor: Actor,
    sessions: Collection[Session] = (),
    options: Collection[str] = (),
    note: str | None = None,
) -> Registration:
    """Take a place for a person, or put them on the waiting list; with `sessions` and `options` a place in each, all
    or none.

    An organizer may do this for anybody until the event ends, also when registration is closed to others. Somebody
    who withdrew comes back with a new admission code, at the end of the line.
    """
    queries.read_again(event, person, actor)
    require(policy.may_act_for(actor, event, person))
    actor = policy.in_whose_name(actor, event, person)
    return enter(event, person, actor=actor, sessions=sessions, options=options, note=note)


def enter(
    event: Event,
    person: Person,
    *,
    actor: Actor,
    sessions: Collection[Session] = (),
    options: Collection[str] = (),
    note: str | None = None,
    means: str = "page",
    may_wait: bool | None = None,
) -> Registration:
    """`register_person` behind its door: for acts that have proven in another way that they may (a signed link).

    `means` says by what way somebody came: page, link, group, import, or walk_in, which like an organizer registers
    while the event is on and asks nobody's approval. `may_wait=False` refuses where the plan would let them wait.
    """
    counters = places.lock(event)
    mine = _enter(
        event, person, counters, _find_all(event, person), actor=actor, sessions=sessions, options=options, note=note,
        means=means, may_wait=may_wait,
    )  # fmt: skip
    db.session.flush()  # the registration, its places, the part and the mail at once
    return mine


def _enter(
    event: Event,
    person: Person,
    counters: places.Counters,
    known: Known,
    *,
    actor: Actor,
    sessions: Collection[Session],
    options: Collection[str],
    note: str | None,
    means: str,
    may_wait: bool | None,
) -> Registration:
    """`enter` with what is known of the person, under the lock; its rows are written with the next flush."""
    now = clock.now()
    plan, mine, invitation = known
    by_staff = means == WALK_IN or policy.may_organize(actor, event)
    _check_open(event, plan, person, now, by_staff=by_staff, invited=invitation is not None)
    if mine is not None and mine.state not in GONE:
        raise AlreadyRegistered(_("%(name)s is registered already.", name=person.display_name))
    is_back, code = mine is not None, tokens.new_admission_code()
    if mine is None:
        mine = Registration(ref=new_ref(), event=event, person=person, calendar_sequence=0, priority=0, door_code=code)
    places.take(
        mine, counters, sessions, options, now=now,
        may_wait=plan.has_waiting_list and may_wait is not False,
        pending=plan.approver != Approver.NOBODY and not by_staff, pending_holds=plan.pending_holds,
    )  # fmt: skip
    mine.door_code = code
    mine.is_rehearsal = event.is_rehearsal
    mine.by_id = actor.id
    mine.note = note
    if is_back:
        mine.version += 1
        mine.calendar_sequence += 1
        mine.withdrawn_at = mine.withdraw_reason = mine.instead_of_id = mine.reconfirm_until = None
        add_part(event, person, "registered")
    else:
        db.session.add(Participation(event=event, person=person, role="registered"))
    if invitation is not None and invitation.answer != Answer.YES:
        answering.keep_answer(invitation, Answer.YES, actor=actor, means=means, now=now)
    chosen: dict[str, Any] = {"options": sorted(options)} if options else {}
    audit.record(
        actor, "registration.made", mine, scope=event, state=str(mine.state), means=means,
        sessions=[each.ref for each in sessions], **chosen,
    )  # fmt: skip
    if mine.state == State.PENDING:
        asking.ask(mine, event, plan, now=now)
    telling.tell_registered(mine, event, sessions)
    return mine


WALK_IN = "walk_in"


NO_ANSWER = ("unconfirmed", "undone")  # ways to lose a place that say nothing about wanting to come


@dataclass(frozen=True)
class Entry:
    """One person of a group, and what they choose."""

    person: Person
    sessions: Collection[Session] = ()
    options: Collection[str] = ()
    note: str | None = None


@dataclass(frozen=True)
class Placed:
    """What became of one entry: a registration, or why there is none."""

    entry: Entry
    registration: Registration | None
    refusal: Refused | None = None


def register_many(
    event: Event, entries: Sequence[Entry], *, actor: Actor, as_fits: bool = False, means: str = "group"
) -> list[Placed]:
    """Several people at once, for whoever may act for each of them: every one has a place, or nobody is registered.

    With `as_fits` as many as there is room for, in the order given; the others wait in line, or without a waiting
    list are left out. Who is refused for another reason is left out too, and the rest goes on.
    """
    for each in entries:
        require(policy.may_act_for(actor, event, each.person))
    return enter_many(
        event, entries, actor=actor, as_fits=as_fits, means=means,
        in_whose_name=lambda entry: policy.in_whose_name(actor, event, entry.person),
    )  # fmt: skip


def enter_many(
    event: Event,
    entries: Sequence[Entry],
    *,
    actor: Actor,
    in_whose_name: Callable[[Entry], Actor] | None = None,
    as_fits: bool = False,
    means: str = "group",
) -> list[Placed]:
    """`register_many` behind its door, like `enter`; `in_whose_name` gives another actor for each entry."""
    counters = places.lock(event)
    known = _find_many(event, [each.person for each in entries])
    placed = []
    with db.session.no_autoflush:  # the rows of all of them are written together
        for each in entries:
            one = _enter_one(
                event, each, counters, known[each.person.id], actor=in_whose_name(each) if in_whose_name is not None else actor,
                as_fits=as_fits, means=means,
            )  # fmt: skip
            known[each.person.id] = (known[each.person.id][0], one.registration, None)
            placed.append(one)
    refused = [each.refusal for each in placed if each.refusal is not None]
    if as_fits or not refused:
        db.session.flush()
        return placed
    other = next((each for each in refused if not isinstance(each, NoPlaceLeft)), None)
    raise other or NoPlaceLeft(
        _(
            "There is room for %(fit)d of these %(all)d people. Nobody was registered.",
            fit=len(entries) - len(refused), all=len(entries),
        )
    )  # fmt: skip


def _enter_one(
    event: Event, entry: Entry, counters: places.Counters, known: Known, *, actor: Actor, as_fits: bool, means: str
) -> Placed:
    try:
        mine = _enter(
            event, entry.person, counters, known, actor=actor, sessions=entry.sessions, options=entry.options,
            note=entry.note, means=means, may_wait=as_fits,
        )  # fmt: skip
    except Refused as refusal:
        return Placed(entry, None, refusal)
    return Placed(entry, mine)


def change_choices(
    registration: Registration,
    *,
    actor: Actor,
    add: Collection[Session | str] = (),
    drop: Collection[Session | str] = (),
    version: int | None = None,
    means: str = "page",
) -> list[Registration]:
    """Other sessions and options (by their keys) for somebody who is registered: all of the change or nothing of it.

    Raises NoPlaceLeft, which names what is full. Returns those who moved up into what was given back.
    """
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    actor = policy.in_whose_name(actor, event, person)
    now = clock.now()
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    counters = places.lock(event)
    db.session.refresh(registration)
    edit(registration, version=version)
    promoted = places.change(registration, counters, add=add, drop=drop, now=now)
    registration.version += 1
    audit.record(
        actor, "registration.changed", registration, scope=event, means=means,
        added=[_key_of(each) for each in add], dropped=[_key_of(each) for each in drop],
    )  # fmt: skip
    welcome(promoted, event, actor)
    return promoted


def _key_of(choice: Session | str) -> str:
    return choice if isinstance(choice, str) else choice.ref


def end_code(registration: Registration, *, replaced_by: Person | None = None) -> None:
    """The admission code admits nobody from now on; the door can say whose it was, and who comes instead."""
    db.session.add(
        EndedCode(
            event_id=registration.event_id, person_id=registration.person_id, code=registration.door_code,
            replaced_by_id=replaced_by.id if replaced_by is not None else None,
        )
    )  # fmt: skip


def renew_code(registration: Registration, *, actor: Actor, version: int | None = None) -> None:
    """Another admission code, for one that got into wrong hands; the former ends at once."""
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    actor = policy.in_whose_name(actor, event, person)
    if event.has_ended_at(clock.now()):
        raise Refused(_("The event is over."))
    places.lock(event)
    db.session.refresh(registration)
    if registration.state != State.CONFIRMED:
        raise NotRegistered(_("%(name)s has no place, and so no admission code.", name=person.display_name))
    end_code(registration)
    edit(registration, version=version, door_code=tokens.new_admission_code())
    audit.record(actor, "registration.code_renewed", registration, scope=event)
    telling.tell_renewed(registration, event)


def _find_all(event: Event, person: Person) -> Known:
    """The plan, with this person's registration and standing invitation, in one statement."""
    row = db.session.execute(_with_person(), {"event_id": event.id, "person_id": person.id}).one()
    return row[0], row[1], row[2]


def _find_many(event: Event, people: Sequence[Person]) -> dict[int, Known]:
    """The same of many people in three statements, by their ids."""
    ids, newest = [each.id for each in people], {"populate_existing": True}
    plan = db.session.scalars(
        select(RegistrationPlan).where(RegistrationPlan.event_id == event.id), execution_options=newest
    ).one()
    mine = db.session.scalars(
        select(Registration).where(Registration.event_id == event.id, Registration.person_id.in_(ids)),
        execution_options=newest,
    )
    registrations = {each.person_id: each for each in mine}
    asked = db.session.scalars(
        select(Invitation).where(
            Invitation.event_id == event.id, Invitation.person_id.in_(ids), Invitation.revoked_at.is_(None)
        ),
        execution_options=newest,
    )
    invitations = {each.person_id: each for each in asked}
    return {each: (plan, registrations.get(each), invitations.get(each)) for each in ids}


@cache
def _with_person() -> Select[*tuple[Any, ...]]:
    own = bindparam("person_id", type_=Integer)
    return (
        select(RegistrationPlan, Registration, Invitation)
        .select_from(RegistrationPlan)
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
        .where(RegistrationPlan.event_id == bindparam("event_id"))
        .execution_options(populate_existing=True)
    )


def _check_open(
    event: Event, plan: RegistrationPlan, person: Person, now: datetime, *, by_staff: bool, invited: bool
) -> None:
    if person.left_on is not None and person.left_on < event.starts_on:
        raise Refused(_("%(name)s has left the company.", name=person.display_name), field="person")
    if by_staff:
        if event.status != Status.PUBLISHED:
            raise RegistrationClosed(_("Registration opens only for a published event."))
        if event.has_ended_at(now):
            raise RegistrationClosed(_("The event is over."))
        return
    why_not = queries.why_closed(event, plan, now, invited=invited)
    if why_not:
        raise RegistrationClosed(why_not)


def withdraw(
    registration: Registration, *, actor: Actor, reason: str | None = None, version: int | None = None
) -> list[Registration]:
    """Give the place back; the waiting list moves up in the same transaction. Returns those who now have a place."""
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    actor = policy.in_whose_name(actor, event, person)
    return leave(registration, actor=actor, reason=reason, version=version)


def leave(
    registration: Registration, *, actor: Actor, reason: str | None, version: int | None = None, means: str = "page"
) -> list[Registration]:
    """`withdraw` behind its door, like `enter`."""
    counters = _lock_to_leave(registration.event)
    db.session.refresh(registration)
    _check_registered([registration])
    edit(registration, version=version)
    return _leave([registration], counters, actor=actor, reason=reason, means=means)


def leave_many(
    event: Event, registrations: Sequence[Registration], *, actor: Actor, reason: str | None = None, means: str = "page"
) -> list[Registration]:
    """`leave` for many of one event, in as many statements as for one. Who waits moves up when all of them have left,
    so that nobody is given a place only to lose it again."""
    counters = _lock_to_leave(event)
    newest = (
        select(Registration)
        .where(Registration.id.in_([each.id for each in registrations]))
        .options(joinedload(Registration.person))
        .execution_options(populate_existing=True)
    )
    db.session.scalars(newest).all()
    _check_registered(registrations)
    return _leave(registrations, counters, actor=actor, reason=reason, means=means) if registrations else []


def _lock_to_leave(event: Event) -> places.Counters:
    if event.has_ended_at(clock.now()):
        raise Refused(_("The event is over."))
    return places.lock(event)


def _check_registered(registrations: Sequence[Registration]) -> None:
    for each in registrations:
        if each.state in GONE:
            raise NotRegistered(_("%(name)s is not registered.", name=each.person.display_name))


def _leave(
    leavers: Sequence[Registration], counters: places.Counters, *, actor: Actor, reason: str | None, means: str
) -> list[Registration]:
    """What `leave` does for each, under the lock, and read under it."""
    event, now = leavers[0].event, clock.now()
    was = {each.id: State(each.state) for each in leavers}
    for each in leavers:
        edit(each, version=None, withdraw_reason=reason, calendar_sequence=each.calendar_sequence + 1)
        if was[each.id] == State.CONFIRMED:
            end_code(each)
    asking.lapse(*(each for each in leavers if was[each.id] == State.PENDING))
    promoted = places.release_many(leavers, counters, now=now)
    people = [each.person for each in leavers]
    by_themselves = [each for each in people if means == "link" or policy.is_in_name_of(actor, each)]
    give_up_parts(event, people, stay=by_themselves)
    if means not in NO_ANSWER:
        for invitation in queries.list_invitations_of(event, people):
            if invitation.answer in (None, Answer.YES):
                answering.keep_answer(invitation, Answer.NO, actor=actor, means=means, now=now, reason=reason)
    leaving.tell_left(leavers, actor)
    with db.session.no_autoflush:  # their mails are written together
        for each in leavers:
            before = str(was[each.id])
            audit.record(actor, "registration.withdrawn", each, scope=event, reason=reason, was=before, means=means)
            telling.tell_withdrawn(each, event, was_confirmed=before == State.CONFIRMED, means=means)
    welcome(promoted, event, actor)
    return promoted


def welcome(promoted: Sequence[Registration], event: Event, actor: Actor) -> None:
    """Remember and tell who moved up, or to whom a place is offered."""
    for each in promoted:
        offered = each.state == State.OFFERED
        audit.record(actor, "registration.offered" if offered else "registration.promoted", each, scope=event)
        telling.tell_promoted(each, event)


def promote_waiting(event: Event, *, actor: Actor) -> list[Registration]:
    """Move the waiting list up where places are free. Promotion follows each release by itself; asking again is safe."""
    require(policy.may_organize(actor, event))
    promoted = places.promote(places.lock(event), now=clock.now())
    welcome(promoted, event, actor)
    return promoted


def add_part(event: Event, person: Person, role: str) -> None:
    """A part in the event, once: it opens a restricted event to the person."""
    there = select(Participation.id).where(
        Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
    )
    if db.session.scalar(there) is None:
        db.session.add(Participation(event=event, person=person, role=role))


def give_up_part(event: Event, person: Person, *, stays: bool) -> None:
    """Take the part of a registered person away. Who withdrew by themselves still sees a restricted event."""
    give_up_parts(event, [person], stay=[person] if stays else [])


def give_up_parts(event: Event, people: Collection[Person], *, stay: Collection[Person]) -> None:
    """The same of many; those who `stay` still see a restricted event."""
    db.session.execute(
        delete(Participation).where(
            Participation.event_id == event.id,
            Participation.person_id.in_([each.id for each in people]),
            Participation.role == "registered",
        )
    )
    if event.audience == Audience.RESTRICTED:
        for each in stay:
            add_part(event, each, "invited")


def remove_part(event: Event, person: Person, role: str) -> None:
    db.session.execute(
        delete(Participation).where(
            Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
        )
    )
