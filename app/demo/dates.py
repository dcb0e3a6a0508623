"""The days of the demo, counted from the day on which it is loaded."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
SATURDAY = 5
YEAR = re.compile(r"\{E(?:-(\d))?\}")

Spec = dict[str, Any]


class Calendar:
    """Turns what the data files say of days and years into real ones.

    `edition` is the year of the upcoming strategy session: the one in which it is held from January to June, else the
    next, because sessions at the end of a year set out the coming one.
    """

    def __init__(self, now: datetime, upcoming: Spec) -> None:
        self.now = now.astimezone(UTC)
        self.today = now.astimezone(ZoneInfo(ZONE)).date()
        held = self.day(upcoming)
        self.edition = held.year if held.month <= 6 else held.year + 1

    def day(self, spec: Spec) -> date:
        """`{"days": n}`, moved from a weekend back to its Friday unless `exact`; or the n-th weekday of a month."""
        if "months" in spec:
            return self._weekday(spec["months"], spec["nth"], spec["weekday"])
        found = self.today + timedelta(days=spec["days"])
        if not spec.get("exact") and found.weekday() >= SATURDAY:
            found -= timedelta(days=found.weekday() - SATURDAY + 1)
        return found

    def maybe_day(self, spec: Spec | None) -> date | None:
        return self.day(spec) if spec else None

    def _weekday(self, months: int, nth: int, weekday: int) -> date:
        month = self.today.year * 12 + self.today.month - 1 + months
        first = date(month // 12, month % 12 + 1, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))

    def text(self, words: str | None) -> str | None:
        """The years put in: `{E}` is the edition's, `{E-1}` the one before."""
        return YEAR.sub(lambda found: str(self.edition - int(found[1] or 0)), words) if words else None

    def year(self, words: str | int | None) -> int | None:
        return int(self.text(str(words)) or 0) if words is not None else None


def moment(day: date, clock_time: str = "10:00") -> datetime:
    """A time of day at the company's place, as a moment. Hours beyond the day are not known here."""
    return datetime.combine(day, time.fromisoformat(clock_time), ZoneInfo(ZONE)).astimezone(UTC)
