"""Who may do what to accounts and to this installation."""

from app.accounts.models import Account
from app.core.roles import Actor, Role, holds


def may_administer(actor: Actor) -> bool:
    return holds(actor, Role.ADMINISTRATOR)


def may_audit(actor: Actor) -> bool:
    return holds(actor, Role.ADMINISTRATOR, Role.AUDITOR)


def may_change_own(actor: Actor, account: Account) -> bool:
    return actor.is_authenticated and actor.id == account.id
