"""Keeping the table of searchable text; called by acts, in their transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, or_, select

from app.core.db import db
from app.search.models import SearchEntry
from app.search.tokens import IN_ROWS, MOST_ASKED, count_tokens, index_text

EVERYBODY = 9  # above every clearance
LONGEST_ROW = 10_000  # tokens; PostgreSQL counts places up to 16,383, and the single signs of the text stand behind
LONGEST_LINE = 8_000  # signs, of which each may be a token

Line = tuple[str, str]  # the place on the page, and what it says there


def put(
    kind: str,
    subject_ref: str,
    *,
    url: str,
    title: str,
    body: str = "",
    lines: Sequence[Line] | None = None,
    event_id: int | None,
    on: date | None = None,
    part: str = "",
    least_clearance: int = 0,
    most_clearance: int = EVERYBODY,
) -> None:
    """Make one object findable, or what it says now: plain text as `body`, or `lines` of a text whose places have names
    on the page. `url` is a path of ours.

    It is found by those whose clearance lies between the two: each reader has one part whose words are theirs to read.
    A long text becomes several rows, `part`, `part.1` and so on, which are found and counted as one.
    """
    told = [("", each) for each in body.split("\n")] if lines is None else [(at, _one_line(each)) for at, each in lines]
    rows = list(_rows(told))
    before = _rows_of(kind, subject_ref, part)
    in_rows, were_in_rows = len(rows) > 1, len(before) > 1
    for number, row in enumerate(rows):
        name = f"{part}.{number}" if number else part
        entry = before.pop(name, None)
        if entry is None:
            entry = SearchEntry(kind=kind, subject_ref=subject_ref, part=name)
            db.session.add(entry)
        said_before = (entry.title, entry.body, were_in_rows)
        entry.url, entry.title, entry.event_id, entry.on = url, title, event_id, on
        entry.body = "\n".join(text for _anchor, text in row)
        entry.anchors = [] if lines is None else [anchor for anchor, _text in row]
        entry.least_clearance, entry.most_clearance = least_clearance, most_clearance
        if said_before != (title, entry.body, in_rows):  # the tokens are not loaded: setting them writes the full text
            entry.tokens = index_text(f"{title}\n{entry.body}") + (f" {IN_ROWS}" if in_rows else "")
    for surplus in before.values():
        db.session.delete(surplus)


def _rows_of(kind: str, subject_ref: str, part: str) -> dict[str, SearchEntry]:
    same = or_(SearchEntry.part == part, SearchEntry.part.startswith(f"{part}.", autoescape=True))
    stored = select(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.subject_ref == subject_ref, same)
    return {each.part: each for each in db.session.scalars(stored)}


def _rows(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines in rows that both databases can search whole."""
    row: list[Line] = []
    length = 0
    for line in _short(lines):
        more = count_tokens(line[1])
        if row and length + more > LONGEST_ROW:
            yield row
            row, length = [], 0
        row.append(line)
        length += more
    yield row


def _short(lines: Iterable[Line]) -> Iterator[Line]:
    """No line is too long for a row; the pieces of one overlap, so that what stands on a border is found."""
    for anchor, text in lines:
        step = LONGEST_LINE - MOST_ASKED
        for start in range(0, max(len(text) - MOST_ASKED, 1), step):
            yield anchor, text[start : start + LONGEST_LINE] if len(text) > LONGEST_LINE else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Findable:
    """One object as the search finds it."""

    subject_ref: str
    url: str
    title: str
    body: str
    on: date | None = None


def replace(kind: str, event_id: int, found: Iterable[Findable]) -> None:
    """Make these the only findable objects of their kind in an event. Two statements whatever their number."""
    of_event = (SearchEntry.kind == kind, SearchEntry.event_id == event_id)
    db.session.execute(delete(SearchEntry).where(*of_event).execution_options(synchronize_session=False))
    db.session.add_all(
        SearchEntry(
            kind=kind,
            subject_ref=each.subject_ref,
            url=each.url,
            title=each.title,
            body=each.body,
            event_id=event_id,
            on=each.on,
            tokens=index_text(f"{each.title}\n{each.body}"),
        )
        for each in found
    )


def drop(kind: str, subject_ref: str) -> None:
    """What was withdrawn or deleted is found no more."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.subject_ref == subject_ref))
