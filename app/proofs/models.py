"""What proves anew who somebody is, stronger than a password: a passkey in their own device, or a code that changes."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Account
from app.core.db import Kept, Model
from app.core.i18n import _l


class Means(StrEnum):
    """How somebody proved anew who they are; the strongest first."""

    PASSKEY = "passkey"
    TIME_CODE = "time_code"
    PASSWORD = "password"  # noqa: S105 - the name of a means


MEANS_LABELS = {
    Means.PASSKEY: _l("with a passkey"),
    Means.TIME_CODE: _l("with a time code, weaker than a passkey"),
    Means.PASSWORD: _l("with the password, weaker than a passkey"),
}


class Passkey(Kept, Model):
    """The public half of a key that never leaves its owner's device (WebAuthn)."""

    __tablename__ = "passkey"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    credential: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url
    public_key: Mapped[str]  # COSE, base64url
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str]] = mapped_column(default=list)
    is_synced: Mapped[bool] = mapped_column(default=False)
    last_used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def label(self) -> str:
        return self.name


class TimeCode(Kept, Model):
    """A shared secret for codes that change every thirty seconds (RFC 6238), encrypted by the installation's key."""

    __tablename__ = "time_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)  # a code counts once

    account: Mapped[Account] = relationship()

    @property
    def label(self) -> str:
        return "time code"


class Challenge(Kept, Model):
    """What was asked of a device: used once, within minutes. `subject` names what it is for."""

    __tablename__ = "proof_challenge"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))  # register, sign
    subject: Mapped[str | None] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    @property
    def label(self) -> str:
        return self.purpose
