"""Who may look into the certificate authority, and who may run it."""

from app.core.roles import Actor, Role, holds


def may_see(actor: Actor) -> bool:
    return holds(actor, Role.ADMINISTRATOR, Role.AUDITOR)


def may_run(actor: Actor) -> bool:
    """Issue, revoke, rotate."""
    return holds(actor, Role.ADMINISTRATOR)
