"""Where values come from."""

from sqlalchemy import select

from app.core.db import db
from app.provenance.models import Source, ValueNote

Notes = dict[tuple[str, str, str], ValueNote]


def notes_of(scope: str) -> Notes:
    """All notes of one event, by (type of record, its ref, name of the value): one statement for a whole page."""
    rows = db.session.scalars(select(ValueNote).where(ValueNote.scope == scope)).all()
    return {(row.subject_type, row.subject_ref, row.name): row for row in rows}


def note(notes: Notes, record: object, name: str) -> ValueNote | None:
    return notes.get((type(record).__name__, getattr(record, "ref", ""), name))


def find_source(source_id: int | None) -> Source | None:
    return db.session.get(Source, source_id) if source_id else None
