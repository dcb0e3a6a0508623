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
    """Only whoever accepted the word may give it back; where nobody accepted it, the presiding leader, who never gives
    back the own word."""
    if any(slot.role == SlotRole.COUNTERSIGNER for slot in pledge.slots):
        return _signs_as(actor, pledge, SlotRole.COUNTERSIGNER)
    return not has_given(actor, pledge) and holds(actor, Role.PRESIDING_LEADER, scope=pledge.event_id)


def has_given(actor: Actor, pledge: Pledge) -> bool:
    """Whether the word is the actor's own."""
    return _signs_as(actor, pledge, SlotRole.PLEDGER)


def _signs_as(actor: Actor, pledge: Pledge, role: SlotRole) -> bool:
    """In this role, for oneself or as the deputy who signed."""
    here = [slot for slot in pledge.slots if slot.role == role]
    return any(may_sign(actor, slot) or _signed_as_deputy(actor, slot) for slot in here)


def _signed_as_deputy(actor: Actor, slot: SignatureSlot) -> bool:
    signer = slot.signature.person if slot.signature is not None else None
    return signer is not None and actor.id is not None and signer.account_id == actor.id


def may_assess(actor: Actor, pledge: Pledge) -> bool:
    """The presiding leader or the organizer, unless the word was their own."""
    return not has_given(actor, pledge) and holds(actor, Role.ORGANIZER, Role.PRESIDING_LEADER, scope=pledge.event_id)


def may_appeal(actor: Actor, pledge: Pledge) -> bool:
    """Whoever gave the word."""
    return has_given(actor, pledge)


def may_decide_appeal(actor: Actor, pledge: Pledge) -> bool:
    """Whoever may assess, but for the one who did."""
    return may_assess(actor, pledge) and (actor.id is None or actor.id != pledge.assessed_by_id)


def may_prove(actor: Actor, pledge: Pledge) -> bool:
    """Bring evidence of what became of it: whoever has a part in it, prepares or assesses."""
    part = slot_of(actor, pledge) is not None or has_given(actor, pledge)
    return part or may_assess(actor, pledge) or may_prepare(actor, pledge.event)


def may_keep_templates(actor: Actor) -> bool:
    """Whoever organizes, records or administers everywhere: templates are the house's."""
    return holds(actor, Role.ORGANIZER, Role.SECRETARY, Role.ADMINISTRATOR)


def may_see_evidence(actor: Actor, slot: SignatureSlot) -> bool:
    """From where and with what somebody signed: evidence, not page content, and of a deputy the deputy's."""
    own = _signed_as_deputy(actor, slot) if is_by_deputy(slot) else may_sign(actor, slot)
    return own or holds(actor, Role.AUDITOR)


def is_by_deputy(slot: SignatureSlot) -> bool:
    return slot.signature is not None and slot.signature.person_id not in (None, slot.person_id)


def may_erase_evidence(actor: Actor) -> bool:
    """Whoever answers for the data here. They do not read it."""
    return holds(actor, Role.ADMINISTRATOR)


def may_take_pack(actor: Actor, pledge: Pledge) -> bool:
    """The evidence pack names what each signatory confirmed: for them, for those who prepare, and for the auditor."""
    part = slot_of(actor, pledge) is not None or has_given(actor, pledge)
    return (
        part
        or may_prepare(actor, pledge.event)
        or holds(actor, Role.AUDITOR, Role.PRESIDING_LEADER, scope=pledge.event_id)
    )
