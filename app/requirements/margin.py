"""A speech as it is read: what was said at left, what it demands in the margin."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.requirements.models import Requirement
from app.speeches.models import Passage, Speech


@dataclass(frozen=True)
class Line:
    """One passage: its wording in parts, those that demand something marked, and the requirements beside it."""

    passage: Passage
    parts: list[tuple[str, bool]]
    requirements: list[Requirement]


def read(speech: Speech, requirements: Sequence[Requirement]) -> list[Line]:
    """The lines of a speech; requirements without a passage stand beside an empty line at the end."""
    beside: dict[int | None, list[Requirement]] = {}
    for requirement in requirements:
        if requirement.parent_id is None:
            beside.setdefault(requirement.passage_id, []).append(requirement)
    return [
        Line(passage, mark(passage.verbatim or "", [each.verbatim for each in beside.get(passage.id, [])]),
             beside.get(passage.id, []))
        for passage in speech.passages
    ]  # fmt: skip


def loose(requirements: Sequence[Requirement]) -> list[Requirement]:
    return [each for each in requirements if each.passage_id is None and each.parent_id is None]


def mark(text: str, demands: Sequence[str | None]) -> list[tuple[str, bool]]:
    """The text in pieces, those that are demands marked. A demand that is the whole text needs no mark."""
    spans = []
    for demand in demands:
        if demand and demand != text:
            start = text.find(demand, spans[-1][1] if spans else 0)
            if start >= 0:
                spans.append((start, start + len(demand)))
    parts, at = [], 0
    for start, end in spans:
        parts += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [(piece, is_marked) for piece, is_marked in [*parts, (text[at:], False)] if piece]
