"""Accounts and what proves that somebody is who they say."""

from datetime import datetime, timedelta

from flask_login import UserMixin  # the one name of Flask-Login that a model needs: it marks who can sign in
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Edited, Kept, Model
from app.core.roles import Role, spread
from app.core.text import initials

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
ADMIN_IDLE = timedelta(hours=1)
ADMIN_ABSOLUTE = timedelta(hours=12)
PROOF_LASTS = timedelta(minutes=30)


class Account(UserMixin, Edited, Model):
    """One who can sign in. `email_key` is the folded address, unique; the person behind it is in the directory."""

    __tablename__ = "account"

    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(20))
    theme: Mapped[str] = mapped_column(String(5), default="auto")
    disabled_at: Mapped[datetime | None]
    last_signed_in_at: Mapped[datetime | None]
    last_visited_at: Mapped[datetime | None]  # until when "what changed" was seen on the home page
    is_demo: Mapped[bool] = mapped_column(default=False)
    demo_note: Mapped[str | None] = mapped_column(String(200))  # which part this account plays in the demo

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="account", lazy="selectin", foreign_keys="RoleGrant.account_id", cascade="all, delete-orphan"
    )

    session_token = None  # of this browser, known only during the request

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: this browser's token, which ends on the server."""
        return self.session_token or ""

    @property
    def label(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def is_active(self) -> bool:  # pyrefly: ignore[bad-override] — a property there too
        return self.disabled_at is None

    def roles_in(self, scope: int | None) -> frozenset[Role]:
        """The roles held everywhere and in the event with this id, with those they imply."""
        if not self.is_active:
            return frozenset()
        held = {Role(grant.role) for grant in self.grants if grant.event_id is None or grant.event_id == scope}
        return spread({*held, Role.MEMBER})

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles_in(None)


class RoleGrant(Kept, Model):
    """A role, everywhere or for one event."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "event_id"),
        Index(
            "uq_role_grant_everywhere",
            "account_id",
            "role",
            unique=True,
            sqlite_where=text("event_id IS NULL"),
            postgresql_where=text("event_id IS NULL"),
        ),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    account: Mapped[Account] = relationship(back_populates="grants", foreign_keys=[account_id])

    @property
    def label(self) -> str:
        return self.role


class BrowserSession(Kept, Model):
    """One signed-in browser. The token itself is only in its cookie."""

    __tablename__ = "browser_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    seen_at: Mapped[datetime]
    proven_at: Mapped[datetime]  # when the password was last given
    browser: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(60))

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    @property
    def label(self) -> str:
        return self.browser

    @property
    def browser_name(self) -> str:
        """`Firefox, Linux` out of what the browser calls itself; empty when it says nothing known."""
        names = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
        systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
        plain = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS"}
        found = [next((name for name in some if name in self.browser), "") for some in (names, systems)]
        return ", ".join(plain.get(name, name) for name in found if name)

    def has_ended_at(self, now: datetime) -> bool:
        strict = self.account.is_administrator
        idle, absolute = (ADMIN_IDLE, ADMIN_ABSOLUTE) if strict else (IDLE, ABSOLUTE)
        return now - self.seen_at > idle or now - self.created_at > absolute

    def is_proven_at(self, now: datetime) -> bool:
        return now - self.proven_at <= PROOF_LASTS


class SignInFailure(Kept, Model):
    """A wrong try, counted per account and per network address, for all processes at once (AN5)."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "key", "created_at"),)

    key: Mapped[str] = mapped_column(String(80))


class AccountLink(Kept, Model):
    """A single-use link: to set a password, to confirm an address, to make the first administrator."""

    __tablename__ = "account_link"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))  # password, address, first_administrator
    address: Mapped[str | None] = mapped_column(String(254))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()

    @property
    def label(self) -> str:
        return self.purpose

    def is_usable_at(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at
