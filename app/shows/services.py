"""What can be done with an evening's table: every act leaves its rows numbered, and each start in step."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import fold
from app.events import policy as events
from app.events.models import Event
from app.programme.models import Session
from app.shows import places, policy, queries, rows, slips, telling
from app.shows.errors import (
    CueHasBegun,
    EventIsCancelled,
    NeedsReason,
    NothingChanged,
    NothingToShorten,
    NotOfThisEvent,
    TooManyCues,
)
from app.shows.models import Cue, CueKind, CueStatus, Precedence, Show, ShowVersion

MOST_CUES = 999
MOST_MINUTES = 600
MOST_BLOCK = 99
# Changed after the rehearsal, these have to be rehearsed again.
REHEARSED = ("title", "title_local", "on_stage", "stage_position", "script", "script_local", "pronunciation")


class Ceremony(Protocol):
    """What is asked of a ceremony here; the feature itself stands above this one."""

    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> int: ...


# --- the table ----------------------------------------------------------------------------------------------------


def add_show(
    event: Event,
    *,
    actor: Actor,
    title: str,
    starts_at: datetime,
    title_local: str | None = None,
    ends_at: datetime | None = None,
    session: Session | None = None,
    precedence: Precedence | str = Precedence.OWN_LEFT_FIRST,
) -> Show:
    require(policy.may_plan(actor, event))
    if not events.is_open_to_change(event):
        raise EventIsCancelled(_("This event is cancelled; no evening is planned for it."))
    _check_times(starts_at, ends_at)
    _check_session(event, session)
    show = Show(
        event=event, title=title, title_local=title_local, starts_at=starts_at, ends_at=ends_at, session=session,
        precedence=Precedence(precedence),
    )  # fmt: skip
    db.session.add(show)
    db.session.flush()
    audit.record(actor, "show.added", show)
    return show


def edit_show(show: Show, *, actor: Actor, version: int | None = None, **values: Any) -> Show:
    """Another start moves everything that has no fixed time of its own. Another order of precedence moves those whose
    place followed from the one before."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    rule = show.precedence
    _check_times(values.get("starts_at", show.starts_at), values.get("ends_at", show.ends_at))
    _check_session(show.event, values.get("session", show.session))
    changes = edit(show, version=version, **values)
    if changes:
        for cue, placed in places.moved(show, rule).items() if show.precedence != rule else ():
            edit(cue, version=None, **placed)
            cue.rehearsed_at = cue.rehearsed_by_name = None
        recompute(show)
        audit.record(actor, "show.changed", show, fields=sorted(changes))
    return show


def remove_show(show: Show, *, actor: Actor) -> None:
    """Only before anybody has worked from it: what was given out or called stays."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    if show.number or any(each.status != CueStatus.PLANNED for each in show.cues):
        raise Refused(_("This table was given out already, so it stays."))
    audit.record(actor, "show.removed", show)
    db.session.delete(show)
    db.session.flush()


def _check_times(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is not None and ends_at <= starts_at:
        raise Refused(_("It has to be over after it has begun."), field="ends_at")


def _check_session(event: Event, session: Session | None) -> None:
    if session is not None and session.event_id != event.id:
        raise NotOfThisEvent(_("This session belongs to another event."), field="session_ref")


# --- its rows -----------------------------------------------------------------------------------------------------


def add_cue(
    show: Show,
    *,
    actor: Actor,
    title: str,
    block: int | None = None,
    after: Cue | None = None,
    reason: str | None = None,
    **values: Any,
) -> Cue:
    """At the end of its block, or behind `after` and in that one's block; without either at the end of the table. Who is
    called out of the order of precedence by it is called so for a reason, which the log keeps."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    order = places.called(show.cues)
    cue = put_in(show, title=title, block=block, after=after, **values)
    settle(show)
    departs = _departs(show, order, reason)
    audit.record(actor, "cue.added", cue)
    _keep_departure(cue, actor, departs, reason)
    return cue


def put_in(show: Show, *, title: str, block: int | None = None, after: Cue | None = None, **values: Any) -> Cue:
    """Make a row, for an act that settles the table when all of its rows are in."""
    if len(show.cues) >= MOST_CUES:
        raise TooManyCues(_("A table has at most %(most)s cues.", most=MOST_CUES))
    cues = list(show.cues)
    if after is not None:
        block, at = after.block, cues.index(after) + 1
    else:
        block = block or (cues[-1].block if cues else 1)
        at = _end_of(cues, block)
    values = linked(show.event, values)
    _check_size({**values, "block": block})
    cue = Cue(**{"title": title, "block": block, "kind": CueKind.OTHER, "minutes": 1, **values})
    cue.number, cue.position, cue.starts_at, cue.status = f"~{len(cues) + 1}", at, show.starts_at, CueStatus.PLANNED
    cue.fixed_at = values.get("fixed_at")
    show.cues.insert(at, cue)
    return cue


def edit_cue(cue: Cue, *, actor: Actor, version: int | None = None, reason: str | None = None, **values: Any) -> Cue:
    """Change a row. Another block puts it at that block's end. Another place on stage, or in the order of those who are
    called, than the order of precedence gave needs a reason, which the log keeps."""
    show = cue.show
    require(policy.may_plan(actor, show.event))
    hold(show)
    db.session.refresh(cue)
    values = linked(show.event, values)
    _check_size(values)
    if cue.began_at is not None and any(name in values and values[name] != getattr(cue, name) for name in ("minutes", "fixed_at", "block")):  # fmt: skip
        raise CueHasBegun(_("This cue was called already: its time stays as it was planned."))
    departs = cue.slot_id is not None and cue.stage_position is not None and (
        values.get("stage_position", cue.stage_position) != cue.stage_position
    )  # fmt: skip
    departs = departs or places.is_other_row(cue.on_stage, values.get("on_stage", cue.on_stage))
    if departs and not reason:
        raise NeedsReason(
            _("This place follows from the order of precedence. Say why it is another one."), field="reason"
        )
    old_block, order = cue.block, places.called(show.cues)
    changes = edit(cue, version=version, **values)
    if not changes:
        return cue
    if cue.rehearsed_at is not None and any(name in changes for name in REHEARSED):
        cue.rehearsed_at = cue.rehearsed_by_name = None
    if cue.block != old_block:
        cues = [each for each in show.cues if each is not cue]
        cues.insert(_end_of(cues, cue.block), cue)
        arrange(show, cues)
    settle(show)
    departs = _departs(show, order, reason) or departs
    audit.record(actor, "cue.changed", cue, reason=reason, fields=sorted(changes))
    _keep_departure(cue, actor, departs, reason)
    return cue


def move_cue(cue: Cue, *, actor: Actor, down: bool = False, reason: str | None = None) -> Cue:
    """One row up or down. At the edge of its block it goes over into the next block, keeping its place in the table. Who
    is called out of the order of precedence by it is called so for a reason, which the log keeps."""
    show = cue.show
    require(policy.may_plan(actor, show.event))
    hold(show)
    if cue.began_at is not None:
        raise CueHasBegun(_("This cue was called already: it stays where it is."))
    cues, order = list(show.cues), places.called(show.cues)
    at = cues.index(cue)
    to = at + 1 if down else at - 1
    if not 0 <= to < len(cues):
        raise Refused(_("There is nothing beyond it."))
    other = cues[to]
    if other.block != cue.block:
        cue.block = other.block
    elif other.began_at is not None:
        raise CueHasBegun(_("The cue beside it was called already."))
    else:
        cues[at], cues[to] = other, cue
        arrange(show, cues)
    cue.version += 1
    settle(show)
    departs = _departs(show, order, reason)
    audit.record(actor, "cue.moved", cue, down=down)
    _keep_departure(cue, actor, departs, reason)
    return cue


def _departs(show: Show, order: places.Called, reason: str | None) -> bool:
    """Whether people are called in another order than before now, and that is not the one of their ranks."""
    now = places.called(show.cues)
    if all(places.is_by_rank(show.event, now[block]) for block in now if now[block] != order.get(block)):
        return False
    if not reason:
        raise NeedsReason(_("This is not the order of precedence. Say why it is another one."), field="reason")
    return True


def _keep_departure(cue: Cue, actor: Actor, departs: bool, reason: str | None) -> None:
    if departs:
        order = [each.ref for each in places.called(cue.show.cues).get(cue.block, [])]
        audit.record(actor, "cue.departed_from_precedence", cue, reason=reason, order=order)


def remove_cue(cue: Cue, *, actor: Actor) -> None:
    show = cue.show
    require(policy.may_plan(actor, show.event))
    hold(show)
    if cue.status != CueStatus.PLANNED or cue.began_at is not None:
        raise CueHasBegun(_("This cue was called already, so it stays in the table."))
    audit.record(actor, "cue.removed", cue)
    show.cues.remove(cue)
    db.session.flush()
    settle(show)


def rehearse(cue: Cue, *, actor: Actor, done: bool = True) -> Cue:
    """Tick that it was rehearsed, names and all, or take the tick back. Whoever runs the evening may."""
    require(policy.may_run(actor, cue.event))
    hold(cue.show)
    cue.rehearsed_at = clock.now() if done else None
    cue.rehearsed_by_name = actor.name if done else None
    touch(cue.show)
    audit.record(actor, "cue.rehearsed" if done else "cue.rehearsal_taken_back", cue)
    return cue


def renumber(show: Show, *, actor: Actor) -> None:
    """Number all cues anew by block. Those who hold an older print have to be told, so nobody does it by the way."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    if any(each.began_at is not None for each in show.cues):
        raise CueHasBegun(_("The evening has begun: the numbers stay as they are printed."))
    _number_all(show)
    touch(show)
    audit.record(actor, "show.renumbered", show)


def shorten(show: Show, *, actor: Actor) -> int:
    """Take minutes from what is still to come, so that hard stops hold: breaks first, then all others in proportion, none
    below five minutes. Returns how many cues became shorter."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    cues = list(queries.list_cues(show))
    less = slips.shorter(show, cues, clock.now(), queries.list_hard_ends(show))
    if not less:
        raise NothingToShorten(_("No hard stop is run over, or nothing that is still to come can give way."))
    for cue in cues:
        if cue.id in less:
            edit(cue, version=None, minutes=less[cue.id])
    touch(show)
    recompute(show)
    audit.record(actor, "show.shortened", show, minutes={each.ref: each.minutes for each in cues if each.id in less})
    return len(less)


def publish(show: Show, *, actor: Actor, note: str | None = None, version: int | None = None) -> ShowVersion:
    """Freeze the table as the next numbered version, and tell the owners of its cues. From the second on the note says
    what is different; everybody who owns a cue reads it."""
    require(policy.may_plan(actor, show.event))
    hold(show)
    told = [rows.row_of(each) for each in queries.list_cues(show)]
    now = [rows.frozen(each) for each in told]
    if not now:
        raise Refused(_("There is no cue in this table yet."))
    last = queries.find_version(show, show.number) if show.number else None
    if last is not None and last.rows == now:
        raise NothingChanged(_("Nothing is different from version %(number)s.", number=last.number))
    if last is not None and not note:
        raise NeedsReason(_("Say what is different from version %(number)s.", number=last.number), field="note")
    if note and any(fold(name) in fold(note) for name in rows.hidden_names(told, queries.sight_of_paper(show.event))):
        raise Refused(
            _("The note names somebody whose award is under embargo, and all who own a cue read it. Say it without the name."),
            field="note",
        )  # fmt: skip
    edit(show, version=version, number=show.number + 1)
    made = ShowVersion(
        show=show, number=show.number, note=note, rows=now, published_by_id=actor.id, published_by_name=actor.name
    )
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "show.published", show, number=made.number, cues=len(now))
    telling.tell_owners(made, last, actor=actor)
    return made


# --- in step ------------------------------------------------------------------------------------------------------


def hold(show: Show) -> None:
    """Read the table again behind the lock on its row: two planners change it one after the other."""
    db.session.execute(select(Show.id).where(Show.id == show.id).with_for_update())
    db.session.refresh(show)
    db.session.expire(show, ["cues"])


def recompute(show: Show) -> None:
    """Each start after the one before, or at its fixed time. Actual times stay."""
    cues = list(show.cues)
    for cue, start in zip(cues, slips.planned(show, cues), strict=True):
        if cue.starts_at != start:
            cue.starts_at = start
    db.session.flush()


def touch(show: Show) -> None:
    """Screens and consoles ask for the table's version only."""
    show.version += 1


def settle(show: Show) -> None:
    """Positions, numbers and starts, after rows came, went or moved."""
    touch(show)
    arrange(show, list(show.cues))
    if show.number == 0 and all(each.began_at is None for each in show.cues):
        _number_all(show)
    else:
        _number_new(show)
    recompute(show)


def arrange(show: Show, cues: list[Cue]) -> None:
    """Put the rows into this order."""
    for position, cue in enumerate(cues, start=1):
        if cue.position != position:
            cue.position = position
    show.cues.sort(key=lambda each: each.position)


def _number_all(show: Show) -> None:
    """101, 102 … 201 by block; with more than 99 cues in one block three digits follow its number everywhere."""
    blocks = [each.block for each in show.cues]
    width = 3 if any(blocks.count(each) > 99 for each in set(blocks)) else 2
    seen: dict[int, int] = {}
    numbers = []
    for block in blocks:
        seen[block] = seen.get(block, 0) + 1
        numbers.append(f"{block}{seen[block]:0{width}d}")
    _give_numbers(dict(zip(show.cues, numbers, strict=True)))


def _number_new(show: Show) -> None:
    """What was given out keeps its number; a new row behind 103 is 103a."""
    taken = {each.number for each in show.cues}
    wanted = {}
    for at, cue in enumerate(show.cues):
        if not cue.number.startswith("~"):
            continue
        before = next((each for each in reversed(show.cues[:at]) if each.block == cue.block), None)
        base = wanted.get(before, before.number) if before is not None else f"{cue.block}00"
        rest = [each for each in show.cues[at + 1 :] if each.block == cue.block and not each.number.startswith("~")]
        wanted[cue] = _free(base, taken, is_last=not rest)
        taken.add(wanted[cue])
    _give_numbers(wanted)


def _free(base: str, taken: set[str], *, is_last: bool) -> str:
    bare = base.rstrip("abcdefghijklmnopqrstuvwxyz")
    if is_last and str(int(bare) + 1) not in taken and len(str(int(bare) + 1)) == len(bare):
        return str(int(bare) + 1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for tail in (*letters, *(one + other for one in letters for other in letters)):
        if bare + tail not in taken:
            return bare + tail
    raise TooManyCues(_("No number is left behind %(number)s. Number the cues anew first.", number=bare))


def _give_numbers(numbers: dict[Cue, str]) -> None:
    """In two steps, since no two rows may have one number in between."""
    changed = [each for each in numbers if each.number != numbers[each]]
    for at, cue in enumerate(changed):
        cue.number = f"~~{at}"
    db.session.flush()
    for cue in changed:
        cue.number = numbers[cue]
    db.session.flush()


def _end_of(cues: list[Cue], block: int) -> int:
    """Where the block ends, or would stand among the others."""
    return max((at + 1 for at, each in enumerate(cues) if each.block <= block), default=0)


def _check_size(values: dict[str, Any]) -> None:
    minutes, block = values.get("minutes", 1), values.get("block")
    if minutes is None or not 0 <= minutes <= MOST_MINUTES:
        raise Refused(_("Please give a length between 0 and %(most)s minutes.", most=MOST_MINUTES), field="minutes")
    if block is not None and not 1 <= block <= MOST_BLOCK:
        raise Refused(_("Please give a block between 1 and %(most)s.", most=MOST_BLOCK), field="block")


def linked(event: Event, values: dict[str, Any]) -> dict[str, Any]:
    """What a cue stands for belongs to the same event. Returns the values as the row keeps them."""
    for name in ("pledge", "slot", "tally", "award"):
        record = values.get(name)
        if record is not None and record.event.id != event.id:
            raise NotOfThisEvent(_("This belongs to another event."), field="about")
    if "ceremony" not in values:
        return values
    kept = {name: value for name, value in values.items() if name != "ceremony"}
    ceremony: Ceremony | None = values["ceremony"]
    if ceremony is not None and ceremony.event_id != event.id:
        raise NotOfThisEvent(_("This belongs to another event."), field="about")
    return {**kept, "ceremony_id": ceremony.id if ceremony is not None else None}
