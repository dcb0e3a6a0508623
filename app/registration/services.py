"""What can be done with registration: open and close, register, withdraw, set capacities."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, delete, select

from app.core import audit, clock
from app.core.db import db, edit, new_ref
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Audience, Event, Participation, Status
from app.people.models import Person
from app.programme.models import Session
from app.registration import places, policy, queries, telling
from app.registration.errors import AlreadyRegistered, NotRegistered, RegistrationClosed
from app.registration.models import GONE, Invitation, Registration, RegistrationPlan, State
from app.signing import tokens

MOST_PLACES = 1_000_000


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
) -> RegistrationPlan:
    """Set how registration for an event works; makes the plan the first time. `reason` is for a capacity below use."""
    require(policy.may_organize(actor, event))
    now = clock.now()
    if event.status == Status.CANCELLED:
        raise Refused(_("The event is cancelled."))
    if is_open and event.has_ended_at(now):
        raise Refused(_("The event is over: nobody can register any more."))
    if is_open and closes_at is not None and closes_at <= now:
        raise Refused(_("This time has passed already. Choose a later one, or none."), field="closes_at")
    values = {
        "is_open": is_open, "closes_at": closes_at, "has_waiting_list": has_waiting_list, "invited_only": invited_only,
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
    event: Event, session: Session | None, capacity: int | None, *, actor: Actor, reason: str | None = None
) -> list[Registration]:
    """The number of places of the event, or of one of its sessions; None is no limit.

    More places go to the waiting list at once: returns those who moved up. Fewer than are taken needs a reason.
    """
    require(policy.may_organize(actor, event))
    if session is not None and session.event_id != event.id:
        raise Refused(_("This session belongs to another event."))
    return _resize(event, session, capacity, actor=actor, reason=reason, now=clock.now())


def _resize(
    event: Event, session: Session | None, capacity: int | None, *, actor: Actor, reason: str | None, now: datetime
) -> list[Registration]:
    if capacity is not None and not 0 <= capacity <= MOST_PLACES:
        raise Refused(_("Please give a number from 0 to 1,000,000."), field="capacity")
    places.lock(event)
    counter = places.open_counter(event, session)
    db.session.refresh(counter)
    before = counter.capacity
    if before == capacity:
        return []
    promoted = places.set_capacity(counter, capacity, places.lock(event), reason=reason, now=now)
    audit.record(
        actor, "registration.capacity_set", counter, scope=event, reason=reason, capacity=[before, capacity],
        session=session.ref if session else None,
    )  # fmt: skip
    _welcome(promoted, event, actor)
    return promoted


def register_person(
    event: Event, person: Person, *, actor: Actor, sessions: Collection[Session] = (), note: str | None = None
) -> Registration:
    """Take a place for a person, or put them on the waiting list; with `sessions` a place in each, all or none.

    An organizer may do this for anybody until the event ends, also when registration is closed to others. Somebody
    who withdrew comes back with a new admission code, at the end of the line.
    """
    queries.read_again(event, person, actor)
    require(policy.may_act_for(actor, event, person))
    return enter(event, person, actor=actor, sessions=sessions, note=note)


def enter(
    event: Event,
    person: Person,
    *,
    actor: Actor,
    sessions: Collection[Session] = (),
    note: str | None = None,
    means: str = "page",
) -> Registration:
    """`register_person` behind its door: for acts that have proven in another way that they may (a signed link)."""
    now = clock.now()
    counters = places.lock(event)
    plan, mine, invitation = _find_all(event, person)
    _check_open(event, plan, person, actor, now, invited=invitation is not None)
    if mine is not None and mine.state not in GONE:
        raise AlreadyRegistered(_("%(name)s is registered already.", name=person.display_name))
    if mine is None:
        mine = Registration(ref=new_ref(), event=event, person=person, calendar_sequence=0, priority=0)
        new_part = Participation(event=event, person=person, role="registered")
    else:
        new_part = None
        add_part(event, person, "registered")
        mine.version += 1
        mine.calendar_sequence += 1
        mine.withdrawn_at = mine.withdraw_reason = None
    mine.door_code = tokens.new_admission_code()
    mine.is_rehearsal = event.is_rehearsal
    mine.by_id = actor.id
    mine.note = note
    places.take(mine, counters, sessions, may_wait=plan.has_waiting_list, now=now)
    if new_part is not None:
        db.session.add(new_part)
    if invitation is not None and invitation.answer != "yes":
        edit(invitation, version=None, answer="yes", answered_at=now, reason=None)
    audit.record(
        actor, "registration.made", mine, scope=event, state=str(mine.state), means=means,
        sessions=[each.ref for each in sessions],
    )  # fmt: skip
    telling.tell_registered(mine, event, sessions)
    db.session.flush()  # the registration, its places, the part and the mail at once
    return mine


def _find_all(event: Event, person: Person) -> tuple[RegistrationPlan, Registration | None, Invitation | None]:
    """The plan, with this person's registration and standing invitation, in one statement."""
    row = db.session.execute(_with_person(), {"event_id": event.id, "person_id": person.id}).one()
    return row[0], row[1], row[2]


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
    event: Event, plan: RegistrationPlan, person: Person, actor: Actor, now: datetime, *, invited: bool
) -> None:
    if person.left_on is not None and person.left_on < event.starts_on:
        raise Refused(_("%(name)s has left the company.", name=person.display_name), field="person")
    if policy.may_organize(actor, event):
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
    return leave(registration, actor=actor, reason=reason, version=version)


def leave(
    registration: Registration, *, actor: Actor, reason: str | None, version: int | None = None, means: str = "page"
) -> list[Registration]:
    """`withdraw` behind its door, like `enter`."""
    now = clock.now()
    event, person = registration.event, registration.person
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    counters = places.lock(event)
    db.session.refresh(registration)
    if registration.state in GONE:
        raise NotRegistered(_("%(name)s is not registered.", name=person.display_name))
    edit(registration, version=version, withdraw_reason=reason, calendar_sequence=registration.calendar_sequence + 1)
    was = registration.state
    promoted = places.release(registration, counters, now=now)
    _give_up_part(event, person, stays=policy.is_own(actor, person) or means == "link")
    invitation = queries.find_invitation(event, person)
    if invitation is not None and invitation.answer != "no":
        edit(invitation, version=None, answer="no", answered_at=now, reason=reason)
    audit.record(actor, "registration.withdrawn", registration, scope=event, reason=reason, was=was, means=means)
    telling.tell_withdrawn(registration, event, was_confirmed=was == State.CONFIRMED)
    _welcome(promoted, event, actor)
    return promoted


def _welcome(promoted: Sequence[Registration], event: Event, actor: Actor) -> None:
    for each in promoted:
        audit.record(actor, "registration.promoted", each, scope=event)
        telling.tell_promoted(each, event)


def promote_waiting(event: Event, *, actor: Actor) -> list[Registration]:
    """Move the waiting list up where places are free. Promotion follows each release by itself; asking again is safe."""
    require(policy.may_organize(actor, event))
    promoted = places.promote(places.lock(event), now=clock.now())
    _welcome(promoted, event, actor)
    return promoted


def add_part(event: Event, person: Person, role: str) -> None:
    """A part in the event, once: it opens a restricted event to the person."""
    there = select(Participation.id).where(
        Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
    )
    if db.session.scalar(there) is None:
        db.session.add(Participation(event=event, person=person, role=role))


def _give_up_part(event: Event, person: Person, *, stays: bool) -> None:
    """Take the part of a registered person away. Who withdrew by themselves still sees a restricted event."""
    remove_part(event, person, "registered")
    if stays and event.audience == Audience.RESTRICTED:
        add_part(event, person, "invited")


def remove_part(event: Event, person: Person, role: str) -> None:
    db.session.execute(
        delete(Participation).where(
            Participation.event_id == event.id, Participation.person_id == person.id, Participation.role == role
        )
    )
