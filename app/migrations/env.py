"""Alembic, on the app's own engine. SQLite alters tables by copying them, so foreign keys are off meanwhile and checked
afterwards: with them on, the copy would delete the children of every altered table."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, pool
from sqlalchemy.engine import create_engine

from app.core.db import db


def include_object(_object: object, name: str | None, kind: str, _reflected: bool, _to: object) -> bool:
    """The search tables and their triggers are written by hand in the migrations."""
    return not (name or "").startswith(("search_fts", "ix_search_entry_fts"))


def run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7285190)")  # two processes at once: one migrates
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        include_object=include_object,
        compare_type=True,
        transactional_ddl=not sqlite,
        transaction_per_migration=False,
    )
    if sqlite:
        context.run_migrations()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            connection.exec_driver_sql("ROLLBACK")
            raise RuntimeError(f"the migration would leave rows without their parents: {broken[:5]}")
        connection.exec_driver_sql("COMMIT")
    else:
        with context.begin_transaction():
            context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(
        db.engine.url,
        poolclass=pool.NullPool,
        **({"connect_args": {"isolation_level": None, "timeout": 30}} if db.engine.dialect.name == "sqlite" else {}),
    )
    with engine.connect() as connection:
        run(connection)
        if engine.dialect.name != "sqlite":
            connection.commit()

assert current_app
