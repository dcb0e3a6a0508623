"""The calendar files of an event and of its sessions. A body is kept until the programme changes."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

from app.calendars.entries import CalendarEntry
from app.calendars.writer import calendar_file
from app.core.i18n import in_language, listed, phrased
from app.events.models import Event, Status
from app.programme.models import AgendaItem, Session

KEPT = 200


class Shelf:
    """The latest calendar bodies of this process, by what they were made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bodies: OrderedDict[str, bytes] = OrderedDict()

    def find(self, etag: str, make: Callable[[], bytes]) -> bytes:
        body = self._bodies.pop(etag, None) or make()
        self._bodies[etag] = body
        while len(self._bodies) > self._most:
            self._bodies.popitem(last=False)
        return body


SHELF = Shelf(KEPT)


def etag_of(*told: object) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def calendar_of(event: Event, sessions: Sequence[Session], items: Sequence[AgendaItem], *, base_url: str) -> bytes:
    """One entry for each item with a time and for each session with a time and no such items; else the event's days.

    `items` are those that everybody in the audience may see.
    """
    timed = [each for each in items if each.starts_at is not None]
    covered = {each.session_id for each in timed}
    entries = [_item_entry(event, each, base_url) for each in timed]
    entries += [
        entry
        for each in sessions
        if each.id not in covered and (entry := session_entry(event, each, base_url=base_url)) is not None
    ]
    if not entries:
        entries = [event_entry(event, base_url=base_url)]
    return calendar_file(entries, name=event.display_title)


def event_entry(event: Event, *, base_url: str) -> CalendarEntry:
    return CalendarEntry(
        uid=f"event-{event.ref}@hufu.invalid",
        summary=event.display_title,
        stamped_at=event.changed_at,
        sequence=event.calendar_sequence,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        location=event.display_place,
        url=f"{base_url}/events/{event.ref}",
        status=_status(event),
        updated_at=event.changed_at,
    )


def session_entry(event: Event, session: Session, *, base_url: str) -> CalendarEntry | None:
    """The session with its time, or its whole day; None while neither is known."""
    if session.starts_at is None and session.day is None:
        return None
    whole_day = session.starts_at is None
    return CalendarEntry(
        uid=f"session-{session.ref}@hufu.invalid",
        summary=session.display_title,
        stamped_at=session.changed_at,
        sequence=session.calendar_sequence + event.calendar_sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        starts_on=session.day if whole_day else None,
        zone=event.time_zone,
        location=_where(event, session.room.display_name if session.room else ""),
        description=session.display_theme,
        url=f"{base_url}/events/{event.ref}/sessions/{session.ref}",
        status=_status(event),
        updated_at=session.changed_at,
    )


def _item_entry(event: Event, item: AgendaItem, base_url: str) -> CalendarEntry:
    speakers = listed(each.display_name for each in item.speakers)
    told = (speakers, in_language(item.summary_local, item.summary))
    return CalendarEntry(
        uid=f"item-{item.ref}@hufu.invalid",
        summary=item.display_title,
        stamped_at=item.changed_at,
        sequence=item.calendar_sequence + event.calendar_sequence,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        zone=event.time_zone,
        location=_where(event, item.room.display_name if item.room else ""),
        description="\n".join(part for part in told if part),
        url=f"{base_url}/events/{event.ref}/programme#item-{item.ref}",
        status="CANCELLED" if item.cancelled_at is not None else _status(event),
        busy=item.kind != "break",
        updated_at=item.changed_at,
    )


def _status(event: Event):
    return "CANCELLED" if event.status == Status.CANCELLED else "TENTATIVE" if event.is_draft else "CONFIRMED"


def _where(event: Event, room: str) -> str:
    return phrased((room, event.display_place))
