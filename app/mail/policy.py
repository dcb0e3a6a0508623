"""Who may look into the outbox of an event. Mail knows no events: the page asks the event's own policy."""

from app.core.roles import Actor, Role, holds


def may_read_outbox(actor: Actor, scope: int) -> bool:
    return holds(actor, Role.ORGANIZER, Role.ADMINISTRATOR, Role.AUDITOR, scope=scope)


def may_steer_outbox(actor: Actor, scope: int) -> bool:
    """Take back, send again. The auditor reads only."""
    return holds(actor, Role.ORGANIZER, Role.ADMINISTRATOR, scope=scope)
