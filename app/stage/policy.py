"""Who calls the cues, and who looks on."""

from app.awards import policy as awards
from app.core.roles import Actor, Role, holds
from app.events.models import Event
from app.shows import policy as shows


def may_call(actor: Actor, event: Event) -> bool:
    return shows.may_run(actor, event)


def may_watch(actor: Actor, event: Event) -> bool:
    """The console tells who declined and why a cue was skipped: for those who call the cues, and the auditor."""
    return may_call(actor, event) or holds(actor, Role.AUDITOR)


def may_reveal(actor: Actor, event: Event) -> bool:
    """A reveal confers what it shows, and a tally is conferred likewise."""
    return may_call(actor, event) and awards.may_record(actor, event)
