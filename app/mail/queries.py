"""Questions about the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.core.db import db
from app.core.paging import Page, escape_like, paged
from app.mail.models import MailHold, MailMessage, MailState


@dataclass(frozen=True)
class OutboxFilter:
    state: str = ""
    words: str = ""
    bundle: str = ""


def list_mails(
    scope: str | None, asked: OutboxFilter, *, page: int, per_page: int, clearance: int = 0
) -> Page[MailMessage]:
    """The mails of one event, newest first; without a scope those about accounts. Nobody finds a mail by a subject that
    is above their `clearance`."""
    mails = select(MailMessage).where(MailMessage.scope == scope).order_by(MailMessage.id.desc())
    if asked.state:
        mails = mails.where(MailMessage.state == asked.state)
    if asked.bundle:
        mails = mails.where(MailMessage.bundle == asked.bundle)
    if asked.words:
        like = f"%{escape_like(asked.words)}%"
        mails = mails.where(
            or_(
                MailMessage.to_name.ilike(like, escape="\\"),
                MailMessage.to_address.ilike(like, escape="\\"),
                and_(MailMessage.least_clearance <= clearance, MailMessage.subject.ilike(like, escape="\\")),
            )
        )
    return paged(mails, page=page, per_page=per_page)


def count_by_state(scope: str | None, bundle: str = "") -> dict[str, int]:
    counted = select(MailMessage.state, func.count()).where(MailMessage.scope == scope).group_by(MailMessage.state)
    if bundle:
        counted = counted.where(MailMessage.bundle == bundle)
    return {state: number for state, number in db.session.execute(counted)}


def count_by_bundle(scope: str) -> dict[str, dict[str, int]]:
    """How many mails of each bundle are in which state."""
    rows = db.session.execute(
        select(MailMessage.bundle, MailMessage.state, func.count())
        .where(MailMessage.scope == scope, MailMessage.bundle.is_not(None))
        .group_by(MailMessage.bundle, MailMessage.state)
    )
    found: dict[str, dict[str, int]] = {}
    for bundle, state, number in rows:
        if bundle is not None:
            found.setdefault(bundle, {})[state] = number
    return found


def find_mail(scope: str, ref: str) -> MailMessage | None:
    return db.session.scalar(select(MailMessage).where(MailMessage.scope == scope, MailMessage.ref == ref))


def find_hold(scope: str) -> MailHold | None:
    """Since when mails of this scope are held back, if they are."""
    return db.session.scalar(select(MailHold).where(MailHold.scope == scope))


def list_held(scope: str) -> Sequence[MailMessage]:
    """What a rehearsal has kept from leaving, in the order in which it was written."""
    return db.session.scalars(
        select(MailMessage)
        .where(MailMessage.scope == scope, MailMessage.state == MailState.HELD)
        .order_by(MailMessage.id)
    ).all()
