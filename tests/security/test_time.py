"""Time that is not even: zones, changed clocks, and a server whose clock steps back (R11)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.core import audit, clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.events.models import Event
from app.programme import services
from app.programme.models import AgendaItem
from tests.cast import load
from tests.factories import make_event, make_item

ZONES = (
    "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati",
    "America/St_Johns", "Africa/Casablanca", "UTC",
)  # fmt: skip
MINUTES = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(
    lambda each: each.replace(second=0, microsecond=0)
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_programme_and_the_calendar_file_tell_the_same_moments(app: Flask, as_: Callable[[str], Any]) -> None:
    """The page, its machine-readable time and the .ics, in whatever zone, also in the hour that comes twice."""
    with app.app_context(), unit_of_work():
        item = make_item(make_event())
        ids, ref = (item.event_id, item.id), item.event.ref
    visitor = as_("petra")

    @settings(max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(zone=st.sampled_from(ZONES), begin=MINUTES, length=st.integers(1, 1500))
    @example(zone="Europe/Berlin", begin=moment("2026-03-29T00:30"), length=60)  # over the hour that is skipped
    @example(zone="Europe/Berlin", begin=moment("2026-10-25T00:30"), length=30)  # 02:30 for the first time
    @example(zone="Europe/Berlin", begin=moment("2026-10-25T01:30"), length=30)  # 02:30 for the second time
    @example(zone="Europe/Berlin", begin=moment("2026-10-24T20:00"), length=540)  # a night of nine hours
    @example(zone="Australia/Lord_Howe", begin=moment("2026-04-04T15:10"), length=30)  # half an hour comes twice
    @example(zone="Pacific/Kiritimati", begin=moment("2027-12-31T09:59"), length=2)  # the year's end
    @example(zone="America/New_York", begin=moment("2028-02-29T04:59"), length=1)  # the leap day
    def compare(zone: str, begin: datetime, length: int) -> None:
        begins = begin.replace(tzinfo=UTC)
        ends = begins + timedelta(minutes=length)
        with app.app_context(), unit_of_work():
            event, there = db.session.get_one(Event, ids[0]), db.session.get_one(AgendaItem, ids[1])
            event.time_zone, event.version = zone, event.version + 1
            event.starts_on, event.ends_on = (each.astimezone(ZoneInfo(zone)).date() for each in (begins, ends))
            there.starts_at, there.ends_at, there.version = begins, ends, there.version + 1
        page = visitor.get(f"/events/{ref}/programme").get_data(as_text=True)
        told = re.search(r'<time datetime="([^"]+)">(\d\d:\d\d)<span> – (\d\d:\d\d)</span>', page)
        assert told, page
        entry = next(iter(Calendar.from_ical(visitor.get(f"/events/{ref}/calendar.ics").get_data()).walk("VEVENT")))
        assert entry.decoded("DTSTART").astimezone(UTC) == begins == moment(told[1])
        assert entry.decoded("DTEND").astimezone(UTC) == ends
        assert [told[2], told[3]] == [f"{each.astimezone(ZoneInfo(zone)):%H:%M}" for each in (begins, ends)]

    compare()


def test_a_clock_that_steps_back_loses_nothing_and_the_log_keeps_its_own_order(app: Flask) -> None:
    now = clock.now()
    names = ["first", "second", "an hour earlier", "last"]
    with app.app_context():
        cast = load()
        with unit_of_work():
            event = make_event()
        for name, at in zip(names, (0, 1, -59, 2), strict=True):
            with clock.at(now + timedelta(minutes=at)), unit_of_work():
                services.add_room(event, actor=cast.olaf, name=name)
        kept = db.session.query(AuditEntry).filter_by(action="room.added").order_by(AuditEntry.seq)
        assert [each.subject_label for each in kept] == names
        assert [(each.at - now) // timedelta(minutes=1) for each in kept] == [0, 1, -59, 2]
        assert audit.verify().broken_at is None
        db.session.remove()


def test_a_clock_that_steps_back_gives_no_new_tries(app: Flask, as_: Callable[[str], Any]) -> None:
    """Ten wrong passwords stay ten; somebody who is signed in stays so."""
    now = clock.now()
    stranger, petra = as_("nobody"), as_("petra")
    with clock.at(now):
        told = [
            stranger.post("/sign-in", {"email": "tom@hufu.example", "password": f"wrong {n}"}).status_code
            for n in range(11)
        ]
    assert told == [422] * 10 + [429]
    with clock.at(now - timedelta(hours=1)):
        assert stranger.post("/sign-in", {"email": "tom@hufu.example", "password": "wrong again"}).status_code == 429
        assert petra.get("/").status_code == 200
