"""What can be done at the door: let in, let out, take that back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.core import audit, clock
from app.core.db import Base, db, new_ref
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.door import policy, queries
from app.door.errors import DoorClosed, NoWalkIns, TooLateToUndo
from app.door.keeper import device_of
from app.door.models import CheckIn, Outcome, Point, PointKind, RefusedScan, Repeat
from app.events.models import Event, Status
from app.people.models import Person
from app.registration import services as registration
from app.registration.models import Registration, State
from app.registration.queries import find_by_code, find_own
from app.signing import tokens

KEPT_FOR = timedelta(days=7)  # how long a phone may keep a scan before its moment is no longer believed
BECAUSE = {
    State.WAITING: Outcome.WAITING,
    State.OFFERED: Outcome.WAITING,
    State.PENDING: Outcome.NOT_APPROVED,
    State.REFUSED: Outcome.NOT_APPROVED,
    State.REPLACED: Outcome.REPLACED,
    State.WITHDRAWN: Outcome.WITHDRAWN,
}


@dataclass(frozen=True)
class Answer:
    """What the door says to one who comes. `check_in` is this pass, or of `already` the one before it; `instead` is
    who has the place now."""

    outcome: Outcome
    person: Person | None = None
    check_in: CheckIn | None = None
    instead: Person | None = None
    direction: str = "in"


@dataclass(frozen=True)
class Scan:
    """How somebody came: when (of a scan that a phone has kept, earlier than now), which way, and how it was told."""

    at: datetime
    direction: str = "in"
    means: str = "code"
    id: str | None = None
    was_offline: bool = False


# --- letting in ---------------------------------------------------------------------------------------------------


def admit(
    point: Point,
    shown: str | Registration,
    actor: Actor,
    *,
    at: datetime | None = None,
    scan_id: str | None = None,
    direction: str = "in",
    means: str | None = None,
    was_offline: bool = False,
) -> Answer:
    """Let in whoever shows this code, or was found by name; of any number of scanners at once exactly one admits.

    A `scan_id` sent again has no second effect and is answered as the first time. With `was_offline` a scan that
    admits nobody is kept for the report, since the phone has let the person pass already.
    """
    now = clock.now()
    require(policy.may_admit(actor, point, now))
    told_before = _told_before(point, scan_id)
    if told_before is not None:
        return told_before
    at = now if at is None else min(now, max(at, now - KEPT_FOR))
    way = "out" if direction == "out" and point.counts_out else "in"
    scan = Scan(at, way, means or ("code" if isinstance(shown, str) else "name"), scan_id, was_offline)
    if was_offline and scan_id and not _takes_people(point.event):
        answer = Answer(Outcome.CLOSED)
    else:
        _check_event(point.event)
        answer = _judge(point, shown, actor, scan)
    if answer.outcome != Outcome.ADMITTED and was_offline and scan_id:
        _keep_refused(point, answer, actor, scan)
    return answer


def admit_oneself(point: Point, registration: Registration, actor: Actor) -> Answer:
    """Let in the person behind this account, who has proven in another way that they are there (the room's code)."""
    require(actor.id is not None and registration.person.account_id == actor.id)
    _check_event(point.event)
    return _judge(point, registration, actor, Scan(clock.now(), means="self"))


def _told_before(point: Point, scan_id: str | None) -> Answer | None:
    before = queries.find_scan(scan_id) if scan_id else None
    if before is None:
        return None
    if before.event_id != point.event_id:
        raise Refused(_("This scan belongs to another event."))
    if isinstance(before, RefusedScan):
        return Answer(Outcome(before.outcome), before.person, before.first)
    return Answer(Outcome.ADMITTED, before.person, before, direction=before.direction)


def _takes_people(event: Event) -> bool:
    return event.status in (Status.PUBLISHED, Status.CONCLUDED)


def _check_event(event: Event) -> None:
    if not _takes_people(event):
        raise DoorClosed(_("Nobody can be checked in: the event is not published, or it is cancelled."))


def _judge(point: Point, shown: str | Registration, actor: Actor, scan: Scan) -> Answer:
    found = find_by_code(point.event, shown) if isinstance(shown, str) else shown
    if found is None or found.event_id != point.event_id:
        return _of_ended_code(point.event, shown) if isinstance(shown, str) else Answer(Outcome.UNKNOWN)
    person = found.person
    # The row's lock puts scanners of one code in a line (PostgreSQL; SQLite writes one at a time anyway).
    state = db.session.scalar(select(Registration.state).where(Registration.id == found.id).with_for_update())
    if state in BECAUSE:
        instead = queries.find_substitute(found) if state == State.REPLACED else None
        return Answer(BECAUSE[State(state)], person, instead=instead)
    if point.was_closed_at(scan.at):
        return Answer(Outcome.CLOSED, person)
    if point.chosen_only and point.session_id is not None and not queries.has_chosen(found, point):
        return Answer(Outcome.NOT_CHOSEN, person)
    return _pass(point, person, actor, scan)


def _of_ended_code(event: Event, code: str) -> Answer:
    """A code that was good once is told apart from one that never was."""
    known = tokens.normalise(code)
    ended = queries.find_ended_code(event, known) if known else None
    if ended is None:
        return Answer(Outcome.UNKNOWN)
    own = find_own(event, ended.person)
    if ended.replaced_by is None and own is not None and own.state == State.WITHDRAWN:
        return Answer(Outcome.WITHDRAWN, ended.person)
    return Answer(Outcome.REPLACED, ended.person, instead=ended.replaced_by)


def _pass(point: Point, person: Person, actor: Actor, scan: Scan) -> Answer:
    slot, before = _slot(point, person, scan)
    if before is None:
        made = _insert(point, person, slot, actor, scan)
        if made is not None:
            audit.record(
                actor, "door.admitted" if scan.direction == "in" else "door.let_out", made, scope=point.event,
                means=scan.means, point=point,
            )  # fmt: skip
            return Answer(Outcome.ADMITTED, person, made, direction=scan.direction)
        # Somebody was faster, past the lock: the unique index has kept this one out.
        before = next((each for each in queries.list_standing(point, person) if each.slot == slot), None)
    if before is not None and scan.id is not None and before.scan_id == scan.id:  # the same, sent twice at once
        return Answer(Outcome.ADMITTED, person, before, direction=before.direction)
    return Answer(Outcome.ALREADY, person, before, direction=scan.direction)


def _slot(point: Point, person: Person, scan: Scan) -> tuple[str, CheckIn | None]:
    """What this pass is called, which may stand once; and the pass that stands in its way, if there is one.

    Where people are scanned on their way out too, in and out take turns, and each turn has its number.
    """
    if point.repeat == Repeat.MANY:
        return scan.id or new_ref(), None
    day = point.event.day_at(scan.at).isoformat() if point.repeat == Repeat.DAILY else ""
    standing = [each for each in queries.list_standing(point, person) if each.slot.partition("#")[0] == day]
    if not point.counts_out:
        return day, standing[-1] if standing else None
    numbered = [(int(each.slot.partition("#")[2] or 0), each) for each in standing]
    turn, last = max(numbered, key=lambda each: each[0], default=(0, None))
    return f"{day}#{turn + 1}", last if last is not None and last.direction == scan.direction else None


def _insert(point: Point, person: Person, slot: str, actor: Actor, scan: Scan) -> CheckIn | None:
    """The new pass, or nothing where one of this name stands already: the unique index decides."""
    made = _insert_once(
        CHECK_IN, point, actor, scan, person_id=person.id, slot=slot, direction=scan.direction, by_id=actor.id,
        means=scan.means,
    )  # fmt: skip
    return db.session.get_one(CheckIn, made) if made is not None else None


def _keep_refused(point: Point, answer: Answer, actor: Actor, scan: Scan) -> None:
    person, first = answer.person, answer.check_in
    made = _insert_once(
        REFUSED, point, actor, scan, outcome=str(answer.outcome), person_id=person.id if person else None,
        first_id=first.id if first else None, was_offline=True,
    )  # fmt: skip
    if made is not None:
        refused = db.session.get_one(RefusedScan, made)
        audit.record(actor, "door.refused_afterwards", refused, scope=point.event, point=point)


def _insert_once(table: Any, point: Point, actor: Actor, scan: Scan, **values: Any) -> int | None:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    device = device_of(actor)
    return db.session.scalar(
        insert(table)
        .values(
            event_id=point.event_id, point_id=point.id, at=scan.at, by_name=actor.name, scan_id=scan.id,
            device_id=device.id if device else None, **values,
        )
        .on_conflict_do_nothing()
        .returning(table.c.id)
    )  # fmt: skip


CHECK_IN, REFUSED = (Base.metadata.tables[each] for each in ("check_in", "refused_scan"))


def check_in_by_code(event: Event, code: str, *, actor: Actor) -> Answer:
    """`admit` at the point of arrival, which is made when it is first needed."""
    require(policy.may_check_in(actor, event))
    _check_event(event)
    return admit(arrival_of(event), code, actor)


def check_in_by_name(event: Event, registration: Registration, *, actor: Actor) -> Answer:
    """The same for somebody who was found by name."""
    require(policy.may_check_in(actor, event))
    _check_event(event)
    return admit(arrival_of(event), registration, actor)


def arrival_of(event: Event) -> Point:
    """The point of arrival, made when it is first needed."""
    point = queries.find_arrival(event)
    if point is None:
        db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
        point = queries.find_arrival(event)
    if point is None:
        point = Point(event=event, kind=PointKind.ARRIVAL, name="Arrival", position=0)
        db.session.add(point)
        db.session.flush()
    return point


def admit_walk_in(point: Point, person: Person, actor: Actor, *, scan_id: str | None = None) -> Answer:
    """Register somebody of the directory on the spot, through the gate, and let them in.

    Where no place is left nothing is written and the gate's own refusal is raised.
    """
    now = clock.now()
    require(policy.may_admit(actor, point, now) and policy.may_search(actor, point.event, now))
    told_before = _told_before(point, scan_id)
    if told_before is not None:
        return told_before
    _check_event(point.event)
    if not point.takes_walk_ins:
        raise NoWalkIns(_("Only people who are registered are let in here. Send this person to the organizer."))
    if point.was_closed_at(now):
        return Answer(Outcome.CLOSED, person)
    sessions = [point.session] if point.chosen_only and point.session is not None else []
    made = registration.enter(
        point.event, person, actor=actor, sessions=sessions, means=registration.WALK_IN, may_wait=False
    )
    return admit(point, made, actor, scan_id=scan_id, means=registration.WALK_IN)


# --- taking back --------------------------------------------------------------------------------------------------


def undo(check_in: CheckIn, *, actor: Actor, reason: str | None = None) -> None:
    """Take a pass back. It stays in the history, with who undid it and why."""
    now = clock.now()
    require(policy.may_undo(actor, check_in, now))
    if check_in.undone_at is not None:
        raise Refused(_("This was undone already."))
    if not policy.is_undo_in_time(actor, check_in, now):
        if not policy.may_undo_later(actor, check_in):
            raise TooLateToUndo(
                _("Only who let the person in can undo it, within a quarter of an hour. Ask the organizer.")
            )
        if not reason:
            raise TooLateToUndo(_("Please say why: this was done by somebody else, or a while ago."), field="reason")
    check_in.undone_at, check_in.undone_by_id, check_in.undo_reason = now, actor.id, reason
    audit.record(actor, "door.undone", check_in, scope=check_in.event, reason=reason)
