"""The whole record of a gathering as JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import app as package
from app.core.db import db
from app.demo.world import read
from app.events.models import Event
from app.home.export import export_event
from app.provenance.models import ValueNote

DOCUMENT = Path(package.__file__).parents[1] / "docs" / "export.md"
SOURCE = read("source_gathering")
UNKNOWN = {"value": None, "provenance": "unknown"}


def exported(*where: Any) -> dict[str, Any]:
    return json.loads(json.dumps(export_event(db.session.scalars(select(Event).where(*where)).one())))


@pytest.fixture
def real(inside: Flask) -> dict[str, Any]:
    return exported(Event.source_id.is_not(None))


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def is_framed(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"value", "provenance", "basis"}


def value_of(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) and "provenance" in value and "value" in value else value


def unknown(value: Any) -> bool:
    return is_framed(value) and {"value": value["value"], "provenance": value["provenance"]} == UNKNOWN


# --- the golden counts of the release


def test_the_real_gathering_has_the_golden_counts(real: dict[str, Any]) -> None:
    counted = {name: len(each) for name, each in real.items() if isinstance(each, list)}
    assert counted == {
        "sessions": 2, "items": 0, "people": 1, "groups": 2, "teams": 3, "registration": 0, "speeches": 2,
        "campaigns": 10, "ceremonies": 2, "pledges": 1, "awards": 1, "tallies": 0, "statements": 3, "minutes": 0, "publications": 1, "carried_over": 0,
    }  # fmt: skip
    assert (real["event"]["days"], real["event"]["city"], real["event"]["organization"]["name"]) == (
        2,
        "Foshan",
        "Brunp",
    )
    (person,) = real["people"]
    assert (person["name"], [each["title"] for each in person["positions"]]) == ("Li Changdong", ["President"])
    assert [each["theme"] is not None for each in real["sessions"]] == [True, True]
    assert [each["released_on"] for each in real["publications"]] == ["2023-01-14"]
    assert len(real["publications"][0]["closing"]) == 2


def test_ten_requirements_whose_numbers_begin_again(real: dict[str, Any]) -> None:
    first, second = real["speeches"]
    assert [each["number"] for each in first["requirements"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [each["number"] for each in second["requirements"]] == [1, 2, 3]
    assert (first["announced_requirement_count"], second["announced_count_word"]) == (7, "several")
    parts = {each["number"]: [part["display_number"] for part in each["children"]] for each in first["requirements"]}
    assert {number: named for number, named in parts.items() if named} == {2: ["2a", "2b", "2c"], 6: ["6E", "6G", "6S"]}
    assert all(unknown(each["heading"]) for each in second["requirements"])
    assert not any(unknown(each["heading"]) for each in first["requirements"])


def test_one_appeal_that_is_no_requirement(real: dict[str, Any]) -> None:
    appeals = [each for speech in real["speeches"] for each in speech["passages"] if each["kind"] == "exhortation"]
    (appeal,) = appeals
    carried = {each["passage"] for speech in real["speeches"] for each in speech["requirements"]}
    assert appeal["ref"] not in carried
    assert "120" in appeal["summary"]


def test_seven_campaigns_reviewed_and_three_assessed_none_of_them_named(real: dict[str, Any]) -> None:
    campaigns = real["campaigns"]
    assert [each["year"] for each in campaigns] == [2022] * 7 + [2023] * 3
    assert all(unknown(each["name"]) for each in campaigns)
    assert [len(each["reviews"]) for each in campaigns] == [1] * 7 + [0] * 3
    assert [len(each["assessments"]) for each in campaigns] == [0] * 7 + [1] * 3
    _operation, strategy = real["sessions"]
    assert strategy["reviewed_campaigns"] == [each["ref"] for each in campaigns[:7]]
    assert strategy["assessed_campaigns"] == [each["ref"] for each in campaigns[7:]]


def test_nobody_is_said_to_have_signed_or_received(real: dict[str, Any]) -> None:
    (pledge,), (award,) = real["pledges"], real["awards"]
    assert (pledge["state"], pledge["signatures"]) == ("draft", 0)
    assert unknown(pledge["signatories"])
    assert unknown(pledge["text"])
    assert (award["kind"], award["conferred"], award["recipients_known"]) == ("tally", True, "not_stated")
    assert unknown(award["recipients"])


def test_the_link_of_teams_and_battles_is_only_inferred(real: dict[str, Any]) -> None:
    links = [each["team"] for each in real["campaigns"][7:]]
    assert [each["provenance"] for each in links] == ["inferred"] * 3
    assert [each["value"]["name"] for each in links] == [each["name"] for each in real["teams"]]


def test_the_wording_is_withheld_and_its_place_in_the_source_given(real: dict[str, Any]) -> None:
    withheld = [each for each in objects(real) if "verbatim" in each]
    assert len(withheld) == 12 + 16 + 3 + 2  # passages, requirements with their parts, statements, closing
    assert {each["verbatim"] for each in withheld} == {None}
    assert {each["verbatim_withheld"] for each in withheld} == {True}
    assert [each for each in withheld if not each["span"]] == []


# --- against the source file


@pytest.mark.parametrize(
    ("list_name", "fields"),
    [
        ("sessions", {"title": "name", "kind": "kind", "covers_year": "covers_year", "theme": "theme", "day": "day",
                      "chair": "chair", "room": "room", "starts_at": "starts_at"}),
        ("people", {"name": "name"}),
        ("groups", {"category": "name", "headcount": "headcount"}),
        ("teams", {"name": "name", "name_local": "name_zh"}),
        ("speeches", {"title": "title", "audience": "audience", "announced_count_word": "announced_count_word",
                      "announced_requirement_count": "announced_requirement_count"}),
        ("campaigns", {"year": "year", "ordinal": "ordinal", "of": "of", "name": "name", "commander": "commander",
                       "objective": "objective", "outcome": "outcome"}),
        ("ceremonies", {"kind": "kind", "title": "title", "position": "position"}),
        ("pledges", {"title": "title", "year": "year", "state": "state", "text": "text", "targets": "targets",
                     "deadline": "deadline", "signatories": "signatories", "signatures": "signatures"}),
        ("awards", {"kind": "kind", "title": "title", "citation": "citation", "conferred": "conferred",
                    "conferred_on": "conferred_on", "recipients": "recipients"}),
        ("statements", {"summary": "summary", "summary_local": "summary_zh", "span": "span"}),
        ("publications", {"title": "title", "released_on": "released_on", "released_at": "released_at",
                          "summary": "summary", "body": "body"}),
    ],
)  # fmt: skip
def test_each_value_and_its_provenance_are_those_of_the_source(
    real: dict[str, Any], list_name: str, fields: dict[str, str]
) -> None:
    for ours, theirs in zip(real[list_name], SOURCE[list_name], strict=True):
        for name, called in fields.items():
            assert told(ours[name]) == told(theirs[called]), (list_name, name)


def test_event_speeches_and_requirements_are_those_of_the_source(real: dict[str, Any]) -> None:
    for name in ("title", "starts_on", "ends_on", "days", "city", "venue", "time_zone", "status", "audience",
                 "attendance_count"):  # fmt: skip
        assert told(real["event"][name]) == told(SOURCE["event"][name]), name
    for ours, theirs in zip(real["speeches"], SOURCE["speeches"], strict=True):
        for name in ("kind", "summary", "span", "verbatim"):
            assert [each[name] for each in ours["passages"]] == [each[name] for each in theirs["passages"]]
        for mine, other in zip(ours["requirements"], theirs["requirements"], strict=True):
            for name in ("number", "heading", "summary", "kind", "topics", "span", "verbatim"):
                assert told(mine[name]) == told(other[name]), (mine["label"], name)


def told(value: Any) -> Any:
    """A value with its provenance and basis, whether it is framed or plain."""
    if isinstance(value, dict) and "provenance" in value:
        return value_of(value), value["provenance"], value["basis"]
    return value


# --- the shape


def test_every_note_that_is_not_stated_is_framed(real: dict[str, Any]) -> None:
    """Nothing that the source leaves open looks as if it were told."""
    framed = [each for each in objects(real) if is_framed(each)]
    entered = [each for each in framed if each["provenance"] == "entered"]
    assert entered == [real["event"]["published_at"], real["event"]["concluded_at"]]
    told_of = [each for each in framed if each not in entered]
    assert {each["provenance"] for each in told_of} == {"inferred", "unknown"}
    assert [each for each in told_of if not each["basis"]] == []
    assert [each for each in told_of if (each["value"] is None) != (each["provenance"] == "unknown")] == []


@pytest.mark.usefixtures("inside")
def test_what_somebody_has_told_since_is_entered() -> None:
    event = db.session.scalars(select(Event).where(Event.source_id.is_not(None))).one()
    event.venue = "Lakeside Hall"
    shown = export_event(event)["event"]["venue"]
    assert shown == {"value": "Lakeside Hall", "provenance": "entered", "basis": None}


@pytest.mark.usefixtures("inside")
def test_a_gathering_of_our_own_is_plain() -> None:
    shown = exported(Event.title.like("Annual Gathering%"), Event.previous_id.is_(None))
    assert shown["source"] is None
    assert [each for each in objects(shown) if is_framed(each)] == []
    assert len(shown["campaigns"]) == 4
    assert {each["verdict"] for each in shown["pledges"]} == {"kept", "partly_kept", "missed", "released"}
    assert [len(each["requirements"]) for each in shown["speeches"]] == [5, 2]
    assert shown["registration"][0]["taken"] == 52


@pytest.mark.usefixtures("inside")
def test_exporting_changes_nothing() -> None:
    before = db.session.scalars(select(ValueNote.id)).all()
    for event in db.session.scalars(select(Event)):
        json.dumps(export_event(event))
    assert not db.session.dirty
    assert not db.session.new
    assert db.session.scalars(select(ValueNote.id)).all() == before


def test_the_document_names_every_top_level_part(real: dict[str, Any]) -> None:
    described = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in real if f"`{name}`" not in described] == []


# Keys of what people typed or listed freely, not of the shape.
FREE = {"target", "from", "to", "by", "present", "excused", "in_attendance", "confirmed", "waiting", "withdrawn"}


def test_the_document_names_every_field(real: dict[str, Any]) -> None:
    described = DOCUMENT.read_text(encoding="utf-8")
    own = exported(Event.title.like("Annual Gathering%"), Event.previous_id.is_(None))
    named = {name for whole in (real, own) for each in objects(whole) for name in each} - FREE
    assert sorted(name for name in named if f"`{name}`" not in described) == []
