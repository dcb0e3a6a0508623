"""A speech as it is read: what was said at left, what it demands in the margin."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.requirements.models import Requirement, Wording
from app.speeches.models import Passage, Speech


@dataclass(frozen=True)
class Line:
    """One passage: its wording in parts, those that demand something marked, and the requirements beside it.

    `subs` are parts of a requirement that was numbered in another passage.
    """

    passage: Passage
    parts: list[tuple[str, bool]]
    requirements: list[Requirement]
    subs: list[Requirement]


def read(speech: Speech, requirements: Sequence[Requirement]) -> list[Line]:
    """The lines of a speech. What was reworded since is marked where it was said first."""
    beside: dict[int | None, list[Requirement]] = {}
    below: dict[int | None, list[Requirement]] = {}
    by_id = {each.id: each for each in requirements}
    for each in requirements:
        if each.parent_id is None:
            beside.setdefault(each.passage_id, []).append(each)
        elif each.passage_id != by_id[each.parent_id].passage_id:
            below.setdefault(each.passage_id, []).append(each)
    said = _said_first(requirements)

    def line(passage: Passage) -> Line:
        wholes, subs = beside.get(passage.id, []), below.get(passage.id, [])
        marked = mark(passage.verbatim or "", [said.get(each.id, each.verbatim) for each in (*wholes, *subs)])
        return Line(passage, marked, wholes, subs)

    return [line(passage) for passage in speech.passages]


def _said_first(requirements: Sequence[Requirement]) -> dict[int, str | None]:
    """The words of the first edition of those that have another one now, by their ids."""
    reworded = [each.id for each in requirements if each.wording > 1]
    if not reworded:
        return {}
    first = select(Wording.requirement_id, Wording.verbatim).where(
        Wording.requirement_id.in_(reworded), Wording.edition == 1
    )
    return {requirement_id: verbatim for requirement_id, verbatim in db.session.execute(first)}


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
