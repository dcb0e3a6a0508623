"""Two events that need the same room of the same house at once warn each other."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.db import db, unit_of_work
from app.core.i18n import force_locale
from app.events.models import Event
from app.programme import queries
from app.programme.wording import sentence
from tests.factories import make_event, make_item, make_room, make_session, on

NINE = datetime(2027, 1, 14, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def event_in(room: str, **values) -> Event:
    given = {"starts_on": on(2027, 1, 14), "city": "Foshan", "venue": "Hall of the Kilns", **values}
    event = make_event(**given)
    make_room(event, name=room)
    return event


def hold(event: Event, title: str, starts_at: datetime = NINE, **values) -> None:
    room = queries.list_rooms(event)[0]
    make_item(event, title=title, room=room, starts_at=starts_at, ends_at=starts_at + HOUR, **values)


def told(event: Event, actor, language: str = "en") -> list[str]:
    db.session.expire_all()
    with force_locale(language):
        sessions, items = queries.list_sessions(event), queries.list_items(event, actor)
        found = queries.clashes_in(event, actor, sessions, items)
        assert all(str(each.level) == "warning" for each in found if each.code == "room_busy_elsewhere")
        return [sentence(each, event.time_zone) for each in found if each.code == "room_busy_elsewhere"]


def test_both_events_are_warned_and_what_may_not_be_seen_is_only_taken(cast) -> None:
    with unit_of_work():
        ours = event_in("Great Hall", title="Ours")
        hold(ours, "Our report")
        theirs = event_in("  ＧＲＥＡＴ hall", title="Theirs", venue="hall of the KILNS", audience="restricted")
        hold(theirs, "Secret board", NINE + HOUR / 2)
    when = "Thu 14 Jan 2027, 09:30–10:00"
    hidden = [f"Great Hall is taken, {when}, and “Our report” is planned there."]
    assert told(ours, cast.olaf) == hidden
    assert told(ours, cast.ada) == [
        f"“Secret board” of another event takes Great Hall, {when}, and “Our report” is planned there."
    ]
    assert [each.endswith("“Secret board” is planned there.") for each in told(theirs, cast.ada)] == [True]


@pytest.mark.parametrize(
    "other",
    [
        {"venue": "Another house"},
        {"city": "Guangzhou"},
        {"venue": None},
        {"status": "cancelled"},
        {"room": "Small Hall"},
        {"starts_at": NINE + HOUR},
        {"is_cancelled": True},
    ],
    ids=str,
)
def test_another_house_room_or_time_is_no_clash(cast, other) -> None:
    with unit_of_work():
        ours = event_in("Great Hall")
        hold(ours, "Ours")
        given = {name: value for name, value in other.items() if name in ("venue", "city", "status")}
        theirs = event_in(other.get("room", "Great Hall"), **given)
        cancelled = {"cancelled_at": NINE} if other.get("is_cancelled") else {}
        hold(theirs, "Theirs", other.get("starts_at", NINE), **cancelled)
    assert told(ours, cast.ada) == []
    if not given.get("status"):  # a cancelled one may still be told what it would clash with
        assert told(theirs, cast.ada) == []


def test_rooms_are_the_same_by_either_name_whatever_the_language_of_the_page(cast) -> None:
    with unit_of_work():
        ours = event_in("Great Hall")
        queries.list_rooms(ours)[0].name_local = "大会堂"
        theirs = event_in("大会堂")
        hold(ours, "Ours")
        hold(theirs, "Theirs")
    assert len(told(ours, cast.ada)) == len(told(ours, cast.ada, "zh_Hans_CN")) == len(told(theirs, cast.ada)) == 1


def test_a_session_takes_its_room_where_its_items_do_not_speak_for_it(cast) -> None:
    with unit_of_work():
        ours = event_in("Great Hall")
        hold(ours, "Ours")
        theirs = event_in("Great Hall")
        room = queries.list_rooms(theirs)[0]
        session = make_session(theirs, title="Theirs", room=room, starts_at=NINE, ends_at=NINE + 3 * HOUR)
    assert len(told(ours, cast.ada)) == len(told(theirs, cast.ada)) == 1
    with unit_of_work():
        make_item(theirs, session=session, starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR, room=room)
    assert told(ours, cast.ada) == told(theirs, cast.ada) == []
