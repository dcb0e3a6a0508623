"""Who reads the numbers: they lead to the work of others, so whoever follows it."""

from sqlalchemy import ColumnElement, and_, select

from app.accounts.models import RoleGrant
from app.core.roles import Actor, holds
from app.events.models import Event
from app.events.queries import visible
from app.requirements.policy import FOLLOWING


def may_see_figures(actor: Actor, event: Event) -> bool:
    return holds(actor, *FOLLOWING, scope=event.id)


def may_see_any(actor: Actor) -> bool:
    """Whoever follows the work everywhere, or at one gathering at least."""
    here = {grant.event_id for grant in getattr(actor, "grants", ()) if grant.role in FOLLOWING}
    return holds(actor, *FOLLOWING) or any(holds(actor, *FOLLOWING, scope=each) for each in here)


def followed(actor: Actor) -> ColumnElement[bool]:
    """The gatherings whose numbers the actor may see: those that they see, and whose work they follow."""
    if holds(actor, *FOLLOWING):
        return visible(actor)
    mine = select(RoleGrant.event_id).where(RoleGrant.account_id == actor.id, RoleGrant.role.in_(FOLLOWING))
    return and_(visible(actor), Event.id.in_(mine))
