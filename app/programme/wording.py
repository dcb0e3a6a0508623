"""Clashes in sentences: who, where, when."""

from datetime import datetime

from app.core.i18n import _, _l, format_moment, format_span, format_time, ngettext
from app.programme.clashes import Clash, Code, Level

GROUPS = {
    Code.ROOM_OVERLAP: _l("A room is taken twice"),
    Code.SPEAKER_OVERLAP: _l("Somebody speaks in two places"),
    Code.REQUIRED_PERSON_CONFLICT: _l("Somebody has to be in two places"),
    Code.CHAIR_OVERLAP: _l("Somebody chairs and is needed elsewhere"),
    Code.BUSY_ELSEWHERE: _l("Somebody is in another event"),
    Code.ROOM_BUSY_ELSEWHERE: _l("Another event takes the room"),
    Code.SPEAKER_UNAVAILABLE: _l("Somebody cannot be there"),
    Code.ROOM_UNAVAILABLE: _l("A room cannot be had"),
    Code.ENDS_AFTER_HARD_STOP: _l("It runs over a hard stop"),
    Code.OUTSIDE_EVENT: _l("It lies outside the days of the event"),
    Code.ROOM_TOO_SMALL: _l("A room is too small"),
    Code.TRAVEL_GAP: _l("The way to another building is too long"),
    Code.UNCONFIRMED_SPEAKER: _l("A speaker has not said yes"),
    Code.MISSING_DELIVERABLE: _l("Something is still to be brought in"),
    Code.NO_BREAK: _l("There is no break for a long time"),
}
LEVEL_LABELS = {
    Level.ERROR: _l("impossible"),
    Level.WARNING: _l("worth a look"),
    Level.INFO: _l("good to know"),
}


def sentence(clash: Clash, zone: str) -> str:
    """One sentence a planner can act upon. What another event is called is told only to those who may see it."""
    return SENTENCES[clash.code](clash, zone)


def _when(clash: Clash, zone: str) -> str:
    """`Thu 14 Jan 2027, 09:15–09:30`"""
    return _span(clash.starts_at, clash.ends_at, zone)


def _span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    last = format_span(starts_at, ends_at, zone)
    one_day = last == f"{format_time(starts_at, zone)}–{format_time(ends_at, zone)}"
    return f"{format_moment(starts_at, zone)}–{format_time(ends_at, zone)}" if one_day else last


def _told(clash: Clash, zone: str) -> dict[str, str]:
    return {
        "who": clash.who.name if clash.who else "",
        "first": clash.first.title or "",
        "second": (clash.second.title if clash.second else None) or "",
        "when": _when(clash, zone),
    }


def _room_overlap(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    return _("%(room)s is taken twice, %(when)s: “%(first)s” and “%(second)s”.", room=told.pop("who"), **told)


def _speaker_overlap(clash: Clash, zone: str) -> str:
    return _("%(who)s speaks in two places, %(when)s: “%(first)s” and “%(second)s”.", **_told(clash, zone))


def _required_person_conflict(clash: Clash, zone: str) -> str:
    return _("%(who)s has to be in two places, %(when)s: “%(first)s” and “%(second)s”.", **_told(clash, zone))


def _chair_overlap(clash: Clash, zone: str) -> str:
    return _("%(who)s chairs a session and is needed in another, %(when)s: “%(first)s” and “%(second)s”.", **_told(clash, zone))  # fmt: skip


def _busy_elsewhere(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    if clash.second is None or clash.second.title is None:
        return _("%(who)s is busy, %(when)s, and cannot be in “%(first)s”.", **told)
    return _("%(who)s is in “%(second)s” of another event, %(when)s, and cannot be in “%(first)s”.", **told)


def _room_busy_elsewhere(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    room = told.pop("who")
    if clash.second is None or clash.second.title is None:
        return _("%(room)s is taken, %(when)s, and “%(first)s” is planned there.", room=room, **told)
    return _("“%(second)s” of another event takes %(room)s, %(when)s, and “%(first)s” is planned there.", room=room, **told)  # fmt: skip


def _speaker_unavailable(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    if clash.why:
        return _("%(who)s cannot be in “%(first)s”, %(when)s: %(why)s.", why=clash.why, **told)
    return _("%(who)s cannot be in “%(first)s”, %(when)s.", **told)


def _room_unavailable(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    if clash.why:
        return _("%(room)s cannot be had for “%(first)s”, %(when)s: %(why)s.", room=told.pop("who"), why=clash.why, **told)  # fmt: skip
    return _("%(room)s cannot be had for “%(first)s”, %(when)s.", room=told.pop("who"), **told)


def _ends_after_hard_stop(clash: Clash, zone: str) -> str:
    told = {**_told(clash, zone), "why": clash.why or "", "stop": format_time(clash.starts_at, zone)}
    runs_over = clash.starts_at > clash.first.starts_at
    if clash.who and runs_over:
        return _("“%(first)s” runs over %(stop)s, when %(who)s has to stop (%(why)s): %(when)s.", **told)
    if clash.who:
        return _("“%(first)s” begins when %(who)s had to stop already (%(why)s): %(when)s.", **told)
    if runs_over:
        return _("“%(first)s” runs over %(stop)s, when all has to stop (%(why)s): %(when)s.", **told)
    return _("“%(first)s” begins when all had to stop already (%(why)s): %(when)s.", **told)


def _outside_event(clash: Clash, zone: str) -> str:
    return _("“%(first)s” lies outside the days of the event: %(when)s.", **_told(clash, zone))


def _room_too_small(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    seats = clash.first.room.seats if clash.first.room else 0
    return ngettext(
        "%(room)s has one seat and %(people)s people are expected in “%(first)s”, %(when)s.",
        "%(room)s has %(num)s seats and %(people)s people are expected in “%(first)s”, %(when)s.",
        seats or 0, room=told.pop("who"), people=clash.why or "", **told,
    )  # fmt: skip


def _travel_gap(clash: Clash, zone: str) -> str:
    minutes = round((clash.ends_at - clash.starts_at).total_seconds() / 60)
    first, second = clash.first.room, clash.second.room if clash.second else None
    told = {
        **_told(clash, zone),
        "from": (first and first.building) or "",
        "to": (second and second.building) or "",
        "at": format_moment(clash.starts_at, zone),
    }
    if not minutes:
        return _("%(who)s has no time, %(at)s, to go from “%(first)s” (%(from)s) to “%(second)s” (%(to)s).", **told)
    return ngettext(
        "%(who)s has one minute, %(when)s, to go from “%(first)s” (%(from)s) to “%(second)s” (%(to)s).",
        "%(who)s has %(num)s minutes, %(when)s, to go from “%(first)s” (%(from)s) to “%(second)s” (%(to)s).",
        minutes, **told,
    )  # fmt: skip


def _unconfirmed_speaker(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    if clash.why == "declined":
        return _("%(who)s has said no to speaking in “%(first)s”, %(when)s.", **told)
    if clash.why == "asked":
        return _("%(who)s has not answered yet about speaking in “%(first)s”, %(when)s.", **told)
    if clash.why == "again":
        return _("%(who)s agreed to another time than that of “%(first)s”, %(when)s.", **told)
    return _("%(who)s has not been asked to speak in “%(first)s”, %(when)s.", **told)


def _missing_deliverable(clash: Clash, zone: str) -> str:
    told = _told(clash, zone)
    return _("“%(first)s”, %(when)s, still lacks: %(what)s.", what=told.pop("who"), **told)


def _no_break(clash: Clash, zone: str) -> str:
    told = {**_told(clash, zone), "length": length(round((clash.ends_at - clash.starts_at).total_seconds() / 60))}
    if clash.second is None:
        return _("“%(first)s” goes on for %(length)s without a break: %(when)s.", **told)
    if clash.who and clash.who.name:
        return _("%(who)s: %(length)s without a break, from “%(first)s” to “%(second)s”, %(when)s.", **told)
    return _("%(length)s without a break, from “%(first)s” to “%(second)s”, %(when)s.", **told)


def length(minutes: int) -> str:
    """`2 h 5 min`"""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)


SENTENCES = {
    Code.ROOM_OVERLAP: _room_overlap,
    Code.SPEAKER_OVERLAP: _speaker_overlap,
    Code.REQUIRED_PERSON_CONFLICT: _required_person_conflict,
    Code.CHAIR_OVERLAP: _chair_overlap,
    Code.BUSY_ELSEWHERE: _busy_elsewhere,
    Code.ROOM_BUSY_ELSEWHERE: _room_busy_elsewhere,
    Code.SPEAKER_UNAVAILABLE: _speaker_unavailable,
    Code.ROOM_UNAVAILABLE: _room_unavailable,
    Code.ENDS_AFTER_HARD_STOP: _ends_after_hard_stop,
    Code.OUTSIDE_EVENT: _outside_event,
    Code.ROOM_TOO_SMALL: _room_too_small,
    Code.TRAVEL_GAP: _travel_gap,
    Code.UNCONFIRMED_SPEAKER: _unconfirmed_speaker,
    Code.MISSING_DELIVERABLE: _missing_deliverable,
    Code.NO_BREAK: _no_break,
}
