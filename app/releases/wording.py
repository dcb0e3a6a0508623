"""Changes in words, in the reader's language and the event's zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.i18n import _, format_day, format_moment, format_time, in_language, listed, ngettext, phrased
from app.programme.models import ITEM_KIND_LABELS, SESSION_KIND_LABELS
from app.releases.content import Content, moment
from app.releases.diff import CHANGE_LABELS, FIELD_LABELS, Change, ChangeKind


@dataclass(frozen=True)
class Line:
    """What was, and what is; one of them is empty where there is nothing to compare with."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Words:
    """One change as it is read. `place` is when and where the thing is now, or was before it went."""

    ref: str
    noun: str
    kind: ChangeKind
    label: str
    title: str
    place: str
    lines: list[Line]
    is_internal: bool = False


def words_of(change: Change, zone: str, titles: Mapping[str, str] | None = None) -> Words:
    """`titles` names sessions by their refs, for an item that changed its session."""
    thing = change.thing
    pairs = (
        [_line(name, change.before, change.after, change.noun, zone, titles or {}) for name in change.fields]
        if change.before and change.after and change.kind is not ChangeKind.CANCELLED
        else []
    )
    return Words(
        ref=change.ref,
        noun=change.noun,
        kind=change.kind,
        label=str(CHANGE_LABELS[change.kind]),
        title=change.display_title,
        place=phrased((when_of(thing, zone), name_of(thing["room"]))),
        lines=pairs,
        is_internal=bool(thing.get("is_internal")),
    )


def when_of(thing: Content, zone: str) -> str:
    """`Thu 14 Jan 2027, 09:00–09:30`; a day alone, or nothing, where no more is known."""
    start, end = moment(thing["starts_at"]), moment(thing["ends_at"])
    if start is None:
        return format_day(date.fromisoformat(thing["day"])) if thing.get("day") else ""
    if end is None:
        return format_moment(start, zone)
    first, last = format_moment(start, zone), format_moment(end, zone)
    return f"{first}–{format_time(end, zone)}" if first[:-5] == last[:-5] else f"{first} – {last}"


def name_of(told: Mapping[str, Any] | None) -> str:
    return in_language(told["name_local"], told["name"]) if told else ""


def summary(counted: Mapping[str, int]) -> str:
    """`2 moved, 1 cancelled, 1 new`: how much of each, in one line."""
    parts = {
        "new": lambda n: ngettext("one new", "%(num)s new", n),
        "moved": lambda n: ngettext("one moved", "%(num)s moved", n),
        "cancelled": lambda n: ngettext("one cancelled", "%(num)s cancelled", n),
        "removed": lambda n: ngettext("one taken out", "%(num)s taken out", n),
        "restored": lambda n: ngettext("one takes place again", "%(num)s take place again", n),
        "changed": lambda n: ngettext("one changed in words", "%(num)s changed in words", n),
    }
    said = [parts[kind](number) for kind, number in counted.items() if number and kind in parts]
    return listed(said) if said else _("nothing has changed")


def session_titles(*contents: Content | None) -> dict[str, str]:
    """Sessions by their refs; what a later content calls them counts."""
    return {
        each["ref"]: in_language(each["title_local"], each["title"])
        for content in contents
        if content
        for each in content["sessions"]
    }


def _line(name: str, before: Content, after: Content, noun: str, zone: str, titles: Mapping[str, str]) -> Line:
    return Line(
        str(FIELD_LABELS[name]),
        _value(name, before, noun, zone, titles),
        _value(name, after, noun, zone, titles),
    )


def _value(name: str, thing: Content, noun: str, zone: str, titles: Mapping[str, str]) -> str:
    if name == "when":
        return when_of(thing, zone)
    if name in ("room", "track", "chair"):
        return name_of(thing[name])
    if name == "title":
        return in_language(thing["title_local"], thing["title"])
    if name == "theme":
        return in_language(thing["theme_local"], thing["theme"])
    if name == "text":
        key = "purpose" if noun == "session" else "summary"
        return in_language(thing[f"{key}_local"], thing[key])
    if name == "kind":
        labels: Mapping[Any, Any] = SESSION_KIND_LABELS if noun == "session" else ITEM_KIND_LABELS
        return str(labels.get(thing["kind"], thing["kind"]))
    if name == "session":
        return titles.get(thing["session"] or "", "")
    if name in ("speakers", "needed"):
        return listed(name_of(each) for each in thing[name])
    if name == "is_internal":
        return _("yes") if thing["is_internal"] else _("no")
    return str(thing[name] or "")


def all_words(changes: Iterable[Change], zone: str, titles: Mapping[str, str] | None = None) -> list[Words]:
    return [words_of(each, zone, titles) for each in changes]
