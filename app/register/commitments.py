"""What is asked of one person, wherever it was said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.core.audit import AuditEntry
from app.core.db import db
from app.core.roles import Actor
from app.events.models import Event
from app.events.queries import visible
from app.extensions.models import Extension, ExtensionState
from app.negotiations.models import CounterProposal, ProposalState
from app.people.models import Person
from app.requirements.history import DEEDS, words_of
from app.requirements.models import Assignment, AssignmentState, Requirement
from app.requirements.policy import may_settle
from app.speeches.models import Speech

# what happened before anybody was asked is no news to whoever is asked
BEFORE = ("assignment.proposed", "assignment.changed")


def list_commitments(actor: Actor, principals: Sequence[Person] = ()) -> Sequence[Assignment]:
    """What the actor carries or verifies, and what those for whom they act have to answer; by due date.

    Only of gatherings that the actor may see.
    """
    if actor.id is None:
        return []
    responsible, verifier = aliased(Person), aliased(Person)
    for_others = Assignment.responsible_id.in_([each.id for each in principals])
    mine = (
        select(Assignment)
        .join(Assignment.requirement)
        .join(Event)
        .join(responsible, Assignment.responsible_id == responsible.id)
        .join(verifier, Assignment.verifier_id == verifier.id)
        .where(
            or_(
                responsible.account_id == actor.id,
                verifier.account_id == actor.id,
                for_others & (Assignment.state == AssignmentState.ASSIGNED),
            ),
            Assignment.handed_over_at.is_not(None),
            Assignment.state != AssignmentState.PROPOSED,
            visible(actor),
        )
        .options(*_shown(), selectinload(Assignment.evidence))
        .order_by(Assignment.due_on, Assignment.id)
    )
    return db.session.scalars(mine).all()


@dataclass(frozen=True)
class Decision:
    """Somebody asks for other words, another date or more time, and the actor is among those who decide."""

    asked: CounterProposal | Extension

    @property
    def is_about_time(self) -> bool:
        return isinstance(self.asked, Extension)

    @property
    def assignment(self) -> Assignment:
        return self.asked.assignment


def list_to_decide(actor: Actor) -> list[Decision]:
    """What waits for the actor as supervisor, as leader, or as head who has handed it on. Two statements."""
    if actor.id is None:
        return []
    proposals = (
        select(CounterProposal)
        .join(CounterProposal.assignment)
        .join(Assignment.requirement)
        .join(Event)
        .where(
            CounterProposal.state == ProposalState.OPEN,
            CounterProposal.by_responsible,
            Assignment.state == AssignmentState.NEGOTIATING,
            visible(actor),
        )
        .options(joinedload(CounterProposal.assignment).options(*_shown()))
        .order_by(CounterProposal.id)
    )
    extensions = (
        select(Extension)
        .join(Extension.assignment)
        .join(Assignment.requirement)
        .join(Event)
        .where(Extension.state == ExtensionState.ASKED, visible(actor))
        .options(joinedload(Extension.assignment).options(*_shown()))
        .order_by(Extension.id)
    )
    found = [Decision(each) for each in (*db.session.scalars(proposals), *db.session.scalars(extensions))]
    return [each for each in found if may_settle(actor, each.assignment)]


@dataclass(frozen=True)
class News:
    """Something that somebody else did with a row."""

    at: datetime
    by: str
    words: str


def list_news(assignments: Sequence[Assignment], *, since: datetime, actor: Actor) -> dict[str, list[News]]:
    """What others did with these since a moment, by the ref of the assignment, the newest first. One statement."""
    refs = [each.ref for each in assignments]
    if not refs:
        return {}
    entries = (
        select(AuditEntry)
        .where(
            AuditEntry.at > since,
            AuditEntry.subject_type == "Assignment",
            AuditEntry.subject_ref.in_(refs),
            or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id != actor.id),
            AuditEntry.action.in_([each for each in DEEDS if each not in BEFORE]),
        )
        .order_by(AuditEntry.seq.desc())
    )
    found: dict[str, list[News]] = defaultdict(list)
    for each in db.session.scalars(entries):
        found[each.subject_ref].append(News(each.at, each.actor_name, words_of(each)))
    return dict(found)


def _shown():
    requirement = joinedload(Assignment.requirement)
    return (
        requirement.joinedload(Requirement.event),
        requirement.joinedload(Requirement.speech).joinedload(Speech.speaker),
        joinedload(Assignment.responsible),
        joinedload(Assignment.verifier),
        joinedload(Assignment.department),
        joinedload(Assignment.parent).joinedload(Assignment.responsible),
    )
