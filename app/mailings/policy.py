"""Who may write to many, and who lets it go."""

from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.events.policy import may_plan
from app.mailings.models import Mailing


def may_write(actor: Actor, event: Event) -> bool:
    return may_plan(actor, event)


def may_read(actor: Actor, event: Event) -> bool:
    """Also the auditor, who writes nothing."""
    return may_plan(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def may_approve(actor: Actor, mailing: Mailing, *, alone: bool) -> bool:
    """Anybody who may write, but not whoever wrote the text last.

    Where there is no second organizer (`alone`) the writer approves: an office of one must not stand still, and the
    log says that it was so.
    """
    return may_write(actor, mailing.event) and (alone or not is_writer(actor, mailing))


def is_writer(actor: Actor, mailing: Mailing) -> bool:
    return actor.id is not None and mailing.by_id == actor.id
