"""What clashes, as the programme page shows it: grouped, counted, each with what would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.core.i18n import _, format_time
from app.events.models import Event
from app.programme.clashes import RANKS, Around, Clash, Level, Slot
from app.programme.mends import BREAK, Kind, Mend, Mender, is_act, path_of
from app.programme.wording import GROUPS, sentence

SHOWN = 3  # of each group at once; the others open at a press
MOST = 60  # of each group; those beyond it are only counted
TITLE = 32  # signs of a title on a button


@dataclass(frozen=True)
class Button:
    """An act, with what it posts; or, without `fields`, a link."""

    label: str
    url: str
    fields: dict[str, Any] | None = None


@dataclass(frozen=True)
class Finding:
    clash: Clash
    words: str
    buttons: list[Button]

    @property
    def anchor(self) -> str:
        return f"item-{self.clash.first.key}"


@dataclass(frozen=True)
class Group:
    """All clashes of one code and level."""

    title: str
    level: Level
    count: int
    findings: list[Finding]

    @property
    def first(self) -> list[Finding]:
        return self.findings[:SHOWN]

    @property
    def rest(self) -> list[Finding]:
        return self.findings[SHOWN:]

    @property
    def untold(self) -> int:
        return self.count - len(self.findings)


def grouped(clashes: Sequence[Clash], slots: Sequence[Slot], around: Around, event: Event) -> list[Group]:
    """The gravest first; inside a group by time."""
    rows: dict[tuple[int, str], list[Clash]] = {}
    for clash in clashes:
        rows.setdefault((RANKS[clash.level], clash.code), []).append(clash)
    mender = Mender(slots, around) if clashes else None
    groups = []
    for _rank, row in sorted(rows.items()):
        found = [
            Finding(each, sentence(each, event.time_zone), buttons(mender.find_mends(each), event))
            for each in row[:MOST]
            if mender is not None
        ]
        groups.append(Group(str(GROUPS[row[0].code]), row[0].level, len(row), found))
    return groups


def buttons(mends: Sequence[Mend], event: Event) -> list[Button]:
    """At most two: more choices than that are the form's."""
    return [Button(label(each, event), path_of(each, event.ref), fields_of(each, event)) for each in mends[:2]]


def label(mend: Mend, event: Event) -> str:
    title = shortened(mend.slot.title or "")
    at = format_time(mend.ends_at if mend.kind == Kind.SHORTEN else mend.starts_at, event.time_zone)
    who = mend.who.name if mend.who else ""
    words = {
        Kind.TIME: lambda: _("Put “%(title)s” at %(time)s", title=title, time=at),
        Kind.ROOM: lambda: _("Move “%(title)s” to %(room)s", title=title, room=mend.room.name if mend.room else ""),
        Kind.SHORTEN: lambda: _("Shorten “%(title)s” to %(time)s", title=title, time=at),
        Kind.PAUSE: lambda: _(
            "Insert a break of %(minutes)s minutes at %(time)s", minutes=BREAK.seconds // 60, time=at
        ),
        Kind.ASK: lambda: _("Ask %(who)s", who=who),
        Kind.REPLACE: lambda: _("Choose another speaker"),
        Kind.REMIND: lambda: _("Remind"),
        Kind.DAYS: lambda: _("Change the event's days"),
        Kind.EDIT: lambda: _("Edit “%(title)s”", title=title),
    }
    return words[mend.kind]()


def fields_of(mend: Mend, event: Event) -> dict[str, Any] | None:
    """What the form of that act would send. The version makes an old page ask instead of act."""
    if not is_act(mend) or mend.starts_at is None:
        return None
    minutes = round((mend.ends_at - mend.starts_at).total_seconds() / 60) if mend.ends_at else ""
    if mend.kind == Kind.PAUSE:
        return {"version": mend.slot.version, "minutes": minutes}
    wall = mend.starts_at.astimezone(ZoneInfo(event.time_zone))
    room = mend.room.key if mend.room else ""
    return {
        "version": mend.slot.version,
        "starts_at": f"{wall:%Y-%m-%dT%H:%M}",
        "minutes": minutes,
        "room": room,
    }


def shortened(title: str) -> str:
    return title if len(title) <= TITLE else f"{title[: TITLE - 1].rstrip()}…"
