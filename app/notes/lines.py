"""A line as it is typed while a session runs, or written in a text: a mark at its beginning, and then the words.

The budget is approved as it stands.                            a note
!decision The budget is approved as it stands.                  a decision; also !d and 决定：
!action @Petra Lindqvist 2027-03-01 Send the figures to all.    an action; also !a, 任务： and 行动：

Who is to do it stands behind the sign @, by when as 2027-03-01, 2027年3月1日 or 3月1日.
"""

import re
from dataclasses import dataclass
from datetime import date

from app.core.text import fold
from app.notes.models import NoteKind

WORDS = {
    "decision": NoteKind.DECISION,
    "d": NoteKind.DECISION,
    "决定": NoteKind.DECISION,
    "action": NoteKind.ACTION,
    "a": NoteKind.ACTION,
    "任务": NoteKind.ACTION,
    "行动": NoteKind.ACTION,
}
LATIN = "|".join(each for each in WORDS if each.isascii())
CHINESE = "|".join(each for each in WORDS if not each.isascii())
MARK = re.compile(
    rf"\s*(?:[!！]\s*(?P<latin>{LATIN})(?![a-z])[:：]?|[!！]\s*(?P<shouted>{CHINESE})[:：]?|(?P<plain>{CHINESE})[:：])\s*",
    re.IGNORECASE,
)
SIGNS = {NoteKind.NOTE: "", NoteKind.DECISION: "!decision ", NoteKind.ACTION: "!action "}

WIDE = "\u2e80-\u9fff"
LATIN_NAME = re.compile(rf"[@＠]\s?([^\s@＠{WIDE}]+(?:[ \t]+[^\s@＠{WIDE}]+){{0,3}})")
WIDE_NAME = re.compile(rf"[@＠]\s?([{WIDE}·]{{2,8}})")
TRAILING = ".,;:!?，。；：！？、)）"
DAY = re.compile(
    r"(?:(?P<y1>\d{4})-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|(?:(?P<y2>\d{4})年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号])(?:之?前)?(?:完成)?"
)
BY = re.compile(r"\b(?:by|until|before)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """What a line says. `names` are the readings of what stands behind @, the longest first."""

    kind: NoteKind
    words: str
    names: tuple[str, ...] = ()
    due: date | None = None


def read(typed: str, today: date) -> Line:
    """Take the mark off, and of an action the person and the day: the words stay as they were typed."""
    found = MARK.match(typed)
    if found is None:
        return Line(NoteKind.NOTE, typed.strip())
    kind = WORDS[(found["latin"] or found["shouted"] or found["plain"]).lower()]
    rest = typed[found.end() :].strip()
    if kind != NoteKind.ACTION:
        return Line(kind, rest)
    due, rest = _day(rest, today)
    return Line(kind, rest, _names(rest), due)


def _names(words: str) -> tuple[str, ...]:
    if found := WIDE_NAME.search(words):
        return tuple(found[1][:length] for length in range(len(found[1]), 1, -1))
    if found := LATIN_NAME.search(words):
        parts = found[1].split()
        readings = (" ".join(parts[:length]).rstrip(TRAILING) for length in range(len(parts), 0, -1))
        return tuple(each for each in readings if each)
    return ()


def without(words: str, name: str) -> str:
    """The words of an action without the name that was understood."""
    at = fold(words).find(fold(f"@{name}"))
    found = re.search(rf"[@＠]\s?{re.escape(name)}", words, re.IGNORECASE)
    if at < 0 and found is None:
        return words
    start, end = found.span() if found else (at, at + len(name) + 1)
    return _neat(words[:start] + " " + words[end:])


def _day(words: str, today: date) -> tuple[date | None, str]:
    for found in DAY.finditer(words):
        day = _date_of(found, today)
        if day is None:
            continue
        before = BY.sub("", words[: found.start()])
        return day, _neat(before + " " + words[found.end() :])
    return None, words


def _date_of(found: re.Match[str], today: date) -> date | None:
    year, month, day = (found["y1"] or found["y2"]), int(found["m1"] or found["m2"]), int(found["d1"] or found["d2"])
    try:
        told = date(int(year or today.year), month, day)
        return told if year or told >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _neat(words: str) -> str:
    words = re.sub(r"[ \t]+(?=[.,;:!?])", "", re.sub(r"[ \t]{2,}", " ", words))
    return words.strip().strip(",，;；:：、").strip()
