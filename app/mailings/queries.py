"""Questions about mailings: which there are, and whom one reaches."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Account, RoleGrant
from app.audiences.choosing import LeftOut, left_out
from app.core.db import db
from app.core.i18n import _lp
from app.core.roles import Actor, Role
from app.door.queries import list_present_ids
from app.events.models import Event
from app.mailings.models import Mailing, MailingState
from app.people.models import Person
from app.registration.models import GONE, Answer, Invitation, Registration, State
from app.registration.queries import find_departments, list_members

STANDING_LABELS = {
    "confirmed": _lp("audience", "Who has a place"),
    "waiting": _lp("audience", "Who is on the waiting list"),
    "pending": _lp("audience", "Who waits for approval"),
    "invited": _lp("audience", "Everybody invited"),
    "silent": _lp("audience", "Who was invited and has not answered"),
    "maybe": _lp("audience", "Who said maybe"),
    "declined": _lp("audience", "Who said no"),
    "not_here": _lp("audience", "Who has a place and has not come in yet"),
}
MOST_PEOPLE = 10_000  # named one by one


@dataclass(frozen=True)
class Receiver:
    """One person whom a mailing reaches, and what it can say of them."""

    person: Person
    registration: Registration | None

    @property
    def code(self) -> str | None:
        mine = self.registration
        return mine.door_code if mine is not None and mine.state == State.CONFIRMED else None


@dataclass(frozen=True)
class Audience:
    """Everybody meant, by name: those who receive it, and those who cannot, each with the code of the reason."""

    receivers: list[Receiver]
    left_out: list[tuple[Person, LeftOut]]

    @property
    def digest(self) -> str:
        """Changes when somebody else would receive it."""
        refs = "\n".join(each.person.ref for each in self.receivers)
        return hashlib.sha256(refs.encode()).hexdigest()[:32]

    def find(self, ref: str) -> Receiver | None:
        return next((each for each in self.receivers if each.person.ref == ref), None)


def resolve(event: Event, wanted: Mapping[str, Any]) -> Audience:
    """Whom an audience means now: `standing`, `departments` with those below them, and `people`, all together."""
    standing = set(wanted.get("standing", ()))
    mine = _registrations(event)
    people: dict[int, Person] = {}
    for registration in mine.values():
        if _stands(registration, standing):
            people[registration.person_id] = registration.person
    if "not_here" in standing:
        here = list_present_ids(event)
        people |= {
            each.person_id: each.person
            for each in mine.values()
            if each.state == State.CONFIRMED and each.person_id not in here
        }
    if standing & set(ASKED):
        people |= {each.person_id: each.person for each in _invited(event) if _asked(each, standing, mine)}
    departments = find_departments(wanted.get("departments", ()))
    people |= {each.id: each for each, _via in list_members(departments, below=True, on=event.starts_on)}
    people |= {each.id: each for each in people_named(wanted.get("people", ()))}
    why = left_out(people.values(), on=event.starts_on)
    in_order = sorted(people.values(), key=lambda each: (each.name, each.id))
    return Audience(
        [Receiver(each, mine.get(each.id)) for each in in_order if each.id not in why],
        [(each, why[each.id]) for each in in_order if each.id in why],
    )


def _registrations(event: Event) -> dict[int, Registration]:
    found = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state.not_in(GONE))
        .options(joinedload(Registration.person).joinedload(Person.department))
    )
    return {each.person_id: each for each in found}


def _stands(registration: Registration, standing: Collection[str]) -> bool:
    state = "confirmed" if registration.state == State.OFFERED else str(registration.state)
    return state in standing


def _invited(event: Event) -> Sequence[Invitation]:
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.event_id == event.id, Invitation.revoked_at.is_(None))
        .options(joinedload(Invitation.person).joinedload(Person.department))
    ).all()


# An invited person who has a place has not declined, is not silent, and says no maybe, whatever was answered before.
ASKED: dict[str, Callable[[Invitation, bool], bool]] = {
    "invited": lambda _invitation, _registered: True,
    "silent": lambda invitation, registered: invitation.answer is None and not registered,
    "maybe": lambda invitation, registered: invitation.answer == Answer.MAYBE and not registered,
    "declined": lambda invitation, registered: invitation.answer == Answer.NO and not registered,
}


def _asked(invitation: Invitation, standing: Collection[str], mine: Collection[int]) -> bool:
    registered = invitation.person_id in mine
    return any(fits(invitation, registered) for name, fits in ASKED.items() if name in standing)


def people_named(refs: Collection[str]) -> Sequence[Person]:
    """People by their refs, by name."""
    wanted = list(refs)[:MOST_PEOPLE]
    if not wanted:
        return []
    return db.session.scalars(
        select(Person).where(Person.ref.in_(wanted)).options(joinedload(Person.department)).order_by(Person.name)
    ).all()


def list_mailings(event: Event) -> Sequence[Mailing]:
    """The mailings of an event, newest first, without the lists of their receivers."""
    return db.session.scalars(
        select(Mailing)
        .where(Mailing.event_id == event.id)
        .order_by(Mailing.id.desc())
        .options(defer(Mailing.sent_to), defer(Mailing.left_out))
    ).all()


def list_unsent(event: Event) -> Sequence[Mailing]:
    """What is still being written or waits to be sent."""
    return [each for each in list_mailings(event) if each.state in (MailingState.DRAFT, MailingState.APPROVED)]


def find_mailing(event: Event, ref: str) -> Mailing | None:
    return db.session.scalar(select(Mailing).where(Mailing.event_id == event.id, Mailing.ref == ref))


def is_alone(event: Event, actor: Actor) -> bool:
    """Whether nobody else is organizer of this event, here or everywhere, who could approve what the actor wrote."""
    others = (
        select(func.count(Account.id.distinct()))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.ORGANIZER,
            or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == event.id),
            Account.disabled_at.is_(None),
            Account.id != (actor.id or 0),
        )
    )
    return not db.session.scalar(others)
