"""Questions about counter-proposals."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event
from app.negotiations.models import CounterProposal, ProposalState
from app.people.models import Person
from app.requirements.models import Assignment, AssignmentState, Requirement


def list_of(assignment: Assignment) -> Sequence[CounterProposal]:
    """All that were ever made about it, the first one first."""
    mine = select(CounterProposal).where(CounterProposal.assignment_id == assignment.id)
    return db.session.scalars(mine.order_by(CounterProposal.round)).all()


def list_present(assignment: Assignment) -> list[CounterProposal]:
    """Those made since the present responsible person was asked: with another person it begins anew."""
    since = assignment.asked_at
    return [each for each in list_of(assignment) if since is None or each.created_at >= since]


def find_open(assignment: Assignment) -> CounterProposal | None:
    mine = select(CounterProposal).where(
        CounterProposal.assignment_id == assignment.id, CounterProposal.state == ProposalState.OPEN
    )
    return db.session.scalar(mine)


def open_of(assignments: Collection[int]) -> dict[int, CounterProposal]:
    """What is being negotiated now about each of these assignments, in one statement."""
    being = select(CounterProposal).where(
        CounterProposal.assignment_id.in_(assignments), CounterProposal.state == ProposalState.OPEN
    )
    return {each.assignment_id: each for each in db.session.scalars(being)}


def find(assignment: Assignment, ref: str) -> CounterProposal | None:
    mine = select(CounterProposal).where(CounterProposal.assignment_id == assignment.id, CounterProposal.ref == ref)
    return db.session.scalar(mine)


def list_waiting_for(person: Person) -> Sequence[CounterProposal]:
    """Proposals of the other side that this responsible person has to answer."""
    mine = _waiting().where(Assignment.responsible_id == person.id, CounterProposal.by_responsible.is_(False))
    return db.session.scalars(mine).all()


def list_waiting_in(event: Event) -> Sequence[CounterProposal]:
    """Proposals of responsible persons that the supervisor or the leader of an event has to answer."""
    mine = _waiting().where(Requirement.event_id == event.id, CounterProposal.by_responsible)
    return db.session.scalars(mine).all()


def _waiting():
    return (
        select(CounterProposal)
        .join(CounterProposal.assignment)
        .join(Assignment.requirement)
        .where(CounterProposal.state == ProposalState.OPEN, Assignment.state == AssignmentState.NEGOTIATING)
        .options(
            joinedload(CounterProposal.assignment).joinedload(Assignment.requirement).joinedload(Requirement.event)
        )
        .order_by(CounterProposal.id)
    )
