"""Asking for a proof in a page: wrong tries are counted here, before the act, since a refused act leaves nothing behind."""

from flask import request

from app.accounts import services as accounts
from app.accounts.models import Account
from app.core.db import unit_of_work
from app.core.i18n import _
from app.proofs import services
from app.proofs.errors import NotProven
from app.proofs.models import Means


def admit(account: Account, means: Means | str, given: dict[str, str]) -> None:
    """Raise a refusal unless the password or the time code is right. Outside of any unit of work, and slow on purpose.

    A passkey cannot be guessed: it is judged in the act itself.
    """
    if Means(means) == Means.PASSKEY:
        return
    address = request.remote_addr or "unknown"
    with unit_of_work():
        tries = accounts.begin_try(account.email, address)
    if Means(means) == Means.TIME_CODE:
        right, wrong = (
            services.is_right_code(account, given.get("code", "")),
            NotProven(_("This code is not right, or it was used before. Wait for the next one."), field="code"),
        )
    else:
        right = accounts.proves(account.email, given.get("password", "")) is not None
        wrong = NotProven(_("This is not your password. Nothing was signed."), field="password")
    if not right:
        with unit_of_work():
            accounts.record_failure(account.email)
        raise wrong
    with unit_of_work():
        accounts.forgive(tries)
