"""Who may record and confirm that a thing changed hands: the two who were there, and who records for the office."""

from app.core.roles import Actor, Role, holds
from app.custody.models import CustodyEvent, Party
from app.events import policy as events
from app.events.models import Event
from app.people.models import Person
from app.people.queries import account_of


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_hand_over(actor: Actor, event: Event, giver: Person | None) -> bool:
    """Who records for the office, and whoever gives away what they hold."""
    return may_record(actor, event) or is_person(actor, giver)


def may_confirm(actor: Actor, custody: CustodyEvent, party: Party) -> bool:
    """Each party for itself. The office confirms for itself, and for somebody who cannot sign in."""
    person = custody.person_of(party)
    if person is None or not can_sign_in(person):
        return may_record(actor, custody.event)
    return is_person(actor, person)


def may_withdraw(actor: Actor, custody: CustodyEvent) -> bool:
    """A party who says that it was not so, and who records for the office."""
    return may_record(actor, custody.event) or is_party(actor, custody)


def may_see(actor: Actor, custody: CustodyEvent) -> bool:
    """Condition, place and picture: the parties, who records or presides there, and the auditor."""
    return is_party(actor, custody) or sees_all(actor, custody.event)


def sees_all(actor: Actor, event: Event) -> bool:
    return may_record(actor, event) or events.may_preside(actor, event) or holds(actor, Role.AUDITOR)


def can_sign_in(person: Person) -> bool:
    """Whether they can say it themselves: somebody who has left cannot, nor whose account is closed."""
    account = account_of(person)
    return account is not None and account.disabled_at is None


def is_party(actor: Actor, custody: CustodyEvent) -> bool:
    return is_person(actor, custody.giver) or is_person(actor, custody.taker)


def is_person(actor: Actor, person: Person | None) -> bool:
    return person is not None and actor.id is not None and person.account_id == actor.id
