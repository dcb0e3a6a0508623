"""What signatories and organizers are told about a pledge."""

from app.accounts.models import Account
from app.accounts.queries import list_event_grants
from app.core.db import db
from app.core.roles import Role
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.pledges.models import Pledge, SignatureSlot


def recipient(person: Person) -> Recipient:
    return Recipient(name=person.display_name, address=person.email, language=person.language)


def ask_to_sign(pledge: Pledge) -> None:
    """One personal mail each. Its link leads to the page; it never signs."""
    for slot in pledge.slots:
        _tell(recipient(slot.person), "to_sign", pledge, slot)


def tell_in_force(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "in_force", pledge, slot)


def tell_void(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "void", pledge, slot)


def tell_assessed(pledge: Pledge) -> None:
    for slot in pledge.slots:
        _tell(recipient(slot.person), "assessed", pledge, slot)


def tell_declined(slot: SignatureSlot) -> None:
    for account in _keepers(slot.pledge):
        to = Recipient(name=account.name, address=account.email, language=account.language or "en")
        _tell(to, "declined", slot.pledge, slot)


def _tell(to: Recipient, name: str, pledge: Pledge, slot: SignatureSlot) -> None:
    queue_mail(
        to,
        f"pledges/mail/{name}",
        kind=f"pledge_{name}",
        scope=pledge.event.ref,
        event=pledge.event,
        pledge=pledge,
        slot=slot,
    )


def _keepers(pledge: Pledge) -> list[Account]:
    """Whoever opened the pledge; where nobody did by hand, the organizers of the event."""
    opener = db.session.get(Account, pledge.opened_by_id) if pledge.opened_by_id else None
    if opener is not None and opener.is_active:
        return [opener]
    return _organizers(pledge.event)


def _organizers(event: Event) -> list[Account]:
    return [grant.account for grant in list_event_grants(event.id) if grant.role == Role.ORGANIZER]
