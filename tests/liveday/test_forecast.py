"""What is to be expected later, from what has begun and finished."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.liveday.forecast import (
    SHORTEST,
    Expected,
    Phase,
    Piece,
    Stop,
    forecast,
    overrun,
    passed_over,
    put_off,
    shortened,
)
from app.liveday.forecast import in_order as ordered

DAY = date(2027, 1, 14)


def at(clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, 1, 14, hour, minute, tzinfo=UTC)


def piece(key: str, start: str, end: str | None, row: str = "hall", **more) -> Piece:
    values = {name: at(value) if name in ("began_at", "finished_at") else value for name, value in more.items()}
    return Piece(key=key, row=row, day=DAY, starts_at=at(start), ends_at=at(end) if end else None, **values)


def later(pieces: list[Piece], keys: set[str], minutes: int, now: datetime) -> list[Piece]:
    """So much later than they are expected now."""
    found = forecast(pieces, now)
    return put_off(pieces, {key for key in keys if key in found and found[key].phase == Phase.AHEAD}, minutes, found)


def times(found: dict[str, Expected]) -> dict[str, str]:
    return {key: f"{each.starts_at:%H:%M}-{each.ends_at:%H:%M} {each.phase}" for key, each in found.items()}


def test_a_late_finish_pushes_what_follows_until_a_gap_absorbs_it() -> None:
    row = [
        piece("talk", "9:00", "10:00", began_at="9:05", finished_at="10:20"),
        piece("review", "10:00", "11:00"),
        piece("signing", "11:10", "12:00"),
        piece("after", "13:00", "14:00"),
        piece("other", "10:00", "11:00", row="lotus"),
    ]
    assert times(forecast(row, at("10:20"))) == {
        "talk": "09:05-10:20 finished",
        "review": "10:20-11:20 ahead",
        "signing": "11:20-12:10 ahead",
        "after": "13:00-14:00 ahead",
        "other": "10:00-11:00 ahead",
    }


def test_a_break_gives_way_down_to_five_minutes() -> None:
    row = [piece("talk", "9:00", "10:00", began_at="9:00"), piece("tea", "10:00", "10:20", is_break=True), piece("review", "10:20", "11:00")]  # fmt: skip
    at_ten = times(forecast(row, at("10:10")))
    assert (at_ten["tea"], at_ten["review"]) == ("10:10-10:20 ahead", "10:20-11:00 ahead")
    later = times(forecast(row, at("10:30")))
    assert (later["talk"], later["tea"], later["review"]) == (
        "09:00-10:30 running",
        "10:30-10:35 ahead",
        "10:35-11:15 ahead",
    )


def test_a_person_is_waited_for_in_another_room() -> None:
    row = [
        piece("talk", "9:00", "10:00", began_at="9:00", people=frozenset({"li"})),
        piece("board", "10:00", "11:00", row="lotus", people=frozenset({"li", "mei"})),
        piece("lunch", "10:00", "11:00", row="canteen", people=frozenset({"li"}), is_break=True),
    ]
    found = times(forecast(row, at("10:15")))
    assert (found["board"], found["lunch"]) == ("10:15-11:15 ahead", "10:00-11:00 ahead")


def test_what_was_passed_over_is_expected_no_more_and_an_early_start_brings_nothing_forward() -> None:
    row = [piece("a", "9:00", "9:30"), piece("b", "9:30", "10:00", began_at="9:20"), piece("c", "10:00", "10:30")]
    assert times(forecast(row, at("9:25"))) == {"b": "09:20-09:50 running", "c": "10:00-10:30 ahead"}
    assert passed_over(ordered(row)) == {"a"}


def test_putting_off_counts_from_what_is_expected_and_a_break_that_gave_way_stays_short() -> None:
    row = [
        piece("talk", "9:00", "10:00", began_at="9:00", finished_at="10:13"),
        piece("tea", "10:00", "10:20", is_break=True),
        piece("review", "10:20", "11:20"),
    ]
    now = at("10:13")
    assert times(forecast(row, now))["tea"] == "10:13-10:20 ahead"
    moved = later(row, {"tea", "review"}, 10, now)
    assert times(forecast(moved, now)) == {
        "talk": "09:00-10:13 finished",
        "tea": "10:23-10:30 ahead",
        "review": "10:30-11:30 ahead",
    }


def test_where_nobody_presses_start_the_plan_stands() -> None:
    row = [piece("a", "9:00", "10:00"), piece("b", "10:00", "10:30")]
    assert times(forecast(row, at("12:00"))) == {"a": "09:00-10:00 ahead", "b": "10:00-10:30 ahead"}
    assert times(forecast(later(row, {"b"}, 10, at("12:00")), at("12:00")))["b"] == "10:10-10:40 ahead"
    assert (
        times(forecast(later(later(row, {"b"}, 10, at("9:00")), {"b"}, -30, at("9:00")), at("9:00")))["b"]
        == "10:00-10:30 ahead"
    )


def test_a_hard_stop_takes_from_breaks_first_and_then_in_proportion() -> None:
    row = [
        piece("a", "14:00", "15:00"),
        piece("tea", "15:00", "15:10", is_break=True),
        piece("b", "15:10", "16:10"),
        piece("c", "16:10", "16:30"),
        piece("dinner", "17:00", "18:00"),
    ]
    stop = Stop("leader leaves", at("16:30"))
    now = at("13:00")
    late = later(row, {each.key for each in row}, 20, now)
    assert overrun(late, forecast(late, now), stop) == timedelta(minutes=20)
    short = shortened(late, now, [stop])
    assert overrun(short, forecast(short, now), stop) == timedelta(0)
    assert times(forecast(short, now)) == {
        "a": "14:20-15:13 ahead",
        "tea": "15:13-15:18 ahead",
        "b": "15:18-16:11 ahead",
        "c": "16:11-16:30 ahead",
        "dinner": "17:00-18:00 ahead",
    }
    impossible = shortened(later(row, {"a", "b", "c", "tea"}, 240, now), now, [stop])
    assert all(each.length >= SHORTEST for each in impossible)
    assert overrun(impossible, forecast(impossible, now), stop) > timedelta(0)


def test_a_hard_stop_of_one_person_concerns_only_their_items() -> None:
    row = [piece("a", "14:00", "15:00", people=frozenset({"li"})), piece("b", "15:00", "16:00")]
    late = later(row, {"a", "b"}, 30, at("13:00"))
    expected = forecast(late, at("13:00"))
    assert overrun(late, expected, Stop("s", at("15:00"), "li")) == timedelta(minutes=30)
    assert overrun(late, expected, Stop("s", at("16:00"), "li")) == timedelta(0)
    assert overrun(late, expected, Stop("s", at("16:00"))) == timedelta(minutes=30)


minutes = st.integers(0, 600)


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Piece], datetime]:
    """A day of up to nine items in two rooms with three people, some of it begun or finished, and a moment in it."""
    start = at("0:00")
    now = start + timedelta(minutes=draw(minutes))
    pieces = []
    for n in range(draw(st.integers(1, 9))):
        begins = start + timedelta(minutes=draw(minutes))
        began = draw(st.none() | st.integers(0, int((now - start) / timedelta(minutes=1))))
        finished = (
            None if began is None else draw(st.none() | st.integers(began, int((now - start) / timedelta(minutes=1))))
        )
        pieces.append(
            Piece(
                key=f"k{n}",
                row=draw(st.sampled_from(["hall", "lotus"])),
                day=DAY,
                starts_at=begins,
                ends_at=draw(st.none() | st.integers(1, 90).map(lambda m, b=begins: b + timedelta(minutes=m))),
                people=frozenset(draw(st.sets(st.sampled_from(["li", "mei", "tom"]), max_size=2))),
                is_break=draw(st.booleans()),
                put_off=timedelta(minutes=draw(st.integers(0, 40))),
                began_at=None if began is None else start + timedelta(minutes=began),
                finished_at=None if finished is None else start + timedelta(minutes=finished),
            )
        )
    return pieces, now


def apart(first: Piece, second: Piece) -> bool:
    """Whether the plan has the second after the first."""
    return first.until <= second.starts_at


@given(days())
@settings(deadline=None)
def test_nothing_is_expected_before_its_planned_time_nor_over_what_it_follows(day) -> None:
    pieces, now = day
    found = forecast(pieces, now)
    for each in pieces:
        if each.key in found and each.is_open:
            assert found[each.key].starts_at >= each.starts_at + each.put_off
            assert found[each.key].ends_at >= found[each.key].starts_at
            for other in pieces:
                shared = other.row == each.row or (
                    other.people & each.people and not other.is_break and not each.is_break
                )
                if other.key in found and shared and apart(other, each):
                    assert found[other.key].ends_at <= found[each.key].starts_at


@given(days(), st.integers(1, 120), st.data())
@settings(deadline=None)
def test_more_delay_never_brings_anything_forward(day, more, data) -> None:
    pieces, now = day
    found = forecast(pieces, now)
    others = [forecast(pieces, now + timedelta(minutes=more))]
    chosen = data.draw(st.sampled_from(pieces)).key
    others.append(forecast(later(pieces, {chosen}, more, now), now))
    others.append(
        forecast(
            [
                replace(each, finished_at=each.finished_at + timedelta(minutes=more))
                if each.key == chosen and each.finished_at
                else each
                for each in pieces
            ],
            now,
        )
    )
    for other in others:
        assert other.keys() == found.keys()
        for key, expected in found.items():
            assert other[key].starts_at >= expected.starts_at
            assert other[key].ends_at >= expected.ends_at


@given(days())
@settings(deadline=None)
def test_a_forecast_of_what_is_forecast_is_the_same(day) -> None:
    pieces, now = day
    found = forecast(pieces, now)
    again = [
        replace(each, starts_at=found[each.key].starts_at, ends_at=found[each.key].ends_at, put_off=timedelta(0))
        for each in pieces
        if each.key in found
    ]
    assert forecast(again, now) == found
    assert all(each.phase in Phase for each in found.values())


@given(days(), st.integers(0, 90))
@settings(deadline=None)
def test_cutting_never_makes_an_overrun_longer_nor_anything_shorter_than_five_minutes(day, after) -> None:
    pieces, now = day
    stop = Stop("s", now + timedelta(minutes=after))
    short = shortened(pieces, now, [stop])
    assert overrun(short, forecast(short, now), stop) <= overrun(pieces, forecast(pieces, now), stop)
    before = {each.key: each for each in pieces}
    for each in short:
        assert each.length >= min(SHORTEST, before[each.key].length)
        if not before[each.key].is_open:
            assert each == before[each.key]
