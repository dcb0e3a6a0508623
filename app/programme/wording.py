"""Clashes in sentences: who, where, when."""

from app.core.i18n import _, format_moment, format_time
from app.programme.clashes import Clash, Code


def sentence(clash: Clash, zone: str) -> str:
    """One sentence a planner can act upon. What another event is called is told only to those who may see it."""
    when = f"{format_moment(clash.starts_at, zone)}–{format_time(clash.ends_at, zone)}"
    first = clash.first.title or ""
    second = clash.second.title if clash.second else None
    who = clash.who.name if clash.who else ""
    if clash.code == Code.ROOM_OVERLAP:
        return _("%(room)s is taken twice, %(when)s: “%(first)s” and “%(second)s”.", room=who, when=when, first=first, second=second)  # fmt: skip
    if clash.code == Code.SPEAKER_OVERLAP:
        return _("%(who)s is needed twice, %(when)s: “%(first)s” and “%(second)s”.", who=who, when=when, first=first, second=second)  # fmt: skip
    if clash.code == Code.CHAIR_OVERLAP:
        return _("%(who)s chairs a session and is needed in another, %(when)s: “%(first)s” and “%(second)s”.", who=who, when=when, first=first, second=second)  # fmt: skip
    if clash.code == Code.OUTSIDE_EVENT:
        return _("“%(first)s” lies outside the days of the event: %(when)s.", first=first, when=when)
    if second is None:
        return _("%(who)s is busy, %(when)s, and cannot be in “%(first)s”.", who=who, when=when, first=first)
    return _("%(who)s is in “%(second)s” of another event, %(when)s, and cannot be in “%(first)s”.", who=who, when=when, first=first, second=second)  # fmt: skip
