"""Readable labels with a serial per year: RQ-2023-004, AS-2023-004."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.core.db import db
from app.requirements.models import Assignment, Requirement
from app.speeches.models import Speech

LABELLED = {"RQ": Requirement, "AS": Assignment}
LOCKS = {"RQ": 7_201, "AS": 7_202}  # any two numbers that nobody else takes


def year_of(speech: Speech) -> int:
    """The year in which the session sat, or the event began."""
    session = speech.session
    if session.starts_at is not None:
        return session.starts_at.astimezone(ZoneInfo(speech.event.time_zone)).year
    return (session.day or speech.event.starts_on).year


def next_label(prefix: str, year: int) -> str:
    """The next free label. Two people who ask at once wait for each other, so that none is given twice."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.session.execute(select(func.pg_advisory_xact_lock(LOCKS[prefix])))
    model, head = LABELLED[prefix], f"{prefix}-{year}-"
    newest = (
        select(model.label)
        .where(model.label.startswith(head, autoescape=True))
        .order_by(func.length(model.label).desc(), model.label.desc())
        .limit(1)
    )
    last = db.session.scalar(newest)
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:03}"
