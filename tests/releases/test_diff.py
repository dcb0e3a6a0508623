from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.releases.content import for_readers
from app.releases.diff import Change, ChangeKind, counts, diff, is_same

TIMES = ["2027-01-14T01:00:00+00:00", "2027-01-14T02:00:00+00:00", None]
ROOMS = [{"ref": "h", "name": "Hall", "name_local": None}, {"ref": "s", "name": "Side", "name_local": "侧厅"}, None]
PEOPLE = [{"person": name, "name": name, "name_local": None} for name in ("ann", "bo", "cy")]


def item(ref: str = "a", **more: Any) -> dict[str, Any]:
    given_ = {
        "ref": ref, "session": None, "position": 1, "kind": "speech", "title": "Words", "title_local": None, "summary": None,
        "summary_local": None, "room": ROOMS[0], "track": None, "starts_at": TIMES[0], "ends_at": TIMES[1],
        "is_internal": False, "cancelled_at": None, "speakers": [], "needed": [], "sequence": 0,
        "changed_at": "2026-12-01T00:00:00+00:00",
    }  # fmt: skip
    return {**given_, **more}


def session(ref: str = "s", **more: Any) -> dict[str, Any]:
    given_ = {
        "ref": ref, "position": 1, "title": "Morning", "title_local": None, "kind": "other", "covers_year": None,
        "theme": None, "theme_local": None, "purpose": None, "purpose_local": None, "chair": None, "room": None,
        "day": "2027-01-14", "starts_at": None, "ends_at": None, "sequence": 0, "changed_at": "2026-12-01T00:00:00+00:00",
    }  # fmt: skip
    return {**given_, **more}


def told(*things: dict[str, Any]) -> dict[str, Any]:
    return {
        "sessions": [each for each in things if "day" in each],
        "items": [each for each in things if "day" not in each],
    }


@pytest.mark.parametrize(
    ("before", "after", "kind", "fields"),
    [
        (item(), item(starts_at=TIMES[1], ends_at=None), "moved", ("when",)),
        (item(), item(room=ROOMS[1]), "moved", ("room",)),
        (item(), item(room={**ROOMS[0], "name": "Old hall"}), "moved", ("room",)),
        (item(), item(room=ROOMS[1], title="Other"), "moved", ("room", "title")),
        (item(), item(title_local="话"), "changed", ("title",)),
        (item(), item(speakers=PEOPLE[:1]), "changed", ("speakers",)),
        (item(speakers=PEOPLE[:2]), item(speakers=PEOPLE[1::-1]), "changed", ("speakers",)),
        (item(), item(summary="More."), "changed", ("text",)),
        (item(), item(cancelled_at=TIMES[0], title="Other"), "cancelled", ("title",)),
        (item(cancelled_at=TIMES[0]), item(), "restored", ()),
        (session(), session(day="2027-01-15"), "moved", ("when",)),
        (session(), session(chair=PEOPLE[0]), "changed", ("chair",)),
    ],
)
def test_a_difference_is_told_once_by_what_matters_most(before, after, kind, fields) -> None:
    (change,) = diff(told(before), told(after))
    assert (change.kind, change.fields) == (kind, fields)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (item(), item(room={**ROOMS[0], "ref": "another"})),  # the same room, made again
        (item(), item(sequence=7, changed_at=TIMES[1], position=3)),
        (item(speakers=PEOPLE[:1]), item(speakers=[{**PEOPLE[0], "name": "Ann Married"}])),
        (item(summary=None), item(summary="")),
        (item(cancelled_at=TIMES[0]), item(cancelled_at=TIMES[1], title="Other")),
    ],
)
def test_what_readers_would_not_notice_is_no_change(before, after) -> None:
    assert diff(told(before), told(after)) == []


def test_what_comes_and_goes_unseen_is_not_told() -> None:
    gone = item("b", cancelled_at=TIMES[0])
    assert diff(told(item(), gone), told(item())) == []
    assert diff(told(item()), told(item(), gone)) == []


def test_to_readers_an_internal_item_comes_when_it_is_opened_and_goes_when_it_is_hidden() -> None:
    shown, hidden = told(item()), told(item(is_internal=True, needed=PEOPLE[:1]))
    assert [each.kind for each in diff(for_readers(hidden), for_readers(shown))] == ["new"]
    assert [each.kind for each in diff(for_readers(shown), for_readers(hidden))] == ["removed"]
    assert [each.fields for each in diff(shown, hidden)] == [("needed", "is_internal")]
    assert diff(for_readers(told(item())), for_readers(told(item(needed=PEOPLE)))) == []


def test_a_new_order_alone_is_no_change_and_not_the_same_either() -> None:
    one, two = told(item("a"), item("b")), told(item("b"), item("a"))
    assert diff(one, two) == []
    assert not is_same(one, two)
    assert is_same(one, one)


items = st.builds(
    item,
    ref=st.sampled_from("abcde"),
    title=st.sampled_from(["Words", "Numbers"]),
    starts_at=st.sampled_from(TIMES),
    room=st.sampled_from(ROOMS),
    speakers=st.lists(st.sampled_from(PEOPLE), unique_by=lambda each: each["person"], max_size=2),
    cancelled_at=st.sampled_from([None, None, TIMES[0]]),
    is_internal=st.booleans(),
)
programmes = st.lists(items, unique_by=lambda each: each["ref"], max_size=5).map(lambda row: told(session(), *row))


def applied(changes: list[Change], before: dict[str, Any]) -> dict[str, Any]:
    found = {each["ref"]: each for each in before["items"]}
    for change in changes:
        if change.kind is ChangeKind.REMOVED:
            del found[change.ref]
        else:
            found[change.ref] = change.thing
    return {**before, "items": list(found.values())}


@given(programmes, programmes)
def test_the_changes_lead_from_one_programme_to_the_other(before, after) -> None:
    assert diff(before, before) == []
    changes = diff(before, after)
    assert diff(applied(changes, before), after) == []
    assert sum(counts(changes).values()) == len(changes) == len({each.ref for each in changes})
