"""Two versions of minutes, as one reader gets them: section by section, word by word.

A section is the same one by its origin, wherever it stands and however it is headed. Only what the reader meets in both
is compared: a section that becomes theirs is new to them, and one that is theirs no more is gone.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from app.documents.diff import drawn, rising
from app.documents.markdown import plain_text
from app.minutes import paragraphs
from app.minutes.extracts import Part, Text

LARGE = 60_000  # signs of the sections that differ, of both versions together: beyond that it is compared afterwards
MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)]) +")

Pieces = list[tuple[str, str]]  # ("same" | "ins" | "del", words)
Tell = Callable[[int, str], None]


@dataclass(frozen=True)
class SectionChange:
    """What became of one section. `was_level` and `level` are classifications; None where it is not."""

    anchor: str
    heading: Pieces
    text: Pieces
    was_level: int | None
    level: int | None
    is_moved: bool = False

    @property
    def kind(self) -> str:
        if self.was_level is None:
            return "added"
        if self.level is None:
            return "removed"
        differs = any(kind != "same" for kind, _words in (*self.heading, *self.text))
        return "changed" if differs else "same"

    @property
    def is_reclassified(self) -> bool:
        return None not in (self.was_level, self.level) and self.was_level != self.level

    @property
    def is_as_it_was(self) -> bool:
        return self.kind == "same" and not self.is_moved and not self.is_reclassified


@dataclass(frozen=True)
class Comparison:
    """`lists`: how the lists of people differ, by the name of the list; `files`: attachments that came and went."""

    sections: list[SectionChange]
    lists: dict[str, Pieces] = field(default_factory=dict)
    files: Pieces = field(default_factory=list)

    @property
    def says_the_same(self) -> bool:
        return not self.lists and not self.files and all(each.is_as_it_was for each in self.sections)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Comparison":
        found = json.loads(data)
        sections = [
            SectionChange(
                each["anchor"], _pieces(each["heading"]), _pieces(each["text"]), each["was_level"], each["level"],
                each["is_moved"],
            )
            for each in found["sections"]
        ]  # fmt: skip
        lists = {name: _pieces(each) for name, each in found["lists"].items()}
        return cls(sections, lists, _pieces(found["files"]))


def _pieces(stored: list[list[str]]) -> Pieces:
    return [(kind, words) for kind, words in stored]


def is_large(old: Text, new: Text) -> bool:
    """Whether the comparison takes longer than an answer should."""
    before, after = ({each.anchor: each.text for each in text.parts} for text in (old, new))
    differing = [each for each in {*before, *after} if before.get(each) != after.get(each)]
    return sum(len(before.get(each, "")) + len(after.get(each, "")) for each in differing) > LARGE


def compare(old: Text, new: Text, tell: Tell | None = None) -> Comparison:
    """`tell` is told how many sections are done, and the heading of the next."""
    before = {each.anchor: each for each in old.parts}
    after = {each.anchor: each for each in new.parts}
    moved = _moved(list(before), list(after))
    sections = []
    for number, anchor in enumerate(_in_order(list(before), list(after))):
        was, now = before.get(anchor), after.get(anchor)
        if tell is not None:
            tell(number, (now or was).heading)  # type: ignore[union-attr]  # one of the two has it
        sections.append(_change(anchor, was, now, is_moved=anchor in moved))
    return Comparison(sections, _lists(old, new), _files(old, new))


def _spoken(text: str) -> str:
    """As it is read: without the marks of Markdown, but for those that number and list."""
    return "\n\n".join(_marker(each) + plain_text(each) for each in paragraphs.split(text))


def _marker(source: str) -> str:
    found = MARKER.match(source)
    return found.group() if found else ""


def _texts(was: Part | None, now: Part | None) -> tuple[str, str]:
    """What is said; where only the marks differ, they themselves."""
    written = (was.text if was else "", now.text if now else "")
    said = (_spoken(written[0]), _spoken(written[1]))
    return written if said[0] == said[1] and written[0] != written[1] else said


def _change(anchor: str, was: Part | None, now: Part | None, *, is_moved: bool) -> SectionChange:
    return SectionChange(
        anchor,
        drawn(was.heading if was else "", now.heading if now else ""),
        drawn(*_texts(was, now)),
        was.section.clearance if was else None,
        now.section.clearance if now else None,
        is_moved,
    )


def _in_order(before: list[str], after: list[str]) -> list[str]:
    """As they stand now; what has gone stands behind what it stood behind."""
    order = list(after)
    for at, anchor in enumerate(before):
        if anchor not in after:
            order.insert(order.index(before[at - 1]) + 1 if at else 0, anchor)
    return order


def _moved(before: list[str], after: list[str]) -> set[str]:
    """The fewest sections that had to move for the one order to become the other."""
    place = {anchor: at for at, anchor in enumerate(after)}
    both = [(at, place[anchor]) for at, anchor in enumerate(before) if anchor in place]
    stayed = {before[at] for at, _now in rising(both)}
    return {before[at] for at, _now in both} - stayed


def _lists(old: Text, new: Text) -> dict[str, Pieces]:
    were, are = old.says["attendance"], new.says["attendance"]
    return {name: drawn("\n".join(were[name]), "\n".join(are[name])) for name in are if were[name] != are[name]}


def _files(old: Text, new: Text) -> Pieces:
    were = {(each.title, each.file.sha256) for each in old.files}
    are = {(each.title, each.file.sha256) for each in new.files}
    gone = [("del", title) for title, _hash in sorted(were - are)]
    return [*gone, *(("ins", title) for title, _hash in sorted(are - were))]
