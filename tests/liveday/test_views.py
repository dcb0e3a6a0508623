"""The operator's page, and what readers and screens see of an act."""

import html
import re
from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import db, unit_of_work
from app.liveday.printed import SHELF
from app.programme.models import AgendaItem, HardStop
from app.releases.content import digest, freeze
from app.releases.models import ProgrammeRelease
from app.releases.queries import working
from tests.factories import make_item
from tests.factories.liveday import at, make_day


@pytest.fixture
def day(app) -> dict[str, str]:
    """The refs of a day that is on."""
    with app.app_context(), unit_of_work():
        made = make_day(audience="public")
        db.session.add(HardStop(event=made.event, at=at("12:30"), reason="The hall closes", reason_local="会场关闭"))
        db.session.flush()
        return {
            "event": made.event.ref,
            "hall": made.hall.ref,
            "lotus": made.lotus.ref,
            **{k: v.ref for k, v in made.items.items()},
        }


@pytest.fixture
def enter(as_):
    """`enter("petra")` signs in on the morning of that day."""

    def sign_in(name: str):
        with clock.at(at("8:30")):
            return as_(name)

    return sign_in


@pytest.fixture
def olaf(enter):
    return enter("olaf")


@pytest.fixture(autouse=True)
def empty_shelf() -> None:
    SHELF._bodies.clear()


def page_of(visitor, url: str, moment: str) -> str:
    with clock.at(at(moment)):
        answer = visitor.get(url)
    assert answer.status_code == 200, answer.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def press(visitor, url: str, moment: str, **data: object):
    with clock.at(at(moment)):
        return visitor.post(url, {k: str(v) for k, v in data.items()})


def version_of(app, ref: str) -> int:
    with app.app_context():
        return db.session.query(AgendaItem).filter_by(ref=ref).one().version


def test_a_phone_and_a_screen_follow_what_the_operator_presses(app, olaf, enter, day) -> None:
    base = f"/events/{day['event']}"
    petra, stranger = enter("petra"), enter("nobody")
    assert "more minutes Finish" not in page_of(olaf, f"{base}/live", "9:04")
    answer = press(olaf, f"{base}/live/{day['report']}/beginning", "9:05", version=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{base}/live?room={day['hall']}")
    operator = page_of(olaf, f"{base}/live?room={day['hall']}", "9:06")
    assert "The hall closes at 12:30 · in 204 minutes · 30 minutes to spare" in operator
    assert "59 more minutes Finish" in operator
    assert page_of(olaf, f"{base}/live?room={day['hall']}", "10:07").count("2 minutes over") == 1
    phone = page_of(petra, f"{base}/now", "10:10")
    assert "Running 09:05 – 10:10 The year's report Great Hall planned 09:00–10:00 about to end" in phone
    assert "10:10 Tea Great Hall planned 10:00–10:20 at any moment" in phone
    assert "10:20 Strategy in small Lotus Room in 10 minutes" in phone
    press(olaf, f"{base}/live/{day['report']}/end", "10:30", version=2)
    screen = page_of(stranger, f"{base}/now?screen=1&room={day['hall']}", "10:30")
    assert "Next: 10:30 (planned 10:00) · Tea" in screen
    press(olaf, f"{base}/live/{day['review']}/beginning", "10:31", version=1)
    screen = page_of(stranger, f"{base}/now?screen=1&room={day['hall']}", "10:31")
    assert "10:31–11:31 · planned 10:20–11:20 Review 60 more minutes" in screen
    again = press(olaf, f"{base}/live/{day['review']}/beginning", "10:32", version=1)
    assert again.status_code == 303
    assert "“Review” began at 10:31 already." in page_of(olaf, f"{base}/live", "10:32")
    assert "Strategy in small" in page_of(petra, f"{base}/now?room={day['lotus']}", "10:32")


def test_a_delay_is_looked_at_first_and_asks_why_where_it_breaks_a_hard_stop(app, olaf, day) -> None:
    base = f"/events/{day['event']}"
    seen = f"{base}/live/delay?minutes=40&room={day['hall']}"
    look = page_of(olaf, seen, "8:50")
    assert "“The hall closes” at 12:30 would be run over by 10 minutes." in look
    assert "Signing 11:20–12:00 12:00–12:40" in look
    assert "It can be kept by shortening what comes before it" in look
    with app.app_context():
        number = db.session.query(AgendaItem).filter_by(ref=day["signing"]).one().event.programme_version
    form = {"minutes": 40, "room": day["hall"], "seen": number}
    refused = press(olaf, f"{base}/live/delay", "8:50", **form)
    assert refused.status_code == 422
    assert "One thing breaks that must not." in refused.get_data(as_text=True)
    assert press(olaf, f"{base}/live/delay", "8:50", **{**form, "seen": number - 1}).status_code == 409
    cut = page_of(olaf, f"{seen}&cut=1", "8:50")
    assert "cut to" in cut
    assert "12:30" in cut
    assert "would be run over" not in cut
    assert press(olaf, f"{base}/live/delay", "8:50", **form, cut="y").status_code == 303
    after = page_of(olaf, f"{base}/live?room={day['hall']}", "8:51")
    assert "4 items have a new expected time." in after
    assert "Back to the plan" in after
    assert press(olaf, f"{base}/live/plan", "8:52", room=day["hall"]).status_code == 303
    assert "Back to the plan" not in page_of(olaf, f"{base}/live?room={day['hall']}", "8:53")
    for odd in ("minutes=abc", "minutes=99999", ""):
        page_of(olaf, f"{base}/live/delay?{odd}", "8:53")
    with clock.at(at("8:53")):
        assert olaf.get(f"{base}/live/delay?room=nowhere").status_code == 404


def test_readers_of_a_release_see_its_plan_with_what_really_happens(app, olaf, enter, day) -> None:
    """An item that was moved since, and one that is new, are not told before they are released."""
    base = f"/events/{day['event']}"
    with app.app_context(), unit_of_work():
        signing = db.session.query(AgendaItem).filter_by(ref=day["signing"]).one()
        event = signing.event
        content = freeze(event, *working(event))
        db.session.add(
            ProgrammeRelease(event=event, number=1, name="One", content=content, changes={}, digest=digest(content))
        )
        event.release_number = 1
        signing.starts_at, signing.ends_at = at("15:00"), at("16:00")
        make_item(event, title="Not released", starts_at=at("11:20"), ends_at=at("12:00"), room=signing.room)
        event.programme_version += 1
    press(olaf, f"{base}/live/{day['review']}/beginning", "10:40", version=1)
    for visitor in (enter("petra"), enter("nobody")):
        phone = page_of(visitor, f"{base}/now?room={day['hall']}", "10:41")
        assert "Running 10:40 – 11:40 Review Great Hall planned 10:20–11:20 59 more minutes" in phone
        assert "Next 11:40 Signing Great Hall planned 11:20–12:00" in phone
        assert "Not released" not in phone
    assert "Next 11:40 Not released" in page_of(olaf, f"{base}/now?room={day['hall']}", "10:41")


def test_an_internal_item_takes_its_time_without_being_named(app, olaf, enter, day) -> None:
    base = f"/events/{day['event']}"
    with app.app_context(), unit_of_work():
        signing = db.session.query(AgendaItem).filter_by(ref=day["signing"]).one()
        make_item(
            signing.event, title="Chairs are moved", is_internal=True, room=signing.room,
            starts_at=at("12:00"), ends_at=at("12:20"),
        )  # fmt: skip
        make_item(signing.event, title="Lunch talk", room=signing.room, starts_at=at("12:20"), ends_at=at("12:50"))
    press(olaf, f"{base}/live/{day['signing']}/beginning", "11:30", version=1)
    phone = page_of(enter("petra"), f"{base}/now?room={day['hall']}", "11:31")
    assert "Next 12:30 Lunch talk Great Hall planned 12:20–12:50" in phone
    assert "Chairs" not in phone


def test_a_screen_costs_one_statement_and_sends_nothing_while_nothing_changes(
    app, olaf, enter, day, count_statements
) -> None:
    base = f"/events/{day['event']}"
    url = f"{base}/now?screen=1&room={day['hall']}"
    stranger = enter("nobody")
    with clock.at(at("9:00")):
        with count_statements() as said:
            first = stranger.get(url)
        assert (first.status_code, first.headers["Refresh"]) == (200, "10")
        assert first.headers["Cache-Control"] == "no-cache"
        assert len(said) == 5
        with count_statements() as said:
            same = stranger.get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert (same.status_code, same.data, same.headers["Refresh"]) == (304, b"", "10")
        assert len(said) == 1
        press(olaf, f"{base}/live/{day['review']}/beginning", "9:00", version=1)
        changed = stranger.get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != first.headers["ETag"]


def test_pages_ask_the_same_however_much_there_is(app, olaf, enter, day, count_statements) -> None:
    base = f"/events/{day['event']}"
    petra = enter("petra")

    def asked() -> list[int]:
        counted = []
        for visitor, path in ((olaf, "live"), (olaf, "live/delay?minutes=5"), (petra, "now"), (petra, "now?screen=1")):
            SHELF._bodies.clear()
            with clock.at(at("9:30")), count_statements() as said:
                assert visitor.get(f"{base}/{path}").status_code == 200
            counted.append(len(said))
        return counted

    asked()  # the first visit of the hour is written down
    few = asked()
    with app.app_context(), unit_of_work():
        first = db.session.query(AgendaItem).filter_by(ref=day["report"]).one()
        for n in range(30):
            start = at("12:00") + timedelta(minutes=20 * n)
            make_item(first.event, room=first.room, starts_at=start, ends_at=start + timedelta(minutes=20))
    assert asked() == few
    assert few[0] <= 8
    assert few[2] <= 10


def test_readers_do_not_find_the_operators_page(enter, day, olaf) -> None:
    base = f"/events/{day['event']}"
    petra = enter("petra")
    with clock.at(at("9:00")):
        assert petra.get(f"{base}/live").status_code == 403
        assert petra.post(f"{base}/live/{day['report']}/beginning", {"version": 1}).status_code == 403
    assert "Start and finish items" in page_of(olaf, f"{base}/now", "9:00")
    assert "Start and finish items" not in page_of(petra, f"{base}/now", "9:00")


def test_odd_input_is_refused_with_a_sentence_and_changes_nothing(app, olaf, day) -> None:
    base = f"/events/{day['event']}/live"
    for version in ("", "0", "-1", "x", "9" * 5000, "²"):
        assert press(olaf, f"{base}/{day['report']}/beginning", "9:05", version=version).status_code == 303
    assert "was changed a moment ago" in page_of(olaf, base, "9:06")
    for wrong in ({"minutes": "ten"}, {"minutes": "9999"}, {"minutes": "0"}, {"seen": "9" * 50}):
        form = {"minutes": 5, "room": day["hall"], "seen": 0, **wrong}
        assert press(olaf, f"{base}/delay", "9:05", **form).status_code == 422, wrong
    assert press(olaf, f"{base}/delay", "9:05", minutes=5, room="x" * 50, seen=0).status_code == 404
    assert press(olaf, f"{base}/delay", "9:05", minutes=5, room=day["hall"], seen="²").status_code == 409
    assert press(olaf, f"{base}/delay", "9:05", minutes=5, room=day["hall"], seen=0, look=1).status_code == 200
    with app.app_context():
        items = db.session.query(AgendaItem).all()
        assert {(each.began_at, each.put_off, each.expected_start, each.version) for each in items} == {
            (None, None, None, 1)
        }
