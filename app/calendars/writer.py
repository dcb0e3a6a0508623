"""Calendar files (RFC 5545) and invitations (iTIP, RFC 5546). Folding and parameters are icalendar's work."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from app.calendars.entries import Attendee, CalendarEntry, Organizer

if TYPE_CHECKING:
    from icalendar import Event, Timezone, vCalAddress, vText

PRODID = "-//Hufu//Hufu//EN"
CONTENT_TYPE = "text/calendar; charset=utf-8"

# Readers that split with str.splitlines() would begin a new property at each of these.
LINE_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
ADDRESS = re.compile(r"[^\s@<>,;:\"\\\x00-\x1f\x7f\ud800-\udfff]+@[^\s@<>,;:\"\\\x00-\x1f\x7f\ud800-\udfff]+")
# A calendar that spans more than this tells its zone's rules for the first years only.
MOST_YEARS = 100


def calendar_file(
    entries: Sequence[CalendarEntry], *, name: str, method: str | None = None, prodid: str = PRODID
) -> bytes:
    """A whole VCALENDAR in UTF-8 with CRLF line ends, for a download or a feed; `name` is what calendars show.

    Moments are written in each entry's zone, with one VTIMEZONE for every zone that is used.
    Raises ValueError for a zone that is not known, or an address that is none.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("PRODID", _text(prodid, lines=False))
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    if method:
        calendar.add("METHOD", _text(method, lines=False))
    if name:
        calendar.add("NAME", _text(name, lines=False))
        calendar.add("X-WR-CALNAME", _text(name, lines=False))
    for zone in _zones(entries):
        calendar.add_component(zone)
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical(sorted=False)


def invitation(
    entry: CalendarEntry,
    *,
    method: Literal["REQUEST", "CANCEL"],
    organizer: Organizer,
    attendee: Attendee,
    sequence: int,
    prodid: str = PRODID,
) -> bytes:
    """One iTIP message (RFC 5546 §3.2.2 and §3.2.5) to one attendee, to be sent as `text/calendar; method=…`.

    A later message about the same thing carries the same uid, and a higher `sequence` when time or place changed.
    CANCEL takes the entry out of the attendee's calendar. Raises ValueError like `calendar_file`.
    """
    if method == "CANCEL":
        entry = replace(entry, status="CANCELLED")
        attendee = replace(attendee, answer_wanted=False)
    told = replace(entry, organizer=organizer, sequence=sequence, categories=tuple(entry.categories))
    before, between, after = _shared_parts(replace(told, uid=NO_UID, stamped_at=NO_TIME, attendees=()), method, prodid)
    uid, stamp, asked = _own_lines(told, attendee)
    return b"".join((before, uid, stamp, between, asked, after))


NO_UID, NO_TIME = "-", datetime(1970, 1, 1, tzinfo=UTC)
OWN_LINES = b"UID:-\r\nDTSTAMP:19700101T000000Z\r\n"
END = b"END:VEVENT\r\n"


@lru_cache(maxsize=64)
def _shared_parts(entry: CalendarEntry, method: str, prodid: str) -> tuple[bytes, bytes, bytes]:
    """What the messages to all attendees have in common; kept, because hundreds register for one thing."""
    before, _own, rest = calendar_file([entry], name="", method=method, prodid=prodid).partition(OWN_LINES)
    between, end, after = rest.rpartition(END)
    return before, between, end + after


def _own_lines(entry: CalendarEntry, attendee: Attendee) -> list[bytes]:
    """UID, DTSTAMP and ATTENDEE, as the library writes and folds them."""
    from icalendar import Event

    own = Event()
    own.add("UID", _text(entry.uid, lines=False))
    own.add("DTSTAMP", entry.stamped_at.astimezone(ZoneInfo("UTC")))
    own.add("ATTENDEE", _invited(attendee))
    _begin, *lines = own.content_lines(sorted=False)
    return [line.to_ical() + b"\r\n" for line in lines[:3]]


def invitation_content_type(method: Literal["REQUEST", "CANCEL"]) -> str:
    """The MIME type of the mail part that carries an invitation (RFC 6047 §2.4)."""
    return f"text/calendar; method={method}; charset=utf-8"


def _event(entry: CalendarEntry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("UID", _text(entry.uid, lines=False))
    event.add("DTSTAMP", entry.stamped_at.astimezone(ZoneInfo("UTC")))
    _add_times(event, entry)
    event.add("SEQUENCE", entry.sequence)
    event.add("SUMMARY", _text(entry.summary, lines=False))
    event.add("STATUS", entry.status)
    if not entry.busy:
        event.add("TRANSP", "TRANSPARENT")
    if entry.location:
        event.add("LOCATION", _text(entry.location))
    if entry.description:
        event.add("DESCRIPTION", _text(entry.description))
    if entry.url:
        event.add("URL", _clean(entry.url, lines=False).replace(" ", "%20"))
    if entry.categories:
        event.add("CATEGORIES", [_clean(word, lines=False) for word in entry.categories])
    if entry.updated_at is not None:
        event.add("LAST-MODIFIED", entry.updated_at.astimezone(ZoneInfo("UTC")))
    if entry.organizer is not None:
        event.add("ORGANIZER", _address(entry.organizer))
    for attendee in entry.attendees:
        event.add("ATTENDEE", _invited(attendee))
    return event


def _add_times(event: "Event", entry: CalendarEntry) -> None:
    if entry.starts_at is not None:
        event.add("DTSTART", _local(entry.starts_at, entry))
        if entry.ends_at is not None:
            event.add("DTEND", _local(entry.ends_at, entry))
    elif entry.starts_on is not None:
        event.add("DTSTART", entry.starts_on)
        event.add("DTEND", (entry.ends_on or entry.starts_on) + timedelta(days=1))


def _address(person: Organizer | Attendee) -> "vCalAddress":
    from icalendar import vCalAddress

    if not ADDRESS.fullmatch(person.email):
        raise ValueError("This is not an e-mail address.")
    address = vCalAddress(f"mailto:{person.email}")
    name = _clean(person.name, lines=False)
    if name:
        address.params["CN"] = name
    return address


def _invited(attendee: Attendee) -> "vCalAddress":
    address = _address(attendee)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = attendee.part
    address.params["PARTSTAT"] = attendee.participation
    address.params["RSVP"] = "TRUE" if attendee.answer_wanted else "FALSE"
    return address


def _local(moment: datetime, entry: CalendarEntry) -> datetime:
    there = moment.astimezone(_zone(entry.zone))
    # Of an hour that comes twice a local time means the first one (RFC 5545): the second is written in UTC.
    return moment.astimezone(UTC) if there.fold else there


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, OSError) as error:  # a folder's name such as "Asia" is an OSError
        raise ValueError("This time zone is not known.") from error


def _zones(entries: Sequence[CalendarEntry]) -> list["Timezone"]:
    """One VTIMEZONE per zone in use, in the order of first use, for the years the calendar spans."""
    names = dict.fromkeys(entry.zone for entry in entries if entry.starts_at and entry.zone not in ("", "UTC"))
    if not names:
        return []
    years = [moment.year for entry in entries for moment in (entry.starts_at, entry.ends_at) if moment is not None]
    first, last = min(years), max(years)
    return [_timezone(name, first, min(last, first + MOST_YEARS)) for name in names]


@lru_cache(maxsize=64)
def _timezone(name: str, first_year: int, last_year: int) -> "Timezone":
    """Kept, because finding the changes of a zone costs as much as writing sixty entries. Never altered."""
    from icalendar import Timezone

    # A year to each side, since the years were taken before the moments were converted.
    first, last = date(max(first_year - 1, 1), 1, 1), date(min(last_year + 2, 9999), 1, 1)
    return Timezone.from_tzinfo(_zone(name), name, first_date=first, last_date=last)


def _clean(text: str, *, lines: bool = True) -> str:
    text = LINE_BREAKS.sub("\n" if lines else " ", text)
    return UNWRITABLE.sub("", text)


def _text(text: str, *, lines: bool = True) -> "vText":
    return _exact_text()(_clean(text, lines=lines))


@lru_cache(maxsize=1)
def _exact_text() -> type["vText"]:
    from icalendar import vText

    class ExactText(vText):
        r"""icalendar 7.3 turns a typed `\N`, as in `\\server\Notes`, into a line break; RFC 5545 §3.3.11 does not."""

        def to_ical(self) -> bytes:
            escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
            return escaped.encode(self.encoding)

    return ExactText
