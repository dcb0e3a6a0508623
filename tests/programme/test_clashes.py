"""What cannot happen at the same time."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.programme.clashes import Clash, Code, Level, Named, Slot, find_clashes

HALL, ROOM = Named("hall", "Great Hall"), Named("room", "Lotus Room")
LI, TOM = Named("li", "Li Wei"), Named("tom", "Tom")
NINE = datetime(2027, 1, 14, 9, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def slot(key: str, start: int, end: int | None, **more) -> Slot:
    return Slot(key=key, title=key.title(), starts_at=at(start), ends_at=None if end is None else at(end), **more)


def told(clashes: list[Clash]) -> list[tuple]:
    return [(c.code, c.first.key, c.second.key if c.second else None, c.who.name if c.who else None) for c in clashes]


def test_two_items_in_one_room_at_one_time_clash():
    found = find_clashes([slot("a", 0, 60, room=HALL), slot("b", 30, 90, room=HALL)])
    assert told(found) == [(Code.ROOM_OVERLAP, "a", "b", "Great Hall")]
    assert (found[0].starts_at, found[0].ends_at, found[0].level) == (at(30), at(60), Level.ERROR)


def test_one_after_the_other_is_no_clash():
    assert find_clashes([slot("a", 0, 60, room=HALL, people=(LI,)), slot("b", 60, 90, room=HALL, people=(LI,))]) == []


def test_two_rooms_at_one_time_are_no_clash():
    assert find_clashes([slot("a", 0, 60, room=HALL), slot("b", 0, 60, room=ROOM)]) == []


def test_a_speaker_who_is_needed_twice_clashes():
    found = find_clashes([slot("a", 0, 60, people=(LI, TOM)), slot("b", 59, 90, people=(LI,))])
    assert told(found) == [(Code.SPEAKER_OVERLAP, "a", "b", "Li Wei")]
    assert found[0].level == Level.WARNING


def test_two_speakers_of_one_item_are_no_clash():
    assert find_clashes([slot("a", 0, 60, people=(LI, TOM)), slot("b", 70, 90, people=(LI,))]) == []


def test_the_chair_of_a_session_may_speak_in_it():
    session = slot("s", 0, 180, frame=True, group="s", people=(LI,), room=HALL)
    assert find_clashes([session, slot("a", 0, 60, people=(LI,), group="s", room=HALL)]) == []


def test_the_chair_of_a_session_cannot_speak_in_another():
    session = slot("s", 0, 180, frame=True, group="s", people=(LI,))
    found = find_clashes([session, slot("a", 30, 60, people=(LI,), group="other")])
    assert told(found) == [(Code.CHAIR_OVERLAP, "s", "a", "Li Wei")]


def test_nobody_chairs_two_sessions_at_once():
    first = slot("s", 0, 60, frame=True, group="s", people=(LI,))
    second = slot("t", 30, 90, frame=True, group="t", people=(LI,))
    assert told(find_clashes([first, second])) == [(Code.CHAIR_OVERLAP, "s", "t", "Li Wei")]


def test_two_sessions_in_one_room_clash_and_an_item_in_the_room_of_its_session_does_not():
    first = slot("s", 0, 60, frame=True, group="s", room=HALL)
    second = slot("t", 30, 90, frame=True, group="t", room=HALL)
    item = slot("a", 0, 30, group="s", room=HALL)
    assert told(find_clashes([first, second, item])) == [(Code.ROOM_OVERLAP, "s", "t", "Great Hall")]


def test_what_lies_outside_the_days_is_found_and_what_touches_their_edge_is_not():
    slots = [slot("early", -10, 20), slot("inside", 0, 60), slot("late", 50, 61)]
    found = find_clashes(slots, opens_at=at(0), closes_at=at(60))
    assert told(found) == [(Code.OUTSIDE_EVENT, "early", None, None), (Code.OUTSIDE_EVENT, "late", None, None)]


def test_a_speaker_who_is_elsewhere_is_busy_and_two_things_elsewhere_are_not_our_matter():
    elsewhere = [slot("x", 0, 60, people=(LI,)), slot("y", 0, 60, people=(LI,))]
    found = find_clashes([slot("a", 30, 40, people=(LI,))], elsewhere=elsewhere)
    assert told(found) == [(Code.BUSY_ELSEWHERE, "a", "x", "Li Wei"), (Code.BUSY_ELSEWHERE, "a", "y", "Li Wei")]


def test_an_item_without_an_end_counts_with_its_start():
    assert told(find_clashes([slot("a", 0, 60, room=HALL), slot("b", 30, None, room=HALL)])) == [
        (Code.ROOM_OVERLAP, "a", "b", "Great Hall")
    ]
    assert find_clashes([slot("a", 0, None, room=HALL), slot("b", 1, 60, room=HALL)]) == []


def test_a_team_clashes_like_a_person():
    team = Named("team", "Blue Kiln")
    assert told(find_clashes([slot("a", 0, 60, people=(team,)), slot("b", 0, 60, people=(team,))])) == [
        (Code.SPEAKER_OVERLAP, "a", "b", "Blue Kiln")
    ]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from([HALL, ROOM])), max_size=12))
def test_the_sweep_finds_what_comparing_all_pairs_finds(rows):
    slots = [slot(f"i{n:02}", start, start + length, room=room) for n, (start, length, room) in enumerate(rows)]
    pairs = {
        frozenset((a.key, b.key))
        for n, a in enumerate(slots)
        for b in slots[n + 1 :]
        if a.room == b.room and a.starts_at < b.until and b.starts_at < a.until
    }
    found = find_clashes(slots)
    assert {frozenset((c.first.key, c.second.key)) for c in found} == pairs
    assert len(found) == len(pairs)


def test_two_thousand_items_take_less_than_a_fifth_of_a_second():
    rooms = [Named(f"r{n}", f"Room {n}") for n in range(20)]
    people = [Named(f"p{n}", f"Person {n}") for n in range(100)]
    slots = [
        slot(f"i{n}", n // 20 * 10, n // 20 * 10 + 11, room=rooms[n % 20], people=(people[n % 100],))
        for n in range(2000)
    ]
    began = time.perf_counter()
    found = find_clashes(slots)
    assert time.perf_counter() - began < 0.2
    assert len([c for c in found if c.code == Code.ROOM_OVERLAP]) == 1980
