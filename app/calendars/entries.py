"""What a calendar file tells, before it is iCalendar: plain values that any feature can fill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

EntryStatus = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
Participation = Literal["NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"]
Part = Literal["CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """Who answers come back to. `email` is a bare address such as `events@example.org`."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Who is asked, and what they have said so far (PARTSTAT, RFC 5545 §3.2.12)."""

    email: str
    name: str = ""
    participation: Participation = "NEEDS-ACTION"
    part: Part = "REQ-PARTICIPANT"
    answer_wanted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One VEVENT: either `starts_at` and `ends_at` (aware moments) or `starts_on` and `ends_on` (whole days).

    `uid` stays the same for the entry's whole life; `sequence` rises only when time, place or duration changes.
    `stamped_at` is DTSTAMP: when this telling of the entry was made, any zone, aware.
    `zone` is the IANA name in which moments are written; empty or "UTC" writes them in UTC.
    `ends_on` is the last day that still belongs to the entry (iCalendar itself writes the day after).
    `ends_at` and `ends_on` may be None: a moment without known end, a single day.
    Raises ValueError for a naive moment, an end before the start, an empty uid, or both kinds of time at once.
    """

    uid: str
    summary: str
    stamped_at: datetime
    sequence: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    zone: str = "UTC"
    location: str = ""
    description: str = ""
    url: str = ""
    status: EntryStatus = "CONFIRMED"
    categories: Sequence[str] = ()
    busy: bool = True
    updated_at: datetime | None = None
    organizer: Organizer | None = None
    attendees: Sequence[Attendee] = ()

    def __post_init__(self) -> None:
        if not self.uid.strip():
            raise ValueError("An entry needs a uid.")
        if (self.starts_at is None) == (self.starts_on is None):
            raise ValueError("An entry starts at a moment or on a day, and not both.")
        for moment in (self.stamped_at, self.updated_at, self.starts_at, self.ends_at):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError("An entry's moments carry a zone.")
        if not self._ends_after_start():
            raise ValueError("An entry does not end before it starts.")

    def _ends_after_start(self) -> bool:
        if self.starts_at is not None:
            return self.ends_on is None and (self.ends_at is None or self.ends_at >= self.starts_at)
        assert self.starts_on is not None
        return self.ends_at is None and (self.ends_on is None or self.ends_on >= self.starts_on)
