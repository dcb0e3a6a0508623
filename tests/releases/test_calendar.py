from typing import Any

from app.people.models import Person
from app.programme.models import AgendaItem
from app.releases.calendar import engagements, next_messages, uid_of
from app.speakers import calendar as of_speakers
from tests.releases.test_diff import PEOPLE, ROOMS, TIMES, item, session

ANN, BO = PEOPLE[0], PEOPLE[1]
EVENT = {"sequence": 0, "venue": "Grand hall", "city": "Foshan"}


def programme(*things: dict[str, Any], **event: Any) -> dict[str, Any]:
    return {
        "event": {**EVENT, **event},
        "sessions": [each for each in things if "day" in each],
        "items": [each for each in things if "day" not in each],
    }


def told(sent: dict, before: Any, after: Any, **more: Any) -> tuple[dict, list[tuple[str, str, int]]]:
    sent, messages = next_messages(sent, before, after, **more)
    return sent, [(each.person, each.method, each.sequence) for each in messages]


def test_speakers_have_their_items_and_a_chair_the_session_or_what_stands_in_it() -> None:
    timed = session("t", chair=BO, starts_at=TIMES[0], ends_at=TIMES[1])
    untimed = session("u", chair=BO)
    found = engagements(
        programme(
            timed, untimed, item("a", session="t", speakers=[ANN]), item("b", session="u"), item("c", starts_at=None, speakers=[ANN]),
            item("d", cancelled_at=TIMES[0], speakers=[ANN]), item("e", speakers=[ANN, {"team": "x", "name": "X", "name_local": None}]),
        ),
        declined=[("e", "ann")],
    )  # fmt: skip
    assert set(found) == {("session-t", "bo"), ("item-a", "ann"), ("item-b", "bo")}


def test_nothing_is_sent_twice_and_words_do_not_raise_the_sequence() -> None:
    first = programme(item(speakers=[ANN]))
    sent, messages = told({}, None, first)
    assert messages == [("ann", "REQUEST", 0)]
    assert told(sent, first, first) == (sent, [])
    reworded = programme(item(speakers=[ANN], title="Other", sequence=3))
    sent, messages = told(sent, first, reworded)
    assert messages == [("ann", "REQUEST", 0)]


def test_time_length_room_and_the_place_of_the_event_raise_the_sequence_by_one_each() -> None:
    steps = [
        programme(item(speakers=[ANN])),
        programme(item(speakers=[ANN], starts_at=TIMES[1], ends_at=None)),
        programme(item(speakers=[ANN], starts_at=TIMES[1], ends_at="2027-01-14T04:00:00+00:00")),
        programme(item(speakers=[ANN], starts_at=TIMES[1], ends_at="2027-01-14T04:00:00+00:00", room=ROOMS[1])),
        programme(
            item(speakers=[ANN], starts_at=TIMES[1], ends_at="2027-01-14T04:00:00+00:00", room=ROOMS[1]), city="Wuhan"
        ),
    ]
    sent: dict = {}
    sequences = []
    for before, after in zip([None, *steps], steps, strict=False):
        sent, messages = told(sent, before, after)
        sequences += [sequence for _person, _method, sequence in messages]
    assert sequences == [0, 1, 2, 3, 4]


def test_the_sequence_never_falls_below_what_the_speaker_was_sent_elsewhere() -> None:
    first = programme(item(speakers=[ANN], sequence=2))
    sent, messages = told({}, None, first, extra={("a", "ann"): 1})
    assert messages == [("ann", "REQUEST", 3)]
    moved = programme(item(speakers=[ANN], sequence=6, starts_at=TIMES[1], ends_at=None))
    assert told(sent, first, moved)[1] == [("ann", "REQUEST", 6)]


def test_whoever_declines_loses_the_time_or_is_taken_out_is_sent_one_cancellation() -> None:
    first = programme(item(speakers=[ANN]))
    sent, _messages = told({}, None, first)
    for after, declined in (
        (programme(), []),
        (programme(item(speakers=[ANN], starts_at=None, ends_at=None)), []),
        (programme(item(speakers=[BO], starts_at=None, ends_at=None)), []),
        (first, [("a", "ann")]),
    ):
        then, messages = next_messages(sent, first, after, declined=declined)
        assert [(each.person, each.method, each.sequence) for each in messages] == [("ann", "CANCEL", 1)]
        assert messages[0].thing["starts_at"] == TIMES[0]  # a calendar is told when it was
        assert told(then, after, after, declined=declined)[1] == []


def test_an_item_is_told_apart_in_one_way_by_all_who_tell_of_it() -> None:
    person = Person(ref="p" * 16)
    assert uid_of("item", "i" * 16, person) == of_speakers.uid_of(AgendaItem(ref="i" * 16), person)
