"""Who plans an evening's table, who calls its cues, and who reads it. Winners are named by `awards.policy` alone."""

from app.awards import policy as awards
from app.core.roles import Actor, Role, holds
from app.events import policy as events
from app.events.models import Event


def may_plan(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_run(actor: Actor, event: Event) -> bool:
    """The operators of the console. One who may run does not therefore know the winners."""
    return events.may_record(actor, event) or events.may_plan(actor, event)


def may_read(actor: Actor, event: Event) -> bool:
    """The whole table as it stands. Whoever owns a cue reads what was published, see `queries.is_owner`."""
    return may_run(actor, event) or events.may_preside(actor, event) or holds(actor, Role.AUDITOR, scope=event.id)


def sees_names(actor: Actor, event: Event) -> bool:
    """Whether rows of awards that are not conferred yet name the winner to the actor (rule 31)."""
    return awards.sees_undecided(actor, event)
