"""What somebody could prove themselves with."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts.models import Account
from app.core.db import db
from app.proofs.models import Challenge, Means, Passkey, TimeCode


def list_passkeys(account: Account) -> Sequence[Passkey]:
    return db.session.scalars(select(Passkey).where(Passkey.account_id == account.id).order_by(Passkey.id)).all()


def find_passkey(account: Account, ref: str) -> Passkey | None:
    return db.session.scalar(select(Passkey).where(Passkey.account_id == account.id, Passkey.ref == ref))


def find_credential(account: Account, credential: str) -> Passkey | None:
    mine = select(Passkey).where(Passkey.account_id == account.id, Passkey.credential == credential)
    return db.session.scalar(mine)


def find_time_code(account: Account) -> TimeCode | None:
    return db.session.scalar(select(TimeCode).where(TimeCode.account_id == account.id))


def find_challenge(account: Account, purpose: str, ref: str) -> Challenge | None:
    mine = select(Challenge).where(
        Challenge.account_id == account.id, Challenge.purpose == purpose, Challenge.ref == ref
    )
    return db.session.scalar(mine)


def possible_means(account: Account) -> list[Means]:
    """What this account could prove itself with, the strongest first."""
    code = find_time_code(account)
    found = {
        Means.PASSKEY: db.session.scalar(select(Passkey.id).where(Passkey.account_id == account.id).limit(1)),
        Means.TIME_CODE: code is not None and code.confirmed_at is not None,
        Means.PASSWORD: account.password_hash is not None,
    }
    return [means for means, there in found.items() if there]
