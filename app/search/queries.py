"""Finding. The caller says which events may be seen; nothing else is ever touched."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    Integer,
    Join,
    Select,
    Subquery,
    column,
    func,
    intersect,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.ext.compiler import compiles

from app.core.db import db
from app.search.models import SearchEntry
from app.search.tokens import IN_ROWS, fts_terms, ts_terms

Condition = ColumnElement[bool]


def find(
    words: str,
    *,
    visible_events: Select[int],
    clearance: int | ColumnElement[int] = 0,
    kinds: Sequence[str] = (),
    only: Condition | None = None,
    everybodys: bool = True,
    page: int = 1,
    per_page: int = 20,
) -> tuple[list[SearchEntry], int]:
    """Entries that hold the words, best first, and how many there are. `everybodys`: also those of no event.

    `clearance`: up to which level the asker reads; of a text with classified sections each finds their own extract.
    `only` narrows what is searched. A text in several rows is one of those found: the row in which it is said.
    """
    found = _found(words, _seen(visible_events, clearance, kinds, only, everybodys=everybodys))
    if found is None:
        return [], 0
    ranked, total = _page(found, page, per_page)
    if not ranked and page > 1:  # beyond the end is the last one
        total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
        ranked, total = _page(found, max(1, -(-total // per_page)), per_page)
    entries = {each.id: each for each in db.session.scalars(select(SearchEntry).where(SearchEntry.id.in_(ranked)))}
    return [entries[each] for each in ranked], total


def select_subjects(
    words: str,
    *,
    visible_events: Select[int],
    clearance: int | ColumnElement[int] = 0,
    kinds: Sequence[str] = (),
    only: Condition | None = None,
    everybodys: bool = True,
) -> Select | None:
    """The refs of what `find` would give, for another statement, which works them out once; None when nothing is asked
    for."""
    hits = _hits(words, _seen(visible_events, clearance, kinds, only, everybodys=everybodys))
    if hits is None:
        return None
    matching = select(hits.c.subject_ref).cte("matching").prefix_with("MATERIALIZED")
    return select(matching.c.subject_ref)


def _page(found: Select, page: int, per_page: int) -> tuple[list[int], int]:
    best = found.subquery("best")
    wanted = select(best.c.id, func.count().over()).order_by(best.c.rank, best.c.id.desc())
    rows = db.session.execute(wanted.limit(per_page).offset((max(1, page) - 1) * per_page)).all()
    return [each for each, _total in rows], rows[0][1] if rows else 0


def _seen(
    visible_events: Select[int],
    clearance: int | ColumnElement[int],
    kinds: Sequence[str],
    only: Condition | None,
    *,
    everybodys: bool,
) -> list[Condition]:
    of_event = SearchEntry.event_id.in_(visible_events)
    seen: list[Condition] = [
        or_(of_event, SearchEntry.event_id.is_(None)) if everybodys else of_event,
        SearchEntry.least_clearance <= clearance,
        SearchEntry.most_clearance >= clearance,
    ]
    if kinds:
        seen.append(SearchEntry.kind.in_(kinds))
    return seen if only is None else [*seen, only]


def _found(words: str, seen: Sequence[Condition]) -> Select | None:
    """The id and the rank (less is better) of one row of each text that holds all that is asked for."""
    hits = _hits(words, seen)
    if hits is None:
        return None
    same = func.row_number().over(partition_by=(hits.c.kind, hits.c.subject_ref), order_by=(hits.c.rank, hits.c.id))
    numbered = select(hits.c.id, hits.c.rank, same.label("turn")).subquery("numbered")
    return select(numbered.c.id, numbered.c.rank).where(numbered.c.turn == 1)


def _hits(words: str, seen: Sequence[Condition]) -> Subquery | None:
    """Id, kind, subject and rank of the rows; of a text that has several perhaps more than one."""
    matches = _Sqlite() if db.engine.dialect.name == "sqlite" else _Postgresql()
    asked = matches.terms(words)
    if not asked:
        return None
    rows: Select | CompoundSelect = matches.every(asked, seen)
    if len(asked) > 1:
        rows = union_all(rows, _spread(matches, asked, seen))
    return rows.subquery("hits")


def _spread(matches: "_Sqlite | _Postgresql", asked: list[str], seen: Sequence[Condition]) -> Select:
    """Texts in several rows, of which one holds one of the terms, and another row another."""
    with_each = [matches.every([IN_ROWS, each], seen).subquery(f"with_{at}") for at, each in enumerate(asked)]
    with_all = intersect(*(select(each.c.kind, each.c.subject_ref) for each in with_each)).subquery("with_all")
    some = with_each[0]
    return (
        select(func.min(some.c.id).label("id"), some.c.kind, some.c.subject_ref, literal(0.0).label("rank"))
        .join(with_all, (with_all.c.kind == some.c.kind) & (with_all.c.subject_ref == some.c.subject_ref))
        .group_by(some.c.kind, some.c.subject_ref)
    )


class _FromLeft(Join):
    """A join that SQLite works out from the left: else it may ask the index of words once for every row of the table."""

    inherit_cache = True


@compiles(_FromLeft, "sqlite")
def _from_left(join: Any, compiler: Any, asfrom: bool = False, from_linter: Any = None, **more: Any) -> str:
    if from_linter:  # who joins what, for the warning of tables that nothing joins
        from_linter.edges.update(product(join.left._from_objects, join.right._from_objects))
    told = {"from_linter": from_linter, **more}
    left, right = (each._compiler_dispatch(compiler, asfrom=True, **told) for each in (join.left, join.right))
    return f"{left} CROSS JOIN {right} ON {join.onclause._compiler_dispatch(compiler, **told)}"


class _Sqlite:
    terms = staticmethod(fts_terms)

    def every(self, terms: Sequence[str], seen: Sequence[Condition]) -> Select:
        """Id, kind, subject and rank of the rows that hold all the terms."""
        index = table("search_fts", column("rowid", Integer), column("rank", Float))
        matching = literal_column("search_fts").op("MATCH")(" AND ".join(terms))
        rows = select(index.c.rowid, index.c.rank).where(matching).subquery()
        found = _FromLeft(rows, SearchEntry.__table__, rows.c.rowid == SearchEntry.id)
        return (
            select(SearchEntry.id, SearchEntry.kind, SearchEntry.subject_ref, rows.c.rank)
            .select_from(found)
            .where(*seen)
        )


class _Postgresql:
    terms = staticmethod(ts_terms)

    def every(self, terms: Sequence[str], seen: Sequence[Condition]) -> Select:
        vector = literal_column("search_entry.search_fts")
        asked = func.to_tsquery(text("'simple'"), " & ".join(terms))
        rank = (-func.ts_rank(vector, asked)).label("rank")
        return select(SearchEntry.id, SearchEntry.kind, SearchEntry.subject_ref, rank).where(
            vector.op("@@")(asked), *seen
        )
