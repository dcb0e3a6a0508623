"""Handing queued mail over to the mail server: at least once, one Message-ID per mail, never inside a request."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from sqlalchemy import or_, select

from app.core import clock, jobs
from app.core.config import settings_now
from app.core.db import db, unit_of_work
from app.core.logs import log
from app.core.text import one_line
from app.mail.models import MailMessage, MailState

LEASE = timedelta(minutes=2)
TRIES = 8


@jobs.every_minute
def deliver_mail() -> None:
    """Send what is due, at most `HUFU_MAIL_RATE` mails; without a mail server mark it undelivered."""
    settings = settings_now()
    due = claim(settings.mail_rate, deliverable=bool(settings.smtp_url))
    if not due or not settings.smtp_url:
        return
    try:
        with connect(settings.smtp_url) as server:
            for mail_id in due:
                hand_over(server, mail_id)
    except (OSError, smtplib.SMTPException) as error:
        with unit_of_work():
            for mail in db.session.scalars(
                select(MailMessage).where(MailMessage.id.in_(due), MailMessage.state == MailState.SENDING)
            ):
                put_off(mail, f"{type(error).__name__}: the mail server does not answer")


def claim(most: int, *, deliverable: bool) -> list[int]:
    """Take due mails under a lease, so that no second worker sends them too."""
    now = clock.now()
    waiting = (
        select(MailMessage)
        .where(
            or_(
                MailMessage.state.in_((MailState.QUEUED, MailState.RETRY)) & (MailMessage.due_at <= now),
                (MailMessage.state == MailState.SENDING) & (MailMessage.leased_until < now),
            )
        )
        .order_by(MailMessage.due_at, MailMessage.id)
        .limit(most)
    )
    if db.session.scalar(waiting.with_only_columns(MailMessage.id).limit(1)) is None:
        return []
    with unit_of_work():
        mails = db.session.scalars(waiting.with_for_update(skip_locked=True)).all()
        for mail in mails:
            if deliverable:
                mail.state, mail.leased_until, mail.tries = MailState.SENDING, now + LEASE, mail.tries + 1
            else:
                mail.state = MailState.UNDELIVERED
        return [mail.id for mail in mails]


def hand_over(server: smtplib.SMTP, mail_id: int) -> None:
    mail = db.session.get(MailMessage, mail_id)
    if mail is None or mail.state != MailState.SENDING:
        return
    trouble, final = None, False
    try:
        server.send_message(compose(mail))
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        trouble, final = f"{code} {words.decode(errors='replace')}", code >= 500
    except smtplib.SMTPResponseException as error:
        trouble, final = f"{error.smtp_code} {error.smtp_error!r}", error.smtp_code >= 500
    except (ValueError, UnicodeError) as error:
        trouble, final = f"this mail cannot be written: {error}", True
    with unit_of_work():
        if trouble is None:
            mail.state, mail.sent_at, mail.leased_until, mail.trouble = MailState.SENT, clock.now(), None, None
        elif final:
            mail.state, mail.trouble, mail.leased_until = MailState.FAILED, trouble[:500], None
        else:
            put_off(mail, trouble)
    log.info("mail", mail=mail.ref, kind=mail.kind, state=mail.state)


def put_off(mail: MailMessage, trouble: str) -> None:
    """Try again later, twice as late each time; set aside after eight tries."""
    mail.leased_until, mail.trouble = None, trouble[:500]
    if mail.tries >= TRIES:
        mail.state = MailState.FAILED
    else:
        mail.state = MailState.RETRY
        mail.due_at = clock.now() + timedelta(seconds=30 * 2**mail.tries)


def compose(mail: MailMessage) -> EmailMessage:
    """The MIME message; an invitation rides as text/calendar beside the text (RFC 6047)."""
    name, address = parseaddr(settings_now().mail_from)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(one_line(mail.to_name), addr_spec=mail.to_address)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        message.add_alternative(
            mail.calendar.decode(), subtype="calendar", params={"method": mail.calendar_method or "PUBLISH"}
        )
    return message


@contextmanager
def connect(url: str) -> Iterator[smtplib.SMTP]:
    """A connection to the server of an smtp:// or smtps:// URL; smtp:// is upgraded when the server offers it."""
    parts = urlsplit(url)
    context = ssl.create_default_context()
    host, port = parts.hostname or "localhost", parts.port
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, port or 465, timeout=20, context=context)
    else:
        server = smtplib.SMTP(host, port or 25, timeout=20)
    with server:
        server.ehlo_or_helo_if_needed()
        if parts.scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
