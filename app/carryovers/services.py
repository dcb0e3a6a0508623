"""Taking what is open into the next session, or leaving it out with a reason. Nothing vanishes in between."""

from collections.abc import Collection

from sqlalchemy import select

from app.carryovers import policy, queries
from app.carryovers.errors import DecidedAlready, NoReason, NoSession, NothingChosen
from app.carryovers.models import CarryOver, CarryState
from app.carryovers.queries import Matter
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import require
from app.core.i18n import _
from app.core.roles import Actor
from app.events.models import Audience, Event
from app.programme import services as programme
from app.programme.models import AgendaItem, ItemKind, Session

MINUTES = 10  # how long an item is thought to take until somebody says otherwise
LONGEST = 200
WIDTH = {Audience.RESTRICTED: 0, Audience.INTERNAL: 1, Audience.PUBLIC: 2}


def take(event: Event, keys: Collection[str] | None, *, session: Session | None, actor: Actor) -> int:
    """Put the chosen matters, or all that are undecided, on the agenda of a session; how many were taken now.

    What somebody else has decided meanwhile stays as decided.
    """
    require(policy.may_decide(actor, event))
    chosen = _chosen(event, keys, actor)
    if session is None:
        raise NoSession(_("Please choose the session in which this is to be treated."), field="session")
    for matter in chosen:
        row = _row_of(event, matter)
        first_time = row.state != CarryState.TAKEN
        _decide(row, actor, state=CarryState.TAKEN, reason=None, item=_add_item(event, matter, session, actor))
        if matter.kind == "assignment" and first_time:
            edit(matter.record, version=None, carry_count=matter.record.carry_count + 1)
            audit.record(actor, "assignment.carried_over", matter.record, to=event.ref, age=matter.age)
        audit.record(actor, "carryover.taken", row, scope=event, age=matter.age)
    return len(chosen)


def leave_out(event: Event, keys: Collection[str] | None, *, reason: str | None, actor: Actor) -> int:
    """Decide that the chosen matters are not treated, and say why; how many that were."""
    require(policy.may_decide(actor, event))
    chosen = _chosen(event, keys or (), actor)
    if not reason:
        raise NoReason(_("Please say why this is left out. The reason stays with it."), field="reason")
    for matter in chosen:
        row = _row_of(event, matter)
        _decide(row, actor, state=CarryState.LEFT_OUT, reason=reason, item=None)
        if matter.kind == "assignment":
            audit.record(actor, "assignment.left_out", matter.record, reason=reason, to=event.ref)
        audit.record(actor, "carryover.left_out", row, scope=event, reason=reason)
    return len(chosen)


def reconsider(row: CarryOver, *, actor: Actor) -> CarryOver:
    """What was left out is to be decided again; the reason of then stays in the log."""
    require(policy.may_decide(actor, row.to_event))
    _hold(row.to_event)
    db.session.refresh(row)
    if row.state != CarryState.LEFT_OUT:
        raise DecidedAlready(_("Somebody else has decided about this meanwhile."))
    reason = row.reason
    edit(row, version=None, state=CarryState.PROPOSED, reason=None, decided_at=None, decided_by_name=None)
    audit.record(actor, "carryover.reconsidered", row, scope=row.to_event, reason=reason)
    return row


def _chosen(event: Event, keys: Collection[str] | None, actor: Actor) -> list[Matter]:
    """Those of them that are undecided now, under the lock; all that are when none is named."""
    _hold(event)
    if keys is not None and not keys:
        raise NothingChosen(_("Please choose at least one row."))
    matters = [each for each in queries.list_matters(event, actor) if not each.is_decided]
    chosen = [each for each in matters if keys is None or each.key in keys]
    if not chosen:
        raise DecidedAlready(
            _("All of this is decided already. Perhaps somebody else was faster: look at the list below.")
        )
    return chosen


def _hold(event: Event) -> None:
    """Two people who decide at once: the second sees what the first did."""
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())


def _row_of(event: Event, matter: Matter) -> CarryOver:
    if matter.row is not None:
        return matter.row
    row = CarryOver(from_event=matter.from_event, to_event=event, age=matter.age, state=CarryState.PROPOSED)
    setattr(row, matter.kind, matter.record)
    db.session.add(row)
    db.session.flush()
    return row


def _decide(row: CarryOver, actor: Actor, *, state: CarryState, reason: str | None, item: AgendaItem | None) -> None:
    values = {"state": state, "reason": reason, "decided_at": clock.now(), "decided_by_name": actor.name}
    edit(row, version=None, **values)
    row.item = item
    db.session.flush()


def _add_item(event: Event, matter: Matter, session: Session, actor: Actor) -> AgendaItem:
    """What fewer people may see than the new gathering is an internal item there."""
    about = matter.requirement
    if about is not None:
        heading, local = about.heading, about.heading_local
    else:
        heading, local = matter.record.name or matter.record.label, matter.record.name_local
    label = about.label if about is not None else ""
    wider = WIDTH[Audience(event.audience)] > WIDTH[Audience(matter.from_event.audience)]
    return programme.add_item(
        event, actor=actor, session=session, kind=ItemKind.REVIEW, minutes=MINUTES, is_internal=wider,
        title=f"{label} {heading}".strip()[:LONGEST], title_local=f"{label} {local}".strip()[:LONGEST] if local else None,
    )  # fmt: skip
