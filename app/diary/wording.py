"""Months and weekdays in words."""

from datetime import date

from app.core.i18n import WEEKDAYS, _, is_chinese


def month(day: date) -> str:
    """`November 2026` or `2026年11月`."""
    return f"{day.year}年{day.month}月" if is_chinese() else f"{day:%B} {day.year}"


def week(day: date) -> str:
    number = day.isocalendar()
    return _("Week %(week)s of %(year)s", week=number.week, year=number.year)


def weekdays() -> list[tuple[str, str]]:
    """From Monday on: short, and in full."""
    if is_chinese():
        return [(f"周{sign}", f"星期{sign}") for sign in WEEKDAYS]
    monday = date(2024, 1, 1)
    names = [monday.replace(day=1 + n) for n in range(7)]
    return [(f"{each:%a}", f"{each:%A}") for each in names]
