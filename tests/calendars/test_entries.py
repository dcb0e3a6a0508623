from datetime import UTC, date, datetime

import pytest

from app.calendars.entries import CalendarEntry

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 10, tzinfo=UTC)
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"starts_at": NINE, "starts_on": DAY},
        {"starts_at": datetime(2026, 12, 1, 9)},
        {"starts_at": TEN, "ends_at": NINE},
        {"starts_at": NINE, "ends_on": DAY},
        {"starts_on": DAY, "ends_at": TEN},
        {"starts_on": DAY, "ends_on": date(2026, 11, 30)},
        {"starts_at": NINE, "uid": " "},
    ],
)
def test_an_entry_that_cannot_be_is_refused(times):
    with pytest.raises(ValueError):
        CalendarEntry(**{"uid": "u", "summary": "s", "stamped_at": NINE, **times})


def test_an_entry_may_last_no_time_at_all():
    assert CalendarEntry(uid="u", summary="s", stamped_at=NINE, starts_at=NINE, ends_at=NINE).sequence == 0
