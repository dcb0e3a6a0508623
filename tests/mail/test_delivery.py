"""Mail against a real SMTP server: once, under one Message-ID, whatever the names hold and whatever goes wrong."""

import email
import email.policy
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.mail import delivery
from app.mail.models import MailMessage, MailState
from app.mail.services import Recipient, queue_mail

TEMPLATE = "accounts/mail/password_changed"
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:年度战略会议\r\nEND:VCALENDAR\r\n".encode()


@dataclass
class Sink:
    """What the server received; `answer` may refuse a recipient, `data_answer` a text."""

    received: list[Any] = field(default_factory=list)
    answer: Callable[[str], str] = lambda address: "250 OK"
    data_answer: Callable[[], str] = lambda: "250 OK"
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        said = self.answer(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server, session, envelope):
        said = self.data_answer()
        if said.startswith("250"):
            self.received.append(envelope)
        return said

    def mails(self) -> list[email.message.EmailMessage]:
        return [email.message_from_bytes(each.content, policy=email.policy.default) for each in self.received]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink(port=free_port())
    server = Controller(found, hostname="127.0.0.1", port=found.port, enable_SMTPUTF8=False)
    server.start()
    yield found
    server.stop()


@pytest.fixture
def posting(app: Flask, sink: Sink) -> Iterator[Flask]:
    """The app, with this server as its mail server."""
    settings(app, smtp_url=f"smtp://127.0.0.1:{sink.port}")
    with app.app_context():
        yield app


def settings(app: Flask, **changes: Any) -> None:
    app.extensions["hufu_settings"] = replace(app.extensions["hufu_settings"], **changes)


def queue(name: str = "Petra", address: str = "petra@hufu.example", **more: Any) -> MailMessage:
    with unit_of_work():
        mail = queue_mail(Recipient(name, address, more.pop("language", "en")), TEMPLATE, kind="test", **more)
        assert mail
    return mail


@contextmanager
def later(**time_passed: float) -> Iterator[None]:
    with clock.at(clock.now() + timedelta(**time_passed)):
        yield


def deliver() -> None:
    jobs.run_now("deliver_mail")
    db.session.rollback()
    db.session.expire_all()


def test_a_mail_is_sent_once_under_its_message_id(posting: Flask, sink: Sink) -> None:
    mail = queue()
    for _ in range(3):
        deliver()
    [got] = sink.mails()
    assert got["Message-ID"] == mail.message_id
    assert (got["To"], got["From"]) == ("Petra <petra@hufu.example>", "Hufu <hufu@localhost>")
    assert (got["Subject"], got["Auto-Submitted"]) == ("Your password was changed", "auto-generated")
    assert sink.received[0].rcpt_tos == ["petra@hufu.example"]
    assert got.get_content().replace("\r\n", "\n") == mail.text
    assert (mail.state, mail.tries, mail.leased_until, mail.trouble) == (MailState.SENT, 1, None, None)
    assert mail.sent_at is not None


def test_an_invitation_rides_beside_the_text(posting: Flask, sink: Sink) -> None:
    mail = queue("李薇", language="zh_Hans_CN", calendar=CALENDAR, calendar_method="REQUEST")
    with unit_of_work():
        mail.subject = "年度战略会议邀请"
    deliver()
    [got] = sink.mails()
    assert got.get_content_type() == "multipart/alternative"
    text, calendar = got.iter_parts()
    assert (text.get_content_type(), text.get_content_charset()) == ("text/plain", "utf-8")
    assert (calendar.get_content_type(), calendar.get_param("method"), calendar.get_content_charset()) == (
        "text/calendar", "REQUEST", "utf-8"
    )  # fmt: skip
    assert calendar.get_payload(decode=True).replace(b"\r\n", b"\n") == CALENDAR.replace(b"\r\n", b"\n")
    assert got["To"].addresses[0].display_name == "李薇"
    assert got["Subject"] == mail.subject == "年度战略会议邀请"
    assert sink.received[0].content.isascii() or b"8bit" in sink.received[0].content


EVIL = [
    "Petra\r\nBcc: evil@hufu.example", "Petra\nBcc: evil@hufu.example", "Petra\rBcc: evil@hufu.example", "Petra\x00Bcc: x@y.example",
    "Petra\u2028Bcc: evil@hufu.example", "Petra\u2029\x85Bcc: evil@hufu.example", 'Petra" <evil@hufu.example>, "x',
    "evil@hufu.example, Petra", "=?utf-8?q?=0ABcc:_evil@hufu.example?=", "Petra <evil@hufu.example>", "王" * 150,
]  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_a_name_adds_no_header_and_no_recipient(posting: Flask, sink: Sink, name: str) -> None:
    queue(name)
    deliver()
    [got] = sink.mails()
    assert sink.received[0].rcpt_tos == ["petra@hufu.example"]
    assert sorted(got.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
         "MIME-Version"]
    )  # fmt: skip
    assert [each.addr_spec for each in got["To"].addresses] == ["petra@hufu.example"]
    assert got["Bcc"] is None


@pytest.mark.parametrize("subject", EVIL)
def test_a_subject_adds_no_header(posting: Flask, sink: Sink, subject: str) -> None:
    mail = queue()
    with unit_of_work():
        mail.subject = subject
    deliver()
    [got] = sink.mails()
    assert got["Bcc"] is None
    assert len(got.keys()) == 9
    assert sink.received[0].rcpt_tos == ["petra@hufu.example"]


@pytest.mark.parametrize(
    "address", ["a@b\r\nRCPT TO:<evil@x.example>", "a b@c.example", "nobody", "a@b@c", "<a@b.example>", "王@例.example"]
)
def test_one_mail_that_cannot_be_sent_holds_up_nobody(posting: Flask, sink: Sink, address: str) -> None:
    bad = queue(address=address)
    good = queue()
    deliver()
    assert [each.rcpt_tos for each in sink.received if "evil@x.example" in str(each.rcpt_tos)] == []
    assert good.state == MailState.SENT
    assert bad.state in (MailState.FAILED, MailState.SENT)
    assert "petra@hufu.example" in [each.rcpt_tos[0] for each in sink.received]


def test_a_mail_that_breaks_the_writer_holds_up_nobody(posting: Flask, sink: Sink) -> None:
    bad, good = queue(calendar=b"\xff\xfe"), queue()
    deliver()
    assert (bad.state, bad.trouble) == (MailState.FAILED, "this mail cannot be written: UnicodeDecodeError")
    assert (good.state, len(sink.received)) == (MailState.SENT, 1)


def test_a_later_is_tried_again_twice_as_late_each_time(posting: Flask, sink: Sink) -> None:
    sink.answer = lambda address: "450 try later"
    mail = queue()
    waits = []
    now = clock.now()
    for _ in range(8):
        with clock.at(now):
            deliver()
        waits.append((mail.due_at - now).total_seconds())
        now = mail.due_at if mail.state == MailState.RETRY else now
    assert waits[:7] == [60, 120, 240, 480, 960, 1920, 3840]
    assert (mail.state, mail.tries, mail.trouble) == (MailState.FAILED, 8, "450 try later")
    assert sink.received == []


def test_a_retry_that_is_taken_is_sent(posting: Flask, sink: Sink) -> None:
    sink.data_answer = lambda: "451 greylisted"
    mail = queue()
    deliver()
    assert (mail.state, mail.trouble) == (MailState.RETRY, "451 greylisted")
    sink.data_answer = lambda: "250 OK"
    deliver()
    assert sink.received == []  # not yet
    with later(minutes=2):
        deliver()
    assert (mail.state, mail.trouble, len(sink.received)) == (MailState.SENT, None, 1)


def test_a_never_is_not_tried_again_and_the_others_go(posting: Flask, sink: Sink) -> None:
    sink.answer = lambda address: "550 no such person" if address.startswith("gone") else "250 OK"
    gone, petra = queue(address="gone@hufu.example"), queue()
    deliver()
    with later(days=1):
        deliver()
    assert (gone.state, gone.trouble, gone.tries) == (MailState.FAILED, "550 no such person", 1)
    assert (petra.state, len(sink.received)) == (MailState.SENT, 1)


def test_a_server_that_is_away_is_tried_again(posting: Flask, sink: Sink) -> None:
    port, first, second = sink.port, queue(), queue(address="tom@hufu.example")
    settings(posting, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    deliver()
    assert [(each.state, each.trouble) for each in (first, second)] == [
        (MailState.RETRY, "ConnectionRefusedError: the mail server does not answer")
    ] * 2
    settings(posting, smtp_url=f"smtp://127.0.0.1:{port}")
    with later(minutes=2):
        deliver()
    assert [first.state, second.state] == [MailState.SENT, MailState.SENT]
    assert len(sink.received) == 2


def test_a_password_is_not_sent_in_the_clear(posting: Flask, sink: Sink, monkeypatch) -> None:
    monkeypatch.setattr(delivery, "LOCAL", ())
    settings(posting, smtp_url=f"smtp://user:canary-password@127.0.0.1:{sink.port}")
    mail = queue()
    deliver()
    assert (mail.state, mail.trouble) == (
        MailState.RETRY, "The mail server offers no encryption: the password stays here."
    )  # fmt: skip
    assert sink.received == []


def test_without_a_mail_server_it_stays_here_undelivered(app: Flask) -> None:
    with app.app_context():
        mail = queue()
        deliver()
        assert (mail.state, mail.tries) == (MailState.UNDELIVERED, 0)


def test_a_mail_waits_in_the_outbox_before_it_leaves(posting: Flask, sink: Sink) -> None:
    settings(posting, mail_hold=30)
    mail, link = queue(), queue(address="tom@hufu.example", holds_secret=True)
    deliver()
    assert (mail.state, link.state) == (MailState.QUEUED, MailState.SENT)  # a link is waited for by its reader
    with later(seconds=31):
        deliver()
    assert mail.state == MailState.SENT


def test_no_more_than_the_rate_leaves_within_a_minute(posting: Flask, sink: Sink) -> None:
    settings(posting, mail_rate=3)
    for number in range(8):
        queue(address=f"p{number}@hufu.example")
    for _ in range(3):  # each act that queues asks for a round
        deliver()
    assert len(sink.received) == 3
    with later(seconds=61):
        deliver()
    assert len(sink.received) == 6
    assert [each.rcpt_tos[0] for each in sink.received] == [f"p{number}@hufu.example" for number in range(6)]


def test_two_workers_send_no_mail_twice(posting: Flask, sink: Sink) -> None:
    for number in range(20):
        queue(address=f"p{number}@hufu.example")

    def work() -> None:
        with posting.app_context():
            jobs.run_now("deliver_mail")

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sorted(each.rcpt_tos[0] for each in sink.received) == sorted(
        f"p{number}@hufu.example" for number in range(20)
    )


def test_a_lease_that_holds_keeps_others_away_and_one_that_ended_does_not(posting: Flask, sink: Sink) -> None:
    mail = queue()
    assert delivery.claim(10, deliverable=True) == [mail.id]  # a worker took it, and died
    deliver()
    assert sink.received == []
    with later(minutes=11):
        deliver()
    assert (mail.state, mail.tries, len(sink.received)) == (MailState.SENT, 2, 1)


KILLED = """
import os, sys
sys.path.insert(0, {root!r})
from dataclasses import replace
from app.core import jobs
from app.mail import delivery
from tests.conftest import build
from pathlib import Path
app = build(Path({folder!r}), smtp_url="smtp://127.0.0.1:{port}")
real = delivery.send
def send(server, mail):
    said = real(server, mail)
    os._exit(9)  # sent, and not yet written down
delivery.send = send
with app.app_context():
    jobs.run_now("deliver_mail")
"""


def test_killed_between_sending_and_writing_down_it_is_sent_again_under_the_same_id(posting: Flask, sink: Sink) -> None:
    mail = queue()
    db.session.rollback()
    script = KILLED.format(root=os.getcwd(), folder=posting.instance_path, port=sink.port)
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 9
    db.session.expire_all()
    assert (mail.state, len(sink.received)) == (MailState.SENDING, 1)
    with later(minutes=11):
        deliver()
    assert [each["Message-ID"] for each in sink.mails()] == [mail.message_id] * 2
    assert mail.state == MailState.SENT


def test_what_was_taken_back_does_not_leave(posting: Flask, sink: Sink) -> None:
    mail = queue()
    with unit_of_work():
        mail.state = MailState.CANCELLED
    deliver()
    assert (mail.state, sink.received) == (MailState.CANCELLED, [])


def test_a_slow_server_gives_the_rest_back_before_the_lease_ends(posting: Flask, sink: Sink, monkeypatch) -> None:
    first, second = queue(address="a@hufu.example"), queue(address="b@hufu.example")
    monkeypatch.setattr(delivery, "ENOUGH", timedelta(seconds=0.2))

    def slow() -> str:
        time.sleep(0.3)
        return "250 OK"

    sink.data_answer = slow
    deliver()
    assert [(each.state, each.tries, each.leased_until) for each in (first, second)] == [
        (MailState.SENT, 1, None), (MailState.QUEUED, 0, None)
    ]  # fmt: skip
    deliver()
    assert second.state == MailState.SENT
    assert db.session.scalars(select(MailMessage.state)).all() == [MailState.SENT] * 2
