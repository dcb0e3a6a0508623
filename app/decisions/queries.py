"""Questions about what sessions decided."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.decisions import policy
from app.decisions.models import Announcement, Decision
from app.programme.models import Session
from app.requirements.models import Assignment, Requirement
from app.speeches.models import Speech


def list_decisions(actor: Actor, session: Session) -> Sequence[Decision]:
    """Those of a session that the actor may see, withdrawn ones among them, by number."""
    if not policy.may_follow(actor, session.event):
        return []
    seen = _of(session).where(Decision.clearance <= policy.reads_up_to(actor, session.event))
    return db.session.scalars(seen).all()


def list_standing(session: Session) -> Sequence[Decision]:
    """All that hold, for the minutes."""
    return db.session.scalars(_of(session).where(Decision.withdrawn_at.is_(None))).all()


def _of(session: Session):
    return (
        select(Decision)
        .where(Decision.session_id == session.id)
        .options(
            joinedload(Decision.mover),
            joinedload(Decision.item),
            joinedload(Decision.requirement).selectinload(Requirement.assignments).joinedload(Assignment.responsible),
        )
        .order_by(Decision.number)
    )


def find_decision(actor: Actor, session: Session, ref: str) -> Decision | None:
    found = db.session.scalar(
        select(Decision)
        .where(Decision.session_id == session.id, Decision.ref == ref)
        .options(joinedload(Decision.requirement).selectinload(Requirement.assignments))
    )
    return found if found is not None and policy.may_see(actor, found) else None


def next_number(session: Session) -> int:
    """Numbers are given once: that of a withdrawn one is not given again."""
    return (db.session.scalar(select(func.max(Decision.number)).where(Decision.session_id == session.id)) or 0) + 1


def find_speech(session: Session) -> Speech | None:
    """The speech that holds what was handed out of this session's decisions, once there is one."""
    return db.session.scalar(
        select(Speech)
        .join(Requirement, Requirement.speech_id == Speech.id)
        .join(Decision, Decision.requirement_id == Requirement.id)
        .where(Decision.session_id == session.id)
        .limit(1)
    )


def list_announced(session: Session) -> Sequence[Announcement]:
    """What was announced and not taken back, in the order in which it was."""
    return db.session.scalars(
        select(Announcement)
        .where(Announcement.session_id == session.id, Announcement.withdrawn_at.is_(None))
        .options(joinedload(Announcement.by))
        .order_by(Announcement.announced_at, Announcement.id)
    ).all()


def list_announcements(actor: Actor, session: Session) -> Sequence[Announcement]:
    """Those that the actor may see."""
    if not policy.may_follow(actor, session.event):
        return []
    level = policy.reads_up_to(actor, session.event)
    return [each for each in list_announced(session) if each.clearance <= level]


def find_announcement(actor: Actor, session: Session, ref: str) -> Announcement | None:
    return next((each for each in list_announcements(actor, session) if each.ref == ref), None)
