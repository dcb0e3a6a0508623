"""Whoever holds the database can also take down the fence around the log: tests that change its rows do that first."""

import sqlite3
from pathlib import Path

FENCES = ("audit_entry_no_update", "audit_entry_no_delete")


def change_by_hand(database: str | Path, *statements: str) -> None:
    """Run statements on an SQLite file behind the back of Hufu, the log's fence taken down and put up again."""
    connection = sqlite3.connect(database)
    fences = [
        connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?", (name,)).fetchone()[0]
        for name in FENCES
    ]
    for name in FENCES:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for fence in fences:
        connection.execute(fence)
    connection.commit()
    connection.close()
