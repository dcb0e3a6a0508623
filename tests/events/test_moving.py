"""When the first day moves, what is told from it moves along."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Stale
from app.programme.models import HardStop, Window
from app.registration.models import RegistrationPlan
from app.workflows.move_event import change_and_move
from tests.factories import make_event, make_item, make_room, make_session
from tests.factories.registration import make_open_event


@pytest.mark.parametrize(
    ("zone", "day", "to", "skipped"),
    [
        ("Europe/Berlin", date(2031, 3, 28), date(2031, 3, 30), time(2, 30)),
        ("America/New_York", date(2031, 3, 7), date(2031, 3, 9), time(2, 30)),
    ],
)
def test_the_programme_and_the_deadlines_move_along_and_keep_their_hours(cast, zone, day, to, skipped):
    there = ZoneInfo(zone)

    def at(hour, minute=0, on=day):
        return datetime.combine(on, time(hour, minute), there).astimezone(UTC)

    event = make_open_event(starts_on=day, ends_on=day, time_zone=zone, closes_at=at(18, on=day - timedelta(days=3)))
    with unit_of_work():
        timed = make_session(event, day=day, starts_at=at(9), ends_at=at(12))
        only_day = make_session(event, day=day)
        morning = make_item(event, title="Morning", starts_at=at(9), ends_at=at(10))
        night = make_item(event, title="Night", starts_at=datetime.combine(day, skipped, there), ends_at=at(4))
        timeless = make_item(event, title="Whenever", starts_at=None, ends_at=None)
        hall = make_room(event)
        db.session.add_all(
            [
                HardStop(event=event, at=at(18), reason="The hall closes"),
                HardStop(event=event, at=at(17), reason="She flies", person=cast.people["li_wei"]),
                Window(event=event, room=hall, starts_at=at(8), ends_at=at(20), is_free=True),
            ]
        )
    sequence = morning.calendar_sequence
    with unit_of_work():
        told = change_and_move(event, actor=cast.olaf, version=None, moves_along=True, starts_on=to, ends_on=to).lost
    assert (morning.starts_at, morning.ends_at) == (at(9, on=to), at(10, on=to))
    assert morning.calendar_sequence == sequence + 1
    assert (timed.starts_at, timed.ends_at, timed.day) == (at(9, on=to), at(12, on=to), to)
    assert (only_day.day, timeless.starts_at) == (to, None)
    assert (night.starts_at, night.ends_at, night.minutes) == (None, None, 90)
    assert len(told) == 1
    assert "“Night” has no time now" in told[0]
    plan = db.session.scalars(select(RegistrationPlan)).one()
    assert plan.closes_at == at(18, on=to - timedelta(days=3))
    stops = {each.reason: each.at for each in db.session.scalars(select(HardStop))}
    assert stops == {"The hall closes": at(18, on=to), "She flies": at(17)}
    assert db.session.scalars(select(Window.starts_at)).one() == at(8)


def test_nothing_moves_unless_it_is_asked_for_or_the_page_is_old(cast):
    with unit_of_work():
        event = make_event()
        item = make_item(event)
    before, day = item.starts_at, event.starts_on
    with unit_of_work():
        change_and_move(event, actor=cast.olaf, version=None, moves_along=True, title="Another name")
    with unit_of_work():
        change_and_move(event, actor=cast.olaf, version=None, moves_along=False, starts_on=day - timedelta(days=1))
    with pytest.raises(Stale), unit_of_work():
        change_and_move(event, actor=cast.olaf, version=1, moves_along=True, starts_on=day - timedelta(days=3))
    assert (item.starts_at, event.starts_on) == (before, day - timedelta(days=1))
