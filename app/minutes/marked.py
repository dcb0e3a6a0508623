"""The decisions and actions that somebody marked in a text, and that are no records yet: !decision …, 任务：…."""

import hashlib
import re
from dataclasses import dataclass

from app.core.text import one_line
from app.notes import lines
from app.notes.models import NoteKind

LIST_MARK = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])?\s*")


@dataclass(frozen=True)
class Marked:
    """One line of a text. `key` is made of its words, so that it is found again wherever it stands by then."""

    key: str
    kind: NoteKind
    words: str
    line: str
    typed: str


def list_marked(source: str) -> list[Marked]:
    found = []
    for line in source.split("\n"):
        typed = line[_begins(line) :]
        mark = lines.MARK.match(typed)
        if mark is None:
            continue
        kind = lines.WORDS[(mark["latin"] or mark["shouted"] or mark["plain"]).lower()]
        words = one_line(typed[mark.end() :])
        if words:
            found.append(Marked(hashlib.sha256(line.strip().encode()).hexdigest()[:16], kind, words, line, typed))
    return found


def _begins(line: str) -> int:
    found = LIST_MARK.match(line)
    return found.end() if found else 0


def find_marked(source: str, key: str) -> Marked | None:
    return next((each for each in list_marked(source) if each.key == key), None)


def replaced(source: str, marked: Marked, mark: str) -> str:
    """The text with the mark of the record where the words stood; a sign of a list before them stays."""
    rows = source.split("\n")
    if marked.line not in rows:
        return source
    number = rows.index(marked.line)
    rows[number] = marked.line[: _begins(marked.line)] + mark
    return "\n".join(rows)
