"""Who keeps whose proofs: everybody their own, nobody somebody else's."""

from app.accounts.models import Account
from app.core.roles import Actor


def may_keep(actor: Actor, account: Account) -> bool:
    return actor.id is not None and actor.id == account.id and account.is_active
