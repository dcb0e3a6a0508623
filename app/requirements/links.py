"""Which requirement continues which."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.events.queries import visible
from app.requirements.models import Requirement, RequirementLink
from app.speeches.models import Speech

MOST_FOUND = 20


def is_before(earlier: Requirement, later: Requirement) -> bool:
    """Whether one was asked before the other: at a gathering that began before, or at the same one on an earlier day."""
    return _moment(earlier) < _moment(later)


def _moment(requirement: Requirement) -> tuple[date, date, int]:
    same = requirement.speech_id  # speeches of one day are told apart, requirements of one speech are not
    return requirement.event.starts_on, requirement.speech.day, same


def find(earlier: Requirement, later: Requirement) -> RequirementLink | None:
    mine = select(RequirementLink).where(RequirementLink.earlier_id == earlier.id, RequirementLink.later_id == later.id)
    return db.session.scalar(mine)


def find_by_ref(later: Requirement, ref: str) -> RequirementLink | None:
    mine = select(RequirementLink).where(RequirementLink.later_id == later.id, RequirementLink.ref == ref)
    return db.session.scalar(mine.options(joinedload(RequirementLink.earlier)))


def list_visible(actor: Actor, requirement: Requirement) -> tuple[list[RequirementLink], list[RequirementLink]]:
    """What it continues and what continues it, in gatherings that the actor may see. One statement."""
    earlier, later = RequirementLink.earlier_id, RequirementLink.later_id
    seen = select(Requirement.id).join(Event).where(visible(actor))
    mine = (
        select(RequirementLink)
        .where(or_(earlier == requirement.id, later == requirement.id), earlier.in_(seen), later.in_(seen))
        .options(*_with_ends())
        .order_by(RequirementLink.id)
    )
    found = db.session.scalars(mine).unique().all()
    return (
        [each for each in found if each.later_id == requirement.id],
        [each for each in found if each.earlier_id == requirement.id],
    )


def find_candidates(actor: Actor, requirement: Requirement, words: str) -> Sequence[Requirement]:
    """Earlier requirements in gatherings that the actor may see, by label or words; those linked already are left out."""
    linked = select(RequirementLink.earlier_id).where(RequirementLink.later_id == requirement.id)
    mine = (
        select(Requirement)
        .join(Event)
        .where(
            visible(actor),
            Requirement.speech_id != requirement.speech_id,
            Event.starts_on <= requirement.event.starts_on,
            Requirement.id.not_in(linked),
            *(_says(word) for word in words.split()),
        )
        .options(joinedload(Requirement.event), joinedload(Requirement.speech).joinedload(Speech.session))
        .order_by(Event.starts_on.desc(), Requirement.label)
        .limit(MOST_FOUND * 2)
    )
    return [each for each in db.session.scalars(mine).unique() if is_before(each, requirement)][:MOST_FOUND]


def find_candidate(actor: Actor, ref: str) -> Requirement | None:
    mine = select(Requirement).join(Event).where(visible(actor), Requirement.ref == ref)
    return db.session.scalar(mine.options(joinedload(Requirement.event), joinedload(Requirement.speech)))


def _says(word: str) -> ColumnElement[bool]:
    searched = (
        Requirement.label, Requirement.heading, Requirement.heading_local, Requirement.verbatim, Requirement.summary,
        Requirement.summary_local,
    )  # fmt: skip
    return or_(*(column.icontains(word, autoescape=True) for column in searched))


def _with_ends():
    return (
        joinedload(RequirementLink.earlier).joinedload(Requirement.event),
        joinedload(RequirementLink.later).joinedload(Requirement.event),
    )
