"""The pages of a mailing, walked by two organizers; and who is let in."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db, unit_of_work
from app.mail.models import MailMessage, MailState
from app.mailings.models import Mailing
from tests import cast as the_cast
from tests.factories.registration import make_open_event, register

WRITTEN = {"subject": "News of {event}", "text": "Dear {name}, come to {place}.", "standing": "confirmed"}


@pytest.fixture
def here(app: Flask) -> str:
    with app.app_context():
        event = make_open_event(title="Annual <b>gathering</b>", city=None, venue=None)
        people = the_cast.load().people
        with unit_of_work():
            people["xaver"].email = None
        for name in ("petra", "tom", "xaver"):
            register(event, people[name])
        with unit_of_work():
            for mail in db.session.scalars(select(MailMessage)):
                db.session.delete(mail)
        return f"/events/{event.ref}/mailings"


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(MailMessage.state).order_by(MailMessage.id)))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="(\w+)"', page)
    assert found
    return found.group(1)


def test_a_mailing_is_written_looked_at_approved_sent_and_taken_back(app: Flask, as_, here: str) -> None:
    olaf, ada = as_("olaf"), as_("ada")
    assert "Nothing written yet" in olaf.get(here).text
    wrong = olaf.post(f"{here}/new", {**WRITTEN, "text": "Dear {nmae}"})
    assert wrong.status_code == 422
    assert "There is no placeholder {nmae}." in wrong.text
    assert "Dear {nmae}" in wrong.text, "nothing typed is lost"
    there = olaf.post(f"{here}/new", WRITTEN).location
    page = olaf.get(there).text
    assert "2 people receive it" in page
    assert "1 person is left out" in page
    assert "has no e-mail address" in page
    assert "News of Annual &lt;b&gt;gathering&lt;/b&gt;" in page
    assert "Dear Petra Lindqvist, come to a place to be told." in page
    assert "Of 2 people {place} is unknown" in page
    ref = re.search(r'\?person=(\w+)">Tom', page)
    assert ref
    assert "Dear Tom Okafor" in olaf.get(f"{there}?person={ref.group(1)}").text
    assert "Being written to many" in olaf.get(here.replace("mailings", "mail")).text
    olaf.post(f"{there}/test")
    assert "A test is on its way to olaf@hufu.example." in olaf.get(there).text
    assert "Only a draft" not in ada.get(there).text
    ada.post(f"{there}/approval", {"version": hidden(ada.get(there).text, "version")})
    sending = olaf.get(f"{there}/send").text
    assert "Send to 2 people" in sending
    late = olaf.post(f"{there}/send", {"digest": hidden(sending, "digest"), "at": "2001-01-01T10:00"})
    assert late.status_code == 422
    assert "This time has passed already" in late.text
    olaf.post(f"{there}/send", {"digest": hidden(sending, "digest")})
    page = olaf.get(there).text
    assert "2 mails are in the outbox" in page
    assert "Take 2 mails back" in page
    outbox = olaf.get(here.replace("mailings", "mail")).text
    assert there in outbox, "each mail leads to its mailing"
    olaf.post(f"{there}/take-back")
    assert states(app) == ["queued", "cancelled", "cancelled"]
    assert "Dropped" in olaf.get(here).text
    assert 'value="News of {event}"' in olaf.get(f"{here}/new?from={there.rsplit('/', 1)[1]}").text


def test_without_a_mail_server_nothing_is_lost_and_it_is_said(app: Flask, as_, here: str) -> None:
    """A mail server that is down: the mails stay, say why, and can be sent again."""
    olaf, ada = as_("olaf"), as_("ada")
    there = olaf.post(f"{here}/new", WRITTEN).location
    ada.post(f"{there}/approval", {"version": "1"})
    olaf.post(f"{there}/send", {"digest": hidden(olaf.get(f"{there}/send").text, "digest")})
    settings = app.extensions["hufu_settings"]
    from dataclasses import replace

    app.extensions["hufu_settings"] = replace(settings, smtp_url="smtp://127.0.0.1:9")
    with app.app_context():
        for hours in range(0, 90, 9):
            with clock.at(clock.now() + timedelta(hours=hours)):
                jobs.run_now("deliver_mail")
        found = db.session.execute(select(MailMessage.state, MailMessage.trouble)).all()
    assert [tuple(each) for each in found] == [
        ("failed", "ConnectionRefusedError: the mail server does not answer")
    ] * 2
    page = olaf.get(there).text
    assert "Send 2 failed mails again" in page
    olaf.post(f"{there}/send-again")
    assert states(app) == ["queued", "queued"]


def test_the_auditor_reads_and_nobody_else_sees(app: Flask, as_, here: str) -> None:
    there = as_("olaf").post(f"{here}/new", WRITTEN).location
    aude = as_("aude")
    assert aude.get(there).status_code == aude.get(here).status_code == 200
    for act in ("approval", "test", "drop", "take-back", "send-again", "send"):
        assert aude.post(f"{there}/{act}").status_code == 403
        assert as_("petra").post(f"{there}/{act}").status_code == 403
    assert as_("petra").get(there).status_code == 403
    assert states(app) == []


def test_pages_ask_as_much_for_one_as_for_thirty(app: Flask, as_, here: str, count_statements) -> None:
    olaf = as_("olaf")
    outbox = here.replace("mailings", "mail")
    said: dict[str, set[int]] = {"list": set(), "outbox": set(), "show": set()}
    there = olaf.post(f"{here}/new", WRITTEN).location
    for number in (1, 30):
        with app.app_context(), unit_of_work():
            from app.events.models import Event

            event = db.session.scalars(select(Event)).one()
            from tests.factories.registration import make_crowd  # noqa: F401

            for each in range(number):
                mailing = Mailing(
                    event=event, subject=f"S{each}", text="T", by_name="Olaf", audience={}, sent_to=[], left_out=[]
                )
                db.session.add(mailing)
                db.session.flush()
                db.session.add(
                    MailMessage(
                        message_id=f"<{number}-{each}@x>", scope=event.ref, bundle=mailing.ref, kind="mailing", to_name="P",
                        to_address="p@hufu.example", language="en", subject="S", text="T", due_at=clock.now(),
                        state=MailState.SENT,
                    )
                )  # fmt: skip
        for name, url in (("list", here), ("outbox", outbox), ("show", there)):
            olaf.get(url)
            with count_statements() as statements:
                assert olaf.get(url).status_code == 200
            said[name].add(len(statements))
    assert all(len(each) == 1 and max(each) <= 13 for each in said.values()), said
