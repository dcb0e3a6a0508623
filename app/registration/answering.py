"""What an invited person answers. All answers are kept, the last one counts."""

from datetime import date, datetime

from app.core.db import db, edit
from app.core.roles import Actor
from app.registration.models import Answer, Invitation, InvitationAnswer


def keep_answer(
    invitation: Invitation,
    answer: Answer,
    *,
    actor: Actor,
    means: str,
    now: datetime,
    reason: str | None = None,
    excuse: str | None = None,
    maybe_until: date | None = None,
) -> bool:
    """Make this the answer that counts. Saying the very same again is no other answer: returns whether it is one.

    Asks and records nothing else: the acts that call it have their own rules and their own entry in the log.
    """
    said = {"answer": str(answer), "reason": reason, "excuse": excuse, "maybe_until": maybe_until}
    if not edit(invitation, version=None, **said):
        return False
    invitation.answered_at = now
    db.session.add(
        InvitationAnswer(
            invitation_id=invitation.id,
            means=_told(means, invitation, actor),
            by_id=actor.id,
            by_name=actor.name,
            **said,
        )
    )
    return True


def _told(means: str, invitation: Invitation, actor: Actor) -> str:
    """Through a page it was the invited person, an assistant, or the organizer."""
    if means != "page":
        return means
    if getattr(actor, "on_behalf_of", None):
        return "assistant"
    is_own = actor.id is not None and invitation.person.account_id == actor.id
    return "page" if is_own else "organizer"
