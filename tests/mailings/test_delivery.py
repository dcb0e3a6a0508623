"""Many workers, one mailing, a mail server that refuses every fifth: each mail once, or failed with a reason."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.core.errors import Busy
from app.mail.models import MailMessage, MailState
from app.mail.services import Letter, Recipient, queue_many
from tests.mail.test_delivery import Sink, free_port

WORKERS, MAILS = 5, 60


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Refuses one in ten for good and one in ten for now."""
    dice, guard = random.Random(4), threading.Lock()  # noqa: S311

    def answer(_address: str) -> str:
        with guard:
            number = dice.random()
        return "550 no such mailbox" if number < 0.1 else "451 try again" if number < 0.2 else "250 OK"

    found = Sink(answer=answer, port=free_port())
    server = Controller(found, hostname="127.0.0.1", port=found.port)
    server.start()
    yield found
    server.stop()


@pytest.mark.load
def test_each_mail_of_a_mailing_is_delivered_once_or_failed_with_a_reason(either_app: Flask, sink: Sink) -> None:
    app = either_app
    app.extensions["hufu_settings"] = replace(
        app.extensions["hufu_settings"], smtp_url=f"smtp://127.0.0.1:{sink.port}", mail_rate=20, lock_wait=20.0
    )
    letters = [
        Letter(Recipient(f"P {n}", f"p{n}@hufu.example"), "News", "Text", f"mailing/m/{n}") for n in range(MAILS)
    ]
    with app.app_context():
        with unit_of_work():
            assert queue_many(letters, kind="mailing", scope="s", bundle="m") == MAILS
        with unit_of_work():
            assert queue_many(letters, kind="mailing", scope="s", bundle="m") == 0, "of one key there is one mail, ever"
    now = clock.now()

    def work(minute: int) -> None:
        with app.app_context(), clock.at(now + timedelta(minutes=minute)):
            try:
                jobs.run_now("deliver_mail")
            except Busy:
                pass  # the next minute takes it up
            finally:
                db.session.remove()

    for minute in range(0, 400, 5):
        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(work, [minute] * WORKERS))
        with app.app_context():
            states = Counter(db.session.scalars(select(MailMessage.state)))
            db.session.remove()
        if set(states) <= {MailState.SENT, MailState.FAILED}:
            break
    received = Counter(each["Message-ID"] for each in sink.mails())
    assert set(received.values()) == {1}, "nothing twice"
    with app.app_context():
        mails = list(db.session.scalars(select(MailMessage)))
        assert {mail.message_id for mail in mails if mail.state == MailState.SENT} == set(received)
        failed = [mail for mail in mails if mail.state == MailState.FAILED]
        assert len(received) + len(failed) == MAILS
        assert failed
        assert all(mail.trouble and "550" in mail.trouble for mail in failed)
