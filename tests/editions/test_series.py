"""Gatherings that come again by a rule."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.editions.errors import BadRule
from app.editions.queries import neighbours_of
from app.editions.recurrence import days_of, rule_of
from app.editions.services import bare_title, create_series
from app.editions.template import shipped
from app.events import services as events
from app.events.models import Event, EventSeries
from app.events.services import without_year
from app.programme.models import AgendaItem, AgendaSpeaker
from tests.factories import make_event, make_item

FIRST = date(2027, 1, 12)  # the second Tuesday


@pytest.mark.parametrize(
    ("every", "first", "rule", "days"),
    [
        ("month_by_weekday", FIRST, "FREQ=MONTHLY;BYDAY=2TU;COUNT=4", ["01-12", "02-09", "03-09", "04-13"]),
        ("month_by_last", date(2027, 1, 29), "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", ["01-29", "02-26", "03-26", "04-30"]),
        ("month_by_weekday", date(2027, 1, 29), "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", ["01-29", "02-26", "03-26", "04-30"]),
        ("month_by_day", date(2027, 1, 31), "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", ["01-31", "03-31", "05-31", "07-31"]),
        ("week", FIRST, "FREQ=WEEKLY;BYDAY=TU;COUNT=4", ["01-12", "01-19", "01-26", "02-02"]),
        ("fortnight", FIRST, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=4", ["01-12", "01-26", "02-09", "02-23"]),
        ("quarter_by_weekday", FIRST, "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU;COUNT=4", ["01-12", "04-13", "07-13", "10-12"]),
        ("quarter_by_last", date(2027, 1, 29), "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR;COUNT=4",
         ["01-29", "04-30", "07-30", "10-29"]),
    ],
)  # fmt: skip
def test_a_rule_follows_from_its_first_day(app, every, first, rule, days):
    with app.app_context():
        assert rule_of(every, first, count=4) == rule
        assert [f"{each:%m-%d}" for each in days_of(rule, first)] == days


def test_a_rule_has_an_end_and_at_most_sixty_days(app):
    with app.app_context():
        for asked in (
            {},
            {"count": 3, "until": date(2027, 6, 1)},
            {"count": 61},
            {"count": 0},
            {"until": date(2026, 1, 1)},
        ):
            with pytest.raises(BadRule):
                rule_of("week", FIRST, **asked)
        for rule in ("FREQ=DAILY", "FREQ=WEEKLY;UNTIL=20400101", "FREQ=NEVER;COUNT=2", "COUNT=2"):
            with pytest.raises(BadRule):
                days_of(rule, FIRST)
        assert len(days_of(rule_of("week", FIRST, count=60), FIRST)) == 60


def create(actor, **more):
    rule = rule_of("month_by_weekday", FIRST, count=6)
    given = {"title": "Monthly review {year}-{month}", "rule": rule, "first_day": FIRST, "days": days_of(rule, FIRST),
             "time_zone": "Europe/Berlin", "actor": actor}  # fmt: skip
    with unit_of_work():
        return create_series(**{**given, **more})


def occurrences(series) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.series_id == series.id).order_by(Event.starts_on)))


def test_one_act_makes_a_chain_of_drafts_whose_clocks_do_not_shift_in_summer(cast):
    days = days_of(rule_of("month_by_weekday", FIRST, count=6), FIRST)
    series = create(cast.olaf, template=shipped()["town-hall"], days=[each for each in days if each.month != 3])
    made = occurrences(series)
    assert [f"{each.starts_on:%m-%d}" for each in made] == ["01-12", "02-09", "04-13", "05-11", "06-08"]
    assert [each.title for each in made][:2] == ["Monthly review 2027-01", "Monthly review 2027-02"]
    assert (series.title, series.rule) == ("Monthly review", "FREQ=MONTHLY;BYDAY=2TU;COUNT=6")
    assert [each.previous for each in made] == [None, *made[:-1]]
    for event in made:
        first = db.session.scalars(
            select(AgendaItem).where(AgendaItem.event_id == event.id).order_by(AgendaItem.id)
        ).first()
        assert first.starts_at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(15, 0)
    offsets = {
        each.starts_at.hour
        for each in db.session.scalars(select(AgendaItem).where(AgendaItem.title == "Where we stand"))
    }
    assert offsets == {13, 14}  # in UTC


def test_a_series_from_an_event_names_nobody_again(cast):
    with unit_of_work():
        source = make_event(
            starts_on=date(2026, 12, 8), ends_on=date(2026, 12, 8), city="Foshan", time_zone="Europe/Berlin"
        )
        begins = datetime(2026, 12, 8, 8, tzinfo=UTC)
        make_item(source, starts_at=begins, ends_at=None, speakers=[cast.people["tom"]])
    made = occurrences(create(cast.olaf, source=source))
    items = select(AgendaItem.id).where(AgendaItem.event_id.in_([each.id for each in made]))
    assert db.session.scalar(select(func.count()).select_from(items.subquery())) == 6
    assert db.session.scalar(select(func.count()).where(AgendaSpeaker.item_id.in_(items))) == 0
    assert {each.city for each in made} == {"Foshan"}


def test_days_that_the_rule_does_not_name_are_refused_and_nothing_is_made(cast):
    for days in ([date(2027, 1, 13)], []):
        with pytest.raises(BadRule):
            create(cast.olaf, days=days)
    with pytest.raises(Forbidden):
        create(cast.petra)
    assert db.session.scalar(select(func.count(Event.id))) == 0
    assert db.session.scalar(select(func.count(EventSeries.id))) == 0


def test_the_second_edition_begins_a_series_and_names_it_after_the_first(cast):
    with unit_of_work():
        first = make_event(title="2022 Strategy Session", title_local="2022年战略会")
        second = events.create_event(
            title="2023 Strategy Session", starts_on=date(2033, 1, 12), time_zone="Asia/Shanghai", actor=cast.olaf,
            previous=first,
        )  # fmt: skip
        third = make_event()
        events.change_event(third, actor=cast.olaf, version=None, previous=second)
    assert first.series is second.series is third.series
    assert (first.series.title, first.series.title_local) == ("Strategy Session", "战略会")


def test_an_edition_is_told_by_the_year_in_its_title_before_that_of_its_days():
    first, second, third = (
        Event(id=n, title=title, starts_on=day)
        for n, title, day in (
            (1, "Gathering 2026", date(2025, 12, 11)), (2, "Gathering", date(2026, 12, 10)), (3, "2027 年会", date(2026, 12, 31)),
        )
    )  # fmt: skip
    row = [first, second, third]
    assert [neighbours_of(first, row).label_of(each) for each in row] == [
        date(2025, 12, 11),
        date(2026, 12, 10),
        "2027",
    ]
    assert [neighbours_of(first, [first, third]).label_of(each) for each in (first, third)] == ["2026", "2027"]


def test_a_series_is_called_what_stays_the_same():
    assert without_year("2026年度经营会议") == "年度经营会议"
    assert without_year("2026") == "2026"
    assert bare_title("月度复盘 {year}年{month}月") == "月度复盘"
    assert bare_title("{year}") == "{year}"
