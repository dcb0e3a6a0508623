"""Whom a registration asks for approval. Deciding is done in `approvals`."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.events.models import Event
from app.people.models import Person
from app.registration import telling
from app.registration.models import Approval, ApprovalState, Approver, Registration, RegistrationPlan
from app.signing import tokens


def ask(registration: Registration, event: Event, plan: RegistrationPlan, *, now: datetime) -> Approval:
    """Ask the line manager, or the organizers where the plan says so or there is no manager who could be asked."""
    approver = manager_of(registration.person, event) if plan.approver == Approver.MANAGER else None
    due_at = now + timedelta(days=plan.approval_days) if approver is not None else None
    return put(registration, event, approver, due_at=due_at)


def put(registration: Registration, event: Event, approver: Person | None, *, due_at: datetime | None) -> Approval:
    """One open question, told by mail: to the approver with a link of their own, or to the organizers."""
    approval = Approval(event=event, registration=registration, approver=approver, due_at=due_at)
    token = None
    if approver is not None:
        token, approval.token_hash = tokens.new_token()
    db.session.add(approval)
    telling.tell_asked(approval, event, token)
    return approval


def manager_of(person: Person, event: Event) -> Person | None:
    """The line manager, unless gone or without any way to be asked."""
    manager = person.manager
    if manager is None or manager.id == person.id or not (manager.email or manager.account_id):
        return None
    return manager if manager.left_on is None or manager.left_on >= event.starts_on else None


def lapse(*registrations: Registration) -> None:
    """The open questions about these registrations are not asked any more; their links end."""
    ids = [each.id for each in registrations]
    asked = select(Approval).where(Approval.registration_id.in_(ids), Approval.state == ApprovalState.OPEN)
    for approval in db.session.scalars(asked) if ids else ():
        approval.state = ApprovalState.LAPSED
        approval.token_hash = None
        approval.version += 1


def find_open(registration: Registration) -> Approval | None:
    """The question that waits for an answer."""
    return db.session.scalar(
        select(Approval)
        .where(Approval.registration_id == registration.id, Approval.state == ApprovalState.OPEN)
        .options(joinedload(Approval.approver))
    )
