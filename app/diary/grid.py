"""A month as weeks with lanes, so that what lasts several days is one bar. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

DAY = timedelta(days=1)
MOST_LANES = 4


class Spanning(Protocol):
    """What lasts from a day to a day, both included."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...


@dataclass(frozen=True)
class Cell:
    """So many days of a lane: of one event, or (None) free. `begins` and `ends`: whether the event does so in it."""

    days: int
    event: Spanning | None = None
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True)
class Week:
    """Seven days from Monday on. `more`: how many events of each day found no lane."""

    days: list[date]
    lanes: list[list[Cell]]
    more: list[int]


def weeks_of(first: date, events: Iterable[Spanning], *, most: int = MOST_LANES) -> list[Week]:
    """The weeks that hold the month of `first`, with the days of its neighbours that fill them."""
    row = sorted(events, key=lambda each: (each.starts_on, -(each.ends_on - each.starts_on).days))
    day = monday_of(first)
    weeks = []
    while day <= last_of_month(first):
        weeks.append(_week(day, row, most))
        day += 7 * DAY
    return weeks


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def last_of_month(day: date) -> date:
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def _week(monday: date, events: Sequence[Spanning], most: int) -> Week:
    lanes: list[list[Spanning]] = []
    more = [0] * 7
    for event in events:
        if event.ends_on < monday or event.starts_on >= monday + 7 * DAY:
            continue
        free = next((lane for lane in lanes if lane[-1].ends_on < event.starts_on), None)
        if free is not None:
            free.append(event)
        elif len(lanes) < most:
            lanes.append([event])
        else:
            start, end = _within(event, monday)
            for n in range(start, end + 1):
                more[n] += 1
    return Week([monday + n * DAY for n in range(7)], [_cells(lane, monday) for lane in lanes], more)


def _cells(lane: Sequence[Spanning], monday: date) -> list[Cell]:
    cells, at = [], 0
    for event in lane:
        start, end = _within(event, monday)
        cells += [Cell(1)] * (start - at)
        cells.append(Cell(end - start + 1, event, event.starts_on >= monday, event.ends_on < monday + 7 * DAY))
        at = end + 1
    return cells + [Cell(1)] * (7 - at)


def _within(event: Spanning, monday: date) -> tuple[int, int]:
    """The first and the last day of the event in this week, counted from Monday."""
    return max(0, (event.starts_on - monday).days), min(6, (event.ends_on - monday).days)
