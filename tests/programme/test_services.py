"""What can be done with a programme."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused, Stale
from app.core.roles import NOBODY
from app.events import queries as events
from app.events.models import Audience, Participation, Status
from app.programme import errors, queries, services
from app.programme.clashes import Code
from app.programme.models import AgendaItem, Room, Session
from app.search.models import SearchEntry
from tests.factories import make_event, make_item, make_room, make_session, make_team


def moment(event, hour: int, minute: int = 0, day: int = 0) -> datetime:
    """In Shanghai, which is eight hours ahead of UTC."""
    on = event.starts_on + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.fixture
def event(cast):
    with unit_of_work():
        return make_event(status=Status.DRAFT)


def test_a_session_may_have_neither_day_nor_time(cast, event):
    with unit_of_work():
        session = services.add_session(event, actor=cast.olaf, title="Operation Session", kind="operation_review")
    assert (session.day, session.starts_at, session.position) == (None, None, 1)


def test_the_day_of_a_session_follows_from_its_start_in_the_events_zone(cast, event):
    late = moment(event, 0, 30, day=1)
    with unit_of_work():
        session = services.add_session(event, actor=cast.olaf, title="Late", starts_at=late, day=event.starts_on)
    assert late.date() == event.starts_on
    assert session.day == event.starts_on + timedelta(days=1)


def test_an_end_needs_a_start_and_lies_after_it(cast, event):
    nine = moment(event, 9)
    for times, refusal in (
        ({"ends_at": nine}, errors.StartMissing),
        ({"starts_at": nine, "ends_at": nine}, errors.EndsBeforeStart),
        ({"starts_at": nine, "ends_at": nine - timedelta(hours=1)}, errors.EndsBeforeStart),
        ({"starts_at": nine, "ends_at": nine + timedelta(days=30)}, errors.TooLong),
    ):
        with pytest.raises(refusal), unit_of_work():
            services.add_item(event, actor=cast.olaf, title="Item", **times)
        with pytest.raises(refusal), unit_of_work():
            services.add_session(event, actor=cast.olaf, title="Session", **times)
    assert db.session.scalar(select(func.count(AgendaItem.id))) == 0
    assert db.session.scalar(select(func.count(Session.id))) == 0


def test_rooms_and_sessions_of_another_event_are_refused(cast, event):
    with unit_of_work():
        other = make_event()
        room, session = make_room(other), make_session(other)
    with pytest.raises(errors.NotOfThisEvent), unit_of_work():
        services.add_item(event, actor=cast.olaf, title="Item", room=room)
    with pytest.raises(errors.NotOfThisEvent), unit_of_work():
        services.add_item(event, actor=cast.olaf, title="Item", session=session)
    with pytest.raises(errors.NotOfThisEvent), unit_of_work():
        services.add_session(event, actor=cast.olaf, title="Session", room=room)
    assert db.session.scalar(select(func.count(AgendaItem.id))) == 0


def test_people_and_teams_speak_in_the_order_given(cast, event):
    with unit_of_work():
        team = make_team(name="Blue Kiln")
        item = services.add_item(
            event,
            actor=cast.olaf,
            title="Statement",
            kind="statement",
            speakers=[cast.people["tom"], team, cast.people["mei"]],
        )
    assert [each.display_name for each in item.speakers] == ["Tom Okafor", "Blue Kiln", "Mei Zhao"]
    with unit_of_work():
        services.change_item(item, actor=cast.olaf, version=1, speakers=[team, cast.people["mei"], cast.people["sara"]])
    db.session.expire_all()
    assert [each.display_name for each in item.speakers] == ["Blue Kiln", "Mei Zhao", "Sara Novák"]


def test_a_speaker_sees_a_restricted_event_as_long_as_they_speak(cast):
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        item = services.add_item(event, actor=cast.ada, title="Speech", speakers=[cast.people["tom"]])
    assert events.find_visible(cast.tom, event.ref) is event
    with unit_of_work():
        services.change_item(item, actor=cast.ada, version=None, speakers=[])
    assert events.find_visible(cast.tom, event.ref) is None
    assert db.session.scalar(select(func.count(Participation.id))) == 0


def test_whoever_speaks_twice_and_stops_once_still_sees_it(cast):
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        item = services.add_item(event, actor=cast.ada, title="Speech", speakers=[cast.people["tom"]])
        services.add_session(event, actor=cast.ada, title="Session", chair=cast.people["tom"])
    with unit_of_work():
        services.change_item(item, actor=cast.ada, version=None, speakers=[])
    assert events.find_visible(cast.tom, event.ref) is event


def test_internal_items_are_for_those_with_a_role_and_are_not_found(cast, event):
    with unit_of_work():
        services.add_item(event, actor=cast.olaf, title="Rehearsal", is_internal=True)
        item = services.add_item(event, actor=cast.olaf, title="Opening")
    for actor in (NOBODY, cast.petra, cast.xaver):
        assert [each.title for each in queries.list_items(event, actor)] == ["Opening"]
    for actor in (cast.olaf, cast.sara, cast.aude, cast.ada):
        assert [each.title for each in queries.list_items(event, actor)] == ["Rehearsal", "Opening"]
    assert db.session.scalars(select(SearchEntry.title)).all() == ["Opening"]
    with unit_of_work():
        services.change_item(item, actor=cast.olaf, version=None, is_internal=True)
    assert db.session.scalars(select(SearchEntry.title)).all() == []


def test_items_without_time_change_places_and_items_with_a_time_do_not(cast, event):
    with unit_of_work():
        a, b, c = (services.add_item(event, actor=cast.olaf, title=title) for title in "abc")
        timed = services.add_item(event, actor=cast.olaf, title="timed", starts_at=moment(event, 9))
    with unit_of_work():
        services.reorder_item(c, actor=cast.olaf, up=True)
    assert [each.title for each in queries.list_items(event, cast.olaf)] == ["timed", "a", "c", "b"]
    with unit_of_work():
        services.reorder_item(a, actor=cast.olaf, up=True)
    assert [each.title for each in queries.list_items(event, cast.olaf)] == ["timed", "a", "c", "b"]
    with pytest.raises(errors.HasTime), unit_of_work():
        services.reorder_item(timed, actor=cast.olaf, up=True)


def test_a_moved_item_keeps_its_length_and_reaches_the_calendars(cast, event):
    with unit_of_work():
        hall = make_room(event)
        item = services.add_item(
            event, actor=cast.olaf, title="Talk", starts_at=moment(event, 9), ends_at=moment(event, 9, 45)
        )
    with unit_of_work():
        services.move_item(item, actor=cast.olaf, version=1, starts_at=moment(event, 14), room=hall)
    assert (item.ends_at, item.room, item.calendar_sequence) == (moment(event, 14, 45), hall, 1)


def test_a_stale_change_is_refused(cast, event):
    with unit_of_work():
        item = services.add_item(event, actor=cast.olaf, title="Talk")
    with unit_of_work():
        services.change_item(item, actor=cast.olaf, version=1, title="First")
    with pytest.raises(Stale), unit_of_work():
        services.change_item(item, actor=cast.ada, version=1, title="Second")
    assert (item.title, item.version) == ("First", 2)


def test_a_cancelled_item_stays_and_can_take_place_again(cast, event):
    with unit_of_work():
        item = services.add_item(event, actor=cast.olaf, title="Talk")
    with unit_of_work():
        services.cancel_item(item, actor=cast.olaf)
    with pytest.raises(errors.WrongState), unit_of_work():
        services.cancel_item(item, actor=cast.olaf)
    assert [each.title for each in queries.list_items(event, cast.petra)] == ["Talk"]
    assert db.session.scalars(select(SearchEntry.title)).all() == []
    with unit_of_work():
        services.restore_item(item, actor=cast.olaf)
    assert item.cancelled_at is None
    assert db.session.scalars(select(SearchEntry.title)).all() == ["Talk"]


def test_what_people_know_of_is_cancelled_rather_than_removed(cast, event):
    with unit_of_work():
        item = services.add_item(event, actor=cast.olaf, title="Talk", speakers=[cast.people["tom"]])
        session = services.add_session(event, actor=cast.olaf, title="Session")
        event.status = Status.PUBLISHED
    for act in (services.remove_item, services.remove_session):
        with pytest.raises(errors.InUse), unit_of_work():
            act(item if act is services.remove_item else session, actor=cast.olaf)
    with unit_of_work():
        event.status = Status.DRAFT
    with unit_of_work():
        services.remove_item(item, actor=cast.olaf)
        services.remove_session(session, actor=cast.olaf)
    assert db.session.scalar(select(func.count(AgendaItem.id))) == 0
    assert db.session.scalar(select(func.count(Session.id))) == 0
    assert db.session.scalar(select(func.count(Participation.id))) == 0
    assert db.session.scalar(select(func.count(SearchEntry.id))) == 0


def test_two_rooms_of_one_event_have_two_names_and_removing_one_empties_its_items(cast, event):
    with unit_of_work():
        hall = services.add_room(event, actor=cast.olaf, name="Hall", seats=12)
        item = services.add_item(event, actor=cast.olaf, title="Talk", room=hall)
    with pytest.raises(errors.NameTaken), unit_of_work():
        services.add_room(event, actor=cast.olaf, name="Hall")
    with pytest.raises(Refused), unit_of_work():
        services.add_room(event, actor=cast.olaf, name="Cellar", seats=0)
    with unit_of_work():
        services.remove_room(hall, actor=cast.olaf)
    db.session.expire_all()
    assert (item.room, db.session.scalar(select(func.count(Room.id)))) == (None, 0)


@pytest.mark.parametrize("name", ["petra", "sara", "sven", "li_wei", "aude"])
def test_only_planners_shape_a_programme(cast, event, name):
    actor = getattr(cast, name)
    with unit_of_work():
        session, item, room = make_session(event), make_item(event), make_room(event)
    for act in (
        lambda: services.add_session(event, actor=actor, title="X"),
        lambda: services.change_session(session, actor=actor, version=None, title="X"),
        lambda: services.remove_session(session, actor=actor),
        lambda: services.move_session(session, actor=actor, up=True),
        lambda: services.add_item(event, actor=actor, title="X"),
        lambda: services.change_item(item, actor=actor, version=None, title="X"),
        lambda: services.cancel_item(item, actor=actor),
        lambda: services.remove_item(item, actor=actor),
        lambda: services.reorder_item(item, actor=actor, up=True),
        lambda: services.add_room(event, actor=actor, name="X"),
        lambda: services.change_room(room, actor=actor, version=None, name="X"),
        lambda: services.remove_room(room, actor=actor),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    assert [each.title for each in queries.list_items(event, cast.olaf)] == [item.title]
    assert [each.name for each in queries.list_rooms(event)] == [room.name]


def test_a_cancelled_event_keeps_its_programme(cast, event):
    with unit_of_work():
        event.status = Status.CANCELLED
    with pytest.raises(errors.EventIsCancelled), unit_of_work():
        services.add_item(event, actor=cast.olaf, title="Late")


def test_a_speaker_in_an_event_that_one_may_not_see_is_only_busy(cast, event):
    with unit_of_work():
        secret = make_event(audience=Audience.RESTRICTED, title="Board", starts_on=event.starts_on)
        make_item(secret, title="Merger", speakers=[cast.people["tom"]])
        mine = make_item(event, speakers=[cast.people["tom"]])

    def seen_by(actor):
        found = queries.clashes_in(event, actor, [], [mine])
        return [(each.code, each.second.title if each.second else None) for each in found]

    assert seen_by(cast.olaf) == [(Code.BUSY_ELSEWHERE, None)]
    assert seen_by(cast.aude) == [(Code.BUSY_ELSEWHERE, "Merger")]


def test_a_day_runs_by_time_and_lunch_stands_in_the_middle_of_its_session(cast, event):
    with unit_of_work():
        session = services.add_session(event, actor=cast.olaf, title="Session", day=event.starts_on)
        unknown = services.add_session(event, actor=cast.olaf, title="Unknown")

        def add(title, hour, **more):
            services.add_item(event, actor=cast.olaf, title=title, starts_at=moment(event, hour), **more)

        add("afternoon", 14, session=session)
        add("morning", 9, session=session)
        add("lunch", 12)
    days = queries.by_day(event, queries.list_sessions(event), queries.list_items(event, cast.olaf))
    assert [
        (day.day, [(s.session.title if s.session else None, [i.title for i in s.items]) for s in day.sittings])
        for day in days
    ] == [
        (event.starts_on, [("Session", ["morning"]), (None, ["lunch"]), ("Session", ["afternoon"])]),
        (None, [("Unknown", [])]),
    ]
    assert unknown.day is None
