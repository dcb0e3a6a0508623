"""Putting mail into the outbox. The row is written in the transaction of the act that tells."""

from dataclasses import dataclass
from datetime import timedelta
from email.utils import make_msgid
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.config import settings_now
from app.core.db import after_commit, db
from app.core.i18n import force_locale
from app.core.rendering import render
from app.core.text import one_line
from app.mail.models import MailMessage


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to. Without an address nothing is queued."""

    name: str
    address: str | None
    language: str = "en"


def queue_mail(
    to: Recipient,
    template: str,
    *,
    kind: str,
    scope: str | None = None,
    calendar: bytes | None = None,
    calendar_method: str | None = None,
    holds_secret: bool = False,
    dedupe_key: str | None = None,
    **context: Any,
) -> MailMessage | None:
    """Queue one mail to one person, in that person's language; None when there is no address or it was queued before.

    Renders `<template>.txt`, whose first line is the subject, and `<template>.html` if there is one. It waits
    `HUFU_MAIL_HOLD` seconds in the outbox, so that it can be taken back.
    """
    if not to.address:
        return None
    if dedupe_key and db.session.scalar(select(MailMessage.id).where(MailMessage.dedupe_key == dedupe_key)):
        return None
    settings = settings_now()
    context = {**context, "to": to, "base_url": settings.base_url.rstrip("/")}
    with force_locale(to.language):
        subject, _blank, text = render(f"{template}.txt", **context).strip().partition("\n")
    now = clock.now()
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
        due_at=now + timedelta(seconds=0 if holds_secret else settings.mail_hold),
        created_at=now,
    )
    db.session.add(mail)
    after_commit("mail", lambda: None)
    return mail
