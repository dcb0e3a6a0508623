"""Who may read the directory and who keeps it."""

from app.core.roles import Actor, Role, holds
from app.people.models import Person


def may_see_directory(actor: Actor) -> bool:
    """Names, titles, departments and addresses are for everybody who works here, and for nobody else."""
    return actor.is_authenticated


def may_keep_directory(actor: Actor) -> bool:
    """Administrators and those who organize everywhere; the auditor reads."""
    return holds(actor, Role.ADMINISTRATOR, Role.ORGANIZER)


def may_read_private(actor: Actor) -> bool:
    """Phone and employee number, and the export of everybody."""
    return holds(actor, Role.ADMINISTRATOR, Role.ORGANIZER, Role.AUDITOR)


def may_set_clearance(actor: Actor) -> bool:
    """Up to which level somebody reads minutes is said by administrators alone."""
    return holds(actor, Role.ADMINISTRATOR)


def may_see_clearance(actor: Actor, person: Person) -> bool:
    """It tells who is trusted with what: only administrators and the person read it."""
    return may_set_clearance(actor) or (actor.id is not None and person.account_id == actor.id)


def may_link_account(actor: Actor) -> bool:
    """Whose account it is decides what it may see: only administrators say so."""
    return holds(actor, Role.ADMINISTRATOR)
