"""Who may record what was said, and who may say that the wording is right."""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event
from app.speeches.models import Speech


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def may_confirm(actor: Actor, speech: Speech) -> bool:
    """The presiding leader, or the speaker; whoever only recorded the words cannot vouch for them."""
    spoke = actor.id is not None and speech.speaker.account_id == actor.id
    return spoke or events.may_preside(actor, speech.event)
