"""Somebody comes instead of somebody else: the place changes hands and is never free."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import audit, clock
from app.core.db import db, edit, new_ref
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event, Status
from app.people.models import Person
from app.registration import answering, leaving, places, policy, queries, services, telling
from app.registration.errors import AlreadyRegistered, NotRegistered
from app.registration.models import GONE, Answer, Registration, State
from app.signing import tokens


def substitute(
    registration: Registration, to_person: Person, *, actor: Actor, reason: str | None = None, means: str = "page"
) -> Registration:
    """Give the place of a registration to `to_person`, with its sessions and options; returns theirs.

    The old code ends, both calendars are told, and the answers stay with whoever gave them.
    """
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    return hand_over(
        registration, to_person, actor=policy.in_whose_name(actor, event, person), reason=reason, means=means
    )


def hand_over(
    registration: Registration, to_person: Person, *, actor: Actor, reason: str | None = None, means: str = "page"
) -> Registration:
    """`substitute` behind its door: for acts that have proven in another way that they may (asked and accepted)."""
    now = clock.now()
    event, person = registration.event, registration.person
    check_event(event, now)
    places.lock(event)
    db.session.refresh(registration)
    check_holds(registration)
    theirs = _find_theirs(event, to_person)
    check_can_come(registration, to_person, theirs)
    services.end_code(registration, replaced_by=to_person)
    new = _begin_anew(theirs, event, to_person, actor)
    new.instead_of = person
    edit(
        registration, version=None, withdraw_reason=reason,
        calendar_sequence=registration.calendar_sequence + 1,
    )  # fmt: skip
    places.hand_over(registration, new, now=now)
    services.remove_part(event, person, "registered")
    services.add_part(event, to_person, "registered")
    _settle_invitations(event, person, to_person, actor, reason, means, now)
    audit.record(
        actor, "registration.substituted", registration, scope=event, reason=reason, means=means, by=new,
    )  # fmt: skip
    audit.record(actor, "registration.made", new, scope=event, state=str(new.state), means="instead", instead_of=person)
    leaving.tell_left([registration], actor)
    telling.tell_replaced(registration, event, to_person)
    telling.tell_instead(new, event, queries.list_chosen_sessions(new))
    db.session.flush()
    return new


def check_event(event: Event, now: datetime) -> None:
    if event.status != Status.PUBLISHED:
        raise Refused(_("The event is cancelled.") if event.status == Status.CANCELLED else _("The event is over."))
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))


def check_holds(registration: Registration) -> None:
    """A place that stands; one on offer must be taken first, and who waits has none to give."""
    if registration.state != State.CONFIRMED:
        raise NotRegistered(_("%(name)s has no place to hand over.", name=registration.person.display_name))


def check_can_come(registration: Registration, to_person: Person, theirs: Registration | None) -> None:
    if to_person.id == registration.person_id:
        raise Refused(_("Please choose somebody else."), field="person")
    if to_person.left_on is not None and to_person.left_on < registration.event.starts_on:
        raise Refused(_("%(name)s has left the company.", name=to_person.display_name), field="person")
    if theirs is not None and theirs.state not in GONE:
        raise AlreadyRegistered(_("%(name)s is registered already.", name=to_person.display_name), field="person")


def _find_theirs(event: Event, person: Person) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.person_id == person.id)
        .options(joinedload(Registration.person))
        .execution_options(populate_existing=True)
    )


def _begin_anew(theirs: Registration | None, event: Event, person: Person, actor: Actor) -> Registration:
    """A registration with a code of its own; the row of somebody who was here before is used again."""
    if theirs is None:
        theirs = Registration(ref=new_ref(), event=event, person=person, calendar_sequence=0, version=1)
    else:
        theirs.version += 1
        theirs.calendar_sequence += 1
    theirs.door_code = tokens.new_admission_code()
    theirs.is_rehearsal = event.is_rehearsal
    theirs.by_id = actor.id
    theirs.note = None
    return theirs


def _settle_invitations(
    event: Event, person: Person, to_person: Person, actor: Actor, reason: str | None, means: str, now: datetime
) -> None:
    """Whoever was asked and sends another has answered so; the substitute, if asked too, comes."""
    for each, answer in ((person, Answer.DELEGATED), (to_person, Answer.YES)):
        invitation = queries.find_invitation(event, each)
        if invitation is not None and invitation.answer != answer:
            why = reason if answer == Answer.DELEGATED else None
            answering.keep_answer(invitation, answer, actor=actor, means=means, now=now, reason=why)
