"""The timetable: its page, and every move as the grid sends it."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.events.models import Event, Status
from app.programme.models import AgendaItem, Track
from app.timetable import services
from app.timetable.models import Step
from app.timetable.services import Place
from tests.cast import load
from tests.factories import make_event, make_item, make_person, make_room, make_session, save


def stored(app, ref: str) -> tuple:
    with app.app_context():
        item = db.session.scalars(select(AgendaItem).where(AgendaItem.ref == ref)).one()
        return item.starts_at, item.ends_at, item.room and item.room.name, item.version


def count(app, model) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(model.id)))


def test_the_page_has_the_day_by_room_with_the_plain_form_of_each_item(as_, arranged, grid):
    olaf = as_("olaf")
    page = olaf.get(arranged.url).get_data(as_text=True)
    hall = re.search(r"<h2>Great Hall.*?</section>", page, re.DOTALL)
    assert hall
    assert "Opening" in hall.group()
    assert "Craft" in hall.group()
    assert f'/items/{arranged.opening}/place?from=timetable"' in hall.group()
    assert re.search(r"Waiting for a place.*Workshop", page, re.DOTALL)
    assert page.count('data-day="2027-01-1') == 3  # two tabs, and the grid's own
    other_day = olaf.get(f"{arranged.url}?day=2027-01-15").get_data(as_text=True)
    assert "Opening" not in other_day
    assert "Workshop" in other_day


def test_the_plain_form_does_all_that_the_grid_does_and_its_moves_are_steps(app, as_, arranged, grid):
    olaf = as_("olaf")
    form = f"{arranged.url.removesuffix('/timetable')}/items/{arranged.opening}/place?from=timetable"

    def send(**more):
        version = stored(app, arranged.opening)[3]
        return olaf.post(form, {"version": version, "minutes": "", **more})

    moved = send(starts_at="2027-01-14T10:00", room=arranged.kiln)
    assert moved.status_code == 303
    assert moved.location.startswith(f"{arranged.url}?day=2027-01-14")
    starts, ends, room, _version = stored(app, arranged.opening)
    assert (room, (ends - starts).seconds) == ("Kiln Room", 1800)
    send(starts_at="2027-01-14T10:00", room=arranged.kiln, minutes="50")
    starts, ends, *_ = stored(app, arranged.opening)
    assert (ends - starts).seconds == 3000
    assert send(starts_at="", room="").status_code == 303
    assert stored(app, arranged.opening)[:3] == (None, None, None)
    assert count(app, Step) == 3
    item = grid().item(arranged.opening)
    assert item["minutes"] == 50
    for seconds, room in ((3000, "Kiln Room"), (1800, "Kiln Room"), (1800, "Great Hall")):
        assert grid().take("undo").status_code == 200
        starts, ends, name, _ = stored(app, arranged.opening)
        assert ((ends - starts).seconds, name) == (seconds, room)


def test_a_move_is_answered_with_the_item_its_clashes_and_what_to_say(app, arranged, grid):
    olaf = grid()
    answer = olaf.move(arranged.waiting, "09:15", "10:00", arranged.hall)
    told = answer.get_json()
    assert (answer.status_code, told["item"]["version"], told["item"]["starts_at"]) == (200, 2, "2027-01-14T09:15")
    assert told["item"]["room"] == arranged.hall
    assert told["item"]["minutes"] == 45
    overlap = [each for each in told["clashes"] if each["code"] == "room_overlap"]
    assert [set(each["refs"]) for each in overlap] == [{arranged.opening, arranged.waiting}]
    assert told["said"].startswith("09:15, Great Hall. Great Hall is taken twice")
    assert told["undo"]["title"] == "Workshop"
    assert told["redo"] is None
    fresh = olaf.state()
    assert fresh.get_json()["clashes"] == told["clashes"]
    assert fresh.headers["ETag"].removeprefix("W/") == answer.headers["ETag"].removeprefix("W/")
    assert olaf.state(**{"If-None-Match": fresh.headers["ETag"]}).status_code == 304


def test_a_stale_move_shows_both_versions_and_may_be_put_all_the_same(app, arranged, grid, second_organizer):
    olaf, sara = grid(), grid("sara")
    assert sara.move(arranged.opening, "11:00", "11:30", arranged.kiln, version=1).status_code == 200
    answer = olaf.move(arranged.opening, "10:00", "10:30", arranged.hall, version=1)
    told = answer.get_json()
    assert answer.status_code == 409
    assert told["theirs"] == "Thu 14 Jan 2027, 11:00–11:30, Kiln Room"
    assert told["mine"] == "Thu 14 Jan 2027, 10:00–10:30, Great Hall"
    assert stored(app, arranged.opening)[2] == "Kiln Room"
    assert told["item"]["version"] == 2
    again = olaf.move(arranged.opening, "10:00", "10:30", arranged.hall, version=2)
    assert (again.status_code, stored(app, arranged.opening)[2:]) == (200, ("Great Hall", 3))
    assert again.get_json()["others"].endswith(" is arranging too.")


def test_a_move_sent_again_after_a_lost_answer_is_answered_as_before(app, arranged, grid):
    olaf = grid()
    first, second = (olaf.move(arranged.opening, "10:00", "10:30", arranged.kiln, version=1) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.get_json() == second.get_json()
    assert (count(app, Step), stored(app, arranged.opening)[3]) == (1, 2)
    step = {"step": first.get_json()["undo"]["step"]}
    undone = [olaf.send("undo", step) for _ in range(2)]
    assert [each.status_code for each in undone] == [200, 200]
    assert undone[0].get_json() == undone[1].get_json()
    assert stored(app, arranged.opening)[2:] == ("Great Hall", 3)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2027-01-14T10:00", "2027-01-14T10:00", "The end must lie after the start."),
        ("2027-01-14T10:00", "2027-01-14T09:00", "The end must lie after the start."),
        ("2027-01-14T10:00", "2027-01-16T09:00", "This is longer than 36 hours. Is the day of the end right?"),
        (None, "2027-01-14T10:00", "Please give the start too, or leave both empty."),
        ("0001-01-01T00:00", None, "Please choose a day between the years 1900 and 2200."),
    ],
)
def test_an_impossible_move_is_refused_in_a_sentence_and_changes_nothing(app, arranged, grid, start, end, sentence):
    before = stored(app, arranged.opening)
    answer = grid().patch(arranged.opening, {"version": 1, "starts_at": start, "ends_at": end, "room": arranged.hall})
    assert (answer.status_code, answer.get_json()["sentence"]) == (422, sentence)
    assert stored(app, arranged.opening) == before
    assert count(app, Step) == 0


def test_times_that_a_change_of_the_clocks_skips_or_doubles_are_refused(app, grid):
    with app.app_context(), unit_of_work():
        event = make_event(time_zone="Europe/Berlin", starts_on=date(2027, 3, 27), ends_on=date(2027, 10, 31))
        room = make_room(event).ref
        item = make_item(event, starts_at=None, ends_at=None).ref
        url = f"/events/{event.ref}/timetable"
    olaf = grid(url=url)
    for start, sentence in (("2027-03-28T02:30", "does not exist"), ("2027-10-31T02:30", "comes twice")):
        answer = olaf.patch(item, {"version": 1, "starts_at": start, "ends_at": None, "room": room})
        assert answer.status_code == 422
        assert sentence in answer.get_json()["sentence"]
    outside = olaf.patch(item, {"version": 1, "starts_at": "2027-12-24T09:00", "ends_at": None, "room": room})
    assert outside.status_code == 200  # allowed, with a word of warning
    assert [each["code"] for each in outside.get_json()["clashes"]] == ["outside_event"]


def test_nothing_moves_in_a_cancelled_event(app, arranged, grid):
    with app.app_context(), unit_of_work():
        db.session.scalars(select(Event)).one().status = Status.CANCELLED
    answer = grid().move(arranged.opening, "10:00", "10:30", arranged.hall)
    assert answer.status_code == 422
    assert answer.get_json()["sentence"] == "This event was cancelled and stays as it was."


GARBAGE = [
    b"", b"{", b"[]", b"null", b'"x"', b"[" * 9000, b'{"version":1}', b"\xff\xfe", b"x" * 40_000,
]  # fmt: skip


def test_garbage_is_answered_with_400_and_never_breaks_anything(app, arranged, grid):
    olaf = grid()
    good = {"version": 1, "starts_at": "2027-01-14T10:00", "ends_at": None, "room": None}
    wrong = [
        {"version": "1"}, {"version": True}, {"version": 1.5}, {"version": None}, {"starts_at": 5}, {"starts_at": "nine"},
        {"starts_at": "2027-13-14T10:00"}, {"starts_at": "2027-01-14T10:00+08:00"}, {"starts_at": "\ud800"},
        {"starts_at": ["2027-01-14T10:00"]}, {"room": 5}, {"room": {}}, {"room": "\ud800"}, {"room": "x" * 5000},
        {"session": []}, {"minutes": "ten"}, {"minutes": []},
    ]  # fmt: skip
    before = stored(app, arranged.opening)
    for body in [*GARBAGE, *({**good, **each} for each in wrong)]:
        answer = olaf.patch(arranged.opening, body)
        assert answer.status_code in (400, 413), (body, answer.status_code)
        assert answer.status_code == 400 or len(body) > 16_384
    for body in [*GARBAGE, {"step": 5}, {"step": "\ud800"}, {"step": ""}, {"step": {}}]:
        assert olaf.send("undo", body).status_code in (400, 413), body
    new = {"intent": "once-once", "title": "New", "kind": "free", **good}
    for each in ({"intent": 5}, {"intent": ""}, {"title": 5}, {"kind": "dance"}, {"kind": []}, {"session": 5}):
        assert olaf.send("items", {**new, **each}).status_code == 400, each
    assert stored(app, arranged.opening) == before
    assert (count(app, AgendaItem), count(app, Step)) == (2, 0)


def test_only_planners_arrange_and_foreign_records_are_not_there(app, arranged, grid, as_):
    with app.app_context(), unit_of_work():
        other = make_event()
        room, item = make_room(other).ref, make_item(other).ref
    place = {"version": 1, "starts_at": "2027-01-14T10:00", "ends_at": None, "room": None}
    olaf = grid()
    assert olaf.patch(arranged.opening, {**place, "room": room}).status_code == 404
    assert olaf.patch(arranged.opening, {**place, "session": "0" * 16}).status_code == 404
    assert olaf.patch(item, place).status_code == 404
    assert olaf.send("undo", {"step": "0" * 16}).status_code == 404
    petra = grid("petra")
    assert [petra.visitor.get(arranged.url).status_code, petra.state().status_code] == [403, 403]
    assert petra.patch(arranged.opening, place).status_code == 403
    assert petra.patch(arranged.opening, b"garbage").status_code == 403
    assert petra.send("items", {}).status_code == 403
    olaf.move(arranged.opening, "10:00", "10:30", arranged.hall)
    step = {"step": olaf.state().get_json()["undo"]["step"]}
    assert petra.send("undo", step).status_code == 403
    assert grid("ada").send("undo", step).status_code == 404  # somebody else's step
    assert as_("nobody").get(arranged.url).status_code == 302
    client = olaf.visitor.client
    assert client.patch(f"{arranged.url}/items/{arranged.opening}", json=place).status_code == 400  # without the proof


def test_moves_are_taken_back_and_done_again_one_after_the_other(app, arranged, grid):
    olaf = grid()
    places = [stored(app, arranged.opening)[:3]]
    for start, end, room in (("10:00", "10:30", arranged.kiln), ("10:00", "11:00", arranged.kiln), (None, None, None)):
        assert olaf.move(arranged.opening, start, end, room).status_code == 200
        places.append(stored(app, arranged.opening)[:3])
    first = olaf.state().get_json()["undo"]["step"]
    for place in places[-2::-1]:
        assert olaf.take("undo").status_code == 200
        assert stored(app, arranged.opening)[:3] == place
    assert olaf.state().get_json()["undo"] is None
    early = olaf.send("redo", {"step": first})
    assert early.status_code == 409
    assert "Another step comes first" in early.get_json()["sentence"]
    for place in places[1:3]:
        assert olaf.take("redo").status_code == 200
        assert stored(app, arranged.opening)[:3] == place
    olaf.move(arranged.waiting, "15:00", "15:45", arranged.hall)
    assert olaf.state().get_json()["redo"] is None  # another way was taken


def test_what_somebody_else_has_moved_since_is_not_taken_back(app, arranged, grid, second_organizer):
    olaf, sara = grid(), grid("sara")
    olaf.move(arranged.opening, "10:00", "10:30", arranged.kiln)
    sara.move(arranged.opening, "11:00", "11:30", arranged.kiln)
    refused = olaf.take("undo")
    assert refused.status_code == 409
    assert refused.get_json()["sentence"] == "Somebody else has moved “Opening” since. It stays where it is."
    assert "arranging too" in olaf.state().get_json()["others"]
    assert sara.take("undo").status_code == 200
    assert olaf.take("undo").status_code == 200
    assert stored(app, arranged.opening)[2] == "Great Hall"
    # And back and forth to the same place is a move, too.
    olaf.move(arranged.opening, "10:00", "10:30", arranged.kiln)
    sara.move(arranged.opening, "11:00", "11:30", arranged.kiln)
    sara.move(arranged.opening, "10:00", "10:30", arranged.kiln)
    assert olaf.take("undo").status_code == 409


def test_a_step_back_into_a_removed_room_is_refused_in_words(app, arranged, grid, as_):
    olaf = grid()
    olaf.move(arranged.opening, "10:00", "10:30", arranged.kiln)
    olaf.move(arranged.opening, "10:00", "10:30", arranged.hall)
    base = arranged.url.removesuffix("/timetable")
    assert as_("olaf").post(f"{base}/rooms/{arranged.kiln}/removal").status_code == 303
    answer = olaf.take("undo")
    assert answer.status_code == 409
    assert "no longer there" in answer.get_json()["sentence"]


def test_steps_are_taken_back_without_a_script_too(app, arranged, grid, as_):
    olaf = grid()
    olaf.move(arranged.opening, "10:00", "10:30", arranged.kiln)
    page = olaf.visitor.get(arranged.url).get_data(as_text=True)
    step = re.search(r'name="step" value="([0-9a-z]{16})"', page)
    assert step
    answer = olaf.visitor.post(f"{arranged.url}/undo", {"step": step.group(1)})
    assert (answer.status_code, answer.location) == (303, arranged.url)
    assert stored(app, arranged.opening)[2] == "Great Hall"


def test_as_many_steps_are_kept_as_can_be_taken_back(app, arranged):
    with app.app_context():
        olaf = load().olaf
        item = db.session.scalars(select(AgendaItem).where(AgendaItem.ref == arranged.opening)).one()
        for number in range(53):
            later = item.starts_at + timedelta(minutes=5)
            with unit_of_work():
                services.move(item, Place(later, None, item.room, None), actor=olaf, version=number + 1)
        moves = db.session.scalar(select(func.count(AuditEntry.seq)).where(AuditEntry.action == "item.changed"))
    assert (moves, count(app, Step)) == (53, 50)


def test_an_item_is_added_where_a_range_was_drawn_once_per_intent(app, arranged, grid):
    olaf = grid()
    new = {
        "intent": "draw-draw-1",
        "title": "  Tea   in the yard ",
        "kind": "break",
        "session": arranged.session,
        "starts_at": "2027-01-14T10:30",
        "ends_at": "2027-01-14T10:45",
        "room": arranged.kiln,
    }
    for _time in range(2):
        answer = olaf.send("items", new)
        told = answer.get_json()["item"]
        assert (answer.status_code, told["title"], told["session"]) == (201, "Tea in the yard", arranged.session)
    assert count(app, AgendaItem) == 3
    for title, sentence in (("", "Please fill this in."), ("x" * 10_000, "Please keep this to 200 characters.")):
        refused = olaf.send("items", {**new, "intent": "draw-draw-2", "title": title})
        assert (refused.status_code, refused.get_json()["sentence"]) == (422, sentence)
    assert count(app, AgendaItem) == 3


def own(statements: list[str]) -> list[str]:
    """Without those that every page asks to know who is there."""
    return [each for each in statements if "FROM browser_session" not in each]


@pytest.mark.parametrize(("rooms", "items"), [(1, 1), (12, 300)])
def test_page_state_and_move_ask_the_same_number_of_statements(app, grid, count_statements, rooms, items):
    with app.app_context(), unit_of_work():
        event = make_event(starts_on=date(2027, 1, 14))
        halls = [make_room(event) for _ in range(rooms)]
        tracks = [save(Track(event=event, name=f"Track {n}")) for n in range(rooms)]
        sittings = [make_session(event, chair=make_person(), room=hall, day=event.starts_on) for hall in halls]
        speakers = [make_person() for _ in range(rooms * 2)]
        made = [
            make_item(
                event, room=halls[n % rooms], track=tracks[n % rooms], session=sittings[n % rooms],
                speakers=[speakers[n % len(speakers)]],
            )
            for n in range(items)
        ]  # fmt: skip
        url, ref, room = f"/events/{event.ref}/timetable", made[0].ref, halls[0].ref
    olaf = grid(url=url)
    olaf.patch(ref, {"version": 1, "starts_at": "2027-01-14T10:00", "ends_at": None, "room": room})
    asked = {}
    for name, act in {
        "page": lambda: olaf.visitor.get(url),
        "state": lambda: olaf.state(),
        "move": lambda: olaf.patch(ref, {"version": 2, "starts_at": "2027-01-14T11:00", "ends_at": None, "room": room}),
    }.items():
        with count_statements() as said:
            assert act().status_code == 200
        asked[name] = len(own(said))
    assert asked == {"page": 10, "state": 9, "move": 25}
    tag = olaf.state().headers["ETag"]
    with count_statements() as said:
        assert olaf.state(**{"If-None-Match": tag}).status_code == 304
    assert len(own(said)) == 3
