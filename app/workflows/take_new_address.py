"""A confirmed new address holds for the account and for its person in the directory."""

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core.text import fold
from app.people import queries


def take_new_address(token: str) -> Account:
    """Use the link up. The directory follows unless somebody else there has the address."""
    account = accounts.confirm_address(token)
    person = queries.person_of(account)
    if person is not None and queries.find_person_by_email(account.email) is None:
        person.email, person.email_key = account.email, fold(account.email)
        person.version += 1
    return account
