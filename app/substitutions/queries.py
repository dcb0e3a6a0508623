"""Questions about who was asked to come instead of whom."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event, Status
from app.people.models import Person
from app.people.queries import PeopleFilter, find_person, select_people
from app.registration.models import GONE, Registration, RegistrationPlan, Substitutes
from app.signing import tokens
from app.substitutions.models import Substitution, SubstitutionState

STANDING = (SubstitutionState.ASKED, SubstitutionState.ACCEPTED)
MOST_FOUND = 20


def select_whole() -> Select[Substitution]:
    return select(Substitution).options(
        joinedload(Substitution.registration).joinedload(Registration.person),
        joinedload(Substitution.to_person),
        joinedload(Substitution.approver),
        joinedload(Substitution.event),
    )


def find_standing(registration: Registration) -> Substitution | None:
    """The question that is open about this place."""
    return db.session.scalar(
        select_whole().where(Substitution.registration_id == registration.id, Substitution.state.in_(STANDING))
    )


def list_standing(registrations: Collection[Registration]) -> Sequence[Substitution]:
    """The questions that are open about these places."""
    ids = [each.id for each in registrations]
    return db.session.scalars(
        select_whole().where(Substitution.registration_id.in_(ids), Substitution.state.in_(STANDING))
    ).all()


def find_by_token(token: str) -> Substitution | None:
    """The question that a link in a mail belongs to, whatever has become of it."""
    return db.session.scalar(select_whole().where(Substitution.token_hash == tokens.digest(token[:200])))


def find_for(person: Person | None, ref: str) -> Substitution | None:
    """A question that was put to this person: to come, or to agree."""
    if person is None:
        return None
    return db.session.scalar(
        select_whole().where(
            Substitution.ref == ref,
            or_(Substitution.to_person_id == person.id, Substitution.approver_id == person.id),
        )
    )


def find_of_event(event: Event, ref: str) -> Substitution | None:
    return db.session.scalar(select_whole().where(Substitution.event_id == event.id, Substitution.ref == ref))


def list_waiting_for(person: Person, *, now: datetime) -> Sequence[Substitution]:
    """What this person has to answer: to come instead of somebody, or to agree that somebody else comes."""
    return db.session.scalars(
        select_whole()
        .join(Event, Event.id == Substitution.event_id)
        .where(
            or_(
                and_(Substitution.to_person_id == person.id, Substitution.state == SubstitutionState.ASKED),
                and_(Substitution.approver_id == person.id, Substitution.state == SubstitutionState.ACCEPTED),
            ),
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date() - timedelta(days=1),
        )
        .order_by(Event.starts_on, Substitution.id)
    ).all()


def list_asked(people: Collection[Person], *, now: datetime) -> Sequence[Substitution]:
    """The open questions to these people whether they come instead of somebody."""
    return db.session.scalars(
        select_whole()
        .join(Event, Event.id == Substitution.event_id)
        .where(
            Substitution.to_person_id.in_([each.id for each in people]),
            Substitution.state == SubstitutionState.ASKED,
            Event.status == Status.PUBLISHED,
            Event.ends_on >= now.date() - timedelta(days=1),
        )
        .order_by(Event.starts_on, Substitution.id)
    ).all()


def list_of(registration: Registration) -> Sequence[Substitution]:
    """Everybody who was asked to come in this place, the newest first."""
    return db.session.scalars(
        select_whole().where(Substitution.registration_id == registration.id).order_by(Substitution.id.desc())
    ).all()


def list_of_event(event: Event) -> Sequence[Substitution]:
    return db.session.scalars(
        select_whole().where(Substitution.event_id == event.id).order_by(Substitution.id.desc())
    ).all()


def rule_of(event: Event) -> Substitutes:
    found = db.session.scalar(select(RegistrationPlan.substitutes).where(RegistrationPlan.event_id == event.id))
    return Substitutes(found) if found else Substitutes.NOBODY


def may_send(plan: RegistrationPlan | None) -> bool:
    """Whether the plan lets anybody send somebody else at all."""
    return plan is not None and plan.substitutes != Substitutes.NOBODY


def must_agree(event: Event) -> bool:
    """Whether somebody has to agree before anybody comes instead."""
    asked = select(RegistrationPlan.substitutes_approved).where(RegistrationPlan.event_id == event.id)
    return bool(db.session.scalar(asked))


def find_latest(registration: Registration) -> Substitution | None:
    return next(iter(list_of(registration)), None)


def list_candidates(
    registration: Registration, words: str, *, free: bool = False, chosen: str | None = None
) -> list[Person]:
    """Colleagues who may be sent instead, by name; `free` for the organizer, whom the rule does not bind.

    Whoever is chosen already comes along, so that the choice is not lost by another search.
    """
    person, event = registration.person, registration.event
    rule = Substitutes.ANYBODY if free else rule_of(event)
    if rule == Substitutes.NOBODY or (rule == Substitutes.DEPARTMENT and person.department_id is None):
        return []
    there = select(Registration.person_id).where(Registration.event_id == event.id, Registration.state.not_in(GONE))
    found = select_people(PeopleFilter(words=words)).where(Person.id != person.id, Person.id.not_in(there))
    if rule == Substitutes.DEPARTMENT:
        found = found.where(Person.department_id == person.department_id)
    people = list(db.session.scalars(found.limit(MOST_FOUND)).unique())
    if chosen and all(each.ref != chosen for each in people):
        again = find_person(chosen)
        people += [again] if again else []
    return people
