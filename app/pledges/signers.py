"""Who may sign where: in one's own place, and with a delegation in that of somebody else."""

from datetime import datetime

from sqlalchemy import func, select

from app.core import clock
from app.core.db import db
from app.core.roles import Actor
from app.delegations import queries as delegations
from app.delegations.models import Delegation
from app.people.models import Person
from app.pledges import policy
from app.pledges.models import Pledge, Signature, SignatureSlot


def slots_for(actor: Actor, pledge: Pledge) -> list[SignatureSlot]:
    """Where the actor may sign: the own place first, then those of whom the actor is a deputy today."""
    own = [slot for slot in pledge.slots if policy.may_sign(actor, slot)]
    deputed = delegations.principals_of(actor, pledge.event, clock.today(pledge.event.time_zone))
    return own + [slot for slot in pledge.slots if slot.person_id in deputed and slot not in own]


def delegation_of(actor: Actor, slot: SignatureSlot) -> Delegation | None:
    """What lets the actor sign in somebody else's place today; nothing is needed for the own."""
    if policy.may_sign(actor, slot):
        return None
    event = slot.pledge.event
    return delegations.principals_of(actor, event, clock.today(event.time_zone)).get(slot.person_id)


def may_act_in(actor: Actor, slot: SignatureSlot) -> bool:
    """Nobody signs for somebody else but with a delegation (rule 20)."""
    return policy.may_sign(actor, slot) or delegation_of(actor, slot) is not None


def newest_moment(pledge: Pledge) -> datetime | None:
    """The latest moment that is recorded of its opening and signing: a clock that stands before it was put back."""
    signed = select(func.max(Signature.signed_at)).join(SignatureSlot).where(SignatureSlot.pledge_id == pledge.id)
    found = [each for each in (pledge.opened_at, db.session.scalar(signed)) if each is not None]
    return max(found, default=None)


def has_signed_for_another(slot: SignatureSlot, person: Person) -> bool:
    """Whether this person has signed in another place of the same pledge, as its deputy."""
    other = (
        select(Signature.id)
        .join(SignatureSlot)
        .where(SignatureSlot.pledge_id == slot.pledge_id, SignatureSlot.id != slot.id, Signature.person_id == person.id)
    )
    return db.session.scalar(other.limit(1)) is not None
