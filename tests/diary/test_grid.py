"""A month as weeks with lanes."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.diary.grid import Cell, last_of_month, monday_of, weeks_of


@dataclass(frozen=True)
class Gathering:
    starts_on: date
    ends_on: date


def drawn(lane: list[Cell]) -> str:
    return " ".join(f"{'(' if c.begins else '<'}{c.days}{')' if c.ends else '>'}" if c.event else "." for c in lane)


def test_what_lasts_is_one_bar_that_goes_on_in_the_next_week() -> None:
    long = Gathering(date(2026, 11, 6), date(2026, 11, 10))
    short = Gathering(date(2026, 11, 7), date(2026, 11, 7))
    weeks = weeks_of(date(2026, 11, 1), [short, long])
    assert [each.days[0].isoformat() for each in weeks] == [
        "2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23", "2026-11-30",
    ]  # fmt: skip
    assert [drawn(lane) for lane in weeks[1].lanes] == [". . . . (3>", ". . . . . (1) ."]
    assert [drawn(lane) for lane in weeks[2].lanes] == ["<2) . . . . ."]
    assert weeks[3].lanes == []


def test_what_finds_no_lane_is_counted_by_day() -> None:
    days = [Gathering(date(2026, 11, 4), date(2026, 11, 5)) for _n in range(6)]
    week = weeks_of(date(2026, 11, 1), days)[1]
    assert (len(week.lanes), week.more) == (4, [0, 0, 2, 2, 0, 0, 0])


def test_the_ends_of_months() -> None:
    assert [last_of_month(date(2028, month, 1)).day for month in (1, 2, 4, 12)] == [31, 29, 30, 31]
    assert monday_of(date(2026, 11, 22)) == date(2026, 11, 16)


days = st.integers(0, 60).map(lambda n: date(2026, 10, 15) + timedelta(days=n))


@given(st.lists(st.tuples(days, st.integers(0, 20)), max_size=12))
@settings(deadline=None)
def test_each_week_is_seven_days_wide_and_each_day_of_an_event_is_shown_or_counted(made) -> None:
    events = [Gathering(start, start + timedelta(days=more)) for start, more in made]
    for week in weeks_of(date(2026, 11, 1), events):
        shown = [0] * 7
        for lane in week.lanes:
            assert sum(cell.days for cell in lane) == 7
            at = 0
            for cell in lane:
                for n in range(at, at + cell.days):
                    shown[n] += cell.event is not None
                at += cell.days
        there = [sum(each.starts_on <= day <= each.ends_on for each in events) for day in week.days]
        assert [a + b for a, b in zip(shown, week.more, strict=True)] == there
