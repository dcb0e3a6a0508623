"""The pages on which one gathering is made from another."""

import io
import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.calendars.working_days import next_edition_day
from app.core import clock
from app.core.db import db, unit_of_work
from app.editions.models import EventTemplate
from app.editions.template import shipped, written
from app.events.models import Audience, Event, EventSeries, Status
from app.programme.models import AgendaItem
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_session

SWITCHES = ("agenda", "rooms", "tracks", "speakers", "deliverables", "registration", "roles", "texts", "is_next")


@pytest.fixture
def made(app):
    def make(build):
        with app.app_context(), unit_of_work():
            return build()

    return make


@pytest.fixture
def ask(app):
    def asking(question):
        with app.app_context():
            return question()

    return asking


def number_of(model) -> int:
    return db.session.scalar(select(func.count(model.id)))


def test_a_gathering_is_begun_in_four_ways_from_one_page(as_, made):
    made(lambda: make_event(title="Last year's"))
    made(lambda: make_event(title="Secret", audience=Audience.RESTRICTED))
    olaf = as_("olaf")
    page = olaf.get("/events/new").get_data(as_text=True)
    fields = re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', page[page.index("<main") :])
    assert sorted(set(fields) - {"csrf_token", "intent", "version"}) == [
        "audience", "city", "ends_on", "kind", "starts_on", "title",
    ]  # fmt: skip
    for way in ("earlier", "template", "series"):
        assert f"way={way}" in page
    earlier = olaf.get("/events/new?way=earlier").get_data(as_text=True)
    assert ("Last year" in earlier, "Secret" in earlier) == (True, False)
    assert "Town hall" in olaf.get("/events/new?way=template").get_data(as_text=True)
    assert "/series/new" in olaf.get("/events/new?way=series").get_data(as_text=True)


def test_a_clone_is_looked_at_and_made_and_its_readiness_is_told(as_, made, ask):
    def build():
        event = make_event(title="2026 Review", starts_on=date(2026, 1, 14))
        session = make_session(event, title="Operation {session}")
        make_item(event, session=session, title="Address of 2026")
        return event.ref

    ref = made(build)
    olaf = as_("olaf")
    page = olaf.get(f"/events/{ref}/clone").get_data(as_text=True)
    today = clock.today("Asia/Shanghai")
    proposed = next_edition_day(date(2026, 1, 14), today, "Asia/Shanghai")
    assert f'value="{proposed}"' in page
    assert f'value="{proposed.year} Review"' in page
    assert f"Address of {proposed.year}" in page
    given = {"title": "Next", "starts_on": "2033-01-15", **dict.fromkeys(SWITCHES, "y")}
    looked = olaf.post(f"/events/{ref}/clone", {**given, "look": "1"})
    text = looked.get_data(as_text=True)
    assert (looked.status_code, ask(lambda: number_of(Event))) == (200, 1)
    assert "Sat 15 Jan 2033 is a day off: weekend." in text
    assert "Sat 15 Jan 2033, 09:00" in text
    assert olaf.post(f"/events/{ref}/clone", {**given, "title": "", "starts_on": "x"}).status_code == 422
    answer = olaf.post(f"/events/{ref}/clone", given)
    assert (answer.status_code, ask(lambda: number_of(Event))) == (303, 2)
    assert answer.headers["Location"].endswith("/readiness")
    home = olaf.get(answer.headers["Location"].removesuffix("/readiness")).get_data(as_text=True)
    line = home[home.index('class="editions-line') : home.index("the whole series")]
    assert re.findall(r">(\d{4})<", line) == ["2026", "2033"]


def test_what_is_left_out_stays_out_and_what_is_told_is_flashed(as_, made, ask):
    def build():
        people = the_cast.load().people
        event = make_event(starts_on=date(2026, 1, 14))
        make_item(event, speakers=[people["tom"]])
        people["tom"].left_on = date(2026, 6, 1)
        return event.ref

    ref = made(build)
    olaf = as_("olaf")
    given = {"title": "Next", "starts_on": "2033-01-13"}
    olaf.post(f"/events/{ref}/clone", given)
    assert ask(lambda: number_of(AgendaItem)) == 1
    answer = olaf.post(f"/events/{ref}/clone", {**given, **dict.fromkeys(SWITCHES, "y")})
    assert "Tom Okafor has left the company" in olaf.get(answer.headers["Location"]).get_data(as_text=True)


def test_a_template_is_read_taken_exported_and_made_into_a_draft(as_, made, ask):
    olaf = as_("olaf")
    page = olaf.get("/templates").get_data(as_text=True)
    assert page.count("/templates/") >= 6
    exported = olaf.get("/templates/board-meeting/export.json")
    assert exported.get_json() == shipped()["board-meeting"].document
    assert exported.headers["Content-Disposition"] == 'attachment; filename="board-meeting.json"'
    shown = olaf.get("/templates/board-meeting").get_data(as_text=True)
    assert "Figures and risks" in shown
    answer = olaf.post(
        "/templates/board-meeting",
        {"title": "Board Meeting", "starts_on": "2033-03-10", "city": "Foshan", "audience": "restricted"},
    )
    assert answer.status_code == 303
    event = ask(lambda: db.session.scalars(select(Event)).one())
    assert (event.title, event.title_local, event.city, event.status) == (
        "Board Meeting",
        "董事会会议",
        "Foshan",
        "draft",
    )
    assert olaf.get("/templates/no-such-thing").status_code == 404
    assert olaf.get("/templates/0000000000000000/export.json").status_code == 404


def test_a_file_is_checked_before_it_is_kept(as_, ask):
    olaf = as_("olaf")
    good = written({**shipped()["town-hall"].document, "name": {"en": "<b>Ours</b>"}})
    looked = olaf.post("/templates/new", {"file": (io.BytesIO(good), "ours.json"), "look": "1"})
    text = looked.get_data(as_text=True)
    assert (looked.status_code, ask(lambda: number_of(EventTemplate))) == (200, 0)
    assert "In order: “&lt;b&gt;Ours&lt;/b&gt;”." in text
    kept = olaf.post("/templates/new", {"content": good.decode()})
    assert (kept.status_code, ask(lambda: number_of(EventTemplate))) == (303, 1)
    assert "Where we stand" in olaf.get(kept.headers["Location"]).get_data(as_text=True)
    for bad, words in ((b"{}", "does not say in which form"), (b'{"schema": 7}', "written in form 7"), (b"", "not in JSON"),
                       (json.dumps({**json.loads(good), "edition": 0}).encode(), "edition: this is less than 1.")):  # fmt: skip
        answer = olaf.post("/templates/new", {"file": (io.BytesIO(bad), "x.json")})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
    assert ask(lambda: number_of(EventTemplate)) == 1


def test_an_event_is_kept_as_a_template_from_its_page(as_, made, ask):
    ref = made(lambda: make_event(title="2026 Supplier day", starts_on=date(2026, 5, 5)).ref)
    olaf = as_("olaf")
    assert f"/events/{ref}/template" in olaf.get(f"/events/{ref}").get_data(as_text=True)
    assert 'value="Supplier day"' in olaf.get(f"/events/{ref}/template").get_data(as_text=True)
    answer = olaf.post(f"/events/{ref}/template", {"name": "Supplier day", "name_local": "", "about": "Once a year"})
    assert answer.status_code == 303
    assert "Supplier day" in olaf.get("/templates").get_data(as_text=True)
    assert ask(lambda: db.session.scalars(select(EventTemplate)).one().content["about"]) == {"en": "Once a year"}


SERIES = {"title": "Review {year}-{month}", "title_local": "", "base": "template:town-hall", "audience": "internal",
          "starts_on": "2027-01-12", "every": "month_by_weekday", "count": "12", "until": ""}  # fmt: skip


def test_a_series_is_looked_at_with_its_days_off_and_made_without_the_exceptions(as_, ask):
    olaf = as_("olaf")
    assert olaf.get("/series/new").status_code == 200
    text = olaf.post(
        "/series/new", {**SERIES, "every": "month_by_day", "starts_on": "2027-10-01", "look": "1"}
    ).get_data(as_text=True)
    assert "Fri 1 Oct 2027: National Day" in text
    assert "Sat 1 Jan 2028: New Year&#39;s Day" in text
    assert (
        text.count('type="checkbox" value="20') == 12
        or len(re.findall(r'value="20\d\d-\d\d-01"[^>]*type="checkbox"|type="checkbox"[^>]*value="20', text)) == 12
    )
    text = olaf.post("/series/new", {**SERIES, "look": "1"}).get_data(as_text=True)
    days = re.findall(r'value="(2027-\d\d-\d\d)"', text[text.index('id="days-of-it"') :])
    assert len(days) == 12
    assert ask(lambda: number_of(Event)) == 0
    answer = olaf.post("/series/new", {**SERIES, "days": days[:2] + days[3:]})
    assert (answer.status_code, ask(lambda: number_of(Event))) == (303, 11)
    page = olaf.get(answer.headers["Location"]).get_data(as_text=True)
    assert "11 gatherings." in page
    assert page.count("Draft") >= 11


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"count": "", "until": ""}, "Please say when it ends"),
        ({"count": "61"}, "from 1 to 60"),
        ({"until": "2027-06-01"}, "not both"),
        ({"count": "", "until": "2099-01-01", "every": "week"}, "more than 60 days"),
        ({"starts_on": ""}, "Please choose a day."),
        ({"days": []}, "Please choose at least one day."),
        ({"days": ["2027-01-13"]}, "not a valid choice"),
        ({"base": "event:0000000000000000"}, "Not a valid choice"),
    ],
)
def test_a_series_without_an_end_or_out_of_measure_is_refused_beside_the_field(as_, ask, more, words):
    answer = as_("olaf").post("/series/new", {**SERIES, **more})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert ask(lambda: (number_of(Event), number_of(EventSeries))) == (0, 0)


def test_a_series_shows_what_its_reader_may_see(as_, made, count_statements):
    def build(number):
        series = EventSeries(title="Monthly review")
        for n in range(number):
            make_event(title=f"Review {n}", series=series, starts_on=date(2030, 1, 1) + timedelta(days=30 * n))
        make_event(title="Hidden", series=series, audience=Audience.RESTRICTED)
        make_event(title="Not yet", series=series, status=Status.DRAFT)
        return series.ref

    ref = made(lambda: build(1))
    many = made(lambda: build(30))
    petra = as_("petra")
    page = petra.get(f"/series/{ref}").get_data(as_text=True)
    assert ("Review 0" in page, "Hidden" in page, "Not yet" in page, "registered" in page) == (
        True,
        False,
        False,
        False,
    )
    olaf = as_("olaf")
    assert "0 registered" in olaf.get(f"/series/{ref}").get_data(as_text=True)
    counts = []
    for each in (ref, many):
        olaf.get(f"/series/{each}")
        with count_statements() as said:
            olaf.get(f"/series/{each}")
        counts.append(len(said))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
    hidden = made(lambda: make_event(series=EventSeries(title="x"), audience=Audience.RESTRICTED).series.ref)
    assert petra.get(f"/series/{hidden}").status_code == 404


def test_the_pages_of_editions_are_for_those_who_create(as_, made):
    ref = made(lambda: make_event().ref)
    for name in ("petra", "sara", "aude", "li_wei"):
        visitor = as_(name)
        for path in ("/events/new", "/templates", "/templates/new", "/templates/town-hall", "/series/new",
                     "/templates/town-hall/export.json", f"/events/{ref}/clone", f"/events/{ref}/template"):  # fmt: skip
            assert visitor.get(path).status_code == 403, (name, path)


def test_a_clone_asks_the_same_number_of_questions_whatever_its_size(as_, made, count_statements):
    def build(rows):
        people = the_cast.load().people
        event = make_event(starts_on=date(2026, 1, 14))
        for _each in range(rows):
            session = make_session(event, chair=people["li_wei"])
            make_item(event, session=session, speakers=[people["tom"], people["mei"]])
        return event.ref

    olaf = as_("olaf")
    counts = []
    for ref in (made(lambda: build(1)), made(lambda: build(30))):
        olaf.get(f"/events/{ref}/clone")
        with count_statements() as said:
            olaf.get(f"/events/{ref}/clone")
        counts.append(len(said))
    assert counts[0] == counts[1]
