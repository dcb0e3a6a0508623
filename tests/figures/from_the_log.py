"""The same numbers once more, by other code, from nothing but the audit log: no table of the features is asked."""

from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db

ENDS_A_REQUEST = ("transferred", "handed_back", "cancelled", "closed", "extension_granted", "extension_refused")


@dataclass
class Life:
    """What the log says of one assignment so far."""

    label: str
    original: date | None = None
    due: date | None = None
    asked_until: date | None = None
    handed_over: datetime | None = None
    accepted: datetime | None = None
    answered: datetime | None = None
    submitted: datetime | None = None
    cancelled: datetime | None = None
    returned: int = 0
    judged: int = 0

    def take(self, action: str, at: datetime, details: dict) -> None:
        if action in ("proposed", "handed_over"):
            first = date.fromisoformat(details["due_on"])
            if first != self.original:
                self.original = self.due = first
        for name, value in (("original_due_on", "original"), ("due_on", "due")):
            if action in ("agreed", "decided") and name in details:
                setattr(self, value, date.fromisoformat(details[name][1]))
        if action in ("handed_over", "transferred") and self.accepted is None:
            self.handed_over, self.answered = at, None
        if action in ("accepted", "agreed", "countered"):
            self.answered = self.answered or at
        if action in ("accepted", "agreed"):
            self.accepted = self.accepted or at
        if action == "extension_asked" and details["in_time"]:
            self.asked_until = date.fromisoformat(details["new_due_on"])
        if action == "extension_granted" and details["in_time"]:
            self.due = date.fromisoformat(details["new_due_on"])
        if action in ENDS_A_REQUEST:
            self.asked_until = None
        if action == "submitted":
            self.submitted = at
        if action in ("returned", "transferred", "cancelled"):
            self.submitted = None
        if action == "cancelled":
            self.cancelled = at
        self.judged += action in ("verified", "returned")
        self.returned += action == "returned"


@dataclass
class Log:
    """All lives of one event, at a moment."""

    zone: ZoneInfo
    today: date
    lives: dict[str, Life] = field(default_factory=dict)

    def pair(self) -> dict[str, tuple[set[str], set[str]]]:
        """For each half: who was on time, and who was not, of what was due."""
        halves: dict[str, tuple[set[str], set[str]]] = {"agreed": (set(), set()), "strict": (set(), set())}
        for life in self.lives.values():
            if life.accepted is None or life.original is None or life.due is None:
                continue
            done = self._day(life.submitted)
            agreed = life.due
            if life.asked_until is not None and (done is None or done > life.due):
                agreed = max(agreed, life.asked_until)
            for half, day in (("agreed", agreed), ("strict", life.original)):
                ended = self._day(life.cancelled)
                if day >= self.today or (ended is not None and ended <= day):
                    continue
                kept, missed = halves[half]
                (kept if done is not None and done <= day else missed).add(life.label)
        return halves

    def response_hours(self) -> float | None:
        hours = [
            (life.answered - life.handed_over).total_seconds() / 3600
            for life in self.lives.values()
            if life.answered is not None and life.handed_over is not None
        ]
        return median(hours) if hours else None

    def returns(self) -> tuple[int, int]:
        return sum(each.returned for each in self.lives.values()), sum(each.judged for each in self.lives.values())

    def _day(self, moment: datetime | None) -> date | None:
        return moment.astimezone(self.zone).date() if moment is not None else None


def read(scope: str, zone: str, now: datetime) -> Log:
    """Replay what was done to the assignments of one event."""
    log = Log(ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date())
    entries = select(AuditEntry).where(AuditEntry.scope == scope, AuditEntry.subject_type == "Assignment")
    for entry in db.session.scalars(entries.order_by(AuditEntry.seq)):
        life = log.lives.setdefault(entry.subject_ref, Life(entry.subject_label))
        life.take(entry.action.removeprefix("assignment."), entry.at, entry.details)
    return log
