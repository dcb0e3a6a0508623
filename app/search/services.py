"""Keeping the table of searchable text; called by acts, in their transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from app.core.db import db
from app.search.models import SearchEntry
from app.search.tokens import index_text

EVERYBODY = 9  # above every clearance


def put(
    kind: str,
    subject_ref: str,
    *,
    url: str,
    title: str,
    body: str,
    event_id: int | None,
    on: date | None = None,
    part: str = "",
    least_clearance: int = 0,
    most_clearance: int = EVERYBODY,
) -> None:
    """Make one object findable, or what it says now. `body` is plain text; `url` a path of ours.

    It is found by those whose clearance lies between the two: each reader has one part whose words are theirs to read.
    """
    entry = db.session.scalar(
        select(SearchEntry).where(
            SearchEntry.kind == kind, SearchEntry.subject_ref == subject_ref, SearchEntry.part == part
        )
    )
    if entry is None:
        entry = SearchEntry(kind=kind, subject_ref=subject_ref, part=part)
        db.session.add(entry)
    entry.url, entry.title, entry.body, entry.event_id, entry.on = url, title, body, event_id, on
    entry.least_clearance, entry.most_clearance = least_clearance, most_clearance
    entry.tokens = index_text(f"{title}\n{body}")


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
