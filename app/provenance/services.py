"""Noting where values come from."""

from datetime import date
from typing import Any

from app.core.db import db
from app.provenance.models import Provenance, Source, ValueNote


def add_source(
    *, title: str, sha256: str, length: int, language: str, publisher: str | None = None, released_on: date | None = None,
    is_translation: str = "unknown", remarks: list[dict[str, str]] | None = None,
) -> Source:  # fmt: skip
    """A document that tells of an event; its text itself is not kept."""
    source = Source(
        title=title, sha256=sha256, length=length, language=language, publisher=publisher, released_on=released_on,
        is_translation=is_translation, remarks=remarks or [],
    )  # fmt: skip
    db.session.add(source)
    db.session.flush()
    return source


def add_note(
    source: Source, record: Any, name: str, provenance: Provenance | str, *, scope: str, basis: str | None = None,
    basis_local: str | None = None, fact: str | None = None, span: tuple[int, int] | None = None,
) -> ValueNote:  # fmt: skip
    """Say of one value of one flushed record where it comes from. `span` counts characters of the source's text."""
    note = ValueNote(
        source_id=source.id, scope=scope, subject_type=type(record).__name__, subject_ref=record.ref, name=name,
        provenance=Provenance(provenance), basis=basis, basis_local=basis_local, fact=fact,
        span_start=span[0] if span else None, span_end=span[1] if span else None,
    )  # fmt: skip
    db.session.add(note)
    return note
