"""Who may keep views of the register. Handing over is judged row by row, where the assignments are."""

from app.core.roles import Actor, Role
from app.events.models import Event
from app.requirements import policy as requirements


def may_keep_views(actor: Actor) -> bool:
    """Whoever is signed in: a kept view opens nothing that its owner may not see."""
    return actor.id is not None


def may_choose(actor: Actor, event: Event | None) -> bool:
    """Whether the rows of a register offer themselves to be handed over together."""
    if event is not None:
        return requirements.may_supervise(actor, event)
    return any(grant.role in (Role.SUPERVISOR, Role.ORGANIZER) for grant in getattr(actor, "grants", []))
