"""Questions about requests for more time."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event
from app.extensions.models import Extension, ExtensionState
from app.requirements.models import Assignment, Requirement


def list_of(assignment: Assignment) -> Sequence[Extension]:
    """All that were ever asked for, the newest first."""
    mine = select(Extension).where(Extension.assignment_id == assignment.id)
    return db.session.scalars(mine.order_by(Extension.id.desc())).all()


def find_open(assignment: Assignment) -> Extension | None:
    mine = select(Extension).where(Extension.assignment_id == assignment.id, Extension.state == ExtensionState.ASKED)
    return db.session.scalar(mine)


def open_of(assignments: Collection[int]) -> dict[int, Extension]:
    """What waits for a decision about each of these assignments, in one statement."""
    asked = select(Extension).where(Extension.assignment_id.in_(assignments), Extension.state == ExtensionState.ASKED)
    return {each.assignment_id: each for each in db.session.scalars(asked)}


def find(assignment: Assignment, ref: str) -> Extension | None:
    return db.session.scalar(select(Extension).where(Extension.assignment_id == assignment.id, Extension.ref == ref))


def list_waiting_in(event: Event) -> Sequence[Extension]:
    """Requests that the supervisor or the leader of an event has to decide, the oldest first."""
    mine = (
        select(Extension)
        .join(Extension.assignment)
        .join(Assignment.requirement)
        .where(Extension.state == ExtensionState.ASKED, Requirement.event_id == event.id)
        .options(joinedload(Extension.assignment).joinedload(Assignment.requirement).joinedload(Requirement.event))
    )
    return db.session.scalars(mine.order_by(Extension.id)).all()
