"""What is found, by whom, in both databases and both scripts."""

import time

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.events.models import Audience, Event
from app.events.queries import select_visible_ids
from app.search.models import SearchEntry
from app.search.places import places
from app.search.queries import find
from app.search.services import drop, put
from tests import cast as the_cast
from tests.factories import make_event

TEXTS = {
    "one": ("Strategic planning", "The five-year strategy of the company. RQ-2023-004"),
    "two": ("战略规划", "明确战略目标，略战不胜。"),
    "three": ("Café operations", "战，略有不足"),
}


def fill(audience: Audience = Audience.INTERNAL) -> Event:
    with unit_of_work():
        event = make_event(audience=audience)
        for name, (title, body) in TEXTS.items():
            put("speech", name, url=f"/{name}", title=title, body=body, event_id=event.id)
    return event


def hits(words: str, name: str = "petra", **more) -> list[str]:
    actor = the_cast.load().accounts[name]
    rows, total = find(words, visible_events=select_visible_ids(actor), **more)
    if "page" not in more:
        assert total == len(rows)
    return sorted(row.subject_ref for row in rows)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("strat", ["one"]), ("STRATEGIC plan", ["one"]), ("trategic", []), ("cafe", ["three"]), ("café oper", ["three"]),
        ("RQ-2023-004", ["one"]), ("战略", ["two"]), ("战略规划", ["two"]), ("战", ["three", "two"]), ("略战", ["two"]),
        ("战略 目标", ["two"]), ("规战", []), ("划战", []), ("strategy 战略", []), ("", []), ("，。", []),
    ],
)  # fmt: skip
def test_the_same_is_found_in_both_databases(either_app: Flask, words: str, expected: list[str]) -> None:
    with either_app.app_context():
        fill()
        assert hits(words) == expected


HOSTILE = [
    '"', "*", "NEAR(", "OR", "AND", "NOT", "a OR b", 'a" OR "b', "^a", "tokens:a", "{a b}", "a -b", "(((", ")", "'", "''; DROP TABLE x",
    "\\", "%", "_", "a*b*", "+", "a:b", "&|!<->", ":*", "\x00", "\ud800", "!" * 500, "战" * 100_000, "a " * 50_000, "a" * 100_000,
]  # fmt: skip


def test_hostile_words_are_only_words(either_app: Flask) -> None:
    with either_app.app_context():
        fill()
        for words in HOSTILE:
            began = time.thread_time()
            assert isinstance(hits(words), list), words[:20]
            assert (
                time.thread_time() - began < 5
            )  # of this thread's processor: what grows with the square takes minutes


@pytest.mark.parametrize("words", HOSTILE)
def test_the_page_answers_whatever_is_asked(as_, words: str) -> None:
    answer = as_("petra").get("/search", query_string={"q": words.encode("utf-8", "surrogatepass")[:4000]})
    assert answer.status_code == 200


def test_what_one_may_not_see_is_not_found_and_not_counted(either_app: Flask) -> None:
    with either_app.app_context():
        fill(Audience.RESTRICTED)
        petra, ada = (the_cast.load().accounts[name] for name in ("petra", "ada"))
        assert find("战略", visible_events=select_visible_ids(petra)) == ([], 0)
        assert find("战略", visible_events=select_visible_ids(ada))[1] == 1


def test_what_belongs_to_no_event_is_everybodys_where_asked(either_app: Flask) -> None:
    with either_app.app_context():
        with unit_of_work():
            put("person", "p", url="/p", title="战略部", body="", event_id=None)
        assert hits("战略") == ["p"]
        assert hits("战略", everybodys=False) == []
        assert hits("战略", kinds=["speech"]) == []


def test_an_entry_is_changed_and_dropped_with_its_object(either_app: Flask) -> None:
    with either_app.app_context():
        event = fill()
        with pytest.raises(ZeroDivisionError), unit_of_work():  # noqa: PT012 - a unit is left by its exception
            put("speech", "two", url="/two", title="复盘", body="", event_id=event.id)
            drop("speech", "one")
            raise ZeroDivisionError
        assert (hits("复盘"), hits("战略"), hits("strat")) == ([], ["two"], ["one"])
        with unit_of_work():
            put("speech", "two", url="/two", title="复盘", body="", event_id=event.id)
            put("speech", "two", url="/two", title="复盘会", body="", event_id=event.id)
            drop("speech", "one")
        assert (hits("复盘会"), hits("战略"), hits("strat")) == (["two"], [], [])
        with unit_of_work():
            db.session.delete(db.session.scalars(select(Event)).one())
        assert hits("复盘") == []


def test_a_very_long_text_is_kept_and_found(either_app: Flask) -> None:
    with either_app.app_context():
        event = fill()
        body = "".join(chr(0x4E00 + n * 7 % 20000) for n in range(100_000))
        with unit_of_work():
            put("minutes", "long", url="/long", title="Long text", body=body, event_id=event.id)
        assert hits("long te") == ["long"]


def test_a_text_in_several_rows_is_found_whole_and_counted_once(either_app: Flask) -> None:
    """Each row is short enough for PostgreSQL to know where in it every sign stands."""
    with either_app.app_context():
        event = fill()
        signs = "".join(chr(0x4E00 + n) for n in range(2_000))
        lines = [
            ("a-1", "水泵停了。" + signs * 3),
            ("a-2", signs * 3),
            ("a-3", "Two pumps. " + signs * 7 + "火车开了。"),
        ]
        with unit_of_work():
            put("minutes", "long", url="/long", title="Long text", lines=lines, event_id=event.id, part="1")
        rows = db.session.scalars(select(SearchEntry).where(SearchEntry.subject_ref == "long")).all()
        assert [each.part for each in rows] == ["1", "1.1", "1.2", "1.3"]
        assert all(len(each.tokens.split()) < 16_000 for each in rows)
        for words in (
            "水泵停了",
            "火车开了",
            "Long text",
            "水泵停了 火车开了",
            "pumps 水泵",
            "丁丂七丄",
            signs[-20:] + "火车",
        ):
            assert hits(words) == ["long"], words
        assert hits("火车停了") == hits("水泵停了 火车停了") == []
        found = find("火车开了", visible_events=select_visible_ids(the_cast.load().accounts["petra"]))[0][0]
        assert [each.url for each in places(found, "火车开了")] == [
            "/long?words=%E7%81%AB%E8%BD%A6%E5%BC%80%E4%BA%86#a-3"
        ]
        with unit_of_work():
            put("minutes", "long", url="/long", title="Long text", lines=lines[:1], event_id=event.id, part="1")
        assert (hits("水泵停了"), hits("火车开了")) == (["long"], [])


def test_a_reader_is_not_told_that_a_word_stands_where_they_do_not_read(either_app: Flask) -> None:
    """Also when the other words stand in another row of the same text."""
    with either_app.app_context():
        event = fill()
        filler = "".join(chr(0x4E00 + n) for n in range(5_000)) * 3
        secret = [("a-1", "pump " + filler), ("a-2", "merger " + filler)]
        with unit_of_work():
            for level, beyond, lines in ((0, 2, [secret[0], ("b-1", filler)]), (3, 9, secret)):
                put("minutes", "m", url="/m", title="M", lines=lines, event_id=event.id, part=str(level),
                    least_clearance=level, most_clearance=beyond)  # fmt: skip
        assert hits("pump merger", clearance=1) == []
        assert hits("pump", clearance=1) == hits("pump merger", clearance=3) == ["m"]


def test_the_places_of_a_hit_are_the_lines_that_say_most_of_what_was_asked() -> None:
    entry = SearchEntry(
        kind="minutes", subject_ref="m", url="/m", title="M",
        body="Nothing here.\nThe pump stood still.\nThe valve and the pump were repaired.\nThe café pays.",
        anchors=["", "a-2", "a-3", "b-1"],
    )  # fmt: skip
    told = places(entry, "pump valve", most=2)
    assert [each.url for each in told] == ["/m?words=pump%20valve#a-2", "/m?words=pump%20valve#a-3"]
    assert ("valve", True) in told[1].pieces
    assert [each.url for each in places(entry, "cafe")] == ["/m?words=cafe#b-1"]
    assert [each.url for each in places(entry, "elsewhere")] == ["/m"]


def test_pages_of_hits_do_not_overlap(app: Flask) -> None:
    with app.app_context():
        with unit_of_work():
            event = make_event()
            for number in range(45):
                put("speech", f"s{number}", url=f"/{number}", title=f"Strategy {number}", body="", event_id=event.id)
        seen = [hits("strategy", page=page, per_page=20) for page in (1, 2, 3, 4)]
        assert [len(each) for each in seen] == [20, 20, 5, 5]
        assert len({name for each in seen for name in each}) == 45
