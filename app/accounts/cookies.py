"""Between the cookie and the account: which browser session a request belongs to."""

from flask import g, session
from flask_login import current_user, login_user, logout_user

from app.accounts import queries
from app.accounts.models import Account, BrowserSession
from app.core import clock
from app.core.db import unit_of_work
from app.core.errors import Busy


def load_account(token: str) -> Account | None:
    """Flask-Login's user loader: the account of this browser's session, unless it has ended."""
    found = queries.find_session(token) if token else None
    now = clock.now()
    if found is None or found.has_ended_at(now) or not found.account.is_active:
        return None
    if queries.is_stale_visit(found.seen_at, now):
        try:
            with unit_of_work(wait=0.2):  # reading a page waits for nobody
                found.seen_at = now
        except Busy:
            pass  # the next visit writes it down
    account = found.account
    account.session_token = token
    g.browser_session = found
    return account


def begin(account: Account, token: str) -> None:
    """A new cookie for a new session; nothing of the old one stays (AN7)."""
    language, theme = session.get("language"), session.get("theme")
    session.clear()
    if language and not account.language:
        session["language"] = language
    if theme:
        session["theme"] = theme
    account.session_token = token
    login_user(account)


def end() -> None:
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def me() -> Account:
    """The account of this request itself, where a view has made sure that there is one."""
    return current_user._get_current_object()  # type: ignore[attr-defined]


def current_session() -> BrowserSession | None:
    return g.get("browser_session")


def signed_in() -> Account:
    """The account of this request, itself rather than a stand-in. Only for pages that ask for sign-in."""
    return g.browser_session.account


def go_on(account: Account, token: str) -> None:
    """The same session under a new token: the cookie's old content is worth nothing from now on."""
    account.session_token = token
    login_user(account)
