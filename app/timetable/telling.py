"""The timetable as the grid is told it: plain values, wall-clock times in the event's zone, sentences in the reader's language."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from app.core.i18n import _, format_moment, format_span, format_time, language_tag, listed, phrased
from app.events.models import Event
from app.programme.clashes import Clash, Level
from app.programme.models import ITEM_KIND_LABELS, AgendaItem, Room, Session
from app.programme.wording import sentence
from app.timetable.queries import Pulse, Timetable, Told

Plain = dict[str, Any]

# What no move mends. The programme's own page tells it; here it would mark nearly every item.
QUIET = {"unconfirmed_speaker", "missing_deliverable", "no_break"}


def wall(moment: datetime | None, zone: str) -> str | None:
    """The wall-clock time in the zone, as a form writes it."""
    return None if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def told_timetable(event: Event, timetable: Timetable) -> Plain:
    zone = event.time_zone
    return {
        "revision": event.programme_version,
        "rooms": [told_room(each) for each in timetable.rooms],
        "sessions": [told_session(each, zone) for each in timetable.sessions],
        "items": [told_item(each, zone) for each in timetable.items],
        "clashes": told_clashes(timetable.clashes, zone),
    }


def told_room(room: Room) -> Plain:
    return {"ref": room.ref, "name": room.display_name, "seats": room.seats, "building": room.building}


def told_session(session: Session, zone: str) -> Plain:
    return {
        "ref": session.ref,
        "title": session.display_title,
        "room": session.room.ref if session.room else None,
        "starts_at": wall(session.starts_at, zone),
        "ends_at": wall(session.ends_at, zone),
    }


def told_item(item: AgendaItem, zone: str) -> Plain:
    return {
        "ref": item.ref,
        "version": item.version,
        "title": item.display_title,
        "kind": item.kind,
        "kind_label": str(ITEM_KIND_LABELS[item.kind]),  # type: ignore[index]
        "starts_at": wall(item.starts_at, zone),
        "ends_at": wall(item.ends_at, zone),
        "minutes": item.minutes,
        "room": item.room.ref if item.room else None,
        "session": item.session.ref if item.session else None,
        "track": {"name": item.track.display_name, "colour": item.track.colour} if item.track else None,
        "speakers": listed(each.display_name for each in item.speakers),
        "cancelled": item.cancelled_at is not None,
        "internal": item.is_internal,
    }


def told_clashes(clashes: Sequence[Clash], zone: str) -> list[Plain]:
    """Each that a move may mend, with the items and sessions that it concerns."""
    return [
        {
            "level": clash.level,
            "code": clash.code,
            "words": sentence(clash, zone),
            "refs": [each.key for each in (clash.first, clash.second) if each is not None and not each.elsewhere],
        }
        for clash in clashes
        if is_for_moves(clash)
    ]


def is_for_moves(clash: Clash) -> bool:
    return clash.level == Level.ERROR or clash.code not in QUIET


def told_pulse(pulse: Pulse) -> Plain:
    return {
        "undo": _step(pulse.undo),
        "redo": _step(pulse.redo),
        "others": presence(pulse.others),
    }


def presence(names: Sequence[str]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return _("%(name)s is arranging too.", name=names[0])
    return _("%(names)s are arranging too.", names=listed(names))


def words_of_place(starts_at: datetime | None, ends_at: datetime | None, room: Room | None, zone: str) -> str:
    """`Thu 14 Jan 2027, 09:00–09:30, Great Hall`."""
    if starts_at is None:
        when = _("without a time")
    elif ends_at is None:
        when = format_moment(starts_at, zone)
    elif starts_at.astimezone(ZoneInfo(zone)).date() == ends_at.astimezone(ZoneInfo(zone)).date():
        when = f"{format_moment(starts_at, zone)}–{format_time(ends_at, zone)}"
    else:
        when = format_span(starts_at, ends_at, zone)
    return phrased([when, room.display_name if room else _("without a room")])


def said_of(item: AgendaItem, clashes: Sequence[Clash], zone: str) -> str:
    """What a move has come to, for ears: `09:05, Great Hall.` and what it clashes with now."""
    if item.starts_at is None:
        return _("“%(title)s” waits beside the timetable.", title=item.display_title)
    place = phrased([format_time(item.starts_at, zone), item.room.display_name if item.room else _("without a room")])
    words = [
        _("%(place)s.", place=place),
        *(sentence(each, zone) for each in clashes if each.concerns(item.ref) and is_for_moves(each)),
    ]
    return " ".join(words)


def tag_of(event: Event, pulse: Pulse) -> str:
    """Changes with whatever the grid shows."""
    told = (event.ref, event.version, event.programme_version, told_pulse(pulse), language_tag())
    return sha256(repr(told).encode()).hexdigest()[:20]


def _step(step: Told | None) -> Plain | None:
    return {"step": step.ref, "title": step.title} if step else None
