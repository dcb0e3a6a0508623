"""What changed since somebody read minutes last."""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.db import db
from app.core.roles import Actor, Role, holds
from app.minutes import extracts
from app.minutes.models import Acknowledgement, Minutes, MinutesVersion, Reading


@dataclass(frozen=True)
class Since:
    """`version`: the one that was read last before the one in force, if any; `says_otherwise` to this reader."""

    version: MinutesVersion | None = None
    says_otherwise: bool = False
    is_noted: bool = False  # that they have seen the one in force


def may_note(actor: Actor) -> bool:
    """An auditor writes nothing, not even for themselves."""
    return actor.id is not None and not holds(actor, Role.AUDITOR)


def since(actor: Actor, minutes: Minutes, clearance: int, asked: Acknowledgement | None) -> Since:
    """For the version in force. Who confirmed an earlier version has read it, whatever else was noted."""
    current = next((each for each in minutes.versions if each.id == minutes.current_id), None)
    if current is None or actor.id is None:
        return Since()
    noted = db.session.scalar(select(Reading).where(Reading.minutes_id == minutes.id, Reading.account_id == actor.id))
    seen = {noted.version_id, noted.before_id} if noted is not None else set()
    confirmed = {asked.version_id} if asked is not None else set()
    earlier = [each for each in minutes.versions if each.id in seen | confirmed and each.number < current.number]
    is_noted = current.id in seen | confirmed
    if not earlier:
        return Since(is_noted=is_noted)
    last = max(earlier, key=lambda each: each.number)
    was, now = extracts.find_extract(last, clearance), extracts.find_extract(current, clearance)
    return Since(last, was is None or now is None or was.text_hash != now.text_hash, is_noted)
