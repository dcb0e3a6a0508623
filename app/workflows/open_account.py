"""A new account belongs to a person of the directory: the one who is named, the one with that address, or a new one."""

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core.errors import Refused
from app.core.i18n import _
from app.core.roles import Actor
from app.people import queries
from app.people import services as people
from app.people.models import Person


def open_account(
    *, person: Person | None, name: str | None, email: str | None, language: str | None, actor: Actor
) -> Account:
    """Make the account, tie it to its person, and send a link to set a password. What is empty comes from the person."""
    name = name or (person.name if person else None)
    email = email or (person.email if person else None)
    if not name:
        raise Refused(_("Please fill this in."), field="name")
    if not email:
        raise Refused(_("Please fill this in."), field="email")
    account = accounts.create_account(email=email, name=name, language=language, actor=actor)
    if person is None:
        person = queries.find_person_by_email(email)
    if person is None:
        people.add_person(name=name, email=email, language=language or "en", account=account, actor=actor)
    elif person.account_id is not None:
        raise Refused(_("This person has an account already."), field="person")
    else:
        people.link_account(person, account, actor=actor)
    accounts.send_welcome_link(account, actor=actor)
    return account
