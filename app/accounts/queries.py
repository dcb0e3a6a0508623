"""Questions about accounts and their browser sessions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from app.accounts.models import Account, AccountLink, BrowserSession, RoleGrant, SignInFailure
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db
from app.core.paging import Page, escape_like, paged
from app.core.roles import Role
from app.core.text import fold


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def find_by_email(email: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.email_key == fold(email)))


def find_by_ref(ref: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.ref == ref))


SESSION_OF = (  # each request asks it: account and roles come along, and it is made once
    select(BrowserSession)
    .where(BrowserSession.token_hash == bindparam("token_hash"))
    .options(
        load_only(
            BrowserSession.account_id, BrowserSession.seen_at, BrowserSession.proven_at, BrowserSession.created_at
        ),
        joinedload(BrowserSession.account)
        .joinedload(Account.grants)
        .load_only(RoleGrant.account_id, RoleGrant.role, RoleGrant.event_id),
    )
)


def find_session(token: str) -> BrowserSession | None:
    return db.session.scalars(SESSION_OF, {"token_hash": digest(token)}).unique().one_or_none()


def list_sessions(account: Account) -> Sequence[BrowserSession]:
    mine = select(BrowserSession).where(BrowserSession.account_id == account.id)
    return db.session.scalars(mine.order_by(BrowserSession.seen_at.desc())).all()


def find_link(token: str, purpose: str) -> AccountLink | None:
    return db.session.scalar(
        select(AccountLink).where(AccountLink.token_hash == digest(token), AccountLink.purpose == purpose)
    )


def take_link(token: str, *purposes: str) -> AccountLink | None:
    """The link with its row locked until the end of this unit of work, so that of two uses at once one comes first."""
    link = select(AccountLink).where(AccountLink.token_hash == digest(token), AccountLink.purpose.in_(purposes))
    return db.session.scalar(link.with_for_update().execution_options(populate_existing=True))


def wait_for_turn(key: str) -> None:
    """One counter of this key at a time until the end of this unit of work; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))


def count_failures(key: str, since: datetime) -> int:
    failures = select(func.count()).where(SignInFailure.key == key, SignInFailure.created_at > since)
    return db.session.scalar(failures) or 0


def is_password_link(token: str) -> bool:
    """Whether the link would still be taken; looking at it does not use it up."""
    link = find_link(token, "password") or find_link(token, "invitation")
    return link is not None and link.account is not None and link.is_usable_at(clock.now())


def lock_active_administrators() -> int:
    """How many there are, with their rows locked until the end of this unit of work (AZ17): of two that take away
    the last two, the second counts what the first left.
    """
    held = (
        select(RoleGrant.account_id)
        .join(Account, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.event_id.is_(None), Account.disabled_at.is_(None))
        .order_by(RoleGrant.id)
        .with_for_update()
    )
    return len(set(db.session.scalars(held)))


@dataclass(frozen=True)
class AccountFilter:
    words: str = ""
    role: str = ""
    disabled: bool = False


def list_accounts(asked: AccountFilter, *, page: int, per_page: int) -> Page[Account]:
    """Accounts by name; their roles come along in one more statement."""
    found = select(Account).order_by(Account.name, Account.id)
    found = found.where(Account.disabled_at.is_not(None) if asked.disabled else Account.disabled_at.is_(None))
    for word in fold(asked.words).split():
        like = f"%{escape_like(word)}%"
        found = found.where(or_(Account.name.ilike(like, escape="\\"), Account.email_key.like(like, escape="\\")))
    if asked.role:
        found = found.where(Account.grants.any(RoleGrant.role == asked.role))
    return paged(found, page=page, per_page=per_page)


def count_accounts() -> tuple[int, int]:
    """How many may sign in, and how many are disabled."""
    row = db.session.execute(select(func.count(Account.id), func.count(Account.disabled_at))).one()
    return row[0] - row[1], row[1]


def name_of_maker(account: Account) -> str | None:
    """Who made the account, by the log; nobody is known of one from before there was a row about it."""
    made = select(AuditEntry.actor_name).where(
        AuditEntry.action == "account.created", AuditEntry.subject_ref == account.ref
    )
    return db.session.scalar(made.limit(1))


def has_accounts() -> bool:
    return db.session.scalar(select(Account.id).limit(1)) is not None


def list_demo_accounts() -> Sequence[Account]:
    """Those that play a part in the demo; its other people have accounts without a password."""
    shown = select(Account).where(Account.is_demo, Account.demo_note.is_not(None))
    return db.session.scalars(shown.order_by(Account.id)).all()


def list_event_grants(event_id: int) -> Sequence[RoleGrant]:
    return db.session.scalars(select(RoleGrant).where(RoleGrant.event_id == event_id).order_by(RoleGrant.id)).all()


def is_stale_visit(seen_at: datetime, now: datetime) -> bool:
    """Whether the last visit is worth writing down again: at most once a minute, so that reading stays reading."""
    return now - seen_at > timedelta(minutes=1)
