"""When the later items of a day are to be expected, from what has really begun and finished. Pure.

What follows what: an item waits for everything that the plan lets end before it begins, in the same room or with one of
the same people, on the same day. What the plan has side by side does not wait for each other. Gaps absorb a delay, and a
break gives way down to five minutes; everything else keeps its length. Nothing is expected earlier than planned (and put
off by an operator), and nothing that has not begun is expected earlier than now where somebody presses start and finish.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

NONE = timedelta(0)
MINUTE = timedelta(minutes=1)
SHORTEST = timedelta(minutes=5)  # what is left of a break, or of an item that is cut for a hard stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An item of the plan with what happened to it. `row` is its room, or what stands for one."""

    key: str
    row: str
    day: date
    starts_at: datetime
    ends_at: datetime | None = None
    people: frozenset[str] = frozenset()
    is_break: bool = False
    put_off: timedelta = NONE
    cut_to: timedelta | None = None
    began_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """The planned end; what has none is taken to last a minute, as among clashes."""
        return self.ends_at or self.starts_at + MINUTE

    @property
    def length(self) -> timedelta:
        return self.until - self.starts_at if self.cut_to is None else self.cut_to

    @property
    def floor(self) -> datetime:
        return self.starts_at + self.put_off

    @property
    def is_open(self) -> bool:
        """Neither begun nor finished."""
        return self.began_at is None and self.finished_at is None

    @property
    def is_running(self) -> bool:
        return self.began_at is not None and self.finished_at is None


class Phase(StrEnum):
    AHEAD = "ahead"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Expected:
    phase: Phase
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """A moment that nothing may run over; of one person, or of everybody."""

    key: str
    at: datetime
    person: str | None = None


def forecast(pieces: Iterable[Piece], now: datetime) -> dict[str, Expected]:
    """By key. What was passed over (not begun, while something later in its row has) is not in it."""
    row = in_order(pieces)
    operated = {(each.row, each.day) for each in row if each.began_at is not None}
    passed = passed_over(row)
    before: dict[Hashable, list[tuple[datetime, datetime]]] = defaultdict(list)  # planned end, expected end
    found: dict[str, Expected] = {}
    for piece in row:
        if piece.key in passed:
            continue
        earliest = piece.floor
        if (piece.row, piece.day) in operated:
            earliest = max(earliest, now)
        for resource in _resources(piece):
            earliest = max([earliest, *(ends for planned, ends in before[resource] if planned <= piece.starts_at)])
        expected = _expect(piece, earliest, now)
        found[piece.key] = expected
        for resource in _resources(piece):
            before[resource].append((piece.until, expected.ends_at))
    return found


def in_order(pieces: Iterable[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda each: (each.starts_at, each.until, each.key))


def passed_over(row: Sequence[Piece]) -> set[str]:
    """The keys of what has not begun although something that the plan has after it, in the same row, has."""
    latest: dict[Hashable, datetime] = {}
    passed = set()
    for piece in reversed(row):
        place = (piece.row, piece.day)
        if piece.began_at is not None:
            latest[place] = max(latest.get(place, piece.starts_at), piece.starts_at)
        elif piece.finished_at is None and place in latest and piece.until <= latest[place]:
            passed.add(piece.key)
    return passed


def _resources(piece: Piece) -> list[Hashable]:
    """A break is nobody's turn: only its room counts."""
    people = () if piece.is_break else piece.people
    return [("row", piece.row, piece.day), *(("person", each, piece.day) for each in people)]


def _expect(piece: Piece, earliest: datetime, now: datetime) -> Expected:
    if piece.finished_at is not None:
        return Expected(Phase.FINISHED, piece.began_at or piece.finished_at, piece.finished_at)
    if piece.began_at is not None:
        return Expected(Phase.RUNNING, piece.began_at, max(_end(piece, piece.began_at), now))
    return Expected(Phase.AHEAD, earliest, _end(piece, earliest))


def _end(piece: Piece, start: datetime) -> datetime:
    end = start + piece.length
    if not piece.is_break:
        return end
    return max(start + min(SHORTEST, piece.length), min(end, piece.floor + piece.length))


# --- putting off --------------------------------------------------------------------------------------------------


def put_off(pieces: Iterable[Piece], keys: set[str], minutes: int, expected: Mapping[str, Expected]) -> list[Piece]:
    """The pieces of these keys so many minutes later than they are expected; a break that has given way stays as short.

    Negative minutes take back what was put off before: nothing comes earlier than planned, nor than it really can.
    """
    return [_put_off(each, minutes, expected[each.key]) if each.key in keys else each for each in pieces]


def _put_off(piece: Piece, minutes: int, expected: Expected) -> Piece:
    if minutes < 0:
        return replace(piece, put_off=max(NONE, piece.put_off + minutes * MINUTE))
    late = -(-(expected.starts_at - piece.starts_at) // MINUTE) * MINUTE
    left = -(-(expected.ends_at - expected.starts_at) // MINUTE) * MINUTE
    return replace(
        piece,
        put_off=max(piece.put_off, late) + minutes * MINUTE,
        cut_to=left if piece.is_break and left < piece.length else piece.cut_to,
    )


def overrun(pieces: Iterable[Piece], expected: Mapping[str, Expected], stop: Stop) -> timedelta:
    """By how much anything that is planned to end before the stop is expected to run over it."""
    ends = [expected[each.key].ends_at for each in concerned(pieces, stop) if each.key in expected]
    return max([NONE, *(end - stop.at for end in ends)])


def concerned(pieces: Iterable[Piece], stop: Stop) -> list[Piece]:
    """What the plan lets end before the stop. What it lets run over is the planners' business."""
    return [
        each
        for each in pieces
        if each.until <= stop.at
        and each.finished_at is None
        and (stop.person is None or (stop.person in each.people and not each.is_break))
    ]


def shortened(pieces: Sequence[Piece], now: datetime, stops: Iterable[Stop]) -> list[Piece]:
    """The pieces with less time for what has not begun, so that nothing runs over a stop, as far as that is possible.

    Breaks give first, then all others in proportion, in whole minutes and down to five; what follows moves up.
    """
    for stop in sorted(stops, key=lambda each: each.at):
        days = {each.day for each in concerned(pieces, stop)}
        for place in sorted({(each.row, each.day) for each in pieces if each.day in days}):
            pieces = _shortened_in(place, pieces, now, stop)
    return list(pieces)


def _shortened_in(place: tuple[str, date], pieces: Sequence[Piece], now: datetime, stop: Stop) -> Sequence[Piece]:
    for only_breaks in (True, False):
        for _round in range(8):  # a gap may absorb what was cut before it
            expected = forecast(pieces, now)
            here = [each for each in in_order(pieces) if (each.row, each.day) == place and each.key in expected]
            over = overrun(here, expected, stop)
            if over <= NONE:
                return pieces
            last = max(each.starts_at for each in concerned(here, stop) if expected[each.key].ends_at > stop.at)
            can = [
                each
                for each in here
                if each.is_open and each.starts_at <= last and each.length > SHORTEST and each.is_break >= only_breaks
            ]
            if not can:
                break
            pieces = _cut(pieces, here, can, over)
    return pieces


def _cut(pieces: Sequence[Piece], here: list[Piece], can: list[Piece], over: timedelta) -> list[Piece]:
    needed = -(-over // MINUTE)
    room = {each.key: (each.length - SHORTEST) // MINUTE or 1 for each in can}
    total = sum(room.values())
    cut: dict[str, int] = {}
    for each in can:
        left = needed - sum(cut.values())
        cut[each.key] = min(left, room[each.key], -(-needed * room[each.key] // total))
    so_far, changed = 0, {}
    for each in here:
        mine = cut.get(each.key, 0)
        if each.is_open:
            length = max(SHORTEST, each.length - mine * MINUTE) if mine else None
            changed[each.key] = replace(
                each,
                put_off=max(NONE, each.put_off - so_far * MINUTE),
                cut_to=each.cut_to if length is None else length,
            )
        so_far += mine
    return [changed.get(each.key, each) for each in pieces]
