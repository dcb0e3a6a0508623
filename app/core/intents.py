"""One press, one effect: a form carries the name of its intent, and the same intent is never carried out twice (R7)."""

import hashlib
import secrets
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Model, db


class Intent(Model):
    """Where the first press led; `body` tells whether a repetition asks for the same."""

    __tablename__ = "intent"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(String(64))
    location: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


def new_intent() -> str:
    return secrets.token_urlsafe(16)


def key_of(raw: str, actor_id: int | None, browser: str) -> str:
    """The stored key: bound to whoever pressed, so that a guessed intent of another leads nowhere."""
    return hashlib.sha256(f"{actor_id}\0{browser}\0{raw}".encode()).hexdigest()


def claim(key: str, body: str, location: str = "/") -> Intent | None:
    """Make the intent one's own, before the act itself: of two simultaneous presses the second waits here.

    None when this is done for the first time; else the intent of the press before.
    """
    offered = {"key": key, "body": body, "location": location, "at": clock.now()}
    made = db.session.scalar(_claim(db.engine.dialect.name), offered)
    return None if made is not None else db.session.get_one(Intent, key)


def find(key: str) -> Intent | None:
    """The press before, if there was one."""
    return db.session.get(Intent, key)


def lead_to(key: str, location: str) -> None:
    """Where a repetition is led, once the act has said it."""
    db.session.execute(LEAD, {"its_key": key, "to": location})


@cache
def _claim(dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(INTENTS).on_conflict_do_nothing().returning(INTENTS.c.key)


INTENTS = Base.metadata.tables["intent"]
LEAD = update(INTENTS).where(INTENTS.c.key == bindparam("its_key")).values(location=bindparam("to"))
