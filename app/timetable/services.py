"""Arranging: every move on the timetable goes through here, so that it can be taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from app.core import audit, clock
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Event
from app.programme import policy
from app.programme import services as programme
from app.programme.models import AgendaItem, Room, Session
from app.timetable.errors import MovedSince, NotNext
from app.timetable.models import Step
from app.timetable.queries import KEPT, next_steps

MOST_MINUTES = 36 * 60


@dataclass(frozen=True)
class Place:
    """Where an item stands: on no time it waits beside the timetable."""

    starts_at: datetime | None
    ends_at: datetime | None
    room: Room | None
    session: Session | None

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "starts_at": self.starts_at.astimezone(UTC).isoformat() if self.starts_at else None,
            "ends_at": self.ends_at.astimezone(UTC).isoformat() if self.ends_at else None,
            "room": self.room.ref if self.room else None,
            "session": self.session.ref if self.session else None,
        }


def place_of(item: AgendaItem) -> Place:
    return Place(item.starts_at, item.ends_at, item.room, item.session)


def move(item: AgendaItem, to: Place, *, actor: Actor, version: int | None, minutes: int | None = None) -> Step | None:
    """Put an item where it shall stand, or (without a start) back among those that wait.

    None when it stands there already, whatever the version: an answer that was lost on the way is asked for again.
    `minutes` is how long a waiting item will take; by default as long as it took before.
    """
    require(policy.may_change(actor, item.event))
    before = place_of(item)
    waits = to.starts_at is None
    if waits and before.starts_at and before.ends_at:
        minutes = minutes if minutes is not None else round((before.ends_at - before.starts_at).total_seconds() / 60)
    lasts = {"minutes": minutes} if waits and minutes is not None else {}
    if not 1 <= lasts.get("minutes", 1) <= MOST_MINUTES:
        raise Refused(_("Please give a length between 1 and 2,160 minutes."), field="minutes")
    if before == to and lasts.get("minutes", item.minutes) == item.minutes:
        return None
    _put(item, to, actor=actor, version=version, **lasts)
    if before == to:
        return None
    step = Step(
        event_id=item.event_id,
        account_id=actor.id,
        item=item,
        before=before.kept(),
        after=to.kept(),
        item_version=item.version,
    )
    db.session.add(step)
    db.session.flush()
    _forget_oldest(step)
    return step


def undo(step: Step, *, actor: Actor) -> AgendaItem:
    """Take back one's own last step, unless somebody else has moved the item since. Asked for again it changes nothing."""
    return _go(step, back=True, actor=actor)


def redo(step: Step, *, actor: Actor) -> AgendaItem:
    """Do again what was taken back last."""
    return _go(step, back=False, actor=actor)


def _go(step: Step, *, back: bool, actor: Actor) -> AgendaItem:
    item = step.item
    require(step.account_id == actor.id and policy.may_change(actor, item.event))
    if (step.undone_at is not None) == back:
        return item
    if step.id != _next(step)[0 if back else 1]:
        raise NotNext(_("Another step comes first. The timetable beside this shows how things stand."))
    here, there = (step.after, step.before) if back else (step.before, step.after)
    if place_of(item).kept() != here or _moved_by_others(step):
        raise MovedSince(
            _("Somebody else has moved “%(title)s” since. It stays where it is.", title=item.display_title)
        )
    _put(item, _place(there, item.event), actor=actor, version=None)
    step.undone_at = clock.now() if back else None
    step.item_version = item.version
    db.session.flush()
    audit.record(actor, "step.taken_back" if back else "step.done_again", item)
    return item


def _put(item: AgendaItem, to: Place, *, actor: Actor, version: int | None, **more: Any) -> None:
    programme.change_item(
        item,
        actor=actor,
        version=version,
        starts_at=to.starts_at,
        ends_at=to.ends_at,
        room=to.room,
        session=to.session,
        **more,
    )


def _place(kept: dict[str, Any], event: Event) -> Place:
    """The place that a step remembers; a room or a session that was removed since is not found again."""
    starts_at, ends_at = (
        datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("starts_at", "ends_at")
    )
    room = db.session.scalar(select(Room).where(Room.event_id == event.id, Room.ref == kept["room"]))
    session = db.session.scalar(select(Session).where(Session.event_id == event.id, Session.ref == kept["session"]))
    if (kept["room"] and room is None) or (kept["session"] and session is None):
        raise MovedSince(_("The room or the session that it stood in is no longer there."))
    return Place(starts_at, ends_at, room, session)


def _next(step: Step) -> tuple[int | None, int | None]:
    mine = (
        select(Step.id, Step.undone_at)
        .where(Step.event_id == step.event_id, Step.account_id == step.account_id)
        .order_by(Step.id.desc())
        .limit(KEPT)
    )
    return next_steps([(row.id, row.undone_at is not None) for row in db.session.execute(mine)])


def _moved_by_others(step: Step) -> bool:
    later = select(Step.id).where(
        Step.item_id == step.item_id,
        Step.account_id != step.account_id,
        Step.id > step.id,
        Step.undone_at.is_(None),
    )
    return db.session.scalar(later.limit(1)) is not None


def _forget_oldest(step: Step) -> None:
    """Of each account's steps in an event, as many stay as can be taken back; the log keeps all."""
    mine = select(Step.id).where(Step.event_id == step.event_id, Step.account_id == step.account_id)
    oldest = mine.order_by(Step.id.desc()).offset(KEPT).limit(1).scalar_subquery()
    db.session.execute(
        delete(Step)
        .where(Step.event_id == step.event_id, Step.account_id == step.account_id, Step.id <= oldest)
        .execution_options(synchronize_session=False)
    )
