"""A gathering that moves: who is told, and what their calendars read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Status
from app.mail.models import MailMessage
from app.registration import services as registration
from app.workflows.cancel_event import cancel_event
from app.workflows.change_event import change_event
from tests.cast import Cast
from tests.factories import make_event, make_item
from tests.factories.releases import entries_in, mails_of, make_release


@pytest.fixture(autouse=True)
def _in_december() -> Iterator[None]:
    with clock.at(datetime(2026, 12, 1, 4, tzinfo=UTC)):
        yield


def test_whoever_has_a_place_is_told_once_of_new_days_and_a_new_place_and_has_the_same_entry_moved(cast: Cast) -> None:
    with unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14), title="Strategy days", city="Foshan")
        registration.open_registration(event, actor=SYSTEM, capacity=1)
        for name in ("petra", "rita"):  # rita waits
            registration.register_person(event, cast.people[name], actor=SYSTEM)
        cast.people["petra"].language = "zh_Hans_CN"
    with unit_of_work():
        told = change_event(
            event,
            actor=cast.olaf,
            version=event.version,
            starts_on=date(2027, 1, 21),
            ends_on=date(2027, 1, 22),
            city="Wuhan",
        )
    assert told == 1
    (first,) = db.session.scalars(select(MailMessage).where(MailMessage.kind == "registration_confirmed"))
    (mail,) = mails_of(event, "event_changed")
    assert mail.to_name == "Petra Lindqvist"
    assert "2027年1月14日至1月15日 → 2027年1月21日至1月22日" in mail.text
    assert "Foshan → Wuhan" in mail.text
    before, after = (Calendar.from_ical(each.calendar).walk("VEVENT")[0] for each in (first, mail))
    assert mail.calendar_method == "REQUEST"
    assert str(before["UID"]) == str(after["UID"])
    assert (int(before["SEQUENCE"]), int(after["SEQUENCE"])) == (0, 1)
    assert after["DTSTART"].dt == date(2027, 1, 21)
    assert str(after["LOCATION"]) == "Wuhan"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"title": "Other words"}, Status.PUBLISHED),
        ({"city": "Wuhan"}, Status.DRAFT),
        ({"city": "Wuhan"}, Status.CONCLUDED),
    ],
)
def test_words_drafts_and_what_is_over_are_changed_in_silence(cast: Cast, values, status) -> None:
    with unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14), city="Foshan")
        registration.open_registration(event, actor=SYSTEM)
        registration.register_person(event, cast.people["petra"], actor=SYSTEM)
        event.status = status
    with unit_of_work():
        assert change_event(event, actor=cast.olaf, version=None, **values) == 0
    assert mails_of(event, "event_changed") == []


def test_a_cancelled_event_takes_its_speakers_items_out_of_their_calendars(cast: Cast) -> None:
    petra = cast.people["petra"]
    with unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14))
        starts = datetime(2027, 1, 14, 1, tzinfo=UTC)
        items = [
            make_item(event, speakers=[petra], starts_at=starts + n * timedelta(hours=1), ends_at=starts + timedelta(hours=n + 1))
            for n in range(2)
        ]  # fmt: skip
        registration.open_registration(event, actor=SYSTEM)
        registration.register_person(event, petra, actor=SYSTEM)
        make_release(event)
        cancel_event(event, actor=cast.olaf, reason="Flood")
    (mail,) = mails_of(event, "event_cancelled")
    assert mail.calendar_method == "CANCEL"
    assert {(method, str(entry["UID"]), int(entry["SEQUENCE"])) for method, entry in entries_in(mail)} == {
        ("CANCEL", f"item-{each.ref}-{petra.ref}@hufu.invalid", 1) for each in items
    }
