"""What cannot, or should not, be planned so. One pure function for the grid, forms, pages, imports and releases.

A sweep line: everything is sorted by its start once and dealt out to rooms, people and rows of sittings; there each
thing is compared with what is still going on, never with everything else. Rules:

- Slots touch without overlapping. What has no end, or one that is not after its start, lasts a minute.
- A session is a frame: its items lie in its room and with its chair as they should. Where its items have times, they
  speak for it about rooms and hard stops.
- Whoever has a free window is busy outside all of them; a busy window always counts.
- A row of sittings is a session's items; what has no session, a track's; what has neither, a room's. A break in it, or
  ten minutes in which nothing is planned, ends a stretch.
- All who come (`crowd`) fill the room of what runs alone and has no number of its own.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from heapq import heappop, heappush
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

INSTANT = timedelta(minutes=1)  # what has a start and no end is taken to last no longer
TRAVEL = timedelta(minutes=15)  # from one building to another
STRETCH = timedelta(minutes=120)  # so long one sits without a break
PAUSE = timedelta(minutes=10)  # from so long on, nothing planned is a break
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Code(StrEnum):
    ROOM_OVERLAP = "room_overlap"
    SPEAKER_OVERLAP = "speaker_overlap"
    REQUIRED_PERSON_CONFLICT = "required_person_conflict"
    CHAIR_OVERLAP = "chair_overlap"
    BUSY_ELSEWHERE = "busy_elsewhere"
    ROOM_BUSY_ELSEWHERE = "room_busy_elsewhere"
    SPEAKER_UNAVAILABLE = "speaker_unavailable"
    ROOM_UNAVAILABLE = "room_unavailable"
    ENDS_AFTER_HARD_STOP = "ends_after_hard_stop"
    OUTSIDE_EVENT = "outside_event"
    ROOM_TOO_SMALL = "room_too_small"
    TRAVEL_GAP = "travel_gap"
    UNCONFIRMED_SPEAKER = "unconfirmed_speaker"
    MISSING_DELIVERABLE = "missing_deliverable"
    NO_BREAK = "no_break"


class Level(StrEnum):
    """error: it cannot take place so, and keeps a programme from being published. warning: worth a look. info: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


RANKS = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
LEVELS = {
    Code.ROOM_OVERLAP: Level.ERROR,
    Code.SPEAKER_OVERLAP: Level.ERROR,
    Code.REQUIRED_PERSON_CONFLICT: Level.ERROR,
    Code.SPEAKER_UNAVAILABLE: Level.ERROR,
    Code.ROOM_UNAVAILABLE: Level.ERROR,
    Code.ENDS_AFTER_HARD_STOP: Level.ERROR,
    Code.OUTSIDE_EVENT: Level.ERROR,
    Code.CHAIR_OVERLAP: Level.WARNING,
    Code.BUSY_ELSEWHERE: Level.WARNING,
    Code.ROOM_BUSY_ELSEWHERE: Level.WARNING,
    Code.ROOM_TOO_SMALL: Level.WARNING,
    Code.TRAVEL_GAP: Level.WARNING,
    Code.UNCONFIRMED_SPEAKER: Level.WARNING,  # an error once somebody has said no
    Code.MISSING_DELIVERABLE: Level.WARNING,
    Code.NO_BREAK: Level.INFO,
}
DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Named:
    """A person, a team, a track, a thing: what it is told apart by, and what it is called."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Place(Named):
    """A room."""

    seats: int | None = None
    building: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What takes place from a moment to a moment. `frame` is a session: its own items lie inside it, as they should.

    `group` is the session's key, also on its items; None belongs to the day itself. `people` speak, or chair the frame;
    `answers` are what they said to that, in the same order; `needed` have to be there. `pause` is a break. `elsewhere`
    is of another event: its title is None where the one who asks may not see that event.
    """

    key: str
    title: str | None
    starts_at: datetime
    ends_at: datetime | None = None
    room: Place | None = None
    people: tuple[Named, ...] = ()
    answers: tuple[str, ...] = ()
    needed: tuple[Named, ...] = ()
    group: str | None = None
    group_name: str = ""
    track: Named | None = None
    frame: bool = False
    elsewhere: bool = False
    pause: bool = False
    expected: int | None = None
    version: int = 0

    @property
    def until(self) -> datetime:
        ends_at = self.ends_at
        return ends_at if ends_at is not None and ends_at > self.starts_at else self.starts_at + INSTANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a person or a room can be had, or cannot."""

    who: Named
    starts_at: datetime
    ends_at: datetime
    is_free: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What nothing may run over, until the end of its day; of one person, or of everybody."""

    at: datetime
    until: datetime
    reason: str
    who: Named | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What slots are judged by. `opens_at` and `closes_at` bound the event's days: the first moment, the first after it.

    `missing`: by a slot's key, what is still to be brought in for it. `unconfirmed`: which answers of speakers are worth
    a warning by now (who has said no always is an error). `crowd`: how many people come. `rooms` and `zone` are for
    those who look for another place or time.
    """

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    elsewhere: Sequence[Slot] = ()
    windows: Sequence[Window] = ()
    stops: Sequence[Stop] = ()
    missing: Mapping[str, Sequence[Named]] = field(default_factory=dict)
    unconfirmed: Collection[str] = ()
    crowd: int | None = None
    travel: timedelta = TRAVEL
    rooms: Sequence[Place] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Who or what, in which two things, from when to when. `second` is None where one thing clashes with no other.

    `why` is the reason of a hard stop, the note of a window, or the answer of a speaker.
    """

    code: Code
    level: Level
    first: Slot
    second: Slot | None
    who: Named | None
    starts_at: datetime
    ends_at: datetime
    why: str | None = None

    def concerns(self, key: str) -> bool:
        return key == self.first.key or (self.second is not None and key == self.second.key)


Span = tuple[datetime, datetime, Slot]
Turn = tuple[datetime, datetime, Slot, Named, int]  # of a person, with the part that they have in it
Block = tuple[datetime, datetime, str | None]  # when somebody or something is not to be had

Row = TypeVar("Row", bound=tuple[Any, ...])

SPEAKS, CHAIRS, NEEDED, ELSEWHERE = range(4)
NOTHING = Around()


def find_clashes(slots: Iterable[Slot], around: Around = NOTHING) -> list[Clash]:
    """Everything that clashes among the slots of one event and with what is around them, by time, the gravest first."""
    spans = _spans(slots)
    itemised = {slot.group for _start, _until, slot in spans if not slot.frame and slot.group is not None}
    blocked = blocked_times(around.windows)
    found = list(_alone(spans, around))
    found += _in_rooms(spans, itemised, blocked)
    found += _rooms_elsewhere(spans, itemised, around.elsewhere)
    found += _too_small(spans, around.crowd)
    found += _of_people(spans, around, blocked)
    found += _after_stops(spans, [stop for stop in around.stops if stop.who is None], None)
    found += _without_break(spans)
    found.sort(key=_order)
    return found


def _order(clash: Clash) -> tuple[datetime, int, str, str, str, str]:
    second, who = clash.second.key if clash.second else "", clash.who.key if clash.who else ""
    return clash.starts_at, RANKS[clash.level], clash.code, clash.first.key, second, who


def _spans(slots: Iterable[Slot]) -> list[Span]:
    """By start, and those of one start by key. Ends are worked out here once, not at each comparison."""
    row = sorted(slots, key=attrgetter("key"))
    row.sort(key=attrgetter("starts_at"))
    spans = []
    for slot in row:
        start, end = slot.starts_at, slot.ends_at
        spans.append((start, end if end is not None and end > start else start + INSTANT, slot))
    return spans


def _clash(
    code: Code, first: Slot, second: Slot | None, who: Named | None, starts_at: datetime, ends_at: datetime,
    why: str | None = None, level: Level | None = None,
) -> Clash:  # fmt: skip
    return Clash(
        code=code, level=level or LEVELS[code], first=first, second=second, who=who, starts_at=starts_at, ends_at=ends_at, why=why
    )  # fmt: skip


# --- one thing by itself ------------------------------------------------------------------------------------------


def _alone(spans: Sequence[Span], around: Around) -> Iterator[Clash]:
    """What lies outside the days, who has not said yes, and what is missing."""
    opens_at, closes_at = around.opens_at or EVER, around.closes_at or NEVER
    unconfirmed, missing = around.unconfirmed, around.missing
    for start, until, slot in spans:
        if start < opens_at or until > closes_at:
            yield _clash(Code.OUTSIDE_EVENT, slot, None, None, start, until)
        for who, answer in zip(slot.people, slot.answers, strict=False):
            if answer == DECLINED:
                yield _clash(Code.UNCONFIRMED_SPEAKER, slot, None, who, start, until, answer, Level.ERROR)
            elif answer in unconfirmed:
                yield _clash(Code.UNCONFIRMED_SPEAKER, slot, None, who, start, until, answer)
        for what in missing.get(slot.key, ()):
            yield _clash(Code.MISSING_DELIVERABLE, slot, None, what, start, until)


# --- rooms --------------------------------------------------------------------------------------------------------


def _in_rooms(
    spans: Sequence[Span], itemised: Collection[str | None], blocked: Mapping[str, list[Block]]
) -> Iterator[Clash]:
    """Sessions among sessions, items among items: an item lies in the room of its session as a matter of course."""
    items: dict[str, list[Span]] = defaultdict(list)
    frames: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        slot = span[2]
        if slot.room is not None:
            (frames if slot.frame else items)[slot.room.key].append(span)
    for row in chain(items.values(), frames.values()):
        for one, other in _overlapping(row):
            start, until = other[0], min(one[1], other[1])
            yield _clash(Code.ROOM_OVERLAP, one[2], other[2], one[2].room, start, until)
    for key, blocks in blocked.items():
        alone = (span for span in frames.get(key, ()) if span[2].group not in itemised)
        for start, until, slot in chain(items.get(key, ()), alone):
            for begins, ends, note in hits(blocks, start, until):
                yield _clash(
                    Code.ROOM_UNAVAILABLE, slot, None, slot.room, max(start, begins), min(until, ends), note
                )  # fmt: skip


def _rooms_elsewhere(
    spans: Sequence[Span], itemised: Collection[str | None], elsewhere: Sequence[Slot]
) -> Iterator[Clash]:
    """Rooms of the same house that another event takes meanwhile. Whoever asks has given them our room's key."""
    rooms: dict[str, list[Span]] = defaultdict(list)
    for span in _spans(each for each in elsewhere if each.room is not None):
        rooms[span[2].room.key].append(span)  # type: ignore[union-attr]
    if not rooms:
        return
    for span in spans:
        slot = span[2]
        if slot.room is not None and slot.room.key in rooms and not (slot.frame and slot.group in itemised):
            rooms[slot.room.key].append(span)
    for row in rooms.values():
        for one, other in _overlapping(sorted(row, key=itemgetter(0))):
            if one[2].elsewhere != other[2].elsewhere:
                ours, theirs = (other[2], one[2]) if one[2].elsewhere else (one[2], other[2])
                start, until = other[0], min(one[1], other[1])
                yield _clash(Code.ROOM_BUSY_ELSEWHERE, ours, theirs, ours.room, start, until)


def _too_small(spans: Sequence[Span], crowd: int | None) -> Iterator[Clash]:
    latest = EVER
    items = [span for span in spans if not span[2].frame]
    for n, (start, until, slot) in enumerate(items):
        room, number = slot.room, slot.expected
        if number is None and crowd is not None and not slot.pause and start >= latest:
            number = crowd if n + 1 == len(items) or items[n + 1][0] >= until else None
        latest = max(latest, until)
        if number is not None and room is not None and room.seats is not None and number > room.seats:
            yield _clash(Code.ROOM_TOO_SMALL, slot, None, room, start, until, str(number))


# --- people -------------------------------------------------------------------------------------------------------


def _of_people(spans: Sequence[Span], around: Around, blocked: Mapping[str, list[Block]]) -> Iterator[Clash]:
    stops: dict[str, list[Stop]] = defaultdict(list)
    for stop in around.stops:
        if stop.who is not None:
            stops[stop.who.key].append(stop)
    has_buildings = any(slot.room is not None and slot.room.building for _start, _until, slot in spans)
    for key, turns in _turns(spans, around.elsewhere).items():
        for one, other in _overlapping(turns):
            clash = _double(one, other)
            if clash is not None:
                yield clash
        here = [turn for turn in turns if turn[4] != ELSEWHERE] if around.elsewhere else turns
        if key in blocked:
            for start, until, slot, who, _part in here:
                for begins, ends, note in hits(blocked[key], start, until):
                    yield _clash(
                        Code.SPEAKER_UNAVAILABLE, slot, None, who, max(start, begins), min(until, ends), note
                    )  # fmt: skip
        if key in stops:
            yield from _after_stops([turn[:3] for turn in here], stops[key], here[0][3])
        if has_buildings and len(here) > 1:
            yield from _ways(here, around.travel)


def _turns(spans: Sequence[Span], elsewhere: Sequence[Slot]) -> dict[str, list[Turn]]:
    """By person, sorted by start. In a break nobody speaks, but somebody may be needed."""
    turns: dict[str, list[Turn]] = defaultdict(list)
    for start, until, slot in spans:
        if not slot.pause:
            part = CHAIRS if slot.frame else SPEAKS
            for who in slot.people:
                turns[who.key].append((start, until, slot, who, part))
        if slot.needed:
            there = () if slot.pause else {who.key for who in slot.people}
            for who in slot.needed:
                if who.key not in there:
                    turns[who.key].append((start, until, slot, who, NEEDED))
    for start, until, slot in _spans(elsewhere):
        for who in slot.people:
            if who.key in turns:
                turns[who.key].append((start, until, slot, who, ELSEWHERE))
    if elsewhere:
        for row in turns.values():
            row.sort(key=itemgetter(0))
    return turns


def _double(one: Turn, other: Turn) -> Clash | None:
    """What it means that somebody is in two things at once."""
    first, second, who = one[2], other[2], one[3]
    parts = (one[4], other[4])
    if ELSEWHERE in parts:
        if parts == (ELSEWHERE, ELSEWHERE):
            return None
        code = Code.BUSY_ELSEWHERE
        if parts[0] == ELSEWHERE:
            first, second, who = second, first, other[3]
    elif CHAIRS in parts:
        # Whoever chairs a session speaks in it, or at its lunch, without a clash; in another session they cannot.
        if first.group is None or second.group is None or first.group == second.group:
            return None
        code = Code.REQUIRED_PERSON_CONFLICT if NEEDED in parts else Code.CHAIR_OVERLAP
    else:
        code = Code.REQUIRED_PERSON_CONFLICT if NEEDED in parts else Code.SPEAKER_OVERLAP
    return _clash(code, first, second, who, max(one[0], other[0]), min(one[1], other[1]))


def _ways(turns: Sequence[Turn], travel: timedelta) -> Iterator[Clash]:
    """From the last thing that has ended to the next that begins, where these are in two buildings."""
    chaired = {slot.group: (start, until, slot) for start, until, slot, _who, part in turns if part == CHAIRS}
    ended: Span | None = None
    going_on: list[tuple[datetime, str, Span]] = []
    for start, until, slot, who, part in turns:
        if part != CHAIRS and slot.group in chaired and _is_inside((start, until, slot), chaired[slot.group]):
            continue
        while going_on and going_on[0][0] <= start:
            ended = heappop(going_on)[2]
        if ended is not None and start - ended[1] < travel and is_apart(ended[2].room, slot.room):
            yield _clash(Code.TRAVEL_GAP, ended[2], slot, who, ended[1], start)
        heappush(going_on, (until, slot.key, (start, until, slot)))


def _is_inside(span: Span, frame: Span) -> bool:
    return frame[0] <= span[0] and span[1] <= frame[1] and not is_apart(span[2].room, frame[2].room)


def is_apart(one: Place | None, other: Place | None) -> bool:
    if one is None or other is None or not one.building or not other.building:
        return False
    return one.building != other.building


def _after_stops(spans: Iterable[Span], stops: Sequence[Stop], who: Named | None) -> Iterator[Clash]:
    """A session is told of only where none of its items is."""
    if not stops:
        return
    rows = sorted(((stop.at, stop.until, stop.reason) for stop in stops), key=itemgetter(0, 1))
    told: set[tuple[str | None, datetime]] = set()
    for start, until, slot in sorted(spans, key=lambda span: span[2].frame):
        for at, _day_ends, reason in hits(rows, start, until):
            if slot.frame and (slot.group, at) in told:
                continue
            told.add((slot.group, at))
            yield _clash(Code.ENDS_AFTER_HARD_STOP, slot, None, who, max(start, at), until, reason)


# --- windows ------------------------------------------------------------------------------------------------------


def blocked_times(windows: Iterable[Window]) -> dict[str, list[Block]]:
    """By person or room: when they cannot be had, in order and without overlaps."""
    free: dict[str, list[Block]] = defaultdict(list)
    busy: dict[str, list[Block]] = defaultdict(list)
    for window in windows:
        (free if window.is_free else busy)[window.who.key].append((window.starts_at, window.ends_at, window.note))
    blocked = {}
    for key in free.keys() | busy.keys():
        taken = _merged(busy[key])
        outside = _complement(_merged(free[key] + taken)) if free[key] else []
        blocked[key] = sorted(taken + outside, key=itemgetter(0))
    return blocked


def _merged(blocks: Iterable[Block]) -> list[Block]:
    merged: list[Block] = []
    for start, end, note in sorted(blocks, key=itemgetter(0)):
        if merged and start < merged[-1][1]:
            first, last, before = merged[-1]
            merged[-1] = (first, max(last, end), before or note)
        else:
            merged.append((start, end, note))
    return merged


def _complement(blocks: Iterable[Block]) -> list[Block]:
    free_until = EVER
    outside: list[Block] = []
    for start, end, _note in blocks:
        if start > free_until:
            outside.append((free_until, start, None))
        free_until = end
    return [*outside, (free_until, NEVER, None)]


def hits(blocks: Sequence[Block], start: datetime, until: datetime) -> Iterator[Block]:
    """Those of the blocks, sorted by start and by end, that overlap the time."""
    for n in range(bisect_right(blocks, start, key=itemgetter(1)), len(blocks)):
        if blocks[n][0] >= until:
            return
        yield blocks[n]


# --- breaks -------------------------------------------------------------------------------------------------------


def _without_break(spans: Sequence[Span]) -> Iterator[Clash]:
    rows: dict[tuple[int, str], tuple[Named, list[Span]]] = {}
    for span in spans:
        slot = span[2]
        if slot.frame:
            continue
        if slot.group is not None:
            key = (0, slot.group)
        elif slot.track is not None:
            key = (1, slot.track.key)
        elif slot.room is not None:
            key = (2, slot.room.key)
        else:
            continue
        row = rows.get(key)
        if row is None:
            where = slot.track if key[0] == 1 else slot.room if key[0] == 2 else None
            row = rows[key] = (where or Named(key[1], slot.group_name), [])
        row[1].append(span)
    for where, row_of in rows.values():
        for stretch in stretches(row_of):
            start, until = stretch[0][0], max(span[1] for span in stretch)
            if until - start > STRETCH:
                last = max(stretch, key=itemgetter(1))[2]
                first = stretch[0][2]
                yield _clash(Code.NO_BREAK, first, last if last is not first else None, where, start, until)


def stretches(row: Iterable[Span]) -> Iterator[list[Span]]:
    """What is sat through in one go: runs without a break, and without ten minutes in which nothing is planned."""
    stretch: list[Span] = []
    latest = EVER
    for span in row:
        if span[2].pause or (stretch and span[0] - latest >= PAUSE):
            if stretch:
                yield stretch
            stretch, latest = [], EVER
        if not span[2].pause:
            stretch.append(span)
            latest = max(latest, span[1])
    if stretch:
        yield stretch


# --- the sweep ----------------------------------------------------------------------------------------------------


def _overlapping(row: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """The pairs of a row, sorted by start, that overlap: each is compared with what is still going on."""
    going_on: list[Row] = []
    latest = EVER
    for span in row:
        start, until = span[0], span[1]
        if start >= latest:
            going_on = [span]
            latest = until
            continue
        going_on = [each for each in going_on if each[1] > start]
        for each in going_on:
            yield each, span
        going_on.append(span)
        if until > latest:
            latest = until
