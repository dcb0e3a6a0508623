"""Questions about accounts and their browser sessions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts.models import Account, AccountLink, BrowserSession, RoleGrant, SignInFailure
from app.core.db import db
from app.core.roles import Role
from app.core.text import fold


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def find_by_email(email: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.email_key == fold(email)))


def find_by_ref(ref: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.ref == ref))


def find_session(token: str) -> BrowserSession | None:
    return db.session.scalar(select(BrowserSession).where(BrowserSession.token_hash == digest(token)))


def list_sessions(account: Account) -> Sequence[BrowserSession]:
    mine = select(BrowserSession).where(BrowserSession.account_id == account.id)
    return db.session.scalars(mine.order_by(BrowserSession.seen_at.desc())).all()


def find_link(token: str, purpose: str) -> AccountLink | None:
    return db.session.scalar(
        select(AccountLink).where(AccountLink.token_hash == digest(token), AccountLink.purpose == purpose)
    )


def count_failures(key: str, since: datetime) -> int:
    failures = select(func.count()).where(SignInFailure.key == key, SignInFailure.created_at > since)
    return db.session.scalar(failures) or 0


def count_active_administrators() -> int:
    return (
        db.session.scalar(
            select(func.count(func.distinct(Account.id)))
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.event_id.is_(None), Account.disabled_at.is_(None))
        )
        or 0
    )


def has_accounts() -> bool:
    return db.session.scalar(select(Account.id).limit(1)) is not None


def list_demo_accounts() -> Sequence[Account]:
    return db.session.scalars(select(Account).where(Account.is_demo).order_by(Account.id)).all()


def list_event_grants(event_id: int) -> Sequence[RoleGrant]:
    return db.session.scalars(select(RoleGrant).where(RoleGrant.event_id == event_id).order_by(RoleGrant.id)).all()


def is_stale_visit(seen_at: datetime, now: datetime) -> bool:
    """Whether the last visit is worth writing down again: at most once a minute, so that reading stays reading."""
    return now - seen_at > timedelta(minutes=1)
