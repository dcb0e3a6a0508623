"""Who may record what was said, and who may say that the wording is right.

A delegate is named for one speech, by its speaker or by the presiding leader, and it is on record. That somebody is the
speaker's assistant is not enough: an assistant answers invitations in another's name, but to vouch for words that
people will be held to is a trust of its own, given speech by speech.
"""

from app.core.roles import Actor
from app.events import policy as events
from app.events.models import Event
from app.speeches.models import Speech
from app.speeches.recorders import has_recorded


def may_record(actor: Actor, event: Event) -> bool:
    return events.may_record(actor, event)


def is_speaker(actor: Actor, speech: Speech) -> bool:
    return actor.id is not None and speech.speaker.account_id == actor.id


def is_delegate(actor: Actor, speech: Speech) -> bool:
    return actor.id is not None and speech.delegate is not None and speech.delegate.account_id == actor.id


def may_confirm(actor: Actor, speech: Speech) -> bool:
    """The speaker, whom they named, or the presiding leader; of these only the speaker if they recorded the words."""
    if is_speaker(actor, speech):
        return True
    trusted = is_delegate(actor, speech) or events.may_preside(actor, speech.event)
    return trusted and not has_recorded(actor, speech)


def speaks_for(actor: Actor, speech: Speech) -> bool:
    """The speaker, or whom they have named: whoever may change the wording afterwards."""
    return is_speaker(actor, speech) or (is_delegate(actor, speech) and not has_recorded(actor, speech))


def may_take_back(actor: Actor, speech: Speech) -> bool:
    """Withdraw what was demanded in it, and name who may confirm."""
    return is_speaker(actor, speech) or events.may_preside(actor, speech.event)
