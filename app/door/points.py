"""Where people are let in: making points, changing them, closing them."""

from typing import Any

from sqlalchemy import func, select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.door import policy, services
from app.door.models import Point, PointKind, Repeat
from app.events.models import Event
from app.programme.models import Session

MOST = 200


def make_point(
    event: Event,
    *,
    actor: Actor,
    kind: str,
    name: str | None,
    name_local: str | None = None,
    session: Session | None = None,
    repeat: str = Repeat.ONCE,
    counts_out: bool = False,
    chosen_only: bool = False,
    takes_walk_ins: bool = False,
) -> Point:
    """A further point. That of arrival makes itself."""
    require(policy.may_arrange(actor, event))
    if kind == PointKind.ARRIVAL:
        raise Refused(_("There is one point of arrival, and it is there already."), field="kind")
    services.arrival_of(event)
    number, last = db.session.execute(
        select(func.count(Point.id), func.max(Point.position)).where(Point.event_id == event.id)
    ).one()
    if number >= MOST:
        raise Refused(_("There are very many points already. Close one instead of making another."))
    values = _checked(
        event, kind=kind, name=name, name_local=name_local, session=session, repeat=repeat, counts_out=counts_out,
        chosen_only=chosen_only, takes_walk_ins=takes_walk_ins,
    )  # fmt: skip
    point = Point(event=event, position=(last or 0) + 1, **values)
    db.session.add(point)
    db.session.flush()
    audit.record(actor, "door.point_made", point, kind=kind)
    return point


def change_point(point: Point, *, actor: Actor, version: int | None, **values: Any) -> None:
    """The kind of a point stays what it is, since people may have passed it."""
    require(policy.may_arrange(actor, point.event))
    changes = edit(point, version=version, **_checked(point.event, kind=point.kind, **values))
    if changes:
        audit.record(actor, "door.point_changed", point, changed=changes)


def _checked(event: Event, *, kind: str, session: Session | None = None, **values: Any) -> dict[str, Any]:
    if kind != PointKind.SESSION:
        session, values["chosen_only"] = None, False
    elif session is None:
        raise Refused(_("Please choose the session."), field="session")
    elif session.event_id != event.id:
        raise Refused(_("This session belongs to another event."), field="session")
    if kind == PointKind.ARRIVAL:
        values["name"], values["name_local"] = "Arrival", None
    elif not values.get("name"):
        if session is None:
            raise Refused(_("Please fill this in."), field="name")
        values["name"], values["name_local"] = session.title[:200], (session.title_local or "")[:200] or None
    return {"kind": str(kind), "session": session, **values}


def close_point(point: Point, *, actor: Actor) -> None:
    """Nobody passes here from now on; who passed before stays counted."""
    require(policy.may_arrange(actor, point.event))
    if point.closed_at is not None:
        raise Refused(_("This point is closed already."))
    edit(point, version=None, closed_at=clock.now())
    audit.record(actor, "door.point_closed", point)


def reopen_point(point: Point, *, actor: Actor) -> None:
    require(policy.may_arrange(actor, point.event))
    if point.closed_at is None:
        raise Refused(_("This point is open already."))
    edit(point, version=None, closed_at=None)
    audit.record(actor, "door.point_opened", point)
