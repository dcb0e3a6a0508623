"""Mails to the people concerned."""

from typing import Any

from app.accounts.models import Account
from app.core.db import db
from app.mail.services import Recipient, queue_mail
from app.people.models import Person
from app.requirements.models import Assignment


def account_of(person: Person) -> Account | None:
    """The account with which this person can sign in, if there is one."""
    account = db.session.get(Account, person.account_id) if person.account_id else None
    return account if account is not None and account.is_active else None


def tell(person: Person, what: str, assignment: Assignment, **more: Any) -> None:
    """Queue `requirements/mail/<what>` to one person, in the language that they read."""
    account = account_of(person)
    address = account.email if account else person.email
    language = (account.language if account else None) or person.language
    name = (person.name_local if language.startswith("zh") else None) or person.name
    queue_mail(
        Recipient(name, address, language),
        f"requirements/mail/{what}",
        kind=f"assignment.{what}",
        scope=assignment.event.ref,
        assignment=assignment,
        requirement=assignment.requirement,
        event=assignment.event,
        path=f"/events/{assignment.event.ref}/assignments/{assignment.ref}",
        **more,
    )
