"""What differs between two programmes. Pure: two contents in, changes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.core.i18n import _l, _lp, in_language
from app.releases.content import Content


class ChangeKind(StrEnum):
    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    RESTORED = "restored"
    CHANGED = "changed"


CHANGE_LABELS = {
    ChangeKind.NEW: _lp("programme", "New"),
    ChangeKind.MOVED: _lp("programme", "Moved"),
    ChangeKind.CANCELLED: _lp("programme", "Cancelled"),
    ChangeKind.REMOVED: _lp("programme", "Taken out"),
    ChangeKind.RESTORED: _lp("programme", "Takes place again"),
    ChangeKind.CHANGED: _lp("programme", "Changed in words"),
}
FIELD_LABELS = {
    "when": _l("When"),
    "room": _l("Room"),
    "title": _l("Title"),
    "text": _l("Text"),
    "theme": _l("Theme"),
    "kind": _l("Kind"),
    "session": _l("Session"),
    "track": _l("Track"),
    "chair": _l("Chair"),
    "speakers": _l("Speakers"),
    "needed": _l("People who have to be there"),
    "covers_year": _l("Year it is about"),
    "is_internal": _l("Internal"),
}
# What is told of a thing, by the word under which its change is shown. `when` and `room` make it a move.
WHERE = ("when", "room")
SESSION_FIELDS = {
    "when": ("day", "starts_at", "ends_at"),
    "room": ("room",),
    "title": ("title", "title_local"),
    "theme": ("theme", "theme_local"),
    "text": ("purpose", "purpose_local"),
    "kind": ("kind",),
    "covers_year": ("covers_year",),
    "chair": ("chair",),
}
ITEM_FIELDS = {
    "when": ("starts_at", "ends_at"),
    "room": ("room",),
    "title": ("title", "title_local"),
    "text": ("summary", "summary_local"),
    "kind": ("kind",),
    "session": ("session",),
    "track": ("track",),
    "speakers": ("speakers",),
    "needed": ("needed",),
    "is_internal": ("is_internal",),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone or different. `before` and `after` are its content then and now, None where it was not."""

    kind: ChangeKind
    noun: str  # item, session
    ref: str
    before: Content | None
    after: Content | None
    fields: tuple[str, ...] = ()

    @property
    def thing(self) -> Content:
        """As it is now, or was before it went."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def display_title(self) -> str:
        return in_language(self.thing["title_local"], self.thing["title"])

    @property
    def is_move(self) -> bool:
        return bool({*WHERE} & {*self.fields})


def diff(before: Content | None, after: Content) -> list[Change]:
    """What is different in `after`, sessions first, in the order of the programme; what has gone comes last.

    A thing that is moved and worded anew is told once, as moved; what was cancelled meanwhile as cancelled, whatever
    else differs. Without a `before` everything is new.
    """
    old = before or {"sessions": [], "items": []}
    return [
        *_of("session", SESSION_FIELDS, _by_ref(old["sessions"]), _by_ref(after["sessions"])),
        *_of("item", ITEM_FIELDS, _by_ref(old["items"]), _by_ref(after["items"])),
    ]


def is_same(before: Content, after: Content) -> bool:
    """Whether both tell the same, also in the same order."""
    return not diff(before, after) and all(
        [each["ref"] for each in before[name]] == [each["ref"] for each in after[name]]
        for name in ("sessions", "items")
    )


def counts(changes: Iterable[Change]) -> dict[str, int]:
    """How many of each kind, in the order of the kinds."""
    kinds = [each.kind for each in changes]
    return {str(kind): kinds.count(kind) for kind in ChangeKind if kind in kinds}


def differing(before: Content, after: Content, noun: str = "item") -> tuple[str, ...]:
    fields = ITEM_FIELDS if noun == "item" else SESSION_FIELDS
    return tuple(name for name, parts in fields.items() if _differs(before, after, parts))


def place_of(thing: Content) -> tuple[str, str | None] | None:
    """A room is told by its names: whether the record behind it is another one is nobody's business."""
    room = thing["room"]
    return (room["name"], room["name_local"]) if room else None


def people_in(thing: Content, *names: str) -> set[str]:
    """The refs of the people named under `speakers`, `needed` or `chair`."""
    found: list[Mapping[str, Any]] = []
    for name in names:
        told = thing.get(name) or []
        found += [told] if isinstance(told, Mapping) else told
    return {each["person"] for each in found if "person" in each}


def _by_ref(things: Iterable[Content]) -> dict[str, Content]:
    return {each["ref"]: each for each in things}


def _of(
    noun: str, fields: Mapping[str, tuple[str, ...]], before: Mapping[str, Content], after: Mapping[str, Content]
) -> Iterable[Change]:
    for ref, new in after.items():
        old = before.get(ref)
        if old is None:
            if not new.get("cancelled_at"):  # what nobody was told of cannot be cancelled for them
                yield Change(ChangeKind.NEW, noun, ref, None, new)
            continue
        names = tuple(name for name, parts in fields.items() if _differs(old, new, parts))
        kind = _kind(old, new, names)
        if kind is not None:
            yield Change(kind, noun, ref, old, new, names)
    for ref, old in before.items():
        if ref not in after and not old.get("cancelled_at"):
            yield Change(ChangeKind.REMOVED, noun, ref, old, None)


def _kind(old: Content, new: Content, names: tuple[str, ...]) -> ChangeKind | None:
    was, now = bool(old.get("cancelled_at")), bool(new.get("cancelled_at"))
    if now:
        return ChangeKind.CANCELLED if not was else None
    if was:
        return ChangeKind.RESTORED
    if not names:
        return None
    return ChangeKind.MOVED if {*WHERE} & {*names} else ChangeKind.CHANGED


def _differs(old: Content, new: Content, parts: tuple[str, ...]) -> bool:
    return any(_told(old, part) != _told(new, part) for part in parts)


def _told(thing: Content, part: str) -> Any:
    """The value as far as readers notice: people by who they are, rooms and tracks by what they are called."""
    value = thing[part]
    if part == "room":
        return place_of(thing)
    if part == "track":
        return (value["name"], value["name_local"]) if value else None
    if part == "chair":
        return value["person"] if value else None
    if part in ("speakers", "needed"):
        return [each.get("person") or each.get("team") for each in value]
    if part in ("starts_at", "ends_at"):
        return value
    return value or None
