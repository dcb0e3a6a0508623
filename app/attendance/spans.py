"""The half-days of an event, and its sessions with a door of their own: what a mark of attendance is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.i18n import _, format_day, format_short_day
from app.events.models import Event
from app.programme.models import AgendaItem, Session

NOON = time(12, 30)  # what begins earlier belongs to the morning
MORNING = (time(9), time(12))  # of an event whose programme tells no times
AFTERNOON = (time(13, 30), time(17))


@dataclass(frozen=True)
class Span:
    """From the first item to the end of the last one of a half-day, or of a session. Moments in UTC."""

    key: str
    day: date
    starts_at: datetime
    ends_at: datetime
    session: Session | None = None

    @property
    def name(self) -> str:
        if self.session is not None:
            return self.session.display_title
        day = format_day(self.day)
        return _("%(day)s, morning", day=day) if self.key.endswith("am") else _("%(day)s, afternoon", day=day)

    @property
    def short_name(self) -> str:
        if self.session is not None:
            return self.session.display_title
        day = format_short_day(self.day)
        return _("%(day)s a.m.", day=day) if self.key.endswith("am") else _("%(day)s p.m.", day=day)


def spans_of(event: Event, items: Iterable[AgendaItem], sessions: Iterable[Session]) -> list[Span]:
    """Half-days that hold items which were not cancelled, and the given sessions that have a time, in order.

    An event without any timed item has a morning and an afternoon on each of its days.
    """
    zone = ZoneInfo(event.time_zone)
    halves: dict[str, tuple[date, datetime, datetime]] = {}
    for item in items:
        if item.starts_at is None or item.ends_at is None or item.cancelled_at is not None:
            continue
        local = item.starts_at.astimezone(zone)
        key = f"{local.date().isoformat()}/{'am' if local.time() < NOON else 'pm'}"
        _day, first, last = halves.get(key, (local.date(), item.starts_at, item.ends_at))
        halves[key] = (local.date(), min(first, item.starts_at), max(last, item.ends_at))
    spans = [Span(key, *rest) for key, rest in halves.items()] or _nominal(event, zone)
    spans += [
        Span(each.ref, each.starts_at.astimezone(zone).date(), each.starts_at, each.ends_at, each)
        for each in sessions
        if each.starts_at is not None and each.ends_at is not None
    ]
    return sorted(spans, key=lambda each: (each.day, each.starts_at, each.session is not None, each.key))


def _nominal(event: Event, zone: ZoneInfo) -> list[Span]:
    found = []
    for n in range((event.ends_on - event.starts_on).days + 1):
        day = event.starts_on + timedelta(days=n)
        for half, (first, last) in (("am", MORNING), ("pm", AFTERNOON)):
            begins, ends = (datetime.combine(day, each, zone) for each in (first, last))
            found.append(Span(f"{day.isoformat()}/{half}", day, begins, ends))
    return found


def span_now(spans: Sequence[Span], now: datetime) -> Span | None:
    """The one that runs, else the last that began, else the first."""
    begun = [each for each in spans if each.starts_at <= now]
    running = [each for each in begun if now <= each.ends_at]
    return (running or begun[-1:] or list(spans[:1]) or [None])[0]
