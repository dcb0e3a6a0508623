"""Call an event off: nobody can register any more, and everybody who was to come is told and loses the entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events import services as events
from app.events.models import Event, Participation
from app.mail.services import queue_mail
from app.people.models import Person
from app.registration.models import GONE, Invitation, Registration, RegistrationPlan, State
from app.registration.telling import calendar_message, recipient
from app.releases.calendar import Message, attachment, cancellations
from app.releases.queries import newest


@dataclass(frozen=True)
class Effect:
    """Whom a cancellation reaches, shown before it is done. Each person is told once, in the strongest capacity."""

    registered: Sequence[Registration]
    waiting: Sequence[Registration]
    invited: Sequence[Person]
    others: Sequence[Person]  # presiding leaders, speakers, guests

    @property
    def told(self) -> int:
        people = [each.person for each in (*self.registered, *self.waiting)] + [*self.invited, *self.others]
        return sum(1 for person in people if person.email)

    @property
    def unreachable(self) -> int:
        return len(self.registered) + len(self.waiting) + len(self.invited) + len(self.others) - self.told


def effect_of(event: Event) -> Effect:
    """A draft has told nobody, so that nobody has to be told."""
    if event.published_at is None and event.is_draft:
        return Effect((), (), (), ())
    live = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.not_in(GONE))
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()
    seen = {each.person_id for each in live}
    declined = {
        each.person_id
        for each in db.session.scalars(select(Invitation).where(Invitation.event_id == event.id))
        if each.answer == "no" or each.revoked_at is not None
    }
    parts = db.session.scalars(
        select(Participation)
        .where(Participation.event_id == event.id)
        .options(joinedload(Participation.person))
        .order_by(Participation.id)
    ).all()
    asked = _once([each.person for each in parts if each.role == "invited"], seen | declined)
    others = _once(
        [each.person for each in parts if each.role not in ("invited", "registered")],
        seen | {each.id for each in asked},
    )
    return Effect(
        registered=[each for each in live if each.state == State.CONFIRMED],
        waiting=[each for each in live if each.state != State.CONFIRMED],
        invited=asked,
        others=others,
    )


def cancel_event(event: Event, *, actor: Actor, reason: str | None) -> Effect:
    """Cancel, close registration, and queue one mail to each; whoever had a place gets the calendar message too."""
    effect = effect_of(event)
    events.cancel_event(event, actor=actor, reason=reason)
    plan = db.session.scalar(select(RegistrationPlan).where(RegistrationPlan.event_id == event.id))
    if plan is not None and plan.is_open:
        plan.is_open = False
        plan.version += 1
    entries = _entries(event)
    for registration in effect.registered:
        _tell(event, registration.person, calendar_message(registration, event, "CANCEL"), entries)
    for person in (*(each.person for each in effect.waiting), *effect.invited, *effect.others):
        _tell(event, person, None, entries)
    db.session.flush()
    return effect


def _once(people: Sequence[Person], without: set[int]) -> list[Person]:
    return list({each.id: each for each in people if each.id not in without}.values())


def _entries(event: Event) -> dict[str, list[Message]]:
    """What the releases of the programme have put into the calendars of speakers and chairs, by the refs of people."""
    release = newest(event)
    found: dict[str, list[Message]] = {}
    for each in cancellations(release.changes["calendar"], release.content) if release else ():
        found.setdefault(each.person, []).append(each)
    return found


def _tell(event: Event, person: Person, calendar: bytes | None, entries: dict[str, list[Message]]) -> None:
    files = (attachment(each, person, event, n) for n, each in enumerate(entries.get(person.ref, ()), 1))
    queue_mail(
        recipient(person),
        "events/mail/cancelled",
        kind="event_cancelled",
        scope=event.ref,
        calendar=calendar,
        calendar_method="CANCEL" if calendar else None,
        attachments=[each for each in files if each is not None],
        event=event,
    )
