"""Every number of the page is the length of the list that it leads to."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.attendance import services as attendance
from app.attendance.models import MarkStatus
from app.attendance.queries import list_spans
from app.core import clock
from app.core.db import db, unit_of_work
from app.door.models import CheckIn, Point, PointKind
from app.door.services import arrival_of
from app.events.models import Event
from app.people.models import Person
from app.registration import services as gate
from app.registration.models import Invitation, InvitationAnswer, PlaceCounter, Registration, Reservation
from app.turnout import plots, queries
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_item
from tests.factories.registration import make_crowd, make_open_event, register

DAY = date(2027, 1, 14)
NIGHT = datetime(2027, 1, 10, 16, 30, tzinfo=UTC)  # in Shanghai it is half past midnight of the eleventh
DOORS = datetime(2027, 1, 14, 0, 58, 59, tzinfo=UTC)  # 08:58:59 there


def invite(event: Event, person: Person, *answers: tuple[str, datetime]) -> None:
    invitation = Invitation(event=event, person=person, via="person", answer=answers[-1][0] if answers else None)
    db.session.add(invitation)
    for answer, at in answers:
        db.session.add(InvitationAnswer(invitation=invitation, answer=answer, means="link", by_name="x", created_at=at))


def let_in(event: Event, person: Person, at: datetime, point: Point | None = None, **more: Any) -> None:
    passed = {"event": event, "point": point or arrival_of(event), "person": person, "at": at, "slot": at.isoformat()}
    db.session.add(CheckIn(**passed, by_name="Dora", means="code", **more))


def gathering_of(cast: Cast) -> Event:
    """Six are invited, four answered, three have places, two of them came, and one whom nobody expected."""
    people = cast.people
    event = make_open_event(starts_on=DAY, sessions=1, places=5, title="Winter Session")
    for name in ("petra", "tom", "mei"):
        register(event, people[name])
    with unit_of_work():
        for registration in db.session.scalars(select(Registration)):
            registration.joined_at = NIGHT
        invite(event, people["petra"], ("maybe", NIGHT - timedelta(days=2)), ("yes", NIGHT))
        invite(event, people["tom"], ("yes", NIGHT - timedelta(hours=1)))
        invite(event, people["mei"], ("yes", NIGHT))
        invite(event, people["rita"], ("no", NIGHT + timedelta(days=1)))
        invite(event, people["sara"])
        invite(event, people["xaver"])
        let_in(event, people["petra"], DOORS)
        let_in(event, people["petra"], DOORS + timedelta(hours=4))
        let_in(event, people["tom"], DOORS + timedelta(seconds=61))
        let_in(event, people["aude"], DOORS + timedelta(minutes=11))
        let_in(event, people["mei"], DOORS, undone_at=DOORS)
        session = db.session.scalars(select(PlaceCounter).where(PlaceCounter.session_id.is_not(None))).one()
        mine = db.session.scalars(select(Registration).where(Registration.person_id == people["petra"].id)).one()
        db.session.add(Reservation(registration=mine, counter=session, is_held=True))
        hall = Point(event=event, kind=PointKind.SESSION, name="Hall", session_id=session.session_id, position=2)
        db.session.add(hall)
        db.session.flush()
        let_in(event, people["petra"], DOORS + timedelta(hours=1), hall)
    return event


@pytest.fixture
def gathering(cast: Cast) -> Event:
    return gathering_of(cast)


def during(act: Callable[[], Any]) -> Any:
    with clock.at(DOORS + timedelta(hours=6)):
        return act()


def names(people: list[queries.Somebody]) -> list[str]:
    return [each.name for each in people]


def test_each_list_names_the_right_people(gathering: Event) -> None:
    found = during(lambda: queries.turnout_of(gathering))
    assert {
        of: names(found.listed(of)) for of in ("yes", "no", "silent", "place", "came", "no_show", "unexpected")
    } == {
        "yes": ["Mei Zhao", "Petra Lindqvist", "Tom Okafor"],
        "no": ["Rita Sommer"],
        "silent": ["Sara Novák", "Xaver Huber"],
        "place": ["Mei Zhao", "Petra Lindqvist", "Tom Okafor"],
        "came": ["Aude Martin", "Petra Lindqvist", "Tom Okafor"],
        "no_show": ["Mei Zhao"],
        "unexpected": ["Aude Martin"],
    }
    assert found.count("invited") == 6
    assert found.listed("of nothing") == []


def test_nobody_is_missed_before_the_first_day(gathering: Event) -> None:
    with clock.at(DOORS - timedelta(days=2)):
        assert queries.turnout_of(gathering).count("no_show") == 0


def test_the_days_are_those_of_the_place_and_the_last_answer_counts_once(gathering: Event) -> None:
    curve = during(lambda: queries.turnout_of(gathering).curve())
    told = [
        (each.day.day, dict(each.said), each.registered, each.answered_so_far, each.registered_so_far) for each in curve
    ]
    assert told == [
        (9, {"maybe": 1}, 0, 1, 0), (10, {"yes": 1}, 0, 2, 0),
        (11, {"yes": 2}, 3, 3, 3), (12, {"no": 1}, 0, 4, 3),
    ]  # fmt: skip


def test_arrivals_are_counted_in_five_minutes_of_the_first_time_on_a_day(gathering: Event) -> None:
    found = during(lambda: queries.turnout_of(gathering))
    assert found.arrival is not None
    slots = found.arrivals(found.arrival, DAY)
    assert [(f"{each.starts_at:%H:%M}", each.number) for each in slots] == [("08:55", 1), ("09:00", 1), ("09:05", 1)]
    assert names(found.arrived_in(found.arrival, "2027-01-14T09:00")) == ["Tom Okafor"]
    assert len(found.arrived_in(found.arrival, "2027-01-14")) == 3
    assert found.days_at(found.arrival) == [DAY]


def test_departments_and_sessions(gathering: Event) -> None:
    found = during(lambda: queries.turnout_of(gathering))
    rows = {row.unit.name if row.unit else None: row.counts for row in found.by_unit(("invited", "came"))}
    assert rows == {"Executive Office": {"invited": 3, "came": 2}, "Works": {"invited": 3, "came": 1}}
    (row,) = found.session_rows()
    assert (row.places.capacity, row.held, row.waits, row.came) == (5, 1, 0, 1)
    assert names(found.in_session(row.places.session.id, "came")) == ["Petra Lindqvist"]


def test_the_numbers_cost_the_same_statements_for_thousands(gathering: Event, count_statements: Any) -> None:
    with count_statements() as few:
        queries.turnout_of(gathering)
    make_crowd(gathering, 5000)
    with count_statements() as many:
        assert queries.turnout_of(gathering).count("place") == 5003
    assert len(few) == len(many) <= 12


# --- the pages ------------------------------------------------------------------------------------------------------


def test_every_number_leads_to_a_list_of_that_length(app: Flask, as_: Any) -> None:
    with app.app_context():
        event = gathering_of(the_cast.load())
        ref = event.ref
    with clock.at(DOORS + timedelta(hours=6)):
        olaf = as_("olaf")
        page = olaf.get(f"/events/{ref}/numbers").get_data(as_text=True)
        links = re.findall(r'<a href="([^"]*/numbers/people[^"]*)" aria-label="[^"]*: (\d+)"', page)
        links += [
            (url, number)
            for url, number in re.findall(r'<a href="([^"]*/numbers/people[^"]*)"><b class="num">(\d+)</b>', page)
        ]
        assert len(links) > 30
        for url, number in {(unescape(url), int(number)) for url, number in links}:
            listed = olaf.get(url).get_data(as_text=True)
            assert listed.count("<tr>") - 1 == number or number == 0, url
            export = olaf.get(url.replace("/people?", "/people.csv?")).get_data(as_text=True).lstrip("\ufeff")
            assert len(list(csv.reader(io.StringIO(export)))) - 1 == number, url


def page_of(app: Flask, as_: Any, who: str, path: str = "") -> Any:
    with app.app_context():
        known = db.session.scalar(select(Event.ref).where(Event.title == "Winter Session"))
        ref = known or gathering_of(the_cast.load()).ref
    with clock.at(DOORS + timedelta(hours=6)):
        return as_(who).get(f"/events/{ref}/numbers{path}")


def test_each_plot_stands_on_the_page_with_its_table(app: Flask, as_: Any) -> None:
    page = page_of(app, as_, "olaf").get_data(as_text=True)
    plots_, tables = re.findall(r'<svg class="(not-phone|only-phone)"', page), page.count("<table")
    assert (Counter(plots_), tables) == ({"not-phone": 2, "only-phone": 2}, 4)
    assert "<title>08:55: 1</title>" in page
    assert "33.3% did not come" in page
    assert "<script" not in page.split("<main", 1)[1].split("</main", 1)[0]


def test_nonsense_in_the_address_is_an_empty_list_and_nothing_worse(app: Flask, as_: Any) -> None:
    for path in (
        "?day=2027-99-99&point=zzz", "/people", "/people?of=__class__", "/people?of=arrived&slot=", "/people?of=arrived&slot=%",
        "/people?of=arrived&slot=2027-99-99T", "/people?of=answered&day=x", "/people?of=held&session=0000000000000000",
        "/people?of=came&department=%27--&page=-1&per_page=9999&kind=x&event_ref=y", "/people?q=%00%E2%80%AE%25_&of=came",
    ):  # fmt: skip
        assert page_of(app, as_, "olaf", path).status_code == 200, path
    assert page_of(app, as_, "olaf", "/people.pdf").status_code == 404


def test_who_reads_the_numbers(app: Flask, as_: Any) -> None:
    allowed = {"olaf", "sara", "aude"}
    for who in ("olaf", "sara", "aude", "sven", "li_wei", "dora", "petra", "rita", "xaver"):
        for path in ("", "/people?of=came", "/people.csv?of=came"):
            assert page_of(app, as_, who, path).status_code == (200 if who in allowed else 403), (who, path)


def test_an_event_without_anybody_has_a_page(app: Flask, as_: Any) -> None:
    with app.app_context():
        ref = make_open_event().ref
    page = as_("olaf").get(f"/events/{ref}/numbers")
    assert "There is nothing to count yet" in page.get_data(as_text=True)


# --- geometry -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [0, 1, 4, 5, 7, 10, 19, 23, 60, 99, 100, 101, 600, 4999, 5000, 123456])
def test_the_axis_reaches_the_largest_number_in_a_few_round_steps(most: int) -> None:
    marks = plots.steps(most)
    assert marks[0] == 0
    assert marks[-1] >= most
    assert 2 <= len(marks) <= 6
    assert len({b - a for a, b in zip(marks, marks[1:], strict=False)}) == 1
    assert marks[-1] <= max(1, most * 1.7)


@pytest.mark.parametrize("width", [340.0, 720.0])
def test_nothing_is_drawn_outside_of_the_drawing(width: float) -> None:
    values = [(f"{n:02}:00", n * 7 % 31) for n in range(60)]
    drawn = plots.columns(values, width)
    assert len(drawn.boxes) == sum(1 for each in values if each[1])
    for box in drawn.boxes:
        assert box.x >= 0
        assert box.x + box.width <= width
        assert 0 <= box.y <= drawn.base
        assert abs(box.y + box.height - drawn.base) < 0.11
    gaps = [b[0] - a[0] for a, b in zip(drawn.labels, drawn.labels[1:], strict=False)]
    assert min(gaps) >= plots.LABEL - 0.2
    curve = plots.curves(["1/1"], [("answered", [3])], width, most=6)
    ((_name, points),) = curve.lines
    assert len(points.split()) == 2


def test_a_mark_of_the_record_counts_before_the_door(cast: Cast) -> None:
    event = gathering_of(cast)
    with unit_of_work():
        make_item(event, starts_at=datetime(2027, 1, 14, 1, tzinfo=UTC), ends_at=datetime(2027, 1, 14, 3, tzinfo=UTC))
    with clock.at(DOORS + timedelta(hours=9)):
        before = queries.turnout_of(event)
        came, missed = before.listed("came"), before.listed("no_show")
        wrong, there = came[0], missed[0]
        (span,) = [each for each in list_spans(event) if each.session is None]
        with unit_of_work():
            for each, status in ((wrong, "absent"), (there, "present")):
                person = db.session.get_one(Person, each.id)
                attendance.correct(
                    event, person, span, MarkStatus(status), actor=cast.olaf, reason="A wrong badge was scanned"
                )
        after = queries.turnout_of(event)
    assert {each.id for each in after.listed("came")} == {each.id for each in came} - {wrong.id} | {there.id}
    assert there.id not in {each.id for each in after.listed("no_show")}


def test_who_moved_up_is_told_and_the_edition_before_is_drawn_as_long_before(cast: Cast, app: Flask, as_) -> None:
    with clock.at(NIGHT - timedelta(days=365)):
        earlier = make_open_event(starts_on=DAY - timedelta(days=364))
        register(earlier, cast.people["sara"])
    event = make_open_event(starts_on=DAY, capacity=1)
    first = register(event, cast.people["petra"])
    register(event, cast.people["tom"])
    register(event, cast.people["mei"])
    with unit_of_work():
        event.previous = earlier
        gate.withdraw(first, actor=cast.olaf)
    with unit_of_work():
        for mine in db.session.scalars(select(Registration)):
            mine.joined_at = NIGHT if mine.event_id == event.id else NIGHT - timedelta(days=365)
    found = queries.turnout_of(event, previous=earlier)
    assert [each.name for each in found.listed("moved_up")] == ["Tom Okafor"]
    assert {each.name for each in found.listed("waited")} == {"Tom Okafor", "Mei Zhao"}
    assert [each.earlier_so_far for each in found.curve()] == [1]
    page = as_("olaf").get(f"/events/{event.ref}/numbers").get_data(as_text=True)
    assert "?of=moved_up" in page
    assert "11 Jan" in page
    assert "The edition before, so far" in page
