"""What runs, what comes next and when, and what a delay would break."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.liveday.forecast import (
    NONE,
    Expected,
    Phase,
    Piece,
    Stop,
    concerned,
    forecast,
    in_order,
    overrun,
    put_off,
    shortened,
)
from app.programme import queries as programme
from app.programme.clashes import Clash, Level
from app.programme.models import AgendaItem, HardStop, ItemKind, Room, Session

MINUTE = timedelta(minutes=1)
INTO_THE_NIGHT = timedelta(hours=6)  # until then a day may still be brought to its end
STOP = "ends_after_hard_stop"  # told here with the minutes, instead of by the clashes
NO_ROOM = "none"  # how an address names the row of what has no room


def row_of(item: AgendaItem) -> str:
    return item.room.ref if item.room else NO_ROOM


def day_of(moment: datetime, event: Event) -> date:
    return moment.astimezone(ZoneInfo(event.time_zone)).date()


def is_of_today(item: AgendaItem, event: Event, now: datetime) -> bool:
    """Whether the item stands on the day that is on; after midnight, yesterday's may still be finished."""
    return item.starts_at is not None and day_of(item.starts_at, event) in _days_on(event, now)


def _days_on(event: Event, now: datetime) -> set[date]:
    return {day_of(now, event), day_of(now - INTO_THE_NIGHT, event)}


def piece_of(item: AgendaItem, event: Event, *, minutes: "Adjusted | None" = None) -> Piece:
    """`minutes` where the item is a told one, which does not carry what was decided on the day."""
    assert item.starts_at is not None
    later, length = minutes or (item.put_off, item.cut_to)
    return Piece(
        key=item.ref,
        row=row_of(item),
        day=day_of(item.starts_at, event),
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        people=frozenset((each.person or each.team).ref for each in item.speakers),  # type: ignore[union-attr]
        is_break=item.kind == ItemKind.BREAK,
        put_off=(later or 0) * MINUTE,
        cut_to=None if length is None else length * MINUTE,
        began_at=item.began_at,
        finished_at=item.finished_at,
    )


def pieces_of(event: Event, items: Iterable[AgendaItem]) -> list[Piece]:
    return [piece_of(each, event) for each in items if each.starts_at is not None and each.cancelled_at is None]


# --- what runs, for whoever reads ---------------------------------------------------------------------------------

Adjusted = tuple[int | None, int | None]


@dataclass(frozen=True)
class Seen:
    """An item as it stands at this moment. `starts_at` and `ends_at` are what is to be expected of it."""

    item: AgendaItem
    phase: Phase
    starts_at: datetime
    ends_at: datetime | None

    @property
    def late(self) -> int:
        """Whole minutes after the planned start."""
        assert self.item.starts_at is not None
        return max(0, (self.starts_at - self.item.starts_at) // MINUTE)

    @property
    def is_moved(self) -> bool:
        """Whether the expected times differ from the planned ones by a minute or more."""
        planned = ((self.item.starts_at, self.starts_at), (self.item.ends_at, self.ends_at))
        return any(one and two and abs(one - two) >= MINUTE for one, two in planned)

    def left(self, now: datetime) -> int | None:
        """Minutes to the expected end, counted up; None without an end."""
        return None if self.ends_at is None else max(0, -(-(self.ends_at - now) // MINUTE))

    def over(self, now: datetime) -> int:
        """Whole minutes since it should have come to its end."""
        return 0 if self.ends_at is None or self.ends_at > now else (now - self._due) // MINUTE

    @property
    def _due(self) -> datetime:
        assert self.item.starts_at is not None
        length = (self.item.ends_at - self.item.starts_at) if self.item.ends_at else NONE
        return (self.item.began_at or self.starts_at) + length

    def is_today(self, event: Event, now: datetime) -> bool:
        return day_of(self.starts_at, event) == day_of(now, event)

    def until(self, now: datetime) -> int:
        """Minutes to the expected start, counted up; 0 once it should have begun."""
        return max(0, -(-(self.starts_at - now) // MINUTE))


@dataclass(frozen=True)
class Moment:
    """What is on now, and what comes next."""

    running: list[Seen]
    following: list[Seen]


def moment_of(event: Event, told: Sequence[AgendaItem], now: datetime, room: str | None = None) -> Moment:
    """For readers: by the programme that they are told, with what really happened. One statement."""
    return moment_in(event, told, _told_pieces(event, told), now, room)


def moment_in(
    event: Event, items: Sequence[AgendaItem], pieces: Sequence[Piece], now: datetime, room: str | None = None
) -> Moment:
    """By start and finish where somebody presses them, by the plan in all other rooms.

    `following`: of each room that is operated the next item; of all others those that begin next at the same moment.
    """
    today = _days_on(event, now)
    operated = {(each.row, each.day) for each in pieces if each.began_at is not None}
    # What nobody has finished in the evening is over by the morning.
    pieces = [each for each in pieces if each.day >= min(today) or (each.row, each.day) not in operated]
    expected = forecast(pieces, now)
    by_key = {each.ref: each for each in items}
    here = [
        each for each in in_order(pieces) if each.key in by_key and each.key in expected and room in (None, each.row)
    ]
    running, following, planned = [], {}, []
    for piece in here:
        seen = seen_of(by_key[piece.key], expected[piece.key])
        if (piece.row, piece.day) in operated:
            if seen.phase == Phase.RUNNING:
                running.append(seen)
            elif seen.phase == Phase.AHEAD:
                following.setdefault((piece.row, piece.day), seen)
        elif seen.phase == Phase.AHEAD and piece.began_at is None:
            if seen.ends_at is not None and seen.starts_at <= now < seen.ends_at:
                running.append(seen)
            elif seen.starts_at > now:
                planned.append((piece.day, seen))
    if following:
        planned = [each for each in planned if each[0] in today]
    first = min((seen.starts_at for _day, seen in planned), default=None)
    later = [*following.values(), *(seen for _day, seen in planned if seen.starts_at == first)]
    return Moment(running, sorted(later, key=lambda each: each.starts_at))


def seen_of(item: AgendaItem, expected: Expected) -> Seen:
    """An item without a planned end has none to be expected either, until it is finished."""
    has_end = item.ends_at is not None or expected.phase == Phase.FINISHED
    return Seen(item, expected.phase, expected.starts_at, expected.ends_at if has_end else None)


def _told_pieces(event: Event, told: Sequence[AgendaItem]) -> list[Piece]:
    """The told items, and the internal ones that stand between them: they take their room's time all the same."""
    adjusted: dict[str, Adjusted] = {}
    hidden: list[Piece] = []
    known = {each.ref for each in told}
    rows: Any = db.session.execute(
        select(
            AgendaItem.ref, AgendaItem.put_off, AgendaItem.cut_to, AgendaItem.is_internal, AgendaItem.starts_at,
            AgendaItem.ends_at, AgendaItem.kind, AgendaItem.began_at, AgendaItem.finished_at, Room.ref,
        )
        .outerjoin(Room, Room.id == AgendaItem.room_id)
        .where(
            AgendaItem.event_id == event.id, AgendaItem.starts_at.is_not(None), AgendaItem.cancelled_at.is_(None)
        )
    ).all()  # fmt: skip
    for ref, later, length, is_internal, starts_at, ends_at, kind, began_at, finished_at, room in rows:
        adjusted[ref] = (later, length)
        if is_internal and ref not in known:
            hidden.append(
                Piece(
                    key=ref,
                    row=room or NO_ROOM,
                    day=day_of(starts_at, event),
                    starts_at=starts_at,
                    ends_at=ends_at,
                    is_break=kind == ItemKind.BREAK,
                    put_off=(later or 0) * MINUTE,
                    cut_to=None if length is None else length * MINUTE,
                    began_at=began_at,
                    finished_at=finished_at,
                )
            )
    shown = [each for each in told if each.starts_at is not None and each.cancelled_at is None]
    return hidden + [piece_of(each, event, minutes=adjusted.get(each.ref, (None, None))) for each in shown]


# --- the operator's day -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One room on the day that is on, as its operator sees it."""

    key: str
    room: Room | None
    done: list[Seen]
    running: list[Seen]
    ahead: list[Seen]

    @property
    def late(self) -> int:
        """Minutes behind the plan: of what comes next, else of what runs."""
        return next((each.late for each in (*self.ahead, *self.running)), 0)

    @property
    def has_adjusted(self) -> bool:
        return any(each.item.put_off or each.item.cut_to for each in self.ahead)


@dataclass(frozen=True)
class NextStop:
    """The next hard stop, and how much time is left between it and what has to be over by then."""

    stop: HardStop
    left: int  # minutes until then
    spare: int | None  # negative: so many minutes over it; None: nothing is left before it


def list_working(event: Event, actor: Actor) -> Sequence[AgendaItem]:
    """The items of the working version, as the operator may see them."""
    return programme.list_items(event, actor)


def rows_of(event: Event, items: Sequence[AgendaItem], now: datetime) -> list[Row]:
    """The rooms in which something stands on the day that is on, by name; what has no room comes last."""
    today = [each for each in items if each.cancelled_at is None and is_of_today(each, event, now)]
    expected = forecast(pieces_of(event, today), now)
    by_row: dict[str, list[AgendaItem]] = {}
    for item in today:
        by_row.setdefault(row_of(item), []).append(item)
    rows = []
    for key, row in by_row.items():
        seen = [seen_of(each, expected[each.ref]) for each in row if each.ref in expected]
        seen.sort(key=lambda each: (each.starts_at, each.item.id))
        rows.append(
            Row(key, row[0].room, *(_of(phase, seen) for phase in (Phase.FINISHED, Phase.RUNNING, Phase.AHEAD)))
        )
    return sorted(rows, key=lambda each: (each.room is None, each.room.name if each.room else ""))


def _of(phase: Phase, seen: list[Seen]) -> list[Seen]:
    return [each for each in seen if each.phase == phase]


def list_stops(event: Event) -> Sequence[HardStop]:
    return db.session.scalars(
        select(HardStop).where(HardStop.event_id == event.id).options(joinedload(HardStop.person)).order_by(HardStop.at)
    ).all()


def stop_of(stop: HardStop) -> Stop:
    return Stop(stop.ref, stop.at, stop.person.ref if stop.person else None)


def next_stop(
    event: Event, items: Sequence[AgendaItem], stops: Sequence[HardStop], now: datetime, row: str | None = None
) -> NextStop | None:
    """Of this room, or of all, the one that comes next today."""
    pieces = [each for each in pieces_of(event, items) if each.day in _days_on(event, now)]
    expected = forecast(pieces, now)
    here = [each for each in pieces if row in (None, each.row) and each.key in expected]
    for stop in stops:
        if stop.at <= now or day_of(stop.at, event) != day_of(now, event):
            continue
        before = concerned(here, stop_of(stop))
        if stop.person is not None and not before:
            continue
        last = max((expected[each.key].ends_at for each in before), default=None)
        spare = None if last is None else (stop.at - last) // MINUTE
        return NextStop(stop, -(-(stop.at - now) // MINUTE), spare)
    return None


# --- what a delay would break -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    item: AgendaItem
    before: Expected
    after: Expected
    length: int | None  # minutes, where it is cut


@dataclass(frozen=True)
class Overrun:
    stop: HardStop
    minutes: int


@dataclass(frozen=True)
class Outlook:
    """What putting off would do: which items it moves, what it breaks, and whether cutting would help a hard stop."""

    pieces: list[Piece]
    changes: list[Change]
    overruns: list[Overrun]
    broken: list[Clash]
    can_cut: bool

    @property
    def grave(self) -> int:
        """How many things break that must not."""
        return len(self.overruns) + sum(each.level == Level.ERROR for each in self.broken)

    @property
    def codes(self) -> list[str]:
        return [str(STOP)] * len(self.overruns) + [str(each.code) for each in self.broken]


class Moved:
    """An item, or a session, that takes place at another time; all else is its own."""

    def __init__(self, record: Any, starts_at: datetime | None, ends_at: datetime | None) -> None:
        self._record = record
        self.starts_at, self.ends_at = starts_at, ends_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


def outlook(
    event: Event,
    items: Sequence[AgendaItem],
    stops: Sequence[HardStop],
    find: Callable[[Sequence[Any]], list[Clash]],
    *,
    now: datetime,
    minutes: int,
    row: str | None = None,
    cut: bool = False,
) -> Outlook:
    """The rest of the day that is on, in one room or (None) in all, so many minutes later than it is expected now.

    `find` gives the clashes among items at their times. Only those that the delay itself would bring are told.
    """
    today = [each for each in items if each.cancelled_at is None and is_of_today(each, event, now)]
    pieces = pieces_of(event, today)
    before = forecast(pieces, now)
    keys = {
        each.key
        for each in pieces
        if row in (None, each.row) and each.key in before and before[each.key].phase == Phase.AHEAD
    }
    later = put_off(pieces, keys, minutes, before)
    less = shortened(later, now, [stop_of(each) for each in stops if each.at > now])
    chosen = less if cut else later
    after = forecast(chosen, now)
    cuts = {each.key: each.cut_to for each in chosen}
    old = {each.key: each.cut_to for each in pieces}
    changes = [
        Change(each, before[each.ref], after[each.ref], _minutes(cuts[each.ref]) if cuts[each.ref] != old[each.ref] else None)
        for each in today
        if each.ref in after and after[each.ref] != before[each.ref]
    ]  # fmt: skip
    known = {_told_by(each) for each in find(at_times(today, before))}
    broken = [each for each in find(at_times(today, after)) if _told_by(each) not in known and each.code != STOP]
    return Outlook(chosen, changes, list(_overruns(stops, chosen, before, after)), broken, can_cut=less != later)


def _overruns(
    stops: Iterable[HardStop], pieces: Sequence[Piece], before: Mapping[str, Expected], after: Mapping[str, Expected]
) -> Iterator[Overrun]:
    """The stops that are run over, or further over than they are now."""
    for stop in stops:
        over = overrun(pieces, after, stop_of(stop))
        if over > overrun(pieces, before, stop_of(stop)):
            yield Overrun(stop, -(-over // MINUTE))


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else length // MINUTE


def _told_by(clash: Clash) -> tuple[object, ...]:
    """What a clash is about, whichever of the two begins first."""
    both = frozenset((clash.first.key, clash.second.key if clash.second else ""))
    return (clash.code, both, clash.who.key if clash.who else None)


def at_times(items: Iterable[AgendaItem], expected: Mapping[str, Expected]) -> list[Any]:
    """What is still to come or running, at the times that are expected."""
    return [
        Moved(each, expected[each.ref].starts_at, expected[each.ref].ends_at if each.ends_at else None)
        for each in items
        if each.ref in expected and expected[each.ref].phase != Phase.FINISHED
    ]


def clashes_among(event: Event, actor: Actor, moved: Sequence[Any]) -> list[Clash]:
    """The clashes of these items at their times, with the sessions around them."""
    return programme.clashes_in(event, actor, sessions_around(programme.list_sessions(event), moved), moved)


def sessions_around(sessions: Iterable[Session], items: Iterable[Any]) -> list[Any]:
    """The sessions, lasting as long as their last item does."""
    ends: dict[int, datetime] = {}
    for item in items:
        if item.session_id is not None and item.ends_at is not None:
            ends[item.session_id] = max(ends.get(item.session_id, item.ends_at), item.ends_at)
    return [
        Moved(each, each.starts_at, max(each.ends_at, ends[each.id])) if each.ends_at and each.id in ends else each
        for each in sessions
    ]
