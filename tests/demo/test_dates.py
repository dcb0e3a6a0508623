"""The days of the demo."""

from datetime import UTC, date, datetime

import pytest

from app.demo.dates import Calendar, moment

UPCOMING = {"months": 1, "nth": 2, "weekday": 3}
SUNDAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_days_count_from_the_day_of_loading_in_the_company_s_zone() -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # already the 23rd in Shanghai
    assert Calendar(late, UPCOMING).day({"days": 1}) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"days": 0}, date(2026, 11, 20)),
        ({"days": -1}, date(2026, 11, 20)),
        ({"days": 0, "exact": True}, date(2026, 11, 22)),
        ({"days": 1}, date(2026, 11, 23)),
        ({"months": 1, "nth": 2, "weekday": 3}, date(2026, 12, 10)),
        ({"months": 2, "nth": 1, "weekday": 4}, date(2027, 1, 1)),
        ({"months": -23, "nth": 2, "weekday": 3}, date(2024, 12, 12)),
    ],
)
def test_a_weekend_moves_back_to_its_friday_and_months_are_counted_by_weekdays(
    spec: dict[str, int], expected: date
) -> None:
    assert Calendar(SUNDAY, UPCOMING).day(spec) == expected


@pytest.mark.parametrize(
    ("now", "edition"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), 2027),  # held in December
        (datetime(2026, 12, 22, tzinfo=UTC), 2027),  # held in January
        (datetime(2027, 5, 3, tzinfo=UTC), 2027),  # held in June
        (datetime(2027, 6, 3, tzinfo=UTC), 2028),  # held in July
    ],
)
def test_the_strategy_year_is_the_one_that_the_session_sets_out(now: datetime, edition: int) -> None:
    assert Calendar(now, UPCOMING).edition == edition


def test_years_are_put_into_texts() -> None:
    calendar = Calendar(SUNDAY, UPCOMING)
    assert calendar.text("{E-3} 年与 {E} 年") == "2024 年与 2027 年"
    assert calendar.text(None) is None
    assert [calendar.year(each) for each in ("{E-1}", 2022, None)] == [2026, 2022, None]


def test_a_time_of_day_is_that_of_the_company() -> None:
    assert moment(date(2026, 11, 22), "08:30") == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
