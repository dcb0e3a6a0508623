"""Who may prepare, see, sign, void and assess a pledge. `visible` in queries says `may_see` in SQL."""

from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event
from app.pledges.models import Pledge, SignatureSlot, SlotRole


def may_prepare(actor: Actor, event: Event) -> bool:
    """Draft, check the wording, open for signature."""
    return events.may_record(actor, event)


def sees_all(actor: Actor, event: Event) -> bool:
    """Those who prepare, preside or audit see drafts, open and refused ones too."""
    return may_prepare(actor, event) or holds(
        actor, Role.PRESIDING_LEADER, Role.AUDITOR, Role.ADMINISTRATOR, scope=event.id
    )


def may_see(actor: Actor, pledge: Pledge) -> bool:
    """Everybody sees what came into force. Before that, only those who are asked: nobody is to be pressed."""
    if pledge.in_force_at is not None or sees_all(actor, pledge.event):
        return True
    return pledge.opened_at is not None and slot_of(actor, pledge) is not None


def slot_of(actor: Actor, pledge: Pledge) -> SignatureSlot | None:
    """The actor's own place among the signatories."""
    mine = [slot for slot in pledge.slots if may_sign(actor, slot)]
    return mine[0] if mine else None


def may_sign(actor: Actor, slot: SignatureSlot) -> bool:
    """Nobody signs for somebody else."""
    return actor.id is not None and slot.person.account_id == actor.id


def may_void(actor: Actor, event: Event) -> bool:
    return holds(actor, Role.ORGANIZER, Role.PRESIDING_LEADER, scope=event.id)


def may_release(actor: Actor, pledge: Pledge) -> bool:
    """Whoever accepted the word may give it back, and whoever may assess."""
    mine = slot_of(actor, pledge)
    accepted = mine is not None and mine.role == SlotRole.COUNTERSIGNER
    return accepted or may_assess(actor, pledge)


def may_assess(actor: Actor, pledge: Pledge) -> bool:
    """The presiding leader or the organizer, unless the word was their own."""
    mine = slot_of(actor, pledge)
    if mine is not None and mine.role == SlotRole.PLEDGER:
        return False
    return holds(actor, Role.ORGANIZER, Role.PRESIDING_LEADER, scope=pledge.event_id)


def may_see_evidence(actor: Actor, slot: SignatureSlot) -> bool:
    """From where and with what somebody signed: evidence, not page content."""
    return may_sign(actor, slot) or holds(actor, Role.AUDITOR)
