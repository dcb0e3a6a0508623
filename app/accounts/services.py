"""What can be done with accounts: signing in and out, links, roles."""

import secrets
from datetime import timedelta

from sqlalchemy import delete

from app.accounts import passwords, policy, queries
from app.accounts.errors import LinkUsedUp, TooManyTries, WrongCredentials
from app.accounts.models import Account, AccountLink, BrowserSession, RoleGrant, SignInFailure
from app.core import audit, clock
from app.core.db import db, edit
from app.core.errors import Refused, require
from app.core.i18n import _
from app.core.roles import SYSTEM, Actor, Role
from app.core.text import fold
from app.mail.services import Recipient, queue_mail

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 50
LINK_LASTS = {
    "password": timedelta(minutes=30),
    "address": timedelta(minutes=30),
    "invitation": timedelta(days=7),
    "first_administrator": timedelta(days=1),
}


def check_tries(email: str, address: str) -> None:
    """Raise TooManyTries when this account from this address, or this address, has failed too often (AN5).

    The count per account is kept per network, so that nobody can lock another out from elsewhere.
    """
    since = clock.now() - WINDOW
    if (
        queries.count_failures(account_key(email, address), since) >= TRIES_PER_ACCOUNT
        or queries.count_failures(f"ip:{address}", since) >= TRIES_PER_ADDRESS
    ):
        raise TooManyTries(
            _("Too many wrong tries. Please wait a quarter of an hour, or set a new password."), retry_after=900
        )


def account_key(email: str, address: str) -> str:
    return f"account:{queries.digest(f'{fold(email)}|{address}')[:64]}"


def record_failure(email: str, address: str) -> None:
    """Count a wrong try. Committed by the caller although the sign-in itself is refused."""
    db.session.add_all([SignInFailure(key=account_key(email, address)), SignInFailure(key=f"ip:{address}")])
    account = queries.find_by_email(email)
    audit.record(SYSTEM, "account.sign_in_failed", account or UNKNOWN)


class _Unknown:
    ref = ""
    label = ""


UNKNOWN = _Unknown()


def proves(email: str, password: str) -> Account | None:
    """The account whose password this is, or None. Slow on purpose; call it outside a unit of work."""
    account = queries.find_by_email(email)
    right = passwords.matches(account.password_hash if account else None, password)
    return account if right and account is not None and account.is_active else None


def open_session(account: Account, *, password: str, browser: str, address: str) -> str:
    """Begin a new browser session and return its token, which is kept in the cookie only."""
    if not account.is_active:
        raise WrongCredentials(_("The address or the password is not right."))
    now = clock.now()
    token = secrets.token_urlsafe(32)
    db.session.add(
        BrowserSession(
            token_hash=queries.digest(token),
            account_id=account.id,
            seen_at=now,
            proven_at=now,
            browser=browser[:200],
            address=address[:60],
            created_at=now,
        )
    )
    db.session.execute(delete(SignInFailure).where(SignInFailure.key == account_key(account.email, address)))
    if account.password_hash and passwords.is_outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    account.last_signed_in_at = now
    audit.record(account, "account.signed_in", account)
    return token


def close_session(session: BrowserSession, *, actor: Actor) -> None:
    """End one browser session on the server; the cookie that names it is worth nothing from then on."""
    require(actor.id == session.account_id or policy.may_administer(actor))
    audit.record(actor, "account.signed_out", session.account)
    db.session.delete(session)


def close_all_sessions(account: Account, *, actor: Actor, except_token: str | None = None) -> None:
    """Sign out everywhere, but for the browser that asks."""
    require(policy.may_change_own(actor, account) or policy.may_administer(actor))
    ended = delete(BrowserSession).where(BrowserSession.account_id == account.id)
    if except_token:
        ended = ended.where(BrowserSession.token_hash != queries.digest(except_token))
    db.session.execute(ended)
    audit.record(actor, "account.signed_out_everywhere", account)


def touch(session: BrowserSession) -> None:
    session.seen_at = clock.now()


def create_account(
    *,
    email: str,
    name: str,
    actor: Actor,
    language: str | None = None,
    password: str | None = None,
    is_demo: bool = False,
) -> Account:
    """A new account. Without a password the person sets one by a link (`send_password_link`)."""
    require(policy.may_administer(actor))
    if queries.find_by_email(email):
        raise Refused(_("There is already an account with this address."), field="email")
    if password is not None:
        passwords.check(password, email, name)
    account = Account(
        email=email.strip(),
        email_key=fold(email),
        name=name,
        language=language,
        is_demo=is_demo,
        password_hash=passwords.hash_password(password) if password else None,
    )
    db.session.add(account)
    db.session.flush()
    audit.record(actor, "account.created", account)
    return account


def issue_link(account: Account | None, purpose: str, *, address: str | None = None) -> str:
    """A new single-use token; earlier ones for the same purpose are void from now on (AN11)."""
    now = clock.now()
    token = secrets.token_urlsafe(24)
    if account is not None:
        db.session.execute(
            delete(AccountLink).where(AccountLink.account_id == account.id, AccountLink.purpose == purpose)
        )
    db.session.add(
        AccountLink(
            token_hash=queries.digest(token),
            account_id=account.id if account else None,
            purpose=purpose,
            address=address,
            expires_at=now + LINK_LASTS[purpose],
        )
    )
    return token


def ask_for_new_password(email: str) -> None:
    """Send a link, if there is such an account. The page says the same either way (AN6)."""
    account = queries.find_by_email(email)
    if account is None or not account.is_active:
        return
    token = issue_link(account, "password")
    audit.record(SYSTEM, "account.password_link_sent", account)
    queue_mail(
        recipient(account),
        "accounts/mail/password_link",
        kind="password_link",
        holds_secret=True,
        token=token,
        account=account,
    )


def send_welcome_link(account: Account, *, actor: Actor) -> None:
    """Ask a new person to set a password; the link lasts a week."""
    require(policy.may_administer(actor))
    token = issue_link(account, "invitation")
    audit.record(actor, "account.invited", account)
    queue_mail(
        recipient(account), "accounts/mail/welcome", kind="welcome", holds_secret=True, token=token, account=account
    )


def recipient(account: Account) -> Recipient:
    return Recipient(name=account.name, address=account.email, language=account.language or "en")


def set_password_by_link(token: str, password: str) -> Account:
    """Use the link up: set the password, end all sessions, tell the person. Signs nobody in."""
    now = clock.now()
    link = queries.find_link(token, "password") or queries.find_link(token, "invitation")
    if link is None or link.account is None or not link.is_usable_at(now) or not link.account.is_active:
        raise LinkUsedUp(_("This link was used already or has ended. Ask for a new one."))
    account = link.account
    passwords.check(password, account.email, account.name)
    link.used_at = now
    _set_password(account, password)
    audit.record(account, "account.password_set", account)
    return account


def change_password(account: Account, *, old: str, new: str, actor: Actor, token: str) -> None:
    """Asks for the old one, ends all other sessions, tells the person (AN3)."""
    require(policy.may_change_own(actor, account))
    if not passwords.matches(account.password_hash, old):
        raise Refused(_("This is not your present password."), field="old_password")
    passwords.check(new, account.email, account.name)
    _set_password(account, new, except_token=token)
    audit.record(actor, "account.password_changed", account)


def _set_password(account: Account, password: str, *, except_token: str | None = None) -> None:
    account.password_hash = passwords.hash_password(password)
    ended = delete(BrowserSession).where(BrowserSession.account_id == account.id)
    if except_token:
        ended = ended.where(BrowserSession.token_hash != queries.digest(except_token))
    db.session.execute(ended)
    db.session.execute(delete(AccountLink).where(AccountLink.account_id == account.id, AccountLink.used_at.is_(None)))
    queue_mail(recipient(account), "accounts/mail/password_changed", kind="password_changed", account=account)


def change_settings(account: Account, *, actor: Actor, version: int | None, **values: object) -> None:
    """Name, language, theme: what a person sets for themselves."""
    require(policy.may_change_own(actor, account))
    changes = edit(account, version=version, **values)
    audit.record(actor, "account.settings_changed", account, changed=sorted(changes))


def grant_role(
    account: Account, role: Role, *, actor: Actor, scope: int | None = None, event: object = None
) -> RoleGrant:
    """Give a role everywhere, or in one event. Asking twice changes nothing."""
    require(may_grant(actor, role, scope))
    for grant in account.grants:
        if grant.role == role and grant.event_id == scope:
            return grant
    grant = RoleGrant(account=account, role=role, event_id=scope, granted_by_id=actor.id)
    db.session.add(grant)
    db.session.flush()
    audit.record(actor, "role.granted", account, scope=event, role=str(role))
    return grant


def withdraw_role(grant: RoleGrant, *, actor: Actor, event: object = None) -> None:
    """Take a role back. The last administrator stays (AZ17)."""
    require(may_grant(actor, Role(grant.role), grant.event_id))
    if grant.role == Role.ADMINISTRATOR and grant.event_id is None and queries.count_active_administrators() < 2:
        raise Refused(_("This is the last administrator. Name another one first."))
    account = grant.account
    audit.record(actor, "role.withdrawn", account, scope=event, role=grant.role)
    account.grants.remove(grant)
    db.session.flush()


def may_grant(actor: Actor, role: Role, scope: int | None) -> bool:
    """Administrators give every role; organizers of an event give that event's roles."""
    if policy.may_administer(actor):
        return True
    given = {Role.ORGANIZER, Role.SECRETARY, Role.SUPERVISOR, Role.PRESIDING_LEADER, Role.DOOR}
    return scope is not None and role in given and Role.ORGANIZER in actor.roles_in(scope)


def disable(account: Account, *, actor: Actor, reason: str) -> None:
    """Takes effect at the next request everywhere; the sessions end now."""
    require(policy.may_administer(actor))
    if account.is_administrator and queries.count_active_administrators() < 2:
        raise Refused(_("This is the last administrator. Name another one first."))
    account.disabled_at = clock.now()
    db.session.execute(delete(BrowserSession).where(BrowserSession.account_id == account.id))
    audit.record(actor, "account.disabled", account, reason=reason)


def enable(account: Account, *, actor: Actor) -> None:
    require(policy.may_administer(actor))
    account.disabled_at = None
    audit.record(actor, "account.enabled", account)


def make_first_administrator(token: str, *, email: str, name: str, password: str) -> Account:
    """Use up the link that the first start printed. Refused once anybody can sign in (AN17)."""
    link = queries.find_link(token, "first_administrator")
    if link is None or not link.is_usable_at(clock.now()) or queries.has_accounts():
        raise LinkUsedUp(_("This link was used already or has ended. Start Hufu again to get a new one."))
    link.used_at = clock.now()
    account = create_account(email=email, name=name, password=password, actor=SYSTEM)
    grant_role(account, Role.ADMINISTRATOR, actor=SYSTEM)
    grant_role(account, Role.ORGANIZER, actor=SYSTEM)
    return account
