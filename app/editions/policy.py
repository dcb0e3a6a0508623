"""Who may make one gathering from another."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event


def may_begin(actor: Actor) -> bool:
    """Make gatherings from templates, from rules, and read the company's templates."""
    return events.may_create(actor)


def may_clone(actor: Actor, event: Event) -> bool:
    """What is copied holds what only planners see, so both rights are needed."""
    return events.may_create(actor) and events.may_plan(actor, event)


def may_keep_as_template(actor: Actor, event: Event) -> bool:
    return may_clone(actor, event)
