"""What sections under work said before somebody wrote over them, or took them away; and who writes."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.minutes.models import EarlierText, MinutesVersion


def list_earlier(version: MinutesVersion, *, origin: str | None = None) -> Sequence[EarlierText]:
    """The newest first."""
    mine = select(EarlierText).where(EarlierText.version_id == version.id)
    if origin is not None:
        mine = mine.where(EarlierText.origin == origin)
    return db.session.scalars(mine.order_by(EarlierText.created_at.desc(), EarlierText.id.desc())).all()


def list_removed(version: MinutesVersion, kept: Sequence[EarlierText]) -> list[EarlierText]:
    """Of each section that is no longer there, what it said last."""
    there = {each.origin for each in version.sections}
    last: dict[str, EarlierText] = {}
    for each in kept:
        if each.origin not in there:
            last.setdefault(each.origin, each)
    return list(last.values())


def load_writers(version: MinutesVersion) -> dict[int, Account]:
    """Those who wrote last in some section, or write there now, by their ids. One statement."""
    ids = {key for each in version.sections for key in (each.written_by_id, each.locked_by_id) if key is not None}
    found = db.session.scalars(select(Account).where(Account.id.in_(ids))) if ids else ()
    return {each.id: each for each in found}
