"""Who says who acts for whom."""

from app.assistants.models import Assistantship
from app.core.roles import Actor, Role, holds
from app.people.models import Person


def may_name(actor: Actor, principal: Person) -> bool:
    """Everybody their own assistants; administrators and those who organize everywhere for anybody."""
    if holds(actor, Role.ADMINISTRATOR, Role.ORGANIZER):
        return True
    return is_self(actor, principal) and not holds(actor, Role.AUDITOR)


def may_see(actor: Actor, principal: Person) -> bool:
    return may_name(actor, principal) or is_self(actor, principal) or holds(actor, Role.AUDITOR)


def may_end(actor: Actor, assistantship: Assistantship) -> bool:
    """Whoever may name, and the assistant, who gives it back."""
    if may_name(actor, assistantship.principal):
        return True
    return is_self(actor, assistantship.assistant) and not holds(actor, Role.AUDITOR)


def is_self(actor: Actor, person: Person) -> bool:
    return actor.id is not None and person.account_id == actor.id
