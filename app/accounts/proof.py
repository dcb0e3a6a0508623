"""The password once more before a sensitive deed, when the last proof is older than half an hour (AN13)."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import cookies, services
from app.accounts.errors import TooManyTries
from app.core import clock
from app.core.db import unit_of_work
from app.core.i18n import _

NOT_KEPT = ("csrf_token", "proof")


def missing() -> ResponseReturnValue | None:
    """None when the deed may go on; else the page that asks for the password and keeps what was sent.

    Call it after the right was judged and before anything is done: `if (page := proof.missing()): return page`.
    """
    found = cookies.current_session()
    if found is None or found.is_proven_at(clock.now()):
        return None
    if request.method == "POST" and "proof" in request.form:
        wrong = give(request.form["proof"])
        return None if wrong is None else ask(wrong)
    return ask()


def give(password: str) -> str | None:
    """Judge the password; the sentence that says what is wrong, or None."""
    email, address = current_user.email, request.remote_addr or "unknown"
    try:
        with unit_of_work():
            tries = services.begin_try(email, address)
    except TooManyTries as refusal:
        return str(refusal.sentence)
    account = services.proves(email, password)
    if account is None:
        with unit_of_work():
            services.record_failure(email)
        return _("This is not your password.")
    found = cookies.current_session()
    if found is not None:
        with unit_of_work():
            services.forgive(tries)
            token = services.renew_session(found)
        cookies.go_on(account, token)
    return None


def ask(wrong: str = "", going_to: str | None = None) -> ResponseReturnValue:
    """The page. A deed that was posted is posted again with its input; a page or file is opened anew."""
    posted = request.method == "POST" and going_to is None
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT] if posted else []
    if not posted:
        kept = [("next", going_to or request.full_path.rstrip("?"))]
    action = request.full_path.rstrip("?") if posted else url_for("accounts.prove")
    return render_template("accounts/prove.html", kept=kept, action=action, wrong=wrong), 403
