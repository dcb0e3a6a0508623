"""A place that came free is offered, and held until a moment: taken, declined, or over. An offer never comes back."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import SYSTEM, Actor
from app.events.models import Event
from app.registration import leaving, places, policy, queries, services, telling
from app.registration.errors import OfferEnded
from app.registration.links import LinkHolder, is_link_of, link_of, ref_in
from app.registration.models import Registration, State

__all__ = ["accept", "answer_by_link", "decline", "expire", "find_by_token", "is_over", "link_of"]

EXPIRED, DECLINED = "offer_expired", "offer_declined"


def accept(registration: Registration, *, actor: Actor, version: int | None = None) -> None:
    """Take the place that is offered, until the very moment at which the offer ends."""
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    _accept(registration, actor=policy.in_whose_name(actor, event, person), version=version, means="page")


def decline(
    registration: Registration, *, actor: Actor, reason: str | None = None, version: int | None = None
) -> list[Registration]:
    """Leave the place to the next of the list. Returns to whom it is offered now."""
    event, person = registration.event, registration.person
    require(policy.may_act_for(actor, event, person))
    return _decline(
        registration, actor=policy.in_whose_name(actor, event, person), reason=reason, version=version, means="page"
    )


def answer_by_link(token: str, *, says_yes: bool, reason: str | None = None) -> Registration:
    """The same in the name of the person: the link alone proves it, and opens nothing else."""
    registration = find_by_token(token)
    if registration is None:
        raise OfferEnded(_("This link has ended. Sign in, or ask the organizer."))
    actor = LinkHolder(registration.person)
    if says_yes:
        _accept(registration, actor=actor, version=None, means="link")
    else:
        _decline(registration, actor=actor, reason=reason, version=None, means="link")
    return registration


def find_by_token(token: str) -> Registration | None:
    """The registration whose offer a link in a mail answers."""
    registration = db.session.scalar(
        select(Registration)
        .where(Registration.ref == ref_in(token[:200]))
        .options(joinedload(Registration.person), joinedload(Registration.event))
    )
    return registration if is_link_of(token[:200], registration) else None


def is_over(registration: Registration) -> bool:
    """Whether the time to take the offered place has passed, also before the round that ends it has come by."""
    return registration.offer_until is not None and registration.offer_until <= clock.now()


def _accept(registration: Registration, *, actor: Actor, version: int | None, means: str) -> None:
    now, event = clock.now(), registration.event
    counters = places.lock(event)
    db.session.refresh(registration)
    _check_offered(registration)
    if is_over(registration):
        raise OfferEnded(_("This offer has ended: the place goes to the next of the list."))
    if event.has_ended_at(now):
        raise Refused(_("The event is over."))
    edit(registration, version=version)
    registration.version += 1
    places.confirm(registration, counters, may_wait=False, now=now)
    audit.record(actor, "registration.offer_accepted", registration, scope=event, means=means)
    telling.tell_registered(registration, event, queries.list_chosen_sessions(registration))


def _decline(
    registration: Registration, *, actor: Actor, reason: str | None, version: int | None, means: str
) -> list[Registration]:
    places.lock(registration.event)
    db.session.refresh(registration)
    _check_offered(registration)
    moved = services.leave(registration, actor=actor, reason=reason, version=version, means=means)
    registration.skipped = DECLINED
    return moved


def _check_offered(registration: Registration) -> None:
    if registration.state == State.CONFIRMED:
        raise OfferEnded(_("You have taken this place already."))
    if registration.state != State.OFFERED:
        raise OfferEnded(_("This offer has ended: the place goes to the next of the list."))


def expire(event: Event) -> Sequence[Registration]:
    """End the offers of this event whose time is over; their places go to the next. Doing it again does nothing more."""
    now = clock.now()
    counters = places.lock(event)
    over = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.OFFERED, Registration.offer_until <= now)
        .order_by(Registration.offer_until, Registration.id)
        .options(joinedload(Registration.person))
        .execution_options(populate_existing=True)
    ).all()
    for each in over:
        edit(each, version=None, skipped=EXPIRED, calendar_sequence=each.calendar_sequence + 1)
        moved = places.release(each, counters, now=now)
        services.give_up_part(event, each.person, stays=True)
        audit.record(SYSTEM, "registration.offer_expired", each, scope=event)
        leaving.tell_left([each], SYSTEM)
        telling.tell_offer_ended(each, event)
        services.welcome(moved, event, SYSTEM)
    return over
