"""Putting mail into the outbox. The row is written in the transaction of the act that tells."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any

from sqlalchemy import case, delete, exists, func, insert, select, update

from app.core import audit, clock
from app.core.config import settings_now
from app.core.db import db
from app.core.errors import Refused, require
from app.core.i18n import _, force_locale
from app.core.jobs import later
from app.core.rendering import render
from app.core.roles import Actor
from app.core.text import one_line
from app.mail import queries
from app.mail.models import MailAttachment, MailHold, MailMessage, MailState
from app.mail.policy import may_steer_outbox


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to. Without an address nothing is queued."""

    name: str
    address: str | None
    language: str = "en"


@dataclass(frozen=True)
class Letter:
    """One of many mails, written already. Of the same key there is one mail, ever."""

    to: Recipient
    subject: str
    text: str
    dedupe_key: str


@dataclass(frozen=True)
class Attachment:
    """A file that comes with a mail. `media_type` with its parameters, such as `text/calendar; method=REQUEST`."""

    name: str
    media_type: str
    content: bytes


def queue_mail(
    to: Recipient,
    template: str,
    *,
    kind: str,
    scope: str | None = None,
    calendar: bytes | None = None,
    calendar_method: str | None = None,
    holds_secret: bool = False,
    least_clearance: int = 0,
    dedupe_key: str | None = None,
    attachments: Sequence[Attachment] = (),
    written_to: Recipient | None = None,
    **context: Any,
) -> MailMessage | None:
    """Queue one mail to one person, in that person's language; None when there is no address or it was queued before.

    Renders `<template>.txt`, whose first line is the subject, and `<template>.html` if there is one. It waits
    `HUFU_MAIL_HOLD` seconds in the outbox, so that it can be taken back. A copy for somebody else keeps the words to
    whom it was `written_to`.
    """
    if not to.address:
        return None
    if dedupe_key and db.session.scalar(select(MailMessage.id).where(MailMessage.dedupe_key == dedupe_key)):
        return None
    settings = settings_now()
    context = {**context, "to": written_to or to, "base_url": settings.base_url.rstrip("/")}
    with force_locale(to.language):
        subject, _blank, text = render(f"{template}.txt", **context).strip().partition("\n")
    now = clock.now()
    held = 0 if holds_secret else settings.mail_hold
    mail = MailMessage(
        message_id=make_msgid(domain="hufu.invalid"),
        dedupe_key=dedupe_key,
        scope=scope,
        kind=kind,
        to_name=one_line(to.name),
        to_address=one_line(to.address),
        language=to.language,
        subject=one_line(subject)[:300],
        text=text.strip() + "\n",
        html=None,
        calendar=calendar,
        calendar_method=calendar_method,
        holds_secret=holds_secret,
        least_clearance=least_clearance,
        state=_first_state(scope),
        due_at=now + timedelta(seconds=held),
        created_at=now,
    )
    mail.attachments = [
        MailAttachment(position=n, name=each.name, media_type=each.media_type, content=each.content)
        for n, each in enumerate(attachments, 1)
    ]
    db.session.add(mail)
    later("deliver_mail", delay=held + 2, least=held)  # one run for all the mails of two seconds
    return mail


def queue_many(letters: Sequence[Letter], *, kind: str, scope: str, bundle: str, due_at: datetime | None = None) -> int:
    """Queue thousands of mails in three statements; how many are new. They leave at `due_at`, else after the hold.

    All of them carry the `bundle`, by which they are found and taken back together.
    """
    settings, now = settings_now(), clock.now()
    held = timedelta(seconds=settings.mail_hold)
    leaves = max(due_at or now, now + held)
    known = set(db.session.scalars(select(MailMessage.dedupe_key).where(MailMessage.bundle == bundle)))
    state = MailState.HELD if queries.find_hold(scope) else MailState.QUEUED
    rows = [
        {
            "message_id": make_msgid(domain="hufu.invalid"), "dedupe_key": each.dedupe_key, "scope": scope, "bundle": bundle,
            "kind": kind, "to_name": one_line(each.to.name), "to_address": one_line(each.to.address),
            "language": each.to.language, "subject": one_line(each.subject)[:300], "text": each.text.strip() + "\n",
            "state": state, "due_at": leaves, "created_at": now,
        }
        for each in letters
        if each.to.address and each.dedupe_key not in known
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(MailMessage), rows)
        seconds = int((leaves - now).total_seconds())
        later("deliver_mail", delay=seconds + 2, least=seconds)
    return len(rows)


def take_back_many(bundle: str, *, actor: Actor, scope: Any) -> int:
    """Cancel what has not left of a bundle; how many mails that were. What is being sent at this moment leaves."""
    require(may_steer_outbox(actor, scope.id))
    return _move(bundle, (MailState.QUEUED, MailState.RETRY, MailState.HELD), state=MailState.CANCELLED)


def send_failed_again(bundle: str, *, actor: Actor, scope: Any) -> int:
    """Queue again what failed of a bundle, or could not be delivered for want of a mail server."""
    require(may_steer_outbox(actor, scope.id))
    first = MailState.HELD if queries.find_hold(scope.ref) else MailState.QUEUED
    number = _move(
        bundle, (MailState.FAILED, MailState.UNDELIVERED), state=first, tries=0, trouble=None, due_at=clock.now()
    )
    if number:
        later("deliver_mail", delay=1)
    return number


def _move(bundle: str, states: Collection[MailState], **values: Any) -> int:
    moved = update(MailMessage).where(MailMessage.bundle == bundle, MailMessage.state.in_(states)).values(**values)
    return len(db.session.scalars(moved.returning(MailMessage.id)).all())


def take_back(mail: MailMessage, *, actor: Actor, scope: Any) -> None:
    """Cancel a mail that has not left yet. `scope` is the event whose outbox it lies in."""
    require(may_steer_outbox(actor, scope.id))
    if mail.state not in (MailState.QUEUED, MailState.RETRY, MailState.HELD):
        raise Refused(_("This mail has left already."))
    mail.state = MailState.CANCELLED
    audit.record(actor, "mail.taken_back", mail, scope=scope)


def send_again(mail: MailMessage, *, actor: Actor, scope: Any) -> None:
    """Queue a mail that failed, was taken back or could not be delivered."""
    require(may_steer_outbox(actor, scope.id))
    if mail.state not in (MailState.FAILED, MailState.CANCELLED, MailState.UNDELIVERED):
        raise Refused(_("This mail is already on its way."))
    mail.state, mail.tries, mail.trouble, mail.due_at = _first_state(mail.scope), 0, None, clock.now()
    audit.record(actor, "mail.queued_again", mail, scope=scope)
    later("deliver_mail", delay=1)


# --- mails that wait for the end of a rehearsal -------------------------------------------------------------------


def hold_back(scope: str) -> None:
    """From now on mails of this scope are written into the outbox and stay there. Asking twice changes nothing."""
    if queries.find_hold(scope) is None:
        db.session.add(MailHold(scope=scope))
        db.session.flush()
        _forget_states()


def let_go(scope: str, chosen: Collection[MailMessage] = ()) -> int:
    """Hold nothing back any more: the chosen mails leave now, the other held ones are gone as if never written.

    A mail that stays behind would keep its key, and the true one of the same key would never be written. Returns how
    many are gone.
    """
    now = clock.now()
    for mail in chosen:
        if mail.scope == scope and mail.state == MailState.HELD:
            mail.state, mail.due_at = MailState.QUEUED, now
            later("deliver_mail", delay=1)
    db.session.flush()
    held = (MailMessage.scope == scope, MailMessage.state == MailState.HELD)
    gone = db.session.scalar(select(func.count(MailMessage.id)).where(*held)) or 0
    db.session.execute(delete(MailMessage).where(*held))
    db.session.execute(delete(MailHold).where(MailHold.scope == scope))
    _forget_states()
    return gone


def _first_state(scope: str | None) -> Any:
    """Whether a new mail of this scope is held back.

    The statement that writes the first mail of a unit of work finds it out by itself: a single mail costs no question.
    From the second one on it is known, so that many mails are written together.
    """
    if scope is None:
        return MailState.QUEUED
    states = _known_states()
    if scope not in states:
        states[scope] = None
        is_held = exists().where(MailHold.scope == scope)
        return case((is_held, MailState.HELD.value), else_=MailState.QUEUED.value)
    if states[scope] is None:
        states[scope] = MailState.HELD if queries.find_hold(scope) else MailState.QUEUED
    return states[scope]


def _known_states() -> dict[str, MailState | None]:
    """What this unit of work has found out; forgotten with it."""
    session = db.session()
    unit, states = session.info.get("mail_states", (None, {}))
    if unit is not session.get_transaction():
        states = {}
        session.info["mail_states"] = (session.get_transaction(), states)
    return states


def _forget_states() -> None:
    db.session().info.pop("mail_states", None)
