"""Dates told from another one: so many days after the first day of something, at a time on the wall there.

What is kept so stays where it belongs when the first day moves: two days before is two days before, and nine o'clock is
nine o'clock on either side of a change of the clocks.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Landing(StrEnum):
    """How a time on the wall falls on a day: once, as it should; never, where the clocks jump; or twice."""

    ONCE = "once"
    NEVER = "never"
    TWICE = "twice"


@dataclass(frozen=True)
class RelativeDate:
    """`days` after the first day (before it when negative), at a wall-clock time."""

    days: int
    at: time

    @classmethod
    def of(cls, moment: datetime, first_day: date, zone: str) -> "RelativeDate":
        local = moment.astimezone(ZoneInfo(zone))
        return cls((local.date() - first_day).days, local.time().replace(microsecond=0))

    def wall(self, first_day: date) -> datetime:
        return datetime.combine(first_day + timedelta(days=self.days), self.at)

    def landing(self, first_day: date, zone: str) -> Landing:
        there = self.wall(first_day).replace(tzinfo=ZoneInfo(zone))
        if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != there.replace(tzinfo=None):
            return Landing.NEVER
        return Landing.TWICE if there.replace(fold=1).utcoffset() != there.utcoffset() else Landing.ONCE

    def moment(self, first_day: date, zone: str) -> datetime:
        """The moment of it; the first of two. A time that is skipped counts as if the clocks had not jumped."""
        return self.wall(first_day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
