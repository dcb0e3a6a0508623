"""Who may cast, confer and suspend tallies, and who sees them before they are conferred."""

from app.core.roles import Actor, Role, holds
from app.custody import policy as custody
from app.events import policy as events
from app.events.models import Event
from app.people.models import Person
from app.tallies.models import Tally


def may_cast(actor: Actor, event: Event) -> bool:
    """Cast, change what is cast, and record the conferral: who records ceremonies."""
    return events.may_record(actor, event)


def may_command(actor: Actor, event: Event) -> bool:
    """Suspend, lift a suspension, end the authority: the presiding leader, whose authority is lent."""
    return events.may_preside(actor, event)


def may_retire(actor: Actor, tally: Tally) -> bool:
    """What nobody holds yet is put away by whoever cast it."""
    return may_command(actor, tally.event) or (not tally.is_conferred and may_cast(actor, tally.event))


def may_hand_on(actor: Actor, event: Event, holder: Person | None) -> bool:
    """Hand a half on, give it back, tell its loss: whoever holds it, and who records for the office."""
    return custody.may_hand_over(actor, event, holder)


def sees_cast(actor: Actor, event: Event) -> bool:
    """Before its conferral a tally is known to those who prepare it, the leader and the auditor (rule 31)."""
    return may_cast(actor, event) or may_command(actor, event) or holds(actor, Role.AUDITOR)


def may_see(actor: Actor, tally: Tally) -> bool:
    return tally.is_conferred or sees_cast(actor, tally.event)


def sees_custody(actor: Actor, event: Event) -> bool:
    """The whole story of the halves, with their condition; others see who holds them now."""
    return custody.sees_all(actor, event)
