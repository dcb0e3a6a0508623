"""One press, one effect: a form carries the name of its intent, and the same intent is never carried out twice (R7)."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Model, db


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


def find(key: str) -> Intent | None:
    return db.session.get(Intent, key)


def claim(key: str, body: str, location: str = "/") -> Intent:
    """Written before the act itself, so that of two simultaneous presses the second waits here."""
    intent = Intent(key=key, body=body, location=location)
    db.session.add(intent)
    db.session.flush()
    return intent
