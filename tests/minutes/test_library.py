"""The library: minutes by year, session, body, person, subject and words; nobody meets what is not theirs."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import RoleGrant
from app.core.db import db, unit_of_work
from app.core.roles import Role
from app.events.models import Audience, Event, EventSeries
from app.minutes import library, policy, services, shelves
from app.minutes.models import Mention, Minutes
from app.minutes.shelves import Question
from app.people.models import Clearance, Organization
from tests.cast import Cast, load
from tests.factories import make_event, make_session
from tests.factories.minutes import make_draft, put_in_review

SECTIONS = [
    ("Opening", Clearance.INTERNAL, "The pumps of hall two stood still. 水泵停了。"),
    ("Personnel", Clearance.SECRET, "- Petra Lindqvist leaves the merger to Tom Okafor."),
    ("Closing", Clearance.RESTRICTED, "The valves are bought.\n\nThe pumps and the valves are paid."),
]


def publish(cast: Cast, *, event: Event | None = None, sections: list[Any] | None = None, **values: Any) -> Minutes:
    """Minutes in sections of different levels, in force."""
    session = values.pop("session", None) or make_session(event or make_event())
    subjects = values.pop("subjects", [])
    text = "\n\n".join(f"## {heading}\n\n{said}" for heading, _level, said in sections or SECTIONS)
    minutes = make_draft(cast, session=session, text=text, **values)
    minutes.subjects = subjects
    for section, (_heading, level, _said) in zip(minutes.newest.sections, sections or SECTIONS, strict=True):
        section.clearance = level
    db.session.flush()
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)
    services.publish(minutes, actor=cast.sara, participants=False)
    return minutes


def clear(cast: Cast, name: str, level: Clearance) -> None:
    cast.people[name].clearance = level


@pytest.fixture
def cast(either_app: Flask) -> Iterator[Cast]:
    with either_app.app_context():
        yield load()


def found(cast: Cast, name: str, **asked: str) -> list[str]:
    looked = shelves.look(cast.accounts[name], Question(**asked), page=1, per_page=25)
    assert looked.rows.total == len(looked.found)
    return [each.minutes.title for each in looked.found]


def test_words_in_either_language_lead_to_the_paragraph_that_says_them(cast: Cast) -> None:
    with unit_of_work():
        minutes = publish(cast)
        clear(cast, "petra", Clearance.RESTRICTED)
    origins = [each.origin for each in minutes.newest.sections]
    for words, wanted in (
        ("水泵", f"{origins[0]}-1"),
        ("hall two", f"{origins[0]}-1"),
        ("pumps valves", f"{origins[2]}-2"),
        ("Closing", origins[2]),
    ):
        looked = shelves.look(cast.accounts["petra"], Question(words=words), page=1, per_page=25)
        assert [wanted in [urlsplit(place.url).fragment for place in each.places] for each in looked.found] == [True], (
            words
        )


def test_nobody_finds_a_word_of_a_section_that_is_not_theirs(cast: Cast) -> None:
    with unit_of_work():
        publish(cast)
        clear(cast, "petra", Clearance.RESTRICTED)
        clear(cast, "mei", Clearance.PUBLIC)
    hits = {name: [len(found(cast, name, words=words)) for words in ("merger", "valves", "pumps", "pumps merger")]
            for name in ("sara", "li_wei", "aude", "petra", "tom", "mei")}  # fmt: skip
    assert hits == {
        "sara": [1, 1, 1, 1],
        "li_wei": [1, 1, 1, 1],
        "aude": [1, 1, 1, 1],
        "petra": [0, 1, 1, 0],
        "tom": [0, 0, 1, 0],
        "mei": [0, 0, 0, 0],
    }
    snippets = shelves.look(cast.accounts["tom"], Question(words="pumps"), page=1, per_page=25)
    assert "valves" not in str(snippets.found)


def test_choices_and_their_numbers_tell_of_nothing_else(cast: Cast) -> None:
    with unit_of_work():
        clear(cast, "mei", Clearance.PUBLIC)
        publish(cast, subjects=["Pumps", "merger", "Safety at work"])
        publish(cast, event=make_event(audience=Audience.RESTRICTED), title="Closed", subjects=["Closed matter"])
    for name, subjects, people, years in (
        ("tom", ["Pumps", "Safety at work"], 2, 1),
        ("aude", ["Closed matter", "Pumps", "Safety at work", "merger"], 4, 2),
        ("mei", [], 0, 0),
    ):
        choices = shelves.look(cast.accounts[name], Question(), page=1, per_page=25).choices
        assert sorted(each.label for each in choices["subject"]) == subjects, name
        assert len(choices["person"]) == people, name
        assert sum(each.count for each in choices["year"]) == years, name
    assert found(cast, "tom", subject="merger") == []
    assert found(cast, "tom", person=cast.people["petra"].ref) == []
    assert (
        found(cast, "sara", person=cast.people["petra"].ref, year="2027")
        == found(cast, "sara", subject="nothing")
        == []
    )


def test_the_same_clearance_is_told_in_statements_and_in_code(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        clear(cast, "petra", Clearance.SECRET)
        clear(cast, "mei", Clearance.PUBLIC)
    for name, account in cast.accounts.items():
        told = db.session.scalar(select(shelves.clearance_here(account, Event.id)).where(Event.id == event.id))
        assert told == policy.clearance_of(account, event), name


def test_minutes_are_filed_by_year_session_body_person_subject_and_language(cast: Cast) -> None:
    with unit_of_work():
        monthly = EventSeries(title="Monthly review", title_local="月度例会")
        host = Organization(name="Brunp Recycling", name_local="邦普循环")
        db.session.add_all([monthly, host])
        first = make_event()
        first.series, first.host = monthly, host
        publish(cast, session=make_session(first, kind="board"), title="One", subjects=["安全生产"])
        publish(cast, title="两", language="zh_Hans_CN", sections=[("开会", Clearance.INTERNAL, "讨论了水泵。")])
    looked = shelves.look(cast.accounts["tom"], Question(), page=1, per_page=25)
    labels = {name: [(each.label, each.count) for each in some] for name, some in looked.choices.items()}
    assert labels["series"] == [("Monthly review", 1)]
    assert labels["host"] == [("Brunp Recycling", 1)]
    assert ("Board session", 1) in labels["kind"]
    assert labels["language"] == [("English", 1), ("简体中文", 1)]
    for name, keys in {"kind": ["board"], "series": [monthly.ref], "host": [host.ref], "event": [first.ref],
                       "subject": ["安全生产"], "language": ["en"]}.items():  # fmt: skip
        assert found(cast, "tom", **{name: keys[0]}) == ["One"], name
    assert found(cast, "tom", person=cast.people["sara"].ref) == ["两", "One"]
    assert found(cast, "tom", year="0001") == found(cast, "tom", year="²") == []
    narrowed = shelves.look(cast.accounts["tom"], Question(kind="board"), page=1, per_page=25).choices
    assert [each.count for each in narrowed["language"]] == [1]
    assert sum(each.count for each in narrowed["kind"]) == 2


def test_a_person_is_filed_where_the_whole_name_stands(cast: Cast) -> None:
    with unit_of_work():
        cast.people["tom"].name_local, cast.people["mei"].name_local = "李伟", "李伟国"
        minutes = publish(
            cast, sections=[("", Clearance.INTERNAL, "李伟国到会。"), ("Closed", Clearance.SECRET, "李伟说。")]
        )
    levels = {each.key: each.clearance for each in db.session.scalars(select(Mention).where(Mention.kind == "person"))}
    assert levels[cast.people["mei"].ref] == Clearance.INTERNAL
    assert levels[cast.people["tom"].ref] == Clearance.SECRET
    with unit_of_work():
        library.take_out(minutes)
    assert db.session.scalars(select(Mention)).all() == []


def test_withdrawn_minutes_stand_in_no_library(cast: Cast) -> None:
    with unit_of_work():
        minutes = publish(cast, subjects=["Pumps"])
    with unit_of_work():
        services.withdraw(minutes, actor=cast.sara, reason="Wrong session.")
    looked = shelves.look(cast.accounts["tom"], Question(), page=1, per_page=25)
    assert (looked.found, looked.choices["subject"], found(cast, "tom", words="pumps")) == ([], [], [])


def test_the_library_asks_the_same_number_of_statements_however_much_there_is(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    with app.app_context():
        with unit_of_work():
            publish(load(), subjects=["Pumps"])
        db.session.rollback()
    tom = as_("tom")
    asked = []
    for _round in range(2):
        for url in ("/minutes", "/minutes?q=pumps", "/minutes?q=pumps+hall&kind=strategy&subject=pumps&changed=1"):
            with count_statements() as told:
                assert tom.get(url).status_code == 200
            asked.append(len(told))
        with app.app_context():
            with unit_of_work():
                for number in range(12):
                    publish(load(), title=f"More {number}", subjects=[f"Pumps {number}"])
            db.session.rollback()
    assert asked[:3] == asked[3:]
    assert max(asked) <= 14


def test_the_page_shows_what_was_found_and_keeps_the_question(app: Flask, as_: Any) -> None:
    with app.app_context():
        with unit_of_work():
            minutes = publish(load())
        origin = minutes.newest.sections[0].origin
        db.session.rollback()
    tom = as_("tom")
    page = tom.get("/minutes?q=水泵").text
    assert f"?words=%E6%B0%B4%E6%B3%B5#{origin}-1" in page
    assert "<mark>水泵</mark>" in page
    assert "merger" not in page
    assert "Nothing found" in tom.get("/minutes?q=merger").text
    for tail in (
        "?q=%00",
        "?year=99999",
        "?year=²",
        "?person=%00&subject=a%27b",
        "?page=99&q=pumps",
        "?series=x&host=y&event=z",
        "?q=" + "战" * 300,
    ):
        assert tom.get("/minutes" + tail).status_code == 200, tail


def test_a_role_in_one_gathering_opens_the_levels_of_that_one_alone(cast: Cast) -> None:
    with unit_of_work():
        one, other = publish(cast, title="One"), publish(cast, title="Other")
        tom = cast.accounts["tom"]
        db.session.add(RoleGrant(account_id=tom.id, role=Role.SECRETARY, event_id=one.event_id))
    cast = load()
    assert found(cast, "tom", words="merger") == ["One"]
    assert sorted(found(cast, "tom", words="pumps")) == ["One", "Other"]
    assert other.title == "Other"
