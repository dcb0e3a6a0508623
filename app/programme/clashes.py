"""What cannot happen at the same time. One pure function, used by forms, pages and the check before publishing.

A sweep line: for each room and each person, what takes place is sorted by its start and compared with what is still
going on, never with everything else.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

INSTANT = timedelta(minutes=1)  # what has a start and no end is taken to last no longer


class Code(StrEnum):
    ROOM_OVERLAP = "room_overlap"
    SPEAKER_OVERLAP = "speaker_overlap"
    CHAIR_OVERLAP = "chair_overlap"
    BUSY_ELSEWHERE = "busy_elsewhere"
    OUTSIDE_EVENT = "outside_event"


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


LEVELS = {
    Code.ROOM_OVERLAP: Level.ERROR,
    Code.OUTSIDE_EVENT: Level.ERROR,
    Code.SPEAKER_OVERLAP: Level.WARNING,
    Code.CHAIR_OVERLAP: Level.WARNING,
    Code.BUSY_ELSEWHERE: Level.WARNING,
}


@dataclass(frozen=True, slots=True)
class Named:
    """A room, a person or a team: what it is told apart by, and what it is called."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What takes place from a moment to a moment. `frame` is a session: its own items lie inside it, as they should.

    `group` is the session's key, also on its items; None belongs to the day itself. `elsewhere` is something of another
    event: its title is None where the one who asks may not see that event.
    """

    key: str
    title: str | None
    starts_at: datetime
    ends_at: datetime | None = None
    room: Named | None = None
    people: tuple[Named, ...] = ()
    group: str | None = None
    frame: bool = False
    elsewhere: bool = False

    @property
    def until(self) -> datetime:
        return self.ends_at or self.starts_at + INSTANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Who or what, in which two things, from when to when. `second` is None outside the event's days."""

    code: Code
    first: Slot
    second: Slot | None
    who: Named | None
    starts_at: datetime
    ends_at: datetime

    @property
    def level(self) -> Level:
        return LEVELS[self.code]

    def concerns(self, key: str) -> bool:
        return key in (self.first.key, self.second.key if self.second else None)


def find_clashes(
    slots: Sequence[Slot],
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    elsewhere: Sequence[Slot] = (),
) -> list[Clash]:
    """All clashes among the slots of one event, and of its people with what they do elsewhere, by time.

    `opens_at` and `closes_at` bound the event's days: the first moment of the first and the first after the last.
    """
    found = [*_in_rooms(slots), *_of_people([*slots, *(replace(each, elsewhere=True) for each in elsewhere)])]
    found += [
        Clash(code=Code.OUTSIDE_EVENT, first=slot, second=None, who=None, starts_at=slot.starts_at, ends_at=slot.until)
        for slot in slots
        if (opens_at and slot.starts_at < opens_at) or (closes_at and slot.until > closes_at)
    ]
    return sorted(found, key=lambda clash: (clash.starts_at, clash.level, clash.code, clash.first.key))


def _in_rooms(slots: Iterable[Slot]) -> Iterator[Clash]:
    """Sessions among sessions, items among items: an item lies in the room of its session as a matter of course."""
    rooms: dict[tuple[str, bool], list[Slot]] = defaultdict(list)
    for slot in slots:
        if slot.room is not None:
            rooms[slot.room.key, slot.frame].append(slot)
    for row in rooms.values():
        for first, second in _overlapping(row):
            yield _clash(Code.ROOM_OVERLAP, first, second, first.room)


def _of_people(slots: Iterable[Slot]) -> Iterator[Clash]:
    people: dict[str, list[tuple[Slot, Named]]] = defaultdict(list)
    for slot in slots:
        for who in slot.people:
            people[who.key].append((slot, who))
    for row in people.values():
        names = {slot.key: who for slot, who in row}
        for first, second in _overlapping([slot for slot, _who in row]):
            if first.elsewhere and second.elsewhere:
                continue
            if first.elsewhere or second.elsewhere:
                ours, theirs = (second, first) if first.elsewhere else (first, second)
                yield _clash(Code.BUSY_ELSEWHERE, ours, theirs, names[ours.key])
            elif first.frame or second.frame:
                if _chairs_twice(first, second):
                    yield _clash(Code.CHAIR_OVERLAP, first, second, names[first.key])
            else:
                yield _clash(Code.SPEAKER_OVERLAP, first, second, names[first.key])


def _chairs_twice(first: Slot, second: Slot) -> bool:
    """Whoever chairs a session speaks in it, or at its lunch, without a clash; in another session they cannot."""
    return first.group is not None and second.group is not None and first.group != second.group


def _overlapping(row: list[Slot]) -> Iterator[tuple[Slot, Slot]]:
    going_on: list[Slot] = []
    for slot in sorted(row, key=lambda each: (each.starts_at, each.key)):
        going_on = [each for each in going_on if each.until > slot.starts_at]
        for each in going_on:
            yield each, slot
        going_on.append(slot)


def _clash(code: Code, first: Slot, second: Slot, who: Named | None) -> Clash:
    return Clash(
        code=code,
        first=first,
        second=second,
        who=who,
        starts_at=max(first.starts_at, second.starts_at),
        ends_at=min(first.until, second.until),
    )
