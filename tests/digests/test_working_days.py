"""Days that are worked, counted at once and one by one."""

from datetime import date, timedelta

import pytest

from app.calendars.working_days import count_working_days, is_day_off, last_working_day


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "UTC"])
def test_the_count_is_what_counting_one_by_one_gives(zone: str) -> None:
    first = date(2026, 9, 1)
    for start in range(0, 200, 3):
        after, worked = first + timedelta(days=start), 0
        for n in range(1, 420):
            worked += not is_day_off(after + timedelta(days=n), zone)
            if n % 7 in (1, 2, 5):
                assert count_working_days(after, after + timedelta(days=n), zone) == worked


def test_backwards_nothing_is_worked() -> None:
    assert count_working_days(date(2027, 3, 5), date(2027, 3, 1), "UTC") == 0
    assert last_working_day(date(2027, 10, 3), "Asia/Shanghai") == date(2027, 9, 30)
