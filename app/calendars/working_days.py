"""Days that nobody works: weekends, and the holidays whose day of the year is fixed by law.

Those that follow the moon (Spring Festival, Mid-Autumn) and the working weekends around them are announced by the
State Council year by year; they are not told here, and the pages say so.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

from babel.core import get_global

from app.core.i18n import _l

SATURDAY = 5
WEEKEND = _l("weekend")
NEW_YEAR = _l("New Year's Day")
EVERYWHERE = {(1, 1): NEW_YEAR}
FIXED = {
    "CN": {
        (5, 1): _l("Labour Day"),
        (5, 2): _l("Labour Day"),
        (10, 1): _l("National Day"),
        (10, 2): _l("National Day"),
        (10, 3): _l("National Day"),
    },
    "DE": {(5, 1): _l("Labour Day"), (10, 3): _l("National Day"), (12, 25): _l("Christmas"), (12, 26): _l("Christmas")},
}


@cache
def country_of(zone: str) -> str | None:
    """The country that an IANA zone lies in."""
    return get_global("zone_territories").get(zone)


def day_off(day: date, zone: str) -> str:
    """Why nobody works that day, in a word; empty on a working day."""
    holiday = _holidays(zone).get((day.month, day.day))
    if holiday is not None:
        return str(holiday)
    return str(WEEKEND) if day.weekday() >= SATURDAY else ""


def is_day_off(day: date, zone: str) -> bool:
    return not _is_weekday(day) or (day.month, day.day) in _holidays(zone)


@cache
def _holidays(zone: str) -> dict[tuple[int, int], Any]:
    return {**EVERYWHERE, **FIXED.get(country_of(zone) or "", {})}


def next_working_day(day: date, zone: str) -> date:
    """The day itself, or the first after it that is worked."""
    while is_day_off(day, zone):
        day += timedelta(days=1)
    return day


def last_working_day(day: date, zone: str) -> date:
    """The day itself, or the last before it that is worked."""
    while is_day_off(day, zone):
        day -= timedelta(days=1)
    return day


def count_working_days(after: date, until: date, zone: str) -> int:
    """How many days are worked after the first and up to the second; 0 when that is not later."""
    if until <= after:
        return 0
    weeks, rest = divmod((until - after).days, 7)
    last = after + timedelta(days=weeks * 7)
    weekdays = weeks * SATURDAY + sum(_is_weekday(last + timedelta(days=n)) for n in range(1, rest + 1))
    years = range(after.year, until.year + 1)
    holidays = [date(year, month, day) for year in years for month, day in _holidays(zone)]
    return weekdays - sum(after < each <= until and _is_weekday(each) for each in holidays)


def _is_weekday(day: date) -> bool:
    return day.weekday() < SATURDAY


def next_edition_day(first: date, today: date, zone: str) -> date:
    """The weekday of `first` nearest to its day of the year, in the next year in which that lies ahead; or the next
    working day."""
    year = max(first.year + 1, today.year)
    while (day := _same_weekday(first, year)) <= today:
        year += 1
    return next_working_day(day, zone)


def _same_weekday(first: date, year: int) -> date:
    leap_day = (first.month, first.day) == (2, 29)
    day = date(year, 2, 28) if leap_day else first.replace(year=year)
    return day + timedelta(days=(first.weekday() - day.weekday() + 3) % 7 - 3)
