"""What was registered while an event was rehearsed, and how it goes again: through the gate, which counts the places."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event
from app.registration import places
from app.registration.models import GONE, Invitation, InvitationAnswer, Registration, State
from app.registration.services import remove_part


def list_rehearsed(event: Event) -> Sequence[Registration]:
    """The marked ones, in the order in which they came."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.is_rehearsal)
        .options(joinedload(Registration.person))
        .order_by(Registration.id)
    ).all()


def remove_rehearsed(event: Event, *, since: datetime, now: datetime) -> list[Registration]:
    """Give all their places back and take the rows away; returns those of the true waiting list who move up.

    Whoever waits goes first, so that nobody who is about to go is promoted. Somebody who had withdrawn before `since`
    and came back for the rehearsal is withdrawn again: that they once registered is no part of the rehearsal.
    """
    marked = list_rehearsed(event)
    if not marked:
        return []
    counters = places.lock(event)
    promoted: list[Registration] = []
    for each in sorted(marked, key=lambda one: one.state != State.WAITING):
        if each.state not in GONE:
            promoted += places.release(each, counters, now=now)
        remove_part(event, each.person, "registered")
        if each.created_at >= since:
            db.session.delete(each)
        else:
            each.is_rehearsal = False
            each.version += 1
    _forget_answers(event, marked, since)
    db.session.flush()
    return [each for each in promoted if not each.is_rehearsal]


def _forget_answers(event: Event, marked: Sequence[Registration], since: datetime) -> None:
    """An invitation that was answered by registering is open again."""
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.event_id == event.id,
            Invitation.person_id.in_([each.person_id for each in marked]),
            Invitation.answered_at >= since,
        )
        .values(answer=None, answered_at=None, reason=None, excuse=None, maybe_until=None)
        .execution_options(synchronize_session=False)
    )
    asked = select(Invitation.id).where(
        Invitation.event_id == event.id, Invitation.person_id.in_([each.person_id for each in marked])
    )
    db.session.execute(
        delete(InvitationAnswer).where(InvitationAnswer.invitation_id.in_(asked), InvitationAnswer.created_at >= since)
    )
