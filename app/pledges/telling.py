"""What signatories and organizers are told about a pledge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.accounts.queries import list_event_grants
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.delegations import queries as delegations
from app.events.models import Event
from app.mail.models import MailMessage
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.pledges import queries
from app.pledges.models import Pledge, SignatureSlot


def recipient(person: Person) -> Recipient:
    return Recipient(name=person.display_name, address=person.email, language=person.language)


def ask_to_sign(pledge: Pledge, deputies: Sequence[tuple[SignatureSlot, Person]] = ()) -> None:
    """One personal mail each, to their deputies of today too. Its link leads to the page; it never signs."""
    for slot in pledge.slots:
        _tell(recipient(slot.person), "to_sign", pledge, slot)
    for slot, deputy in deputies:
        _tell(recipient(deputy), "to_sign", pledge, slot, deputy=deputy)


def deputies_of(slots: Sequence[SignatureSlot]) -> list[tuple[SignatureSlot, Person]]:
    """Who may sign today in which of these places for somebody else: nobody who has a role in the same pledge."""
    if not slots:
        return []
    given, now = delegations.list_of_principals(slot.person_id for slot in slots), clock.now()
    beside = [other for pledge in {slot.pledge for slot in slots} for other in pledge.slots]
    taken = {(each.pledge_id, each.person_id) for each in beside}
    taken |= {(each.pledge_id, each.signature.person_id) for each in beside if each.signature}
    found = [
        (slot, each.deputy)
        for slot in slots
        for each in given
        if each.principal_id == slot.person_id
        and each.counts_in(slot.pledge.event, now)
        and each.deputy.left_on is None
        and (slot.pledge_id, each.deputy_id) not in taken
    ]
    return list(dict.fromkeys(found))


def tell_in_force(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "in_force", pledge, slot)


def tell_void(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "void", pledge, slot)


def tell_assessed(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "assessed", pledge, slot)


def tell_superseded(pledge: Pledge, newer: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "superseded", pledge, slot, newer=newer)


def tell_appealed(pledge: Pledge) -> None:
    """Whoever may decide hears of it, and the others who signed."""
    for slot in pledge.slots:
        _tell(recipient(slot.person), "appealed", pledge, slot)
    signatories = {slot.person.account_id for slot in pledge.slots}
    for account in queries.list_assessors(pledge):
        if account.id not in signatories:
            _tell(_to(account), "appealed", pledge, None)


def tell_appeal_decided(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "appeal_decided", pledge, slot)


@dataclass(frozen=True)
class Reminder:
    """That somebody has not decided yet, so many days before the last one to sign."""

    slot: SignatureSlot
    stage: int
    deputy: Person | None = None

    @property
    def key(self) -> str:
        beside = f":{self.deputy.ref}" if self.deputy else ""
        return f"pledge_reminder:{self.slot.ref}:{self.slot.pledge.sign_by}:{self.stage}{beside}"

    @property
    def person(self) -> Person:
        return self.deputy or self.slot.person


def not_told_yet(reminders: Sequence[Reminder]) -> list[Reminder]:
    """Those of which no mail was ever written; asked outside of any unit of work, each minute."""
    keys = [each.key for each in reminders if each.person.email]
    if not keys:
        return []
    told = set(db.session.scalars(select(MailMessage.dedupe_key).where(MailMessage.dedupe_key.in_(keys))))
    return [each for each in reminders if each.person.email and each.key not in told]


def remind_to_sign(reminder: Reminder) -> None:
    slot = reminder.slot
    _tell(recipient(reminder.person), "reminder", slot.pledge, slot, deputy=reminder.deputy, dedupe_key=reminder.key)


def tell_declined(slot: SignatureSlot, *, deputy: Person | None = None) -> None:
    for account in _keepers(slot.pledge):
        _tell(_to(account), "declined", slot.pledge, slot, deputy=deputy)


def _to(account: Account) -> Recipient:
    return Recipient(name=account.name, address=account.email, language=account.language or "en")


def _tell(to: Recipient, name: str, pledge: Pledge, slot: SignatureSlot | None, **more: Any) -> None:
    queue_mail(
        to,
        f"pledges/mail/{name}",
        kind=f"pledge_{name}",
        scope=pledge.event.ref,
        event=pledge.event,
        pledge=pledge,
        slot=slot,
        **more,
    )


def _keepers(pledge: Pledge) -> list[Account]:
    """Whoever opened the pledge; where nobody did by hand, the organizers of the event."""
    opener = db.session.get(Account, pledge.opened_by_id) if pledge.opened_by_id else None
    if opener is not None and opener.is_active:
        return [opener]
    return _organizers(pledge.event)


def _organizers(event: Event) -> list[Account]:
    return [grant.account for grant in list_event_grants(event.id) if grant.role == Role.ORGANIZER]
