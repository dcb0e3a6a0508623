"""What the door tells about one person and one span, while nobody has said otherwise. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.attendance.models import MarkStatus, Source
from app.attendance.spans import Span

GRACE = timedelta(minutes=5)  # nobody is late, or gone early, by less


@dataclass(frozen=True)
class Pass:
    """One pass of a person at the point that tells about a span."""

    at: datetime
    is_in: bool
    ref: str
    means: str
    by_name: str


@dataclass(frozen=True)
class Cell:
    """How one person's attendance of one span stands. `status` None: not known yet."""

    status: MarkStatus | None = None
    minutes: int | None = None
    source: Source | None = None
    at: datetime | None = None  # of the scan that it rests on
    by_name: str = ""
    evidence: str | None = None
    reason: str | None = None
    instead: str | None = None  # who came in place of this person
    is_corrected: bool = False

    @property
    def was_there(self) -> bool:
        return self.status in THERE


THERE = (MarkStatus.PRESENT, MarkStatus.LATE, MarkStatus.LEFT_EARLY, MarkStatus.REMOTE)
UNKNOWN = Cell()
EXCUSED = Cell(MarkStatus.EXCUSED)


def tell(span: Span, passes: Sequence[Pass], *, is_daily: bool, zone: ZoneInfo, now: datetime) -> Cell:
    """What these passes, in the order of time, say of the span.

    With `is_daily` each day is counted by itself; otherwise who was once let in is there until scanned out. Late, or
    gone early, is whoever misses more than five minutes. Before the end of the span nobody is absent.
    """
    told = [each for each in passes if not is_daily or each.at.astimezone(zone).date() == span.day]
    entered = _last([each for each in told if each.at <= span.starts_at + GRACE])
    if entered is None or not entered.is_in:
        entered = next((each for each in told if each.is_in and span.starts_at + GRACE < each.at < span.ends_at), None)
    if entered is None:
        return Cell(MarkStatus.ABSENT) if now > span.ends_at else UNKNOWN
    by = {"source": source_of(entered), "at": entered.at, "by_name": entered.by_name, "evidence": entered.ref}
    late = entered.at - span.starts_at
    if late > GRACE:
        return Cell(MarkStatus.LATE, minutes=late // timedelta(minutes=1), **by)
    left = _last([each for each in told if entered.at <= each.at < span.ends_at - GRACE])
    came_back = any(each.is_in for each in told if left is not None and left.at < each.at <= span.ends_at)
    if left is not None and not left.is_in and not came_back:
        return Cell(MarkStatus.LEFT_EARLY, minutes=(span.ends_at - left.at) // timedelta(minutes=1), **by)
    return Cell(MarkStatus.PRESENT, **by) if now >= span.starts_at else UNKNOWN


def source_of(one: Pass) -> Source:
    return {"self": Source.SELF, "sheet": Source.SHEET, "import": Source.IMPORT}.get(one.means, Source.SCAN)


def _last(passes: Sequence[Pass]) -> Pass | None:
    return passes[-1] if passes else None
