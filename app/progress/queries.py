"""Questions about long work."""

from sqlalchemy import select

from app.core.db import db
from app.core.roles import Actor
from app.files import services as files
from app.progress.models import Progress


def find_own(actor: Actor, ref: str) -> Progress | None:
    """What the actor asked for; nobody sees what others wait for."""
    if actor.id is None:
        return None
    return db.session.scalar(select(Progress).where(Progress.ref == ref, Progress.account_id == actor.id))


def find_by_key(actor: Actor, key: str) -> Progress | None:
    if actor.id is None:
        return None
    return db.session.scalar(select(Progress).where(Progress.key == key, Progress.account_id == actor.id))


def find_made(actor: Actor, key: str) -> bytes | None:
    """What was made for the actor under this key, if it is finished."""
    found = find_by_key(actor, key)
    return files.read(found.file) if found is not None and found.file is not None else None
