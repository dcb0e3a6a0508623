"""Handing queued mail over to the mail server: at least once, one Message-ID per mail, never inside a request."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, or_, select

from app.core import clock, jobs
from app.core.config import settings_now
from app.core.db import db, unit_of_work
from app.core.logs import log
from app.core.text import one_line
from app.mail.models import MailMessage, MailState

LEASE = timedelta(minutes=10)
ENOUGH = timedelta(
    minutes=5
)  # after this, what is left goes back into the queue: a lease never ends while its mail is sent
TRIES = 8
HEADERS = HeaderRegistry()
LOCAL = ("localhost", "127.0.0.1", "::1")


@jobs.every_minute
def deliver_mail() -> None:
    """Send what is due, at most `HUFU_MAIL_RATE` mails a minute; without a mail server mark it undelivered."""
    settings = settings_now()
    if not settings.smtp_url:
        claim(settings.mail_rate, deliverable=False)
        return
    due = claim(settings.mail_rate - count_just_sent(), deliverable=True)
    if not due:
        return
    begun, left, trouble = clock.now(), list(due), None
    try:
        with connect(settings.smtp_url) as server:
            while left and clock.now() - begun < ENOUGH:
                hand_over(server, left[0])
                left.pop(0)
    except (OSError, smtplib.SMTPException) as error:
        trouble = reason_of(error)
    if left:
        give_back(left, trouble)


def count_just_sent() -> int:
    """How many mails left within the last minute: a round is also asked for by each act that queues mail."""
    minute = clock.now() - timedelta(minutes=1)
    sent = select(func.count()).where(MailMessage.state == MailState.SENT, MailMessage.sent_at > minute)
    return db.session.scalar(sent) or 0


def give_back(left: list[int], trouble: str | None) -> None:
    """What was claimed and not sent: later when there is trouble with the server, else in the next round."""
    with unit_of_work():
        for mail in db.session.scalars(
            select(MailMessage).where(MailMessage.id.in_(left), MailMessage.state == MailState.SENDING)
        ):
            if trouble:
                put_off(mail, trouble)
            else:
                mail.state, mail.leased_until, mail.tries = MailState.QUEUED, None, mail.tries - 1


def reason_of(error: Exception) -> str:
    """What the operator needs to know. A server's own words may quote addresses, but never our password."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return str(error)
    return f"{type(error).__name__}: the mail server does not answer"


def claim(most: int, *, deliverable: bool) -> list[int]:
    """Take due mails under a lease, so that no second worker sends them too."""
    if most < 1:
        return []
    now = clock.now()
    waiting = (
        select(MailMessage)
        .where(
            or_(
                MailMessage.state.in_((MailState.QUEUED, MailState.RETRY)) & (MailMessage.due_at <= now),
                (MailMessage.state == MailState.SENDING) & (MailMessage.leased_until < now),
            )
        )
        # What was written to one person goes first: a confirmation does not wait behind five thousand mails of a bundle.
        .order_by(MailMessage.bundle.is_not(None), MailMessage.due_at, MailMessage.id)
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
    trouble, final = send(server, mail)
    with unit_of_work():
        if trouble is None:
            mail.state, mail.sent_at, mail.leased_until, mail.trouble = MailState.SENT, clock.now(), None, None
        elif final:
            mail.state, mail.trouble, mail.leased_until = MailState.FAILED, trouble[:500], None
        else:
            put_off(mail, trouble)
    log.info("mail", mail=mail.ref, kind=mail.kind, state=mail.state)


def send(server: smtplib.SMTP, mail: MailMessage) -> tuple[str | None, bool]:
    """What went wrong with this one mail, if anything, and whether trying again is in vain.

    Raises OSError or SMTPException when the connection is gone, so that the others wait too.
    """
    try:
        message = compose(mail)
    except Exception as error:  # whatever is wrong with one mail must not hold up the others
        return f"this mail cannot be written: {type(error).__name__}", True
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        return f"{code} {words.decode(errors='replace')}", code >= 500
    except smtplib.SMTPResponseException as error:
        return reason_of(error), error.smtp_code >= 500
    except smtplib.SMTPNotSupportedError as error:  # an address in another script at an old server
        return reason_of(error), True
    except (ValueError, UnicodeError) as error:
        return f"this mail cannot be written: {type(error).__name__}", True
    return None, False


def put_off(mail: MailMessage, trouble: str) -> None:
    """Try again later, twice as late each time; set aside after eight tries."""
    mail.leased_until, mail.trouble = None, trouble[:500]
    if mail.tries >= TRIES:
        mail.state = MailState.FAILED
    else:
        mail.state = MailState.RETRY
        mail.due_at = clock.now() + timedelta(seconds=30 * 2**mail.tries)


def header_words(text: str) -> str:
    """Words for a header. Encoded words are taken apart, since the email package would decode them, line breaks and all."""
    return one_line(text).replace("=?", "= ?")


def compose(mail: MailMessage) -> EmailMessage:
    """The MIME message; an invitation rides as text/calendar beside the text (RFC 6047)."""
    name, address = parseaddr(settings_now().mail_from)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(header_words(mail.to_name), addr_spec=mail.to_address)
    message["Subject"] = header_words(mail.subject)
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
    for each in mail.attachments:
        kind: Any = HEADERS("Content-Type", each.media_type)
        message.add_attachment(
            each.content,
            maintype=kind.maintype,
            subtype=kind.subtype,
            params=dict(kind.params),
            filename=header_words(each.name),
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
            if not isinstance(server.sock, ssl.SSLSocket) and host not in LOCAL:
                raise smtplib.SMTPNotSupportedError("The mail server offers no encryption: the password stays here.")
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
