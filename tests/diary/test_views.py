"""The calendar of all events: who sees what, on which days, and that a link reproduces the view."""

import html
import re
from datetime import date, datetime, timezone

import pytest
import time_machine

from app.core.db import unit_of_work
from tests.factories import make_event, make_part

NOW = datetime(2026, 11, 22, 4, tzinfo=timezone.utc)  # noqa: UP017 — noon in Shanghai


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def events(app) -> dict[str, str]:
    from tests import cast as the_cast

    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        made = {
            "open": make_event(title="Open evening", audience="public", starts_on=date(2026, 11, 20), ends_on=date(2026, 11, 20)),
            "review": make_event(title="Year's review", kind="annual_gathering", starts_on=date(2026, 11, 28), ends_on=date(2026, 12, 2)),
            "board": make_event(title="Board talk", kind="board_meeting", audience="restricted", starts_on=date(2026, 11, 24), ends_on=date(2026, 11, 24)),
            "draft": make_event(title="Not yet", status="draft", starts_on=date(2026, 11, 25), ends_on=date(2026, 11, 25)),
            "off": make_event(title="Called off", status="cancelled", starts_on=date(2026, 11, 26), ends_on=date(2026, 11, 26)),
        }  # fmt: skip
        make_part(made["board"], cast.people["petra"])
        return {name: event.ref for name, event in made.items()}


TITLES = ("Open evening", "Year's review", "Board talk", "Not yet", "Called off")
VIEWS = ("/calendar", "/calendar/2026/11", "/calendar/2026", "/calendar/list?year=2026")


def shown(visitor, url: str) -> list[str]:
    answer = visitor.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    page = html.unescape(answer.get_data(as_text=True))
    return [title for title in TITLES if f">{title}" in page or title in re.sub("<[^>]+>", "", page)]


def test_everybody_sees_what_they_may_see_in_every_view(as_, events) -> None:
    seen = {
        "nobody": ["Open evening"],
        "xaver": ["Open evening", "Year's review", "Called off"],
        "petra": ["Open evening", "Year's review", "Board talk", "Called off"],
        "olaf": ["Open evening", "Year's review", "Not yet", "Called off"],
        "aude": list(TITLES),
    }
    for name, titles in seen.items():
        visitor = as_(name)
        for url in VIEWS:
            assert shown(visitor, url) == titles, (name, url)
    petra = as_("petra")
    assert shown(petra, "/calendar/2026/week/48") == ["Year's review", "Board talk", "Called off"]
    assert shown(petra, "/calendar/2026/11/24") == ["Board talk"]
    assert shown(petra, "/calendar/2026/12/2") == ["Year's review"]
    assert shown(petra, "/calendar/2026/12/3") == []
    assert shown(petra, "/calendar/list") == ["Year's review", "Board talk", "Called off"]


def test_filters_stand_in_the_address_and_go_along_with_every_step(as_, events) -> None:
    petra = as_("petra")
    for url in VIEWS:
        join = "&" if "?" in url else "?"
        assert shown(petra, f"{url}{join}kind=board_meeting") == ["Board talk"]
        assert shown(petra, f"{url}{join}audience=public") == ["Open evening"]
        assert shown(petra, f"{url}{join}kind=board_meeting&audience=public") == []
        assert shown(petra, f"{url}{join}kind=dance&audience=secret") == shown(petra, url)
    page = html.unescape(petra.get("/calendar/2026/11?kind=board_meeting").get_data(as_text=True))
    for step in ("/calendar/2026/10", "/calendar/2026/12", "/calendar", "/calendar/2026", "/calendar/list"):
        assert f'href="{step}?kind=board_meeting"' in page, step
    assert 'href="/calendar/2026/11/22?kind=board_meeting" aria-label="Sun 22 Nov 2026" aria-current="date"' in page


def test_a_month_is_a_table_in_which_what_lasts_is_one_bar(as_, events) -> None:
    page = html.unescape(as_("xaver").get("/calendar/2026/11").get_data(as_text=True))
    assert page.count('<th scope="col"><abbr title=') == 7
    assert page.count("<tbody>") == 6
    bars = re.findall(r'<td(?: colspan="(\d)")?><a class="bar([^"]*)"[^>]*>(?:<span[^>]*>[^<]*</span>)?([^<]+)', page)
    assert [(days, marks.split(), title.strip()) for days, marks, title in bars] == [
        ("", ["published"], "Open evening"),
        ("", ["cancelled"], "Called off"),
        ("2", ["goes-on", "published"], "Year's review"),
        ("3", ["went-on", "published"], "Year's review"),
    ]


def test_empty_days_say_what_to_do_next_and_impossible_days_are_not_there(as_) -> None:
    stranger, xaver = as_("nobody"), as_("xaver")
    assert "No public event on these days" in stranger.get("/calendar").get_data(as_text=True)
    assert "No event on these days" in xaver.get("/calendar").get_data(as_text=True)
    assert "Take a filter away" in xaver.get("/calendar?kind=town_hall").get_data(as_text=True)
    for url in ("/calendar/1900", "/calendar/2200", "/calendar/1900/1/1", "/calendar/2200/12/31", "/calendar/1900/1",
                "/calendar/2200/12", "/calendar/2026/week/53", "/calendar/list?year=99999", "/calendar/list?year=x"):  # fmt: skip
        assert xaver.get(url).status_code == 200, url
    for url in ("/calendar/1899", "/calendar/2201", "/calendar/2026/13", "/calendar/2026/0", "/calendar/2026/2/30",
                "/calendar/2026/week/0", "/calendar/2025/week/53", "/calendar/99999999999/1/1"):  # fmt: skip
        assert xaver.get(url).status_code == 404, url


def test_a_calendar_asks_the_same_for_one_event_and_for_thirty(app, as_, events, count_statements) -> None:
    petra = as_("petra")

    def asked() -> list[int]:
        counted = []
        for url in (*VIEWS, "/calendar/2026/week/48", "/calendar/2026/11/24"):
            with count_statements() as said:
                petra.get(url)
            counted.append(len(said))
        return counted

    few = asked()
    with app.app_context(), unit_of_work():
        for n in range(30):
            make_event(starts_on=date(2026, 11, 1 + n % 28))
    assert asked() == few
    assert max(few) <= 3
