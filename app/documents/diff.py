"""What changed between two versions of a text, word by word; a Chinese character counts as a word."""

import re
from bisect import bisect_left
from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "removed", "added"]
Difference = list[tuple[Change, str]]

WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
TOKEN = re.compile(rf"[{WIDE}]|[^\W{WIDE}]+(?:['’\-.][^\W{WIDE}]+)*|[ \t]+|\n+|.", re.DOTALL)
LINE = re.compile(r"[^\n]*\n+|[^\n]+")
# Beyond this many pairs of tokens a passage is compared from landmark to landmark: the comparison takes quadratic time.
MOST_PAIRS = 1_000_000
SPARSE = 200  # at least one landmark in so many tokens, or the passage was written anew
DRAWN = {"same": "same", "added": "ins", "removed": "del"}  # the elements with which a page marks it


def compare(old: str, new: str) -> Difference:
    """Pieces in reading order: the same and removed ones make up `old`, the same and added ones make up `new`."""
    return _merged(_compared(LINE.findall(old), LINE.findall(new), by_word=True))


def drawn(old: str | None, new: str | None) -> list[tuple[str, str]]:
    """The same for the page's `diff` macro (components/diff.html); a text that is not there is empty."""
    return [(DRAWN[kind], text) for kind, text in compare(old or "", new or "")]


def _compared(old: list[str], new: list[str], *, by_word: bool) -> Difference:
    """Lines first, which is quick; then words inside the lines that changed."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    pieces: Difference = [("same", "".join(old[:head]))]
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) * len(after) > MOST_PAIRS:
        pieces += _between_landmarks(before, after, by_word=by_word)
    else:
        matcher = SequenceMatcher(None, before, after, autojunk=len(after) > 400)
        for kind, first, last, start, end in matcher.get_opcodes():
            pieces += _changed(kind, "".join(before[first:last]), "".join(after[start:end]), by_word=by_word)
    pieces.append(("same", "".join(old[len(old) - tail :])))
    return pieces


def _between_landmarks(old: list[str], new: list[str], *, by_word: bool) -> Difference:
    """A long passage, compared from landmark to landmark: where there are none, it was written anew."""
    landmarks = _landmarks(old, new)
    if not landmarks:
        return _changed("replace", "".join(old), "".join(new), by_word=by_word)
    pieces: Difference = []
    at = start = 0
    for first, begin in [*landmarks, (len(old), len(new))]:
        pieces += _compared(old[at:first], new[start:begin], by_word=by_word)
        at, start = first, begin
    return pieces


def _landmarks(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Where both say the same few items that neither says twice, in the order of both: the longest such row."""
    for length in (4, 2):
        before, after = _said_once(old, length), _said_once(new, length)
        found = rising([(at, after[items]) for items, at in before.items() if items in after])
        if len(found) * SPARSE > len(old) // length:
            return found
    return []


def _said_once(items: list[str], length: int) -> dict[tuple[str, ...], int]:
    """Each row of so many items that stands in one place only, and where."""
    found: dict[tuple[str, ...], int] = {}
    for at in range(len(items) - length + 1):
        row = tuple(items[at : at + length])
        found[row] = -1 if row in found else at
    return {row: at for row, at in found.items() if at >= 0}


def rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs of which both numbers rise; the first ones rise already."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_first, second) in enumerate(pairs):
        place = bisect_left(ends, second)
        before.append(last[place - 1] if place else -1)
        if place == len(ends):
            ends.append(second)
            last.append(at)
        else:
            ends[place], last[place] = second, at
    row: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _changed(kind: str, removed: str, added: str, *, by_word: bool) -> Difference:
    if kind == "equal":
        return [("same", removed)]
    if kind == "replace" and by_word:
        return _compared(TOKEN.findall(removed), TOKEN.findall(added), by_word=False)
    return [("removed", removed), ("added", added)]


def _shared(old: list[str], new: list[str]) -> int:
    """How many leading items are equal."""
    number = 0
    for before, after in zip(old, new, strict=False):
        if before != after:
            break
        number += 1
    return number


def _merged(pieces: Difference) -> Difference:
    merged: Difference = []
    for kind, text in pieces:
        if not text:
            continue
        if merged and merged[-1][0] == kind:
            merged[-1] = (kind, merged[-1][1] + text)
        else:
            merged.append((kind, text))
    return merged
