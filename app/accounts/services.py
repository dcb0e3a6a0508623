"""What can be done with accounts: signing in and out, links, roles."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError

from app.accounts import passwords, policy, queries
from app.accounts.errors import LastAdministrator, LinkUsedUp, TooManyTries, WrongCredentials
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


def begin_try(email: str, address: str) -> list[int]:
    """Count a try before it is judged, so that many at once cannot all pass; the keys of what a right one takes back.

    Raises TooManyTries when this account from this address, or this address, has failed too often (AN5). The count
    per account is kept per address, so that nobody can lock another out from elsewhere.
    """
    since = clock.now() - WINDOW
    queries.wait_for_turn(f"ip:{address}")
    if (
        queries.count_failures(account_key(email, address), since) >= TRIES_PER_ACCOUNT
        or queries.count_failures(f"ip:{address}", since) >= TRIES_PER_ADDRESS
    ):
        raise TooManyTries(
            _("Too many wrong tries. Please wait a quarter of an hour, or set a new password."), retry_after=900
        )
    counted = [SignInFailure(key=account_key(email, address)), SignInFailure(key=f"ip:{address}")]
    db.session.add_all(counted)
    db.session.execute(delete(SignInFailure).where(SignInFailure.created_at < since - WINDOW))
    db.session.flush()
    return [each.id for each in counted]


def forgive(tries: Sequence[int]) -> None:
    """A try that was right after all counts for nothing."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.id.in_(tries)))


def account_key(email: str, address: str) -> str:
    return f"account:{queries.digest(f'{fold(email)}|{address}')[:64]}"


def record_failure(email: str) -> None:
    """Write a wrong try into the log; it was counted when it began."""
    account = queries.find_by_email(email)
    audit.record(SYSTEM, "account.sign_in_failed", account or UNKNOWN)


class Unknown:
    ref = ""
    label = ""


UNKNOWN = Unknown()


def proves(email: str, password: str) -> Account | None:
    """The account whose password this is, or None. Slow on purpose; call it outside a unit of work."""
    account = queries.find_by_email(email)
    right = passwords.matches(account.password_hash if account else None, password)
    return account if right and account is not None and account.is_active else None


def open_session(account: Account, *, password: str, browser: str, address: str, tries: Sequence[int] = ()) -> str:
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
    forgiven = or_(SignInFailure.key == account_key(account.email, address), SignInFailure.id.in_(tries))
    db.session.execute(delete(SignInFailure).where(forgiven))
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


def renew_session(session: BrowserSession) -> str:
    """After the password was given once more (AN13): the session goes on under a new token (AN7)."""
    token = secrets.token_urlsafe(32)
    session.token_hash = queries.digest(token)
    session.proven_at = session.seen_at = clock.now()
    audit.record(session.account, "account.proven_again", session.account)
    return token


def create_account(
    *,
    email: str,
    name: str,
    actor: Actor,
    language: str | None = None,
    password: str | None = None,
    is_demo: bool = False,
    about: Sequence[str] = (),
) -> Account:
    """A new account. Without a password the person sets one by a link (`send_welcome_link`).

    `about`: names of the company, which must not make up the password; likewise wherever a password is set.
    """
    require(policy.may_administer(actor))
    if queries.find_by_email(email):
        raise Refused(_("There is already an account with this address."), field="email")
    if password is not None:
        passwords.check(password, email, name, *about)
    account = Account(
        email=email.strip(),
        email_key=fold(email),
        name=name,
        language=language,
        is_demo=is_demo,
        password_hash=passwords.hash_password(password) if password else None,
    )
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError as error:  # two at once: to the second it is the same refusal
        raise Refused(_("There is already an account with this address."), field="email") from error
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


def ask_for_new_address(account: Account, address: str, *, actor: Actor) -> None:
    """Send a link to the new address; nothing changes before it is used, and the old address is told (AN12).

    Says the same when somebody else has that address: they get no link, and nobody learns of them.
    """
    require(policy.may_change_own(actor, account))
    if fold(address) == account.email_key:
        raise Refused(_("This is your address already."), field="email")
    audit.record(actor, "account.address_asked", account)
    queue_mail(
        recipient(account), "accounts/mail/address_asked", kind="address_asked", holds_secret=True, address=address
    )
    if queries.find_by_email(address) is not None:
        return
    token = issue_link(account, "address", address=address)
    queue_mail(
        Recipient(account.name, address, account.language or "en"),
        "accounts/mail/address_link",
        kind="address_link",
        holds_secret=True,
        token=token,
    )


def confirm_address(token: str) -> Account:
    """Use the link up: the account goes by the new address from now on. Checked for being free once more."""
    link = queries.take_link(token, "address")
    account = link.account if link else None
    if link is None or account is None or not link.is_usable_at(clock.now()) or not account.is_active:
        raise LinkUsedUp(_("This link was used already or has ended. Ask for a new one."))
    address = link.address or ""
    if queries.find_by_email(address) is not None:
        raise Refused(_("There is already an account with this address."))
    link.used_at = clock.now()
    account.email, account.email_key = address.strip(), fold(address)
    account.version += 1
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused(_("There is already an account with this address.")) from error
    db.session.execute(delete(AccountLink).where(AccountLink.account_id == account.id, AccountLink.used_at.is_(None)))
    audit.record(account, "account.address_changed", account)
    return account


def send_welcome_link(account: Account, *, actor: Actor) -> None:
    """Ask a new person to set a password; the link lasts a week."""
    require(policy.may_administer(actor))
    if not account.is_active:
        raise Refused(_("This account is disabled. Let the person in again first."))
    token = issue_link(account, "invitation")
    audit.record(actor, "account.invited", account)
    queue_mail(
        recipient(account), "accounts/mail/welcome", kind="welcome", holds_secret=True, token=token, account=account
    )


def recipient(account: Account) -> Recipient:
    return Recipient(name=account.name, address=account.email, language=account.language or "en")


def set_password_by_link(token: str, password: str, *, about: Sequence[str] = ()) -> Account:
    """Use the link up: set the password, end all sessions, tell the person. Signs nobody in."""
    now = clock.now()
    link = queries.take_link(token, "password", "invitation")
    if link is None or link.account is None or not link.is_usable_at(now) or not link.account.is_active:
        raise LinkUsedUp(_("This link was used already or has ended. Ask for a new one."))
    account = link.account
    passwords.check(password, account.email, account.name, *about)
    link.used_at = now
    _set_password(account, password)
    audit.record(account, "account.password_set", account)
    return account


def change_password(
    account: Account, *, old: str, new: str, actor: Actor, token: str, about: Sequence[str] = ()
) -> None:
    """Asks for the old one, ends all other sessions, tells the person (AN3)."""
    require(policy.may_change_own(actor, account))
    if not passwords.matches(account.password_hash, old):
        raise Refused(_("This is not your present password."), field="old_password")
    passwords.check(new, account.email, account.name, *about)
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
    if changes:  # a second press on the same language is no change
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
    if grant.role == Role.ADMINISTRATOR and grant.event_id is None and queries.lock_active_administrators() < 2:
        raise LastAdministrator(_("This is the last administrator. Name another one first."))
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
    if account.is_administrator and queries.lock_active_administrators() < 2:
        raise LastAdministrator(_("This is the last administrator. Name another one first."))
    account.disabled_at = clock.now()
    db.session.execute(delete(BrowserSession).where(BrowserSession.account_id == account.id))
    audit.record(actor, "account.disabled", account, reason=reason)


def enable(account: Account, *, actor: Actor) -> None:
    """The person may sign in again, with the password they had."""
    require(policy.may_administer(actor))
    account.disabled_at = None
    audit.record(actor, "account.enabled", account)


def make_first_administrator(token: str, *, email: str, name: str, password: str, about: Sequence[str] = ()) -> Account:
    """Use up the link that the first start printed. Refused once anybody can sign in (AN17)."""
    link = queries.take_link(token, "first_administrator")
    if link is None or not link.is_usable_at(clock.now()) or queries.has_accounts():
        raise LinkUsedUp(_("This link was used already or has ended. Start Hufu again to get a new one."))
    link.used_at = clock.now()
    account = create_account(email=email, name=name, password=password, actor=SYSTEM, about=about)
    grant_role(account, Role.ADMINISTRATOR, actor=SYSTEM)
    grant_role(account, Role.ORGANIZER, actor=SYSTEM)
    return account
