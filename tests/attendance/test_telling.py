"""What the door tells of a half-day, as a table of cases."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.attendance.spans import Span
from app.attendance.telling import Pass, tell

ZONE = ZoneInfo("Asia/Shanghai")


def at(clock: str, day: int = 14) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, 1, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


MORNING = Span("2027-01-14/am", date(2027, 1, 14), at("9:00"), at("12:00"))
AFTERNOON = Span("2027-01-14/pm", date(2027, 1, 14), at("13:30"), at("17:00"))
NEXT_DAY = Span("2027-01-15/am", date(2027, 1, 15), at("9:00", 15), at("12:00", 15))


def passes(told: str) -> list[Pass]:
    """`+8:50 -11:30` is in at 8:50 and out at 11:30."""
    return [Pass(at(each[1:]), each[0] == "+", f"scan{each}", "code", "Dora") for each in told.split()]


@pytest.mark.parametrize(
    ("span", "told", "now", "status", "minutes"),
    [
        (MORNING, "+8:50", "10:00", "present", None),
        (MORNING, "+8:50", "8:55", None, None),  # it has not begun
        (MORNING, "+9:05", "10:00", "present", None),  # five minutes are not late
        (MORNING, "+9:06", "10:00", "late", 6),
        (MORNING, "+10:30", "13:00", "late", 90),
        (MORNING, "", "11:59", None, None),
        (MORNING, "", "12:01", "absent", None),
        (MORNING, "+12:00", "12:30", "absent", None),  # came at its end
        (MORNING, "+8:50 -11:00", "13:00", "left_early", 60),
        (MORNING, "+8:50 -11:56", "13:00", "present", None),  # within five minutes of the end
        (MORNING, "+8:50 -10:00 +10:10", "13:00", "present", None),  # was out for a moment
        (MORNING, "+8:00 -8:30", "13:00", "absent", None),  # went before it began
        (MORNING, "+8:00 -8:30 +9:20", "13:00", "late", 20),
        (AFTERNOON, "+8:50", "15:00", "present", None),  # still there from the morning
        (AFTERNOON, "+8:50 -12:00", "18:00", "absent", None),
        (AFTERNOON, "+8:50 -12:00 +13:40", "18:00", "late", 10),
    ],
)
def test_passes_tell_of_a_half_day(span: Span, told: str, now: str, status: str | None, minutes: int | None) -> None:
    cell = tell(span, passes(told), is_daily=False, zone=ZONE, now=at(now))
    assert (cell.status, cell.minutes) == (status, minutes)


def test_a_daily_point_tells_of_its_day_only_and_one_that_admits_once_of_the_days_that_follow() -> None:
    told = passes("+8:50")
    now = at("13:00", 15)
    assert tell(NEXT_DAY, told, is_daily=True, zone=ZONE, now=now).status == "absent"
    assert tell(NEXT_DAY, told, is_daily=False, zone=ZONE, now=now).status == "present"


def test_what_is_told_names_the_scan_that_it_rests_on() -> None:
    cell = tell(MORNING, passes("+8:50"), is_daily=False, zone=ZONE, now=at("10:00"))
    assert (cell.source, cell.at, cell.by_name, cell.evidence) == ("scan", at("8:50"), "Dora", "scan+8:50")
