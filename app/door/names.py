"""Finding people by what is typed at a door: any part of a name, in Latin letters or Chinese signs, by the sound of the
signs and by its initials, and with slips of the finger."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import product
from typing import TypeVar

from app.core.text import fold

Row = TypeVar("Row")

MOST_WORDS = 5
ENOUGH = 3  # so many good matches, and nobody is looked for who only sounds alike
SHORTEST_SLIP = 4  # shorter words are too much alike to be taken for one another
ALIKE = 0.75
EXACT, BEGINS, HOLDS, SLIP = range(4)


@dataclass(frozen=True, slots=True)
class Hit:
    """How well a name fits: the lower the better."""

    rank: int
    name: str


def best(rows: Iterable[Row], typed: str, name_of: Callable[[Row], tuple[str, str | None]], *, most: int) -> list[Row]:
    """The rows whose names fit what was typed, the best first; `name_of` gives a row's two names."""
    parts = plain(typed).split()[:MOST_WORDS]
    if not parts:
        return []
    known = [(row, name_of(row)) for row in rows]
    found = [(Hit(rank, name[0]), row) for row, name in known for rank in _rank(parts, words_of(*name))]
    if len(found) < ENOUGH:
        there = {id(row) for _hit, row in found}
        slips = _slips(parts, {word for _row, name in known for word in words_of(*name)})
        found += [
            (Hit(SLIP, name[0]), row)
            for row, name in known
            if id(row) not in there and all(slips[part].intersection(words_of(*name)) for part in parts)
        ]
    found.sort(key=lambda each: (each[0].rank, each[0].name))
    return [row for _hit, row in found[:most]]


def _rank(parts: list[str], words: frozenset[str]) -> list[int]:
    """The worst of how each part fits; nothing where one does not."""
    worst = EXACT
    for part in parts:
        if part in words:
            continue
        if any(word.startswith(part) for word in words):
            worst = max(worst, BEGINS)
        elif any(part in word for word in words):
            worst = HOLDS
        else:
            return []
    return [worst]


def _slips(parts: list[str], words: set[str]) -> dict[str, set[str]]:
    """For each part the words that it may have been meant for, whole or begun."""
    return {part: {word for word in words if part in word} | _alike(part, words) for part in parts}


def _alike(typed: str, words: Iterable[str]) -> set[str]:
    """Words for which this may have been typed: a letter more, fewer, another, or two changed places."""
    if len(typed) < SHORTEST_SLIP:
        return set()
    matcher = SequenceMatcher(None, "", typed, autojunk=False)
    letters, few = frozenset(typed), len(typed) - SHORTEST_SLIP // 2
    found = set()
    for word in words:
        if len(word) <= few or len(letters.intersection(word)) < ALIKE * len(letters):
            continue  # told at a glance, which is most of thousands
        matcher.set_seq1(word if len(word) <= len(typed) + 1 else word[: len(typed)])
        if matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
            found.add(word)
    return found


@lru_cache(maxsize=50_000)
def words_of(name: str, name_local: str | None) -> frozenset[str]:
    """What somebody is found by: the words of both names, each name as one word, its sound, and its initials."""
    words: set[str] = set()
    for each in filter(None, (name, name_local)):
        written = plain(each)
        parts = written.replace("-", " ").split()
        words |= {*parts, "".join(parts), "".join(part[0] for part in parts)}
        if any(is_han(sign) for sign in written):
            words |= _sounds("".join(parts))
    return frozenset(words)


def plain(text: str) -> str:
    """Folded, and without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", fold(text)) if not unicodedata.combining(sign))


def is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def _sounds(signs: str) -> set[str]:
    """The pinyin of a Chinese name: its syllables, in a row, family name last, and their first letters. A family name
    with several readings is found by each."""
    from pypinyin import Style, pinyin

    readings = pinyin(signs, style=Style.NORMAL, heteronym=True)
    rest = [each[0] for each in pinyin(signs, style=Style.NORMAL)][1:]
    found: set[str] = set()
    for first, *_none in product(readings[0][:4]):
        syllables = [first, *rest]
        found |= {*syllables, "".join(syllables), "".join([*rest, first]), "".join(each[0] for each in syllables)}
    return found
