"""Days that come again by a rule (RFC 5545): expanded on the calendar, so that no clock is asked."""

from collections.abc import Sequence
from datetime import date, datetime, time
from enum import StrEnum

from app.core.i18n import _, _l
from app.editions.errors import BadRule

MOST = 60
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Every(StrEnum):
    """How often; on which day follows from the first one."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH_BY_WEEKDAY = "month_by_weekday"
    MONTH_BY_LAST = "month_by_last"
    MONTH_BY_DAY = "month_by_day"
    QUARTER_BY_WEEKDAY = "quarter_by_weekday"
    QUARTER_BY_LAST = "quarter_by_last"
    YEAR = "year"


EVERY_LABELS = {
    Every.WEEK: _l("Every week, on this weekday"),
    Every.FORTNIGHT: _l("Every two weeks, on this weekday"),
    Every.MONTH_BY_WEEKDAY: _l("Every month, on this weekday of it (such as the second Tuesday)"),
    Every.MONTH_BY_LAST: _l("Every month, on its last such weekday (such as the last Friday)"),
    Every.MONTH_BY_DAY: _l("Every month, on this day of it"),
    Every.QUARTER_BY_WEEKDAY: _l("Every quarter, on this weekday of its month"),
    Every.QUARTER_BY_LAST: _l("Every quarter, on the last such weekday of its month"),
    Every.YEAR: _l("Every year, on this weekday of its month"),
}


def rule_of(every: str, first_day: date, *, count: int | None = None, until: date | None = None) -> str:
    """The rule in words of RFC 5545. Refuses one that would never end."""
    if count is None and until is None:
        raise BadRule(_("Please say when it ends: after how many times, or on which day."), field="count")
    if count is not None and until is not None:
        raise BadRule(_("Please give either how many times or the last day, not both."), field="until")
    if until is not None and until < first_day:
        raise BadRule(_("The last day cannot lie before the first."), field="until")
    if count is not None and not 1 <= count <= MOST:
        raise BadRule(_("Please give a number from 1 to %(most)s.", most=MOST), field="count")
    end = f"COUNT={count}" if count is not None else f"UNTIL={until:%Y%m%d}"
    return f"{_frequency(Every(every), first_day)};{end}"


def _frequency(every: Every, day: date) -> str:
    weekday, number = WEEKDAYS[day.weekday()], (day.day - 1) // 7 + 1
    nth = f"{number if number < 5 else -1}{weekday}"
    return {
        Every.WEEK: f"FREQ=WEEKLY;BYDAY={weekday}",
        Every.FORTNIGHT: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        Every.MONTH_BY_WEEKDAY: f"FREQ=MONTHLY;BYDAY={nth}",
        Every.MONTH_BY_LAST: f"FREQ=MONTHLY;BYDAY=-1{weekday}",
        Every.MONTH_BY_DAY: f"FREQ=MONTHLY;BYMONTHDAY={day.day}",
        Every.QUARTER_BY_WEEKDAY: f"FREQ=MONTHLY;INTERVAL=3;BYDAY={nth}",
        Every.QUARTER_BY_LAST: f"FREQ=MONTHLY;INTERVAL=3;BYDAY=-1{weekday}",
        Every.YEAR: f"FREQ=YEARLY;BYMONTH={day.month};BYDAY={nth}",
    }[every]


def days_of(rule: str, first_day: date) -> list[date]:
    """The days of the rule from the first one on. Refuses a rule without an end, and one of more than 60 days."""
    from dateutil.rrule import rrulestr

    if "COUNT=" not in rule and "UNTIL=" not in rule:
        raise BadRule(_("Please say when it ends: after how many times, or on which day."), field="count")
    try:
        moments = rrulestr(rule, dtstart=datetime.combine(first_day, time()))
    except (ValueError, TypeError) as error:
        raise BadRule(_("This rule is not understood."), field="every") from error
    days: list[date] = []
    for moment in moments:
        if len(days) == MOST:
            raise BadRule(_("These are more than %(most)s days. Choose an earlier end.", most=MOST), field="until")
        if moment.year > 2200:
            break
        days.append(moment.date())
    if not days:
        raise BadRule(_("No day fits this rule."), field="until")
    return days


def check_days(rule: str, first_day: date, days: Sequence[date]) -> list[date]:
    """The chosen days in order, each once; refuses none, and one that the rule does not name."""
    chosen = sorted(set(days))
    if not chosen:
        raise BadRule(_("Please choose at least one day."), field="days")
    if not set(chosen) <= set(days_of(rule, first_day)):
        raise BadRule(_("These days do not follow from the rule. Please look at them again."), field="days")
    return chosen
