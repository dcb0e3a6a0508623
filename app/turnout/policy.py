"""Who reads the numbers: they lead to names, so whoever may read the record of attendance."""

from app.attendance.policy import may_see_record
from app.core.roles import Actor
from app.events.models import Event


def may_see_numbers(actor: Actor, event: Event) -> bool:
    return may_see_record(actor, event)
