"""Who agrees for whom (nobody for anybody else), and who publishes the words."""

from app.core.roles import Actor, Role, holds
from app.people.models import Person


def may_give(actor: Actor, person: Person) -> bool:
    return actor.id is not None and person.account_id == actor.id


def may_publish(actor: Actor) -> bool:
    return holds(actor, Role.ADMINISTRATOR)


def may_see_all(actor: Actor) -> bool:
    """How many agreed to which version."""
    return holds(actor, Role.ADMINISTRATOR, Role.AUDITOR)
