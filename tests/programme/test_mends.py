"""What would mend a clash."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.programme.clashes import Around, Clash, Code, Level, Named, Place, Slot, Window, find_clashes
from app.programme.mends import BREAK, Kind, Mend, Mender, is_act, path_of
from tests.programme.cases import Case, all_cases
from tests.programme.test_clashes import HALL, at, slot

LI, TOM = Named("li", "Li Wei"), Named("tom", "Tom")


def mends(slots: list[Slot], around: Around | None = None, code: Code | None = None) -> list[Mend]:
    around = around or Around()
    clash = next(each for each in find_clashes(slots, around) if code in (None, each.code))
    return Mender(slots, around).find_mends(clash)


def told(found: list[Mend]) -> list[tuple]:
    return [
        (
            each.kind.value,
            each.slot.key,
            each.starts_at and (each.starts_at - at(0)).total_seconds() / 60,
            each.ends_at and (each.ends_at - at(0)).total_seconds() / 60,
            each.room and each.room.key,
        )
        for each in found
    ]


def applied(slots: list[Slot], mend: Mend) -> list[Slot]:
    if mend.kind == Kind.PAUSE:  # as the act does it, where nothing is planned in between
        pushed = [
            replace(each, starts_at=each.starts_at + BREAK, ends_at=each.until + BREAK)
            if not each.frame and each.starts_at >= mend.slot.starts_at and each.group == mend.slot.group
            else each
            for each in slots
        ]
        pause = replace(mend.slot, key="pause", pause=True, people=(), starts_at=mend.starts_at, ends_at=mend.ends_at)
        return [*pushed, pause]
    changed = {"starts_at": mend.starts_at, "ends_at": mend.ends_at, "room": mend.room}
    return [replace(each, **changed) if each.key == mend.slot.key else each for each in slots]


def same(one: Clash, other: Clash) -> bool:
    return (one.code, one.first.key, one.second and one.second.key, one.who) == (
        other.code, other.first.key, other.second and other.second.key, other.who,
    )  # fmt: skip


def check_that_mends_mend(slots: list[Slot], around: Around) -> int:
    """Each act takes its clash away, and brings no error that was not there."""
    before = find_clashes(slots, around)
    mender, acts = Mender(slots, around), 0
    for clash in before:
        for mend in mender.find_mends(clash):
            if not is_act(mend):
                continue
            acts += 1
            after = find_clashes(applied(slots, mend), around)
            assert not [each for each in after if same(each, clash)], (clash, mend)
            if mend.kind == Kind.PAUSE:
                continue  # what comes later is pushed, and told of then
            # That a session itself runs over a hard stop is told once no item of it does.
            errors = [each for each in after if each.level == Level.ERROR and not each.first.frame]
            assert not [each for each in errors if not any(same(each, old) for old in before)], (clash, mend)
    return acts


@pytest.mark.parametrize("case", [each for each in all_cases() if each.expected], ids=str)
def test_every_clash_has_a_mend_and_every_act_mends(case: Case):
    mender = Mender(case.slots, case.around)
    assert all(mender.find_mends(clash) for clash in find_clashes(case.slots, case.around))
    check_that_mends_mend(case.slots, case.around)


places = st.sampled_from([Place("hall", "Hall", 100, "East"), Place("room", "Room", 40, "West"), None])
persons = st.lists(st.sampled_from([LI, TOM]), unique=True, max_size=2).map(tuple)
times = st.tuples(st.integers(0, 40), st.integers(2, 20))
some = st.lists(st.tuples(times, places, persons, persons, st.booleans()), min_size=2, max_size=7)


@settings(max_examples=150, deadline=None)
@given(some, st.lists(st.tuples(st.sampled_from([LI, TOM, HALL]), times, st.booleans()), max_size=3))
def test_acts_mend_whatever_the_plan(rows, windows):
    slots = [
        slot(f"i{n}", 5 * start, 5 * (start + long), room=room, people=people, pause=pause,
             needed=tuple(each for each in needed if each not in people))
        for n, ((start, long), room, people, needed, pause) in enumerate(rows)
    ]  # fmt: skip
    around = Around(
        rooms=[Place("hall", "Hall", 100, "East"), Place("room", "Room", 40, "West")],
        windows=[
            Window(who=who, starts_at=at(5 * start), ends_at=at(5 * (start + long)), is_free=free)
            for who, (start, long), free in windows
        ],
    )
    check_that_mends_mend(slots, around)


def test_a_room_taken_twice_is_mended_by_another_room_or_the_next_gap():
    rooms = [HALL, Place("small", "Small", 20), Place("lotus", "Lotus", 80), Place("great", "Great", 500)]
    slots = [
        slot("a", 0, 60, room=HALL), slot("b", 30, 90, room=HALL, expected=50, version=7), slot("c", 100, 130, room=HALL),
        slot("d", 0, 60, room=Place("great", "Great", 500)),
    ]  # fmt: skip
    found = mends(slots, Around(rooms=rooms), Code.ROOM_OVERLAP)
    assert told(found) == [("room", "b", 30, 90, "lotus"), ("time", "b", 130, 190, "hall")]
    assert found[0].slot.version == 7


def test_a_short_tail_is_cut_off_first():
    slots = [slot("a", 0, 60, room=HALL), slot("b", 50, 90, room=HALL)]
    assert told(mends(slots)) == [("shorten", "a", 0, 50, "hall"), ("time", "b", 60, 100, "hall")]


def test_gaps_are_sought_inside_the_session_then_before_and_not_over_lunch():
    frame = slot("s", 0, 240, frame=True, group="s")
    items = [slot("a", 60, 120, people=(LI,), group="s"), slot("b", 90, 120, people=(LI,), group="s")]
    lunch = slot("l", 120, 180, pause=True)
    assert told(mends([frame, *items, lunch]))[0] == ("time", "b", 180, 210, None)
    late = slot("x", 175, 240, people=(LI,), group="s")
    assert told(mends([frame, *items, lunch, late]))[0] == ("time", "b", 0, 30, None)


def test_where_no_gap_is_left_the_form_is():
    slots = [slot("s", 0, 60, frame=True, group="s"), slot("a", 0, 60, people=(LI,), group="s"),
             slot("b", 0, 60, people=(LI,), group="s")]  # fmt: skip
    (only,) = mends(slots)
    assert (only.kind, path_of(only, "e")) == (Kind.EDIT, "/events/e/items/a")


def test_a_gap_that_is_too_short_is_none():
    slots = [slot("s", 0, 100, frame=True, group="s"), slot("a", 0, 60, people=(LI,), group="s"),
             slot("b", 0, 60, people=(LI,), group="s")]  # fmt: skip
    assert [each.kind for each in mends(slots)] == [Kind.EDIT]


def test_the_way_to_another_building_is_left_time_for_or_spared():
    east, west, near = (
        Place("e", "E", building="East"),
        Place("w", "W", building="West"),
        Place("n", "N", building="East"),
    )
    slots = [slot("a", 0, 60, room=east, people=(LI,)), slot("b", 65, 95, room=west, people=(LI,))]
    assert told(mends(slots, Around(rooms=[east, west, near]))) == [
        ("room", "b", 65, 95, "e"),
        ("time", "b", 75, 105, "w"),
    ]


def test_a_break_is_put_before_what_begins_within_two_hours():
    slots = [slot(key, start, start + 50, group="s") for key, start in (("a", 0), ("b", 50), ("c", 100), ("d", 150))]
    assert told(mends(slots)) == [("pause", "c", 100, 115, None)]


def test_what_people_decide_is_a_link():
    slots = [slot("a", 0, 60, people=(LI, TOM), answers=("asked", "declined"))]
    around = Around(unconfirmed=("asked",), missing={"a": [Named("x", "Slides")]}, closes_at=at(0) - timedelta(days=1))
    mender = Mender(slots, around)
    found = {path_of(mender.find_mends(each)[0], "e") for each in find_clashes(slots, around)}
    assert found == {
        "/events/e/speakers/asking",  # Li Wei
        "/events/e/items/a",  # somebody else than Tom
        "/events/e/deliverables/reminder",
        "/events/e/settings",  # other days
    }
