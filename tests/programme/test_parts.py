"""What a programme is made of besides sessions and items, and the buttons that mend clashes."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Status
from app.programme import queries, services
from app.programme.models import AgendaItem, HardStop, Room, Track, Window
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_person, make_room, make_session
from tests.programme.test_views import ITEM, ask, made, page_of

__all__ = ["ask", "made"]

DAY = date(2027, 1, 14)
NINE = datetime(2027, 1, 14, 1, tzinfo=UTC)  # in Shanghai


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def times(start: int, end: int) -> dict:
    return {"starts_at": at(start), "ends_at": at(end)}


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL)))


def count(model) -> int:
    return db.session.scalar(select(func.count(model.id))) or 0


def press_mend(visitor, page: str, label: str) -> tuple[str, dict[str, str]]:
    """Where the button of that label posts to, and what."""
    for form in re.findall(r'<form method="post"[^>]*class="act".*?</form>', page, re.DOTALL):
        if label in html.unescape(form):
            fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form))
            fields.pop("csrf_token", None)
            found = re.search(r'action="([^"]+)"', form)
            assert found
            return found[1], fields
    raise AssertionError(f"no button {label}")


# --- mends --------------------------------------------------------------------------------------------------------


def test_a_clash_is_mended_by_one_press_and_an_old_button_asks_first(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        hall = make_room(event, name="Hall", seats=80)
        make_room(event, name="Lotus Room", seats=60)
        make_item(event, title="First", room=hall, **times(0, 60))
        second = make_item(event, title="Second", room=hall, expected=50, **times(20, 80))
        return event.ref, second.ref

    ref, second = made(build)
    olaf = as_("olaf")
    page = page_of(olaf, f"/events/{ref}/programme")
    assert "A room is taken twice 1 impossible Hall is taken twice, Thu 14 Jan 2027, 09:20–10:00" in words_of(page)
    move = press_mend(olaf, page, "Move “Second” to Lotus Room")
    later = press_mend(olaf, page, "Put “Second” at 10:00")
    assert later[1] | {"intent": ""} == {
        "intent": "", "version": "1", "starts_at": "2027-01-14T10:00", "minutes": "60",
        "room": ask(lambda: db.session.scalars(select(Room.ref).where(Room.name == "Hall")).one()),
    }  # fmt: skip
    assert olaf.post(*move).status_code == 303
    page = page_of(olaf, f"/events/{ref}/programme")
    assert "Nothing clashes" in page
    assert 'id="clashes"' not in page
    stale = olaf.post(*later)  # the page is still open in another tab
    assert stale.status_code == 409
    assert re.findall(r'<div class="kept-lines">(.*?)</div>', stale.get_data(as_text=True)) == [
        "Thu 14 Jan 2027, 09:20", "Lotus Room",
    ]  # fmt: skip
    item = ask(lambda: db.session.scalars(select(AgendaItem).where(AgendaItem.ref == second)).one())
    assert (item.starts_at, item.version) == (at(20), 2)


def test_forty_clashes_lie_in_groups_of_which_a_few_are_shown(as_, made):
    def build():
        event, calm = make_event(starts_on=DAY), make_event(starts_on=DAY)
        hall = make_room(event, name="Hall")
        for n in range(41):
            make_item(event, title=f"Item {n}", room=hall, **times(10 * n, 10 * n + 11))
        make_item(calm)
        return event.ref, calm.ref

    ref, calm = made(build)
    olaf = as_("olaf")
    page = page_of(olaf, f"/events/{ref}/programme")
    assert page.count('class="clash-group"') == 2  # and one stretch without a break
    assert "Show all 40" in page
    assert page.split('class="more"')[0].count('class="words"') == 3
    assert "Nothing clashes" in page_of(olaf, f"/events/{calm}/programme")
    for name in ("petra", "nobody", "aude"):
        answer = as_(name).get(f"/events/{ref}/programme")
        assert "clash" not in answer.get_data(as_text=True).lower().replace("programme/clash", "")


def test_a_break_pushes_what_follows_until_a_gap_takes_it_up(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        session = make_session(event, title="Review", day=DAY)
        for title, start, end in (("A", 0, 70), ("B", 70, 130), ("C", 135, 160), ("D", 175, 200)):
            make_item(event, title=title, session=session, **times(start, end))
        make_item(event, title="Elsewhere", **times(80, 90))
        return event.ref

    ref = made(build)
    olaf = as_("olaf")
    page = page_of(olaf, f"/events/{ref}/programme")
    assert "Review: 2 h 40 min without a break, from “A” to “C”, Thu 14 Jan 2027, 09:00–11:40." in words_of(page)
    button = press_mend(olaf, page, "Insert a break of 15 minutes at 10:10")
    assert olaf.post(*button).status_code == 303

    def row():
        items = db.session.scalars(select(AgendaItem).order_by(AgendaItem.starts_at, AgendaItem.id)).all()
        return [
            (each.title, (each.starts_at - NINE).seconds // 60, (each.ends_at - NINE).seconds // 60) for each in items
        ]

    after = [("A", 0, 70), ("Break", 70, 85), ("Elsewhere", 80, 90), ("B", 85, 145), ("C", 145, 170), ("D", 175, 200)]
    assert ask(row) == after
    stale = olaf.post(*(button[0], {**button[1], "intent": "another"}))
    assert stale.status_code == 409
    told = words_of(stale.get_data(as_text=True))
    assert "It begins now: Thu 14 Jan 2027, 10:25. Sending it again puts the break there." in told, told
    assert ask(row) == after
    assert olaf.post(button[0], {"minutes": "241"}).status_code == 422
    assert olaf.post(button[0], {"minutes": ""}).status_code == 422
    assert ask(row) == after


# --- rooms and tracks ---------------------------------------------------------------------------------------------


def test_a_room_in_use_of_a_published_event_goes_only_when_another_takes_its_place(as_, made, ask):
    def build(status):
        event = make_event(starts_on=DAY, status=status)
        hall, lotus = make_room(event, name="Hall"), make_room(event, name="Lotus Room")
        make_session(event, title="Strategy", room=hall, day=DAY)
        for n in range(4):
            make_item(event, title=f"Item {n}", room=hall, **times(30 * n, 30 * n + 30))
        return event.ref, hall.ref, lotus.ref

    ref, hall, lotus = made(lambda: build(Status.PUBLISHED))
    olaf = as_("olaf")
    url = f"/events/{ref}/rooms/{hall}/removal"
    page = words_of(page_of(olaf, url))
    assert "5 things use it." in page
    assert "Item 3" in page
    refused = olaf.post(url, {"to": ""})
    sentence = (
        "Hall is in use, and the event is published: “Strategy”, “Item 0”, “Item 1” and 2 more. Choose where they go."
    )
    assert (refused.status_code, sentence in words_of(refused.get_data(as_text=True))) == (422, True)
    assert olaf.post(url, {"to": hall}).status_code == 422
    assert ask(lambda: count(Room)) == 2
    assert olaf.post(url, {"to": lotus}).status_code == 303
    told = ask(lambda: {(each.room.ref, each.calendar_sequence) for each in db.session.scalars(select(AgendaItem))})
    assert told == {(lotus, 1)}

    ref, hall, _lotus = made(lambda: build(Status.DRAFT))
    assert olaf.post(f"/events/{ref}/rooms/{hall}/removal", {"to": ""}).status_code == 303
    assert ask(lambda: db.session.scalar(select(func.count(AgendaItem.id)).where(AgendaItem.room_id.is_(None)))) == 4


def test_tracks_have_a_name_a_colour_and_an_order_and_stand_in_the_programme(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        return event.ref, make_item(event, title="Talk", **times(0, 30)).ref

    ref, item = made(build)
    olaf = as_("olaf")
    url = f"/events/{ref}/tracks"
    assert olaf.post(url, {"name": "Strategy", "name_local": "战略", "colour": "blue"}).status_code == 303
    assert olaf.post(url, {"name": "People", "colour": "plum"}).status_code == 303
    taken = olaf.post(url, {"name": "Strategy", "colour": "grey"})
    assert (taken.status_code, "There is a track of this name already." in taken.get_data(as_text=True)) == (422, True)
    assert olaf.post(url, {"name": "Other", "colour": "red"}).status_code == 422

    def known():
        return [
            (each.name, each.colour, each.position, each.ref)
            for each in db.session.scalars(select(Track).order_by(Track.position))
        ]

    strategy, people = (each[3] for each in ask(known))
    assert [each[:3] for each in ask(known)] == [("Strategy", "blue", 1), ("People", "plum", 2)]
    assert olaf.post(f"{url}/{people}/order", {"to": "up"}).status_code == 303
    assert [each[0] for each in ask(known)] == ["People", "Strategy"]
    form = {
        **ITEM,
        "title": "Talk",
        "starts_at": "2027-01-14T09:00",
        "ends_at": "2027-01-14T09:30",
        "track": strategy,
        "version": "1",
    }
    assert olaf.post(f"/events/{ref}/items/{item}", form).status_code == 303
    assert '<span class="track track-blue">Strategy</span>' in page_of(as_("petra"), f"/events/{ref}/programme")
    assert olaf.post(f"{url}/{strategy}", {"name": "Plans", "colour": "blue", "version": "1"}).status_code == 303
    stale = olaf.post(f"{url}/{strategy}", {"name": "Aims", "colour": "blue", "version": "1"})
    assert (stale.status_code, "Plans" in stale.get_data(as_text=True)) == (409, True)
    assert '<span class="track track-blue">Plans</span>' in page_of(as_("petra"), f"/events/{ref}/programme")
    assert olaf.post(f"{url}/{strategy}/removal", {"to": ""}).status_code == 422
    assert olaf.post(f"{url}/{strategy}/removal", {"to": people}).status_code == 303
    assert ask(lambda: db.session.scalars(select(AgendaItem)).one().track.name) == "People"


# --- availability and hard stops ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"ends_at": "2027-03-27T08:00"}, "The end must lie after the start."),
        ({"ends_at": "2027-03-28T02:30"}, "The clocks change then: this time does not exist in Europe/Berlin."),
        ({"who": ""}, "Please choose somebody or a room."),
        ({"who": "0" * 16}, "Not a valid choice."),
        ({"starts_at": ""}, "Please choose a day and a time."),
        ({"note": "x" * 201}, "Please keep this to 200 characters."),
    ],
)
def test_a_wrong_window_is_refused_beside_the_field_and_nothing_is_kept(as_, made, ask, sent, sentence):
    ref = made(lambda: make_event(time_zone="Europe/Berlin", starts_on=date(2027, 3, 27)).ref)
    tom = made(lambda: the_cast.load().people["tom"].ref)
    form = {"who": tom, "kind": "busy", "starts_at": "2027-03-27T09:00", "ends_at": "2027-03-27T10:00", "note": ""}
    answer = as_("olaf").post(f"/events/{ref}/availability", {**form, **sent})
    assert (answer.status_code, sentence in html.unescape(answer.get_data(as_text=True))) == (422, True)
    assert ask(lambda: count(Window)) == 0


def test_a_time_that_comes_twice_is_refused_for_a_hard_stop(as_, made, ask):
    ref = made(
        lambda: make_event(time_zone="Europe/Berlin", starts_on=date(2027, 10, 31), ends_on=date(2027, 10, 31)).ref
    )
    answer = as_("olaf").post(f"/events/{ref}/stops", {"at": "2027-10-31T02:30", "reason": "Bus", "person": ""})
    assert answer.status_code == 422
    assert "this time comes twice in Europe/Berlin" in answer.get_data(as_text=True)
    assert ask(lambda: count(HardStop)) == 0


def test_windows_and_stops_are_noted_count_at_once_and_are_taken_back(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        tom, hall = the_cast.load().people["tom"], make_room(event, name="Hall")
        make_item(event, title="Talk", room=hall, speakers=[tom], **times(0, 60))
        return event.ref, tom.ref, hall.ref

    ref, tom, hall = made(build)
    olaf = as_("olaf")
    base = f"/events/{ref}"
    day = "2027-01-14T"
    busy = {"who": tom, "kind": "busy", "starts_at": f"{day}09:30", "ends_at": f"{day}10:30", "note": "Dentist"}
    free = {"who": hall, "kind": "free", "starts_at": f"{day}08:00", "ends_at": f"{day}09:45", "note": ""}
    assert olaf.post(f"{base}/availability", busy).status_code == 303
    assert olaf.post(f"{base}/availability", free).status_code == 303
    stop = {"at": f"{day}09:45", "person": tom, "reason": "Train"}
    assert olaf.post(f"{base}/stops", stop).status_code == 303
    outside = olaf.post(f"{base}/stops", {**stop, "at": "2027-02-14T09:00"})
    assert "This lies outside the days of the event." in outside.get_data(as_text=True)
    page = words_of(page_of(olaf, f"{base}/programme"))
    assert "Tom Okafor cannot be in “Talk”, Thu 14 Jan 2027, 09:30–10:00: Dentist." in page
    assert "Hall cannot be had for “Talk”, Thu 14 Jan 2027, 09:45–10:00." in page
    assert "“Talk” runs over 09:45, when Tom Okafor has to stop (Train): Thu 14 Jan 2027, 09:45–10:00." in page
    assert "Shorten “Talk” to 09:45" in page
    assert "Dentist" in page_of(olaf, f"{base}/availability")
    for model, path in ((Window, "availability"), (HardStop, "stops")):
        for each in ask(lambda model=model: db.session.scalars(select(model.ref)).all()):
            assert olaf.post(f"{base}/{path}/{each}/removal").status_code == 303
    page = page_of(olaf, f"{base}/programme")
    assert "Dentist" not in page
    assert "Train" not in page


def test_parts_of_another_event_are_out_of_reach_and_only_planners_write_them(as_, made, ask, app):
    def build():
        olaf = the_cast.load().olaf
        one, other = make_event(starts_on=DAY), make_event(starts_on=DAY)
        track = services.add_track(other, actor=olaf, name="T")
        window = services.add_window(other, actor=olaf, who=make_room(other), is_free=True, **times(0, 60))
        stop = services.add_stop(other, actor=olaf, at=at(0), reason="R")
        return one.ref, track.ref, window.ref, stop.ref

    ref, track, window, stop = made(build)
    olaf = as_("olaf")
    assert olaf.get(f"/events/{ref}/tracks/{track}").status_code == 404
    for path in (
        f"tracks/{track}/order",
        f"tracks/{track}/removal",
        f"availability/{window}/removal",
        f"stops/{stop}/removal",
    ):
        assert olaf.post(f"/events/{ref}/{path}").status_code == 404, path
    assert olaf.post(f"/events/{ref}/items/new", {**ITEM, "track": track}).status_code == 422
    with app.app_context(), pytest.raises(Forbidden), unit_of_work():
        services.remove_window(db.session.scalars(select(Window)).one(), actor=the_cast.load().petra)
    assert ask(lambda: (count(Track), count(Window), count(HardStop), count(AgendaItem))) == (1, 1, 1, 0)


# --- items --------------------------------------------------------------------------------------------------------


def test_an_item_knows_its_track_its_people_and_how_long_it_will_take(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        people = the_cast.load().people
        return event.ref, make_room(event, name="Closet", seats=4).ref, people["li_wei"].ref, people["mei"].ref

    ref, closet, li_wei, mei = made(build)
    olaf = as_("olaf")
    form = {**ITEM, "room": closet, "expected": "9", "minutes": "45", "needed": [li_wei]}
    assert olaf.post(f"/events/{ref}/items/new", form).status_code == 303
    item = ask(lambda: db.session.scalars(select(AgendaItem)).one().ref)

    def facts():
        one = db.session.scalars(select(AgendaItem)).one()
        return one.expected, one.minutes, [each.person.ref for each in one.needed], one.version

    assert ask(facts) == (9, 45, [li_wei], 1)
    page = page_of(olaf, f"/events/{ref}/items/{item}")
    assert f'<option selected value="{li_wei}">Li Wei</option>' in page
    timed = {
        **form,
        "starts_at": "2027-01-14T09:00",
        "ends_at": "2027-01-14T09:45",
        "needed": [li_wei, mei],
        "version": "1",
    }
    answer = olaf.post(f"/events/{ref}/items/{item}", timed, follow_redirects=True)
    words = "Closet has 4 seats and 9 people are expected in “Opening speech”, Thu 14 Jan 2027, 09:00–09:45."
    assert words_of(answer.get_data(as_text=True)).count(words) == 2
    assert ask(facts) == (9, 45, [li_wei, mei], 2)
    stale = olaf.post(f"/events/{ref}/items/{item}", {**timed, "needed": [mei], "version": "1"})
    assert stale.status_code == 409
    assert re.findall(r'<div class="kept-lines">(.*?)</div>', stale.get_data(as_text=True)) == ["Li Wei, Mei Zhao"]
    for wrong in ({"expected": "-1"}, {"expected": "1000001"}, {"minutes": "0"}, {"minutes": "2161"}, {"minutes": "x"}):
        assert olaf.post(f"/events/{ref}/items/new", {**ITEM, **wrong}).status_code == 422, wrong
    assert ask(lambda: count(AgendaItem)) == 1


def test_very_long_words_are_refused_or_shown_whole(as_, made, ask):
    def build():
        event = make_event(starts_on=DAY)
        person = make_person(name="Maximiliane Charlotte Theodora von und zu Hohenlohe-Langenburg")
        make_item(event, title="Talk", speakers=[person], **times(0, 30))
        return event.ref

    ref = made(build)
    olaf = as_("olaf")
    long = "x" * 10_000
    answer = olaf.post(f"/events/{ref}/items/new", {**ITEM, "title": long})
    assert answer.status_code == 422
    assert f'value="{long}"' in answer.get_data(as_text=True)
    for path in ("rooms", "tracks"):
        assert olaf.post(f"/events/{ref}/{path}", {"name": long, "colour": "blue"}).status_code == 422
    assert ask(lambda: (count(AgendaItem), count(Room), count(Track))) == (1, 0, 0)
    for path in ("programme", "now"):
        assert olaf.get(f"/events/{ref}/{path}").status_code == 200
    assert "Maximiliane Charlotte Theodora von und zu Hohenlohe-Langenburg" in page_of(olaf, f"/events/{ref}/programme")


# --- what surrounds a programme -----------------------------------------------------------------------------------


def test_who_is_needed_in_another_event_meanwhile_is_busy_and_no_name_is_told_of_what_one_may_not_see(app, cast):
    with unit_of_work():
        mine = make_event(starts_on=DAY)
        secret = make_event(starts_on=DAY, audience="restricted", title="Secret")
        services.add_item(secret, actor=cast.ada, title="Quiet talk", needed=[cast.people["mei"]], **times(0, 60))
        item = services.add_item(mine, actor=cast.ada, title="Talk", needed=[cast.people["mei"]], **times(30, 90))
    for actor, seen in ((cast.ada, "Quiet talk"), (cast.petra, None)):
        (clash,) = queries.clashes_in(mine, actor, [], [item])
        assert (clash.code, clash.second.title, clash.who.name) == ("busy_elsewhere", seen, "Mei Zhao")


def test_only_what_is_open_by_now_makes_a_speaker_unconfirmed(app, cast):
    def codes(event, item):
        return [each.why for each in queries.clashes_in(event, cast.olaf, [], [item])]

    with unit_of_work():
        event = make_event(starts_on=DAY, status=Status.DRAFT)
        item = make_item(event, speakers=[cast.people["tom"], cast.people["mei"]], **times(0, 60))
        item.speakers[1].consent = "declined"
    with clock.at(at(0) - timedelta(days=30)):
        assert codes(event, item) == ["declined"]
    with clock.at(at(0) - timedelta(days=13)):
        assert codes(event, item) == ["declined", "named"]
    with clock.at(at(0) + timedelta(days=30)):
        assert codes(event, item) == []
