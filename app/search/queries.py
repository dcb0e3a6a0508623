"""Finding. The caller says which events may be seen; nothing else is ever touched."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select, text

from app.core.db import db
from app.search.models import SearchEntry
from app.search.tokens import fts_query, ts_query


def find(
    words: str,
    *,
    visible_events: Select[int],
    clearance: int,
    kinds: Sequence[str] = (),
    everybodys: bool = True,
    page: int = 1,
    per_page: int = 20,
) -> tuple[list[SearchEntry], int]:
    """Entries that hold the words, best first, and how many there are. `everybodys`: also those of no event.

    `clearance`: up to which level the asker reads; of a text with classified sections each finds their own extract.
    """
    found = _matching(words)
    if found is None:
        return [], 0
    seen = SearchEntry.event_id.in_(visible_events)
    found = found.where(or_(seen, SearchEntry.event_id.is_(None)) if everybodys else seen)
    found = found.where(SearchEntry.least_clearance <= clearance, SearchEntry.most_clearance >= clearance)
    if kinds:
        found = found.where(SearchEntry.kind.in_(kinds))
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    page = min(max(1, page), max(1, -(-total // per_page)))  # beyond the end is the last one
    rows = db.session.scalars(found.limit(per_page).offset((page - 1) * per_page)).all()
    return list(rows), total


def _matching(words: str) -> Select[SearchEntry] | None:
    if db.engine.dialect.name == "sqlite":
        query = fts_query(words)
        if query is None:
            return None
        ranked = text("SELECT rowid AS id, rank FROM search_fts WHERE search_fts MATCH :query").bindparams(query=query)
        hits = ranked.columns(SearchEntry.id, _rank_column()).subquery("hits")
        return select(SearchEntry).join(hits, hits.c.id == SearchEntry.id).order_by(hits.c.rank, SearchEntry.id.desc())
    query = ts_query(words)
    if query is None:
        return None
    vector = func.to_tsvector(text("'simple'"), SearchEntry.tokens)
    asked = func.to_tsquery(text("'simple'"), query)
    return (
        select(SearchEntry)
        .where(vector.op("@@")(asked))
        .order_by(func.ts_rank(vector, asked).desc(), SearchEntry.id.desc())
    )


def _rank_column():
    from sqlalchemy import Float, column

    return column("rank", Float)
