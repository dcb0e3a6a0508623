"""Where in a text that was found the words stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from app.search.models import SearchEntry
from app.search.tokens import hits, snippet, terms


@dataclass(frozen=True)
class Place:
    """A line of what was found: the address of its paragraph, and the words around the hits, which are True."""

    url: str
    pieces: list[tuple[str, bool]]


def places(entry: SearchEntry, words: str, *, most: int = 1) -> list[Place]:
    """The lines that say most of what was asked for, in reading order; the whole text if its lines have no places."""
    if not entry.anchors:
        return [Place(entry.url, snippet(entry.body, words))]
    lines = entry.body.split("\n")
    told = _best(lines, words, most)
    return [Place(_address(entry, at, words), snippet(lines[at], words, 200)) for at in told] or [
        Place(entry.url, snippet(entry.body, words))
    ]


def _address(entry: SearchEntry, at: int, words: str) -> str:
    anchor = entry.anchors[at] if at < len(entry.anchors) else ""
    return f"{entry.url}?words={quote(words)}#{anchor}" if anchor else entry.url


def _best(lines: Sequence[str], words: str, most: int) -> list[int]:
    """First the lines that add a term to those already told, then those with most hits."""
    asked = _terms(words)
    held = {
        at: ({each for each in asked if len(asked) == 1 or hits(line, each)}, len(found))
        for at, line in enumerate(lines)
        if (found := hits(line, words))
    }
    chosen: list[int] = []
    told: set[str] = set()
    while held and len(chosen) < most:
        at = max(held, key=lambda each: (len(held[each][0] - told), held[each][1], -each))
        told |= held.pop(at)[0]
        chosen.append(at)
    return sorted(chosen)


def _terms(words: str) -> list[str]:
    return [each.run or "-".join(each.words) for each in terms(words)]
