"""What would mend a clash: computed from the same plan in which it was found, and changed by nobody here.

A mend moves or shortens one item, never a session with all that is in it, and is offered only where room and people
are free; where there is none, a link leads to where a person can decide.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from operator import itemgetter

from app.programme.clashes import (
    DECLINED,
    EVER,
    NEVER,
    STRETCH,
    Around,
    Clash,
    Code,
    Named,
    Place,
    Slot,
    blocked_times,
    is_apart,
    stretches,
)

STEP = timedelta(minutes=5)
BREAK = timedelta(minutes=15)
SHORTEST = timedelta(minutes=5)
MOST_CUT = timedelta(minutes=15)  # so much is taken off an item's end rather than moving another
LATEST = time(22)  # nothing is put later than this, nor before the first thing of its day


class Kind(StrEnum):
    """The first four are acts; the others lead to a page."""

    TIME = "time"
    ROOM = "room"
    SHORTEN = "shorten"
    PAUSE = "pause"
    ASK = "ask"
    REPLACE = "replace"
    REMIND = "remind"
    DAYS = "days"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """Put `slot`, as its `version` was, at a time and in a room; or insert a break before it; or go and see `who`."""

    kind: Kind
    slot: Slot
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    room: Place | None = None
    who: Named | None = None


Busy = tuple[datetime, datetime]


class Mender:
    """Finds mends in one plan; what it needs to know of rooms and people is gathered once."""

    def __init__(self, slots: Sequence[Slot], around: Around) -> None:
        self.slots = sorted(slots, key=lambda slot: (slot.starts_at, slot.key))
        self.around = around
        self.blocked = blocked_times(around.windows)
        self.frames = {slot.group: slot for slot in slots if slot.frame}
        self._days: dict[date, datetime] = {}  # when each day begins
        for slot in reversed(self.slots):
            self._days[slot.starts_at.astimezone(around.zone).date()] = slot.starts_at
        self.in_room: dict[str, list[Slot]] = defaultdict(list)
        self.of_person: dict[str, list[Slot]] = defaultdict(list)
        for slot in (*self.slots, *around.elsewhere):
            if slot.room is not None and not slot.frame:
                self.in_room[slot.room.key].append(slot)
        for slot in (*self.slots, *around.elsewhere):
            for who in _people(slot):
                self.of_person[who.key].append(slot)

    def find_mends(self, clash: Clash) -> list[Mend]:
        """The best first; at least one, if only a link to the form."""
        found = list(self._acts(clash)) + list(self._links(clash))
        return found or [Mend(kind=Kind.EDIT, slot=clash.first)]

    def _acts(self, clash: Clash) -> Iterator[Mend]:
        code, first, second = clash.code, clash.first, clash.second
        if code == Code.NO_BREAK:
            yield from self._pause(clash)
            return
        if code == Code.ENDS_AFTER_HARD_STOP and not first.frame:
            yield from self._shorten(first, clash.starts_at)
        is_tail = not first.frame and first.until == clash.ends_at and clash.ends_at - clash.starts_at <= MOST_CUT
        if code in OVERLAPS and second is not None and is_tail:
            yield from self._shorten(first, second.starts_at)
        for slot in (second, first):
            if slot is None or slot.frame or slot.elsewhere:
                continue
            acts = [*(self._room(slot, code) if code in ROOMS else ()), *(self._time(slot) if code in TIMES else ())]
            yield from acts
            if acts:
                return

    def _links(self, clash: Clash) -> Iterator[Mend]:
        if clash.code == Code.UNCONFIRMED_SPEAKER:
            kind = Kind.REPLACE if clash.why == DECLINED else Kind.ASK
            yield Mend(kind=kind, slot=clash.first, who=clash.who)
        elif clash.code == Code.MISSING_DELIVERABLE:
            yield Mend(kind=Kind.REMIND, slot=clash.first, who=clash.who)
        elif clash.code == Code.OUTSIDE_EVENT:
            yield Mend(kind=Kind.DAYS, slot=clash.first)

    # --- shorter, or with a break ---------------------------------------------------------------------------------

    def _shorten(self, slot: Slot, to: datetime) -> Iterator[Mend]:
        if slot.ends_at is not None and to - slot.starts_at >= SHORTEST and to < slot.ends_at:
            yield Mend(kind=Kind.SHORTEN, slot=slot, starts_at=slot.starts_at, ends_at=to, room=slot.room)

    def _pause(self, clash: Clash) -> Iterator[Mend]:
        """Before the last item that begins within the two hours, else before the second one."""
        key = _row_of(clash.first)
        row = [(slot.starts_at, slot.until, slot) for slot in self.slots if not slot.frame and _row_of(slot) == key]
        stretch = next((each for each in stretches(row) if each[0][2] is clash.first), [])
        later, latest = [], EVER
        for start, until, slot in stretch:
            if latest <= start and slot is not stretch[0][2]:  # nothing is going on that the break would cut through
                later.append(slot)
            latest = max(latest, until)
        within = [slot for slot in later if slot.starts_at - clash.starts_at <= STRETCH]
        if later:
            slot = within[-1] if within else later[0]
            yield Mend(
                kind=Kind.PAUSE, slot=slot, starts_at=slot.starts_at, ends_at=slot.starts_at + BREAK, room=slot.room
            )

    # --- another room ---------------------------------------------------------------------------------------------

    def _room(self, slot: Slot, code: Code) -> Iterator[Mend]:
        """The smallest that is free and large enough, in the same building if there is one."""
        people = self._number(slot)
        here = slot.room.building if slot.room else None
        fit = [
            room
            for room in self.around.rooms
            if (slot.room is None or room.key != slot.room.key)
            and (people is None or (room.seats is not None and room.seats >= people))
            and not any(_meets(slot.starts_at, slot.until, each) for each in self._room_times(room, slot))
            and not any(
                _meets(slot.starts_at, slot.until, each)
                for who in _people(slot)
                for each in self._person_times(who, slot, room)
            )
        ]
        if fit:
            best = min(fit, key=lambda room: (room.building != here, room.seats or 1_000_000, room.name))
            yield Mend(kind=Kind.ROOM, slot=slot, starts_at=slot.starts_at, ends_at=slot.ends_at, room=best)

    def _number(self, slot: Slot) -> int | None:
        """How many have to fit; of all who come, where the slot has no number of its own and runs alone."""
        if slot.expected is not None or self.around.crowd is None or slot.pause:
            return slot.expected
        others = (each for each in self.slots if each is not slot and not each.frame)
        alone = not any(_meets(slot.starts_at, slot.until, (each.starts_at, each.until)) for each in others)
        return self.around.crowd if alone else None

    # --- another time ---------------------------------------------------------------------------------------------

    def _time(self, slot: Slot) -> Iterator[Mend]:
        """The next gap on the same day in which room and people are free, else the first one before."""
        length = slot.until - slot.starts_at
        opens, closes = self._limits(slot)
        busy = sorted(self._obstacles(slot), key=itemgetter(0))
        found = self._gap(busy, max(slot.starts_at, opens), closes, length)
        if found is None:
            found = self._gap(busy, opens, min(closes, slot.starts_at + length), length)
        if found is not None and found != slot.starts_at:
            ends_at = found + length if slot.ends_at is not None else None
            yield Mend(kind=Kind.TIME, slot=slot, starts_at=found, ends_at=ends_at, room=slot.room)

    def _gap(self, busy: Sequence[Busy], opens: datetime, closes: datetime, length: timedelta) -> datetime | None:
        at = self._rounded(opens)
        for start, until in busy:
            if until <= at:
                continue
            if start >= at + length:
                break
            if until >= closes:
                return None
            at = self._rounded(until)
        return at if at + length <= closes else None

    def _rounded(self, moment: datetime) -> datetime:
        """Up to five minutes of the wall clock, and on to where the clock says each time once."""
        wall = moment.astimezone(self.around.zone)
        late = timedelta(minutes=wall.minute % 5, seconds=wall.second, microseconds=wall.microsecond)
        at = moment + (STEP - late if late else timedelta())
        while not self._is_plain(at):
            at += STEP
        return at

    def _is_plain(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.around.zone)
        return wall.replace(fold=0).utcoffset() == wall.replace(fold=1).utcoffset()

    def _limits(self, slot: Slot) -> Busy:
        """The slot's session, if that has an end and holds it; else its day, as far as one plans there."""
        frame = self.frames.get(slot.group) if slot.group is not None else None
        if frame is not None and frame.ends_at is not None and frame.until - frame.starts_at < timedelta(hours=20):
            opens, closes = frame.starts_at, frame.until
        else:
            day = slot.starts_at.astimezone(self.around.zone).date()
            opens = min(self._days.get(day, slot.starts_at), slot.starts_at)
            closes = datetime.combine(day, LATEST, self.around.zone).astimezone(UTC)
        opens = max(opens, self.around.opens_at or EVER)
        return opens, min(closes, self.around.closes_at or NEVER)

    def _obstacles(self, slot: Slot) -> Iterator[Busy]:
        if slot.room is not None:
            yield from self._room_times(slot.room, slot)
        concerned = {who.key for who in _people(slot)}
        for who in _people(slot):
            yield from self._person_times(who, slot, slot.room)
        for stop in self.around.stops:
            if stop.who is None or stop.who.key in concerned:
                yield stop.at, stop.until
        if not slot.pause:
            for each in self.slots:
                if each.pause and each.group in (None, slot.group):
                    yield each.starts_at, each.until

    def _room_times(self, room: Place, slot: Slot) -> Iterator[Busy]:
        yield from ((each.starts_at, each.until) for each in self.in_room[room.key] if each.key != slot.key)
        yield from ((start, until) for start, until, _note in self.blocked.get(room.key, ()))

    def _person_times(self, who: Named, slot: Slot, room: Place | None) -> Iterator[Busy]:
        """When they are in something else, with the way there, or cannot be there."""
        yield from ((start, until) for start, until, _note in self.blocked.get(who.key, ()))
        for each in self.of_person[who.key]:
            if each.key == slot.key or (each.frame and (slot.group is None or each.group == slot.group)):
                continue
            way = self.around.travel if is_apart(each.room, room) else timedelta()
            yield each.starts_at - way, each.until + way


OVERLAPS = {Code.ROOM_OVERLAP, Code.SPEAKER_OVERLAP, Code.REQUIRED_PERSON_CONFLICT}
TIMES = {
    *OVERLAPS,
    Code.CHAIR_OVERLAP,
    Code.BUSY_ELSEWHERE,
    Code.ROOM_BUSY_ELSEWHERE,
    Code.SPEAKER_UNAVAILABLE,
    Code.ROOM_UNAVAILABLE,
    Code.ENDS_AFTER_HARD_STOP,
    Code.TRAVEL_GAP,
}
ROOMS = {
    Code.ROOM_OVERLAP,
    Code.ROOM_BUSY_ELSEWHERE,
    Code.ROOM_UNAVAILABLE,
    Code.ROOM_TOO_SMALL,
    Code.TRAVEL_GAP,
}


def path_of(mend: Mend, event_ref: str) -> str:
    """Where the button posts to, or the link leads."""
    base = f"/events/{event_ref}"
    if mend.kind == Kind.PAUSE:
        return f"{base}/items/{mend.slot.key}/break"
    if mend.kind in (Kind.TIME, Kind.ROOM, Kind.SHORTEN):
        return f"{base}/items/{mend.slot.key}/place"
    if mend.kind == Kind.ASK:
        return f"{base}/speakers/asking"
    if mend.kind == Kind.REMIND:
        return f"{base}/deliverables/reminder"
    if mend.kind == Kind.DAYS:
        return f"{base}/settings"
    return f"{base}/sessions/{mend.slot.key}/settings" if mend.slot.frame else f"{base}/items/{mend.slot.key}"


def is_act(mend: Mend) -> bool:
    return mend.kind in (Kind.TIME, Kind.ROOM, Kind.SHORTEN, Kind.PAUSE)


def _people(slot: Slot) -> Iterable[Named]:
    return {who.key: who for who in (*(() if slot.pause else slot.people), *slot.needed)}.values()


def _row_of(slot: Slot) -> tuple[int, str] | None:
    if slot.group is not None:
        return 0, slot.group
    if slot.track is not None:
        return 1, slot.track.key
    return (2, slot.room.key) if slot.room is not None else None


def _meets(start: datetime, until: datetime, busy: Busy) -> bool:
    return start < busy[1] and busy[0] < until
