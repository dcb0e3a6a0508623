"""The first act of an installation: its first administrator names the company."""

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core.db import db
from app.core.text import fold
from app.people.models import Organization, Person
from app.people.queries import name_key


def found_company(token: str, *, company: str, name: str, email: str, password: str) -> Account:
    """Use up the one-time link: the account, its person in the directory, and the company they belong to."""
    account = accounts.make_first_administrator(token, email=email, name=name, password=password, about=(company,))
    organization = Organization(name=company, is_own=True)
    db.session.add_all(
        [
            organization,
            Person(
                account_id=account.id,
                organization=organization,
                name=name,
                name_key=name_key(name),
                email=email,
                email_key=fold(email),
            ),
        ]
    )
    db.session.flush()
    return account
