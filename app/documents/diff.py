"""What changed between two versions of a text, word by word; a Chinese character counts as a word."""

import re
from difflib import SequenceMatcher
from typing import Literal

Change = Literal["same", "removed", "added"]
Difference = list[tuple[Change, str]]

WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
TOKEN = re.compile(rf"[{WIDE}]|[^\W{WIDE}]+(?:['’\-.][^\W{WIDE}]+)*|[ \t]+|\n+|.", re.DOTALL)
LINE = re.compile(r"[^\n]*\n+|[^\n]+")
# Beyond this many tokens a passage is compared by lines, then as a whole: the comparison takes quadratic time.
MOST_TOKENS = 6_000
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
    if len(before) > MOST_TOKENS or len(after) > MOST_TOKENS:
        pieces.extend((("removed", "".join(before)), ("added", "".join(after))))
    else:
        matcher = SequenceMatcher(None, before, after, autojunk=len(after) > 400)
        for kind, first, last, start, end in matcher.get_opcodes():
            pieces += _changed(kind, "".join(before[first:last]), "".join(after[start:end]), by_word=by_word)
    pieces.append(("same", "".join(old[len(old) - tail :])))
    return pieces


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
