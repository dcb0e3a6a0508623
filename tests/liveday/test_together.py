"""Two operators at the same moment, on both databases."""

from datetime import UTC, datetime
from threading import Barrier, Thread

from flask import Flask

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.diary import entries, queries
from app.diary import services as diary
from app.liveday import queries as live
from app.liveday import services
from app.programme import queries as programme
from app.programme.models import AgendaItem
from tests import cast as the_cast
from tests.factories.liveday import at, make_day


def test_of_two_who_press_start_at_once_one_starts_it(either_app: Flask) -> None:
    with either_app.app_context(), unit_of_work():
        ref = make_day().report.ref
    barrier, said = Barrier(2), []

    def press(name: str) -> None:
        with either_app.app_context(), clock.at(at("9:05")):
            actor = getattr(the_cast.load(), name)
            item = db.session.query(AgendaItem).filter_by(ref=ref).one()
            barrier.wait()
            try:
                with unit_of_work():
                    services.begin_item(item, actor=actor, version=1)
                said.append("done")
            except Refused as refusal:
                said.append(str(refusal))
            db.session.remove()

    threads = [Thread(target=press, args=(name,)) for name in ("olaf", "sara")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(said) == ["done", "“The year's report” began at 09:05 already."]
    with either_app.app_context():
        item = db.session.query(AgendaItem).filter_by(ref=ref).one()
        assert (item.version, item.event.programme_version) == (2, 1)


def test_what_is_asked_of_the_day_and_of_a_diary_is_answered_on_both_databases(either_app: Flask) -> None:
    with either_app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            day = make_day(cast.people["petra"], venue="Hall of the Kilns")
            other = make_day(cast.people["petra"], venue="Hall of the Kilns")
            feed = diary.make_feed(actor=cast.petra)
        items = live.list_working(day.event, cast.olaf)
        assert [each.item.title for each in live.moment_of(day.event, items, at("9:10")).running] == [
            "The year's report"
        ]
        found = programme.clashes_in(day.event, cast.olaf, [], items)
        assert {str(each.code) for each in found} >= {"busy_elsewhere", "room_busy_elsewhere"}
        assert other.event.id != day.event.id
        reader = queries.Reader(feed, cast.petra, cast.people["petra"])
        body = entries.own_calendar(reader, datetime(2027, 1, 14, tzinfo=UTC).date(), base_url="http://localhost")
        assert body.count(b"BEGIN:VEVENT") == 4
        with unit_of_work():
            diary.renew_feed(actor=cast.petra)
