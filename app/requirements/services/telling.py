"""Mails to the people concerned."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from app.accounts.models import Account, RoleGrant
from app.core.db import db
from app.core.roles import Role
from app.events.models import Event
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.requirements.models import Assignment, Requirement


def account_of(person: Person) -> Account | None:
    """The account with which this person can sign in, if there is one."""
    account = db.session.get(Account, person.account_id) if person.account_id else None
    return account if account is not None and account.is_active else None


def tell(person: Person, what: str, assignment: Assignment, **more: Any) -> None:
    """Queue a mail to one person, in the language that they read: `requirements/mail/<what>`, or a template by its path."""
    account = account_of(person)
    address = account.email if account else person.email
    language = (account.language if account else None) or person.language
    name = (person.name_local if language.startswith("zh") else None) or person.name
    _queue(Recipient(name, address, language), what, assignment, **more)


def tell_supervisor(assignment: Assignment, what: str, **more: Any) -> None:
    """Tell whoever handed it over; when they are gone or nobody did, all who supervise the event."""
    for account in supervisors_of(assignment):
        _queue(Recipient(account.name, account.email, account.language or "en"), what, assignment, **more)


def tell_all(assignment: Assignment, what: str, **more: Any) -> None:
    """Tell the others whom it concerns: whoever was to verify it, and those who worked on it."""
    others = {assignment.verifier.id: assignment.verifier}
    others.update({each.person.id: each.person for each in assignment.contributors})
    others.pop(assignment.responsible_id, None)
    for person in others.values():
        tell(person, what, assignment, **more)


def tell_of(requirement: Requirement, person: Person, what: str, **more: Any) -> None:
    """Queue `requirements/mail/<what>` about the requirement itself."""
    account = account_of(person)
    language = (account.language if account else None) or person.language
    name = (person.name_local if language.startswith("zh") else None) or person.name
    queue_mail(
        Recipient(name, account.email if account else person.email, language),
        f"requirements/mail/{what}",
        kind=f"requirement.{what}",
        scope=requirement.event.ref,
        requirement=requirement,
        event=requirement.event,
        path=f"/events/{requirement.event.ref}/requirements/{requirement.ref}",
        **more,
    )


def supervisors_of(assignment: Assignment) -> Sequence[Account]:
    giver = db.session.get(Account, assignment.handed_over_by_id) if assignment.handed_over_by_id else None
    if giver is not None and giver.is_active:
        return [giver]
    for role in (Role.SUPERVISOR, Role.ORGANIZER):
        found = _holders(role, assignment.event)
        if found:
            return found
    return []


def _holders(role: Role, event: Event) -> Sequence[Account]:
    held = select(RoleGrant.account_id).where(
        RoleGrant.role == role, or_(RoleGrant.event_id.is_(None), RoleGrant.event_id == event.id)
    )
    holders = select(Account).where(Account.id.in_(held), Account.disabled_at.is_(None)).order_by(Account.id)
    return db.session.scalars(holders).all()


def _queue(to: Recipient, what: str, assignment: Assignment, **more: Any) -> None:
    template = what if "/" in what else f"requirements/mail/{what}"
    queue_mail(
        to,
        template,
        kind=f"assignment.{template.rpartition('/')[2]}",
        scope=assignment.event.ref,
        assignment=assignment,
        requirement=assignment.requirement,
        event=assignment.event,
        path=f"/events/{assignment.event.ref}/assignments/{assignment.ref}",
        **more,
    )
