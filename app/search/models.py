"""A row of searchable text per visible object, written in the same transaction as the object; a long text has several."""

from datetime import date

from sqlalchemy import DDL, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Kept, Model


class SearchEntry(Kept, Model):
    """`event_id` decides who may find it; None means every account. `tokens` is what is matched."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "subject_ref", "part"), Index(None, "event_id", "kind"))

    kind: Mapped[str] = mapped_column(String(20))  # event, session, speech, requirement, minutes, release, person …
    subject_ref: Mapped[str] = mapped_column(String(16))
    part: Mapped[str] = mapped_column(String(20), default="")
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    least_clearance: Mapped[int] = mapped_column(default=0)  # who may find it reads at least up to this level,
    most_clearance: Mapped[int] = mapped_column(default=9)  # and not beyond this one: theirs is a fuller text
    url: Mapped[str] = mapped_column(String(300))
    title: Mapped[str]
    body: Mapped[str]
    anchors: Mapped[list[str]] = mapped_column(
        default=list
    )  # the place of each line of `body` on the page, if it has any
    tokens: Mapped[str] = mapped_column(deferred=True)  # long, and read by the databases alone
    on: Mapped[date | None]


# SQLite: an external-content FTS5 table kept by triggers. PostgreSQL: a column over the same tokens, which it keeps itself;
# without it the tokens of every hit would be read and cut again to rank it. No model knows the column.
FTS_SQLITE = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(tokens, content='search_entry', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER search_entry_ai AFTER INSERT ON search_entry BEGIN "
    "INSERT INTO search_fts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER search_entry_ad AFTER DELETE ON search_entry BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
    "CREATE TRIGGER search_entry_au AFTER UPDATE ON search_entry BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); "
    "INSERT INTO search_fts(rowid, tokens) VALUES (new.id, new.tokens); END",
)
FTS_POSTGRESQL = (
    "ALTER TABLE search_entry ADD COLUMN search_fts tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, tokens)) STORED",
    "CREATE INDEX ix_search_entry_fts ON search_entry USING gin (search_fts)",
)

for statement in FTS_SQLITE:
    event.listen(SearchEntry.__table__, "after_create", DDL(statement).execute_if(dialect="sqlite"))
for statement in FTS_POSTGRESQL:
    event.listen(SearchEntry.__table__, "after_create", DDL(statement).execute_if(dialect="postgresql"))
