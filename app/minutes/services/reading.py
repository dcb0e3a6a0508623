"""What readers themselves note: which version they saw last. Nobody else is told of it."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.db import db
from app.core.errors import require
from app.core.roles import Actor
from app.minutes import since
from app.minutes.models import Minutes, MinutesVersion, Reading


def note_reading(minutes: Minutes, version: MinutesVersion, *, actor: Actor) -> None:
    """The actor has seen this version; only the one in force is noted, and the one seen before it is remembered."""
    require(since.may_note(actor))
    assert actor.id is not None
    if version.id != minutes.current_id:
        return
    mine = select(Reading).where(Reading.minutes_id == minutes.id, Reading.account_id == actor.id)
    seen = db.session.scalar(mine)
    if seen is None:
        try:
            with db.session.begin_nested():
                db.session.add(
                    Reading(minutes_id=minutes.id, account_id=actor.id, version_id=version.id, read_at=clock.now())
                )
        except IntegrityError:  # seen in two windows at once
            return
    elif seen.version_id != version.id:
        seen.before_id, seen.version_id, seen.read_at = seen.version_id, version.id, clock.now()
