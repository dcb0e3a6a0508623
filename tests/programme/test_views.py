"""The pages and calendars of programmes."""

import re
import time
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Audience, Status
from app.programme import services
from app.programme.models import AgendaItem, NeededPerson, Room, Session
from app.provenance.models import Source, ValueNote
from tests import cast as the_cast
from tests.factories import make_event, make_item, make_room, make_session


@pytest.fixture
def made(app):
    """Make records in a unit of work, outside any request, and give their refs."""

    def make(build):
        with app.app_context(), unit_of_work():
            return build()

    return make


@pytest.fixture
def ask(app):
    """Ask the database something, outside any request."""

    def asking(question):
        with app.app_context():
            return question()

    return asking


def count(model) -> int:
    return db.session.scalar(select(func.count(model.id)))


def page_of(visitor, url: str) -> str:
    answer = visitor.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


ITEM = {"title": "Opening speech", "kind": "speech", "session": "", "room": "", "starts_at": "", "ends_at": ""}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Please fill this in."),
        ({"title": "x" * 201}, "Please keep this to 200 characters."),
        ({"kind": "dance"}, "Not a valid choice."),
        ({"session": "0" * 16}, "Not a valid choice."),
        ({"room": "../../etc/passwd"}, "Not a valid choice."),
        ({"speakers": ["0" * 16]}, "is not a valid choice for this field."),
        ({"starts_at": "nine"}, "This is not a time. Write it as 2027-01-14T09:00."),
        ({"starts_at": "9999-12-31T23:59"}, "Please choose a day between the years 1900 and 2200."),
        ({"ends_at": "2027-01-14T09:00"}, "Please give the start too, or leave both empty."),
        ({"starts_at": "2027-01-14T09:00", "ends_at": "2027-01-14T09:00"}, "The end must lie after the start."),
        ({"starts_at": "2027-01-14T09:00", "ends_at": "2028-01-14T09:00"}, "This is longer than 36 hours."),
        ({"summary": "x" * 4001}, "Please keep this to 4000 characters."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_makes_nothing(as_, made, ask, wrong, sentence):
    ref = made(lambda: make_event().ref)
    answer = as_("olaf").post(f"/events/{ref}/items/new", {**ITEM, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    if "title" not in wrong:
        assert 'value="Opening speech"' in answer.get_data(as_text=True)
    assert ask(lambda: count(AgendaItem)) == 0


def test_a_time_that_the_clocks_skip_is_refused_in_words(as_, made, ask):
    ref = made(lambda: make_event(time_zone="Europe/Berlin", starts_on=date(2027, 3, 27)).ref)
    times = {"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T03:30"}
    answer = as_("olaf").post(f"/events/{ref}/items/new", {**ITEM, **times})
    assert answer.status_code == 422
    assert "The clocks change then: this time does not exist in Europe/Berlin." in answer.get_data(as_text=True)
    assert ask(lambda: count(AgendaItem)) == 0


@pytest.mark.parametrize("server_zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_times_are_told_and_taken_in_the_events_zone(as_, made, ask, monkeypatch, server_zone):
    monkeypatch.setenv("TZ", server_zone)
    time.tzset()
    try:
        assert_times_are_the_events(as_, made, ask)
    finally:
        monkeypatch.undo()
        time.tzset()


def assert_times_are_the_events(as_, made, ask):
    ref = made(lambda: make_event(time_zone="America/New_York", starts_on=date(2027, 1, 14)).ref)
    olaf = as_("olaf")
    times = {"starts_at": "2027-01-14T09:00", "ends_at": "2027-01-14T09:45"}
    assert olaf.post(f"/events/{ref}/items/new", {**ITEM, **times}).status_code == 303
    item = ask(lambda: db.session.scalars(select(AgendaItem)).one())
    assert item.starts_at == datetime(2027, 1, 14, 14, 0, tzinfo=UTC)
    assert 'value="2027-01-14T09:00"' in page_of(olaf, f"/events/{ref}/items/{item.ref}")
    assert ">09:00<span> – 09:45</span>" in page_of(olaf, f"/events/{ref}/programme")
    assert "DTSTART;TZID=America/New_York:20270114T090000" in olaf.get(f"/events/{ref}/calendar.ics").text


def test_rooms_sessions_and_items_of_another_event_are_out_of_reach(as_, made, ask):
    def build():
        one, other = make_event(), make_event()
        return one.ref, make_room(other).ref, make_session(other).ref, make_item(other).ref

    ref, room, session, item = made(build)
    olaf = as_("olaf")
    for path in (f"rooms/{room}", f"sessions/{session}", f"sessions/{session}/settings", f"items/{item}", f"items/{item}/place",
                 f"sessions/{session}/calendar.ics"):  # fmt: skip
        assert olaf.get(f"/events/{ref}/{path}").status_code == 404, path
    for path in (f"rooms/{room}/removal", f"sessions/{session}/removal", f"sessions/{session}/order", f"items/{item}/order",
                 f"items/{item}/cancellation", f"items/{item}/removal"):  # fmt: skip
        assert olaf.post(f"/events/{ref}/{path}").status_code == 404, path
    assert olaf.post(f"/events/{ref}/items/new", {**ITEM, "room": room}).status_code == 422
    assert olaf.post(f"/events/{ref}/items/new", {**ITEM, "session": session}).status_code == 422
    assert ask(lambda: (count(AgendaItem), count(Room), count(Session))) == (1, 1, 1)


def test_pressing_twice_makes_one_item_and_one_session(as_, made, ask):
    ref = made(lambda: make_event().ref)
    olaf = as_("olaf")
    for _twice in range(2):
        olaf.post(f"/events/{ref}/items/new", {**ITEM, "intent": "one"})
        olaf.post(
            f"/events/{ref}/sessions/new", {"title": "S", "kind": "other", "chair": "", "room": "", "intent": "two"}
        )
    assert ask(lambda: (count(AgendaItem), count(Session))) == (1, 1)


def test_a_stale_item_shows_both_versions_in_words(as_, made, ask):
    def build():
        event = make_event(starts_on=date(2027, 1, 14))
        return event.ref, make_item(event, title="Talk").ref, make_room(event, name="Lotus Room").ref

    ref, item, room = made(build)
    url = f"/events/{ref}/items/{item}"
    times = {"starts_at": "2027-01-14T09:00", "ends_at": "2027-01-14T09:30", "version": "1"}
    assert (
        as_("ada")
        .post(url, {**ITEM, **times, "title": "Hers", "room": room, "starts_at": "2027-01-14T08:00"})
        .status_code
        == 303
    )
    answer = as_("olaf").post(url, {**ITEM, **times, "title": "His"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    stored = re.findall(r'<div class="kept-lines">(.*?)</div>', page)
    assert stored == ["Hers", "Thu 14 Jan 2027, 08:00", "Lotus Room"]
    assert 'value="His"' in page
    assert ask(lambda: db.session.scalars(select(AgendaItem.title)).one()) == "Hers"


def test_a_stale_session_shows_both_versions_in_words(as_, made):
    ref, session = made(lambda: (lambda e: (e.ref, make_session(e, title="Old").ref))(make_event()))
    tom = made(lambda: the_cast.load().people["tom"].ref)
    form = {"title": "Old", "kind": "strategy", "chair": "", "room": "", "version": "1"}
    url = f"/events/{ref}/sessions/{session}/settings"
    assert as_("ada").post(url, {**form, "chair": tom}).status_code == 303
    answer = as_("olaf").post(url, {**form, "theme": "Mine"})
    assert answer.status_code == 409
    assert re.findall(r'<div class="kept-lines">(.*?)</div>', answer.get_data(as_text=True)) == ["Tom Okafor", ""]


def test_a_clash_is_told_after_saving_on_the_form_and_in_the_programme_to_planners(as_, made):
    def build():
        event = make_event(starts_on=date(2027, 1, 14))
        room = make_room(event, name="Great Hall")
        return event.ref, room.ref, make_item(event, title="First", room=room).ref

    ref, room, item = made(build)
    olaf = as_("olaf")
    times = {"starts_at": "2027-01-14T09:15", "ends_at": "2027-01-14T10:00", "room": room}
    answer = olaf.post(f"/events/{ref}/items/new", {**ITEM, **times}, follow_redirects=True)
    words = "Great Hall is taken twice, Thu 14 Jan 2027, 09:15–09:30: “First” and “Opening speech”."
    assert answer.get_data(as_text=True).count(words) == 2  # said once, and in the list of clashes
    assert words in page_of(olaf, f"/events/{ref}/items/{item}")
    assert words not in page_of(as_("petra"), f"/events/{ref}/programme")


def test_mine_is_what_i_speak_in_and_what_i_chair(as_, made):
    def build():
        people = the_cast.load().people
        event = make_event()
        chaired = make_session(event, title="Chaired", chair=people["petra"])
        make_item(event, title="In my session", session=chaired)
        make_item(event, title="My talk", speakers=[people["petra"]])
        make_item(event, title="Other talk", speakers=[people["tom"]])
        make_session(event, title="Other session")
        return event.ref

    ref = made(build)
    page = page_of(as_("petra"), f"/events/{ref}/programme?mine=1")
    assert all(words in page for words in ("Chaired", "In my session", "My talk"))
    assert "Other" not in page


def test_internal_items_reach_no_attendee_and_no_calendar(as_, made):
    def build():
        event = make_event(audience=Audience.PUBLIC, starts_on=clock.today("Asia/Shanghai"))
        session = make_session(event)
        now = clock.now()
        make_item(event, title="Secret rehearsal", session=session, is_internal=True,
                  starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=5))  # fmt: skip
        return event.ref, session.ref

    ref, session = made(build)
    for name in ("petra", "nobody"):
        visitor = as_(name)
        for path in ("", "/programme", "/now", "/now?screen=1", "/calendar.ics", f"/sessions/{session}"):
            assert "Secret rehearsal" not in page_of(visitor, f"/events/{ref}{path}"), path
    olaf = as_("olaf")
    assert "Secret rehearsal" in page_of(olaf, f"/events/{ref}/programme")
    assert "Secret rehearsal" not in page_of(olaf, f"/events/{ref}/calendar.ics")
    assert "Secret rehearsal" not in page_of(olaf, f"/events/{ref}/now?screen=1")


def test_now_tells_what_runs_and_what_is_next_and_renews_itself(as_, made):
    def build():
        event = make_event(starts_on=clock.today("Asia/Shanghai"))
        now = clock.now()
        hall, lotus = make_room(event, name="Great Hall"), make_room(event, name="Lotus Room")
        for title, room, start, end in (
            ("Running", hall, -10, 10),
            ("Finished", hall, -60, -20),
            ("Soon", lotus, 30, 60),
        ):
            make_item(
                event,
                title=title,
                room=room,
                starts_at=now + timedelta(minutes=start),
                ends_at=now + timedelta(minutes=end),
            )
        return event.ref, lotus.ref

    ref, lotus = made(build)
    petra = as_("petra")
    answer = petra.get(f"/events/{ref}/now")
    page = answer.get_data(as_text=True)
    assert (answer.headers["Refresh"], answer.headers["Cache-Control"]) == ("10", "no-store")
    assert (
        page.index("Running</h2>")
        < page.index("<h3>Running</h3>")
        < page.index("Next</h2>")
        < page.index("<h3>Soon</h3>")
    )
    assert "10 more minutes" in page
    assert "in 30 minutes" in page
    assert "Finished" not in page
    assert "<h3>Running</h3>" not in page_of(petra, f"/events/{ref}/now?room={lotus}")
    assert "Running" in page_of(petra, f"/events/{ref}/now?screen=1")
    assert petra.get(f"/events/{ref}/now?room=nowhere").status_code == 200
    still = petra.get(f"/events/{ref}/now?still=1")
    assert "Refresh" not in still.headers
    assert "This page stands still." in still.get_data(as_text=True)


def test_a_calendar_keeps_its_uids_raises_its_sequences_and_marks_what_is_cancelled(as_, made, ask, app):
    def build():
        event = make_event(starts_on=date(2027, 1, 14), time_zone="Asia/Shanghai")
        return event.ref, make_item(event, title="Talk, with; signs\nand lines").ref

    ref, item = made(build)
    petra = as_("petra")

    def entry():
        calendar = icalendar.Calendar.from_ical(petra.get(f"/events/{ref}/calendar.ics").get_data())
        return next(iter(calendar.walk("VEVENT")))

    def act(do):
        with app.app_context(), unit_of_work():
            do(db.session.scalars(select(AgendaItem)).one(), the_cast.load().olaf)

    first = entry()
    assert (first["UID"], first["SEQUENCE"], first["STATUS"]) == (f"item-{item}@hufu.invalid", 0, "CONFIRMED")
    assert first["SUMMARY"] == "Talk, with; signs and lines"
    assert first["DTSTART"].dt.isoformat() == "2027-01-14T09:00:00+08:00"
    act(lambda one, olaf: services.change_item(one, actor=olaf, version=None, title="Renamed"))
    second = entry()
    assert (second["UID"], second["SEQUENCE"], second["SUMMARY"]) == (first["UID"], 0, "Renamed")
    act(
        lambda one, olaf: services.move_item(
            one, actor=olaf, version=None, starts_at=datetime(2027, 1, 14, 6, tzinfo=UTC), room=None
        )
    )
    third = entry()
    assert (third["UID"], third["SEQUENCE"], third["DTSTART"].dt.hour) == (first["UID"], 1, 14)
    act(lambda one, olaf: services.cancel_item(one, actor=olaf))
    last = entry()
    assert (last["UID"], last["SEQUENCE"], last["STATUS"]) == (first["UID"], 2, "CANCELLED")


def test_an_unchanged_calendar_answers_from_memory_and_with_304(as_, made, count_statements):
    ref = made(lambda: (lambda e: (make_item(e), e.ref)[1])(make_event(audience=Audience.PUBLIC)))
    nobody = as_("nobody")
    first = nobody.get(f"/events/{ref}/calendar.ics")
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    with count_statements() as said:
        again = nobody.get(f"/events/{ref}/calendar.ics")
    assert again.get_data() == first.get_data()
    assert len(said) == 1, said
    unchanged = nobody.get(f"/events/{ref}/calendar.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.get_data()) == (304, b"")


def test_an_event_without_times_is_an_entry_of_whole_days_and_a_session_can_be_added_alone(as_, made):
    def build():
        event = make_event(starts_on=date(2027, 1, 14))
        return event.ref, make_session(event).ref, make_session(make_event(), day=None).ref

    ref, session, _other = made(build)
    petra = as_("petra")
    entry = next(iter(icalendar.Calendar.from_ical(petra.get(f"/events/{ref}/calendar.ics").get_data()).walk("VEVENT")))
    assert (entry["UID"], entry["DTSTART"].dt, entry["DTEND"].dt) == (
        f"event-{ref}@hufu.invalid",
        date(2027, 1, 14),
        date(2027, 1, 16),
    )
    assert petra.get(f"/events/{ref}/sessions/{session}/calendar.ics").status_code == 404


@pytest.mark.parametrize("name", ["nobody", "petra", "olaf", "aude"])
@pytest.mark.parametrize("imported", [False, True])
def test_a_programme_asks_the_same_few_questions_for_one_row_and_for_thirty(
    as_, made, count_statements, name, imported
):
    def build(rows):
        people = the_cast.load().people
        event = make_event(audience=Audience.PUBLIC, status=Status.CONCLUDED if imported else Status.PUBLISHED)
        if imported:
            event.source_id = a_source().id
        hall = make_room(event)
        for _each in range(rows):
            session = make_session(event, chair=people["li_wei"], room=hall, day=event.starts_on)
            make_item(event, session=session, room=hall, speakers=[people["tom"], people["mei"]])
        return event.ref, session.ref

    one, thirty = made(lambda: build(1)), made(lambda: build(30))
    visitor = as_(name)
    for path in ("/programme", "/programme?mine=1", "/now", "/sessions"):
        counts = []
        for ref, session in (one, thirty):
            url = f"/events/{ref}{path}" + (f"/{session}" if path == "/sessions" else "")
            with clock.at(clock.now()):  # what is printed for readers is used again for a few seconds only
                page_of(visitor, url)
                with count_statements() as said:
                    page_of(visitor, url)
            counts.append(len(said))
        assert counts[0] == counts[1], path
        # A planner's programme also asks what surrounds it, what its people do elsewhere and owe, and who comes.
        assert counts[0] <= (10 if name == "olaf" else 8), path


def test_a_planners_programme_of_three_hundred_items_with_all_their_clashes_asks_no_more_than_one_of_one(
    as_, made, count_statements
):
    def build(rows):
        people = the_cast.load().people
        event = make_event()
        rooms = [make_room(event, seats=10, building=f"House {n % 2}") for n in range(12)]
        track = services.add_track(event, actor=the_cast.load().olaf, name="Strategy", colour="blue")
        start = datetime.combine(event.starts_on, datetime.min.time(), UTC)
        for n in range(rows):
            begins = start + timedelta(minutes=10 * (n // 12))
            item = make_item(event, room=rooms[n % 12], speakers=[people["tom"]], track=track, expected=20,
                             starts_at=begins, ends_at=begins + timedelta(minutes=11))  # fmt: skip
            item.needed = [NeededPerson(person=people["mei"])]
        for person in (people["tom"], people["mei"]):
            begins = start + timedelta(hours=1)
            services.add_window(event, actor=the_cast.load().olaf, who=person, starts_at=begins,
                                ends_at=begins + timedelta(hours=1), is_free=False)  # fmt: skip
        services.add_stop(
            event, actor=the_cast.load().olaf, at=start + timedelta(hours=2), person=people["tom"], reason="Leaves"
        )
        return event.ref

    one, many = made(lambda: build(1)), made(lambda: build(300))
    olaf = as_("olaf")
    page_of(olaf, f"/events/{one}/programme")
    counts = []
    for ref in (one, many):
        with count_statements() as said:
            page = page_of(olaf, f"/events/{ref}/programme")
        counts.append(len(said))
    assert counts[0] == counts[1]
    assert counts[0] <= 9
    assert page.count('class="clash-group"') == 10
    assert "more appear when some of these are mended" in page


def a_source() -> Source:
    source = Source(title="A release", language="en", sha256="0" * 64, length=10, remarks=[])
    db.session.add(source)
    db.session.flush()
    return source


def test_what_a_source_leaves_open_is_shown_as_not_stated(as_, made):
    def build():
        event = make_event(status=Status.CONCLUDED, audience=Audience.PUBLIC, venue=None)
        source = a_source()
        event.source_id = source.id
        session = make_session(event, title="Operation Session")
        make_item(event, session=session, title="Review", starts_at=None, ends_at=None)

        def remark(record, name, provenance, basis=None):
            db.session.add(ValueNote(source_id=source.id, scope=event.ref, subject_type=type(record).__name__,
                                     subject_ref=record.ref, name=name, provenance=provenance, basis=basis))  # fmt: skip

        remark(event, "venue", "unknown")
        remark(event, "starts_on", "inferred", "The year is that of the release.")
        for name in ("day", "starts_at", "room", "chair"):
            remark(session, name, "unknown")
        return event.ref, session.ref

    ref, session = made(build)
    nobody = as_("nobody")
    home = page_of(nobody, f"/events/{ref}")
    assert "not stated in the source" in home
    assert "The year is that of the release." in home
    assert "Day not stated" in home
    assert page_of(nobody, f"/events/{ref}/sessions/{session}").count("not stated in the source") == 4
    programme = page_of(nobody, f"/events/{ref}/programme")
    assert "Day not stated" in programme
    assert "no time stated" in programme


def test_items_without_time_are_moved_by_a_button_that_needs_no_script(as_, made, ask):
    def build():
        event = make_event()
        first, second = (
            make_item(event, title=title, starts_at=None, ends_at=None, position=n) for n, title in enumerate("ab")
        )
        return event.ref, first.ref, second.ref

    ref, _first, second = made(build)
    olaf = as_("olaf")
    assert f'action="/events/{ref}/items/{second}/order"' in page_of(olaf, f"/events/{ref}/programme")
    assert olaf.post(f"/events/{ref}/items/{second}/order", {"to": "up"}).status_code == 303
    assert ask(lambda: db.session.scalars(select(AgendaItem.title).order_by(AgendaItem.position)).all()) == ["b", "a"]


def test_rooms_are_added_renamed_and_removed(as_, made, ask):
    ref = made(lambda: make_event().ref)
    olaf = as_("olaf")
    assert olaf.post(f"/events/{ref}/rooms", {"name": "Hall", "seats": "120"}).status_code == 303
    assert olaf.post(f"/events/{ref}/rooms", {"name": "Hall", "seats": ""}).status_code == 422
    assert olaf.post(f"/events/{ref}/rooms", {"name": "Cellar", "seats": "-4"}).status_code == 422
    room = ask(lambda: db.session.scalars(select(Room)).one())
    assert (
        olaf.post(f"/events/{ref}/rooms/{room.ref}", {"name": "Great Hall", "seats": "99", "version": "1"}).status_code
        == 303
    )
    stale = olaf.post(f"/events/{ref}/rooms/{room.ref}", {"name": "Small Hall", "seats": "9", "version": "1"})
    assert (stale.status_code, "Great Hall" in stale.get_data(as_text=True)) == (409, True)
    assert olaf.post(f"/events/{ref}/rooms/{room.ref}/removal").status_code == 303
    assert ask(lambda: count(Room)) == 0


def test_readers_share_the_rows_until_an_act_changes_them_or_the_clock_does(as_, made, ask, app, count_statements):
    def build():
        event = make_event(audience=Audience.PUBLIC, starts_on=clock.today("Asia/Shanghai"))
        start = clock.now() + timedelta(seconds=30)
        make_item(
            event,
            title="Talk",
            starts_at=start,
            ends_at=start + timedelta(minutes=10),
            speakers=[the_cast.load().people["tom"]],
        )
        return event.ref

    ref = made(build)
    petra, nobody, tom = as_("petra"), as_("nobody"), as_("tom")
    for path in ("", "/programme"):
        assert "Talk" in page_of(petra, f"/events/{ref}{path}")
        with count_statements() as said:
            assert "Talk" in page_of(nobody, f"/events/{ref}{path}")
        assert not [each for each in said if "FROM agenda_item" in each]
    assert 'class="state live"' not in page_of(nobody, f"/events/{ref}/programme")
    with clock.at(clock.now() + timedelta(seconds=31)):
        assert "> now<" in re.sub(r"<svg.*?</svg>", " ", page_of(nobody, f"/events/{ref}/programme"))
    assert "> you<" in re.sub(r"<svg.*?</svg>", " ", page_of(tom, f"/events/{ref}"))
    assert "> you<" not in re.sub(r"<svg.*?</svg>", " ", page_of(petra, f"/events/{ref}"))
    with app.app_context(), unit_of_work():
        services.change_item(
            db.session.scalars(select(AgendaItem)).one(), actor=the_cast.load().olaf, version=None, title="Lecture"
        )
    for path in ("", "/programme"):
        page = page_of(nobody, f"/events/{ref}{path}")
        assert "Lecture" in page
        assert "Talk" not in page


def test_what_one_may_see_is_never_printed_for_another(as_, made):
    def build():
        event = make_event(audience=Audience.PUBLIC)
        make_item(event, title="Rehearsal", is_internal=True)
        return event.ref

    ref = made(build)
    assert "Rehearsal" in page_of(as_("aude"), f"/events/{ref}/programme")
    assert "Rehearsal" not in page_of(as_("petra"), f"/events/{ref}/programme")
    assert "Rehearsal" in page_of(as_("sara"), f"/events/{ref}")
    assert "Rehearsal" not in page_of(as_("nobody"), f"/events/{ref}")
