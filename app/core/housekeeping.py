"""What nobody needs any more goes by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.intents import Intent
from app.core.jobs import every_minute

INTENTS_KEPT = timedelta(days=7)


@every_minute
def forget_old_intents() -> None:
    """A form that was sent a week ago is not pressed again."""
    forget(Intent, Intent.at < clock.now() - INTENTS_KEPT)


def forget(model: Any, old: ColumnElement[bool]) -> None:
    """Delete what is old, in a unit of work of its own; a look first, so that most minutes take no turn to write."""
    if db.session.scalar(select(model).where(old).limit(1)) is not None:
        with unit_of_work():
            db.session.execute(delete(model).where(old))


def days_ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)
