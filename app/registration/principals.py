"""What an assistant sees of a principal: the coming events that ask for an answer or take a registration, no more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import contains_eager

from app.core.db import db
from app.events.models import Audience, Event, Participation, Status
from app.people.models import Person
from app.registration.models import GONE, Invitation, Registration, RegistrationPlan


@dataclass(frozen=True)
class Affair:
    """One event as it concerns one principal: asked, registered, or open to them."""

    event: Event
    invitation: Invitation | None
    registration: Registration | None

    @property
    def waits_for_answer(self) -> bool:
        return self.invitation is not None and self.invitation.answer is None and self.registration is None


def list_affairs(principals: Collection[Person], *, now: datetime) -> dict[int, list[Affair]]:
    """By the id of the principal, the events to come in their order. Four statements, whatever their number."""
    ids = [each.id for each in principals]
    if not ids:
        return {}
    coming = and_(Event.status == Status.PUBLISHED, Event.ends_on >= now.date() - timedelta(days=1))
    invitations = {
        (each.person_id, each.event_id): each
        for each in db.session.scalars(
            select(Invitation)
            .join(Event, Event.id == Invitation.event_id)
            .where(
                Invitation.person_id.in_(ids), Invitation.revoked_at.is_(None), Invitation.sent_at.is_not(None), coming
            )
            .options(contains_eager(Invitation.event))
        )
    }
    registrations = {
        (each.person_id, each.event_id): each
        for each in db.session.scalars(
            select(Registration)
            .join(Event, Event.id == Registration.event_id)
            .where(Registration.person_id.in_(ids), Registration.state.not_in(GONE), coming)
            .options(contains_eager(Registration.event))
        )
    }
    events = {each.event_id: each.event for each in (*invitations.values(), *registrations.values())}
    open_now = {each.id: each for each in _list_open(now) if each.id not in events}
    known = {**events, **open_now}
    parts = _parts(ids, [each.id for each in open_now.values() if each.audience == Audience.RESTRICTED])
    found: dict[int, list[Affair]] = {}
    for person_id in ids:
        for event in known.values():
            key = (person_id, event.id)
            affair = Affair(event, invitations.get(key), registrations.get(key))
            is_open = event.id in open_now and (event.audience != Audience.RESTRICTED or key in parts)
            if (affair.invitation or affair.registration or is_open) and not event.has_ended_at(now):
                found.setdefault(person_id, []).append(affair)
    for affairs in found.values():
        affairs.sort(key=lambda each: (not each.waits_for_answer, each.event.starts_on, each.event.id))
    return found


def _list_open(now: datetime) -> list[Event]:
    """Events that take registrations of whoever sees them."""
    rows = db.session.execute(
        select(Event, RegistrationPlan)
        .join(RegistrationPlan, RegistrationPlan.event_id == Event.id)
        .where(
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date() - timedelta(days=1),
            RegistrationPlan.is_open,
            RegistrationPlan.invited_only.is_(False),
        )
    )
    return [event for event, plan in rows if plan.takes_registrations_at(now)]


def _parts(people: Collection[int], events: Collection[int]) -> set[tuple[int, int]]:
    if not events:
        return set()
    return {
        (person_id, event_id)
        for person_id, event_id in db.session.execute(
            select(Participation.person_id, Participation.event_id).where(
                Participation.person_id.in_(people), Participation.event_id.in_(events)
            )
        )
    }


def find_event(principal: Person, ref: str) -> Event | None:
    """The event of this ref, if it concerns the principal and they may see it: as they see it themselves."""
    return db.session.scalar(
        select(Event).where(Event.ref == ref, Event.status == Status.PUBLISHED, _concerns(principal))
    )


def _concerns(principal: Person) -> ColumnElement[bool]:
    asked = select(Invitation.event_id).where(Invitation.person_id == principal.id, Invitation.revoked_at.is_(None))
    registered = select(Registration.event_id).where(
        Registration.person_id == principal.id, Registration.state.not_in(GONE)
    )
    part = select(Participation.event_id).where(Participation.person_id == principal.id)
    planned = select(RegistrationPlan.event_id)
    return or_(
        Event.id.in_(asked),
        Event.id.in_(registered),
        and_(Event.id.in_(planned), or_(Event.audience != Audience.RESTRICTED, Event.id.in_(part))),
    )
