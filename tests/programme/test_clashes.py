"""What cannot, or should not, be planned so: the case file, and what no case can say."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programme.clashes import LEVELS, Code, Level, Named, Place, Slot, find_clashes
from tests.programme.cases import Case, all_cases

HALL, ROOM = Place("hall", "Great Hall"), Place("room", "Lotus Room")
NINE = datetime(2027, 1, 14, 9, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def slot(key: str, start: int, end: int | None, **more) -> Slot:
    return Slot(key=key, title=key.title(), starts_at=at(start), ends_at=None if end is None else at(end), **more)


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_the_case_is_found_as_expected(case: Case):
    assert sorted(case.told(each) for each in find_clashes(case.slots, case.around)) == case.expected


@pytest.mark.parametrize("code", Code)
def test_each_code_has_a_case_that_is_found_and_one_that_is_not(code: Code):
    found = {case.name for case in all_cases() if any(f" {code} " in each for each in case.expected)}
    free = {
        case.name for case in all_cases() if case.about == code and not any(f" {code} " in x for x in case.expected)
    }
    assert found, code
    assert free, code


def test_every_level_is_used_and_every_code_has_one():
    assert set(LEVELS) == set(Code)
    assert set(LEVELS.values()) == set(Level)


def test_the_order_in_which_slots_are_given_changes_nothing():
    for case in all_cases():
        slots = case.slots
        random.Random(case.name).shuffle(slots)
        assert find_clashes(slots, case.around) == find_clashes(case.slots, case.around), case.name


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


def test_clashes_come_by_time_and_at_one_time_the_gravest_first():
    small, tom = Place("room", "Lotus Room", seats=2), Named("tom", "Tom")
    slots = [
        slot("a", 0, 130, room=small, expected=3),
        slot("b", 0, 10, room=small),
        slot("c", -60, -30, people=(tom,)),
        slot("d", -40, -20, people=(tom,)),
    ]
    assert [(each.level, each.code) for each in find_clashes(slots)] == [
        (Level.ERROR, Code.SPEAKER_OVERLAP),
        (Level.ERROR, Code.ROOM_OVERLAP),
        (Level.WARNING, Code.ROOM_TOO_SMALL),
        (Level.INFO, Code.NO_BREAK),
    ]


def test_a_clash_concerns_both_of_its_slots():
    first, second, third = slot("a", 0, 60, room=HALL), slot("b", 30, 90, room=HALL), slot("c", 90, 95, room=HALL)
    (clash,) = find_clashes([first, second, third])
    assert [clash.concerns(each) for each in "abc"] == [True, True, False]
    assert replace(clash, second=None).concerns("b") is False


def test_a_slot_that_ends_before_it_begins_is_taken_for_a_moment():
    assert slot("a", 60, 0).until == at(61)


def test_names_of_people_and_teams_do_not_get_mixed_up_with_rooms():
    same = Named("hall", "Hall Li")
    assert find_clashes([slot("a", 0, 60, room=HALL), slot("b", 0, 60, people=(same,))]) == []
