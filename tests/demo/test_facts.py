"""Each of the 54 facts of the release has its place, and a member of the house can read it there."""

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.awards.models import Award
from app.campaigns.models import Assessment, Campaign, Review
from app.ceremonies.models import Ceremony
from app.core.db import db
from app.core.i18n import format_day
from app.demo.source_gathering import value_of
from app.demo.world import read
from app.events.models import Event, ParticipantGroup, Participation
from app.people.models import Organization, Person, Position, Team
from app.pledges.models import Pledge
from app.programme.models import AgendaItem, Session
from app.provenance.models import Provenance, Source, ValueNote
from app.publications.models import ClosingPassage, Release
from app.requirements.models import Addressee, Requirement
from app.speeches.models import Passage, Speech, Statement

SOURCE = read("source_gathering")
FACTS = [f"F{number:02}" for number in range(1, 55)]
RECORDS = {
    model.__name__: model
    for model in (
        Addressee, AgendaItem, Assessment, Award, Campaign, Ceremony, ClosingPassage, Event, Organization,
        ParticipantGroup, Participation, Passage, Person, Pledge, Position, Release, Requirement, Review, Session, Source,
        Speech, Statement, Team,
    )
}  # fmt: skip
# What a value of the file is called that people read as words; other values are kinds, counts and links.
WORDS = {
    "title", "name", "theme", "summary", "heading", "city", "group", "audience", "announced_count_word", "subject", "text",
    "meaning",
}  # fmt: skip


def pointed_at(pointer: str) -> Any:
    found: Any = SOURCE
    for step in pointer.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def in_order(model: Any, event: Event, *order: Any) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.event_id == event.id).order_by(*order, model.id)))


def real_event() -> Event:
    return db.session.scalars(select(Event).where(Event.source_id.is_not(None))).one()


@pytest.mark.usefixtures("inside")
def test_each_fact_is_held_by_a_value_or_a_remark() -> None:
    noted = {fact for told in db.session.scalars(select(ValueNote.fact)) if told for fact in told.split()}
    (source,) = db.session.scalars(select(Source))
    remarked = {each["fact"] for each in source.remarks}
    assert sorted(noted | remarked) == FACTS
    assert remarked == {"F36", "F37", "F38", "F39", "F40", "F41", "F42", "F51", "F52", "F53", "F54"}


@pytest.mark.usefixtures("inside")
def test_each_note_stands_on_a_record_of_the_real_gathering() -> None:
    event = real_event()
    for note in db.session.scalars(select(ValueNote)):
        model = RECORDS[note.subject_type]
        record = db.session.scalars(select(model).where(model.ref == note.subject_ref)).one()
        assert note.scope == event.ref
        if note.provenance == Provenance.UNKNOWN and note.name not in ("title", "heading"):
            assert not getattr(record, note.name, None), (note.subject_type, note.name)
        if note.provenance != Provenance.STATED:
            assert note.basis, (note.subject_type, note.name)
            assert note.basis_local, (note.subject_type, note.name)
        if note.span_start is not None:
            assert note.span_end is not None
            assert 0 <= note.span_start < note.span_end <= SOURCE["source"]["characters"]


@pytest.mark.usefixtures("inside")
def test_nothing_that_the_file_marks_is_left_without_a_note() -> None:
    """As many framed values as the file has, save those that no record repeats."""
    counted: dict[str, int] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "provenance" in value:
                counted[value["provenance"]] = counted.get(value["provenance"], 0) + 1
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(SOURCE)
    for provenance in ("inferred", "unknown"):
        kept = db.session.scalars(select(ValueNote).where(ValueNote.provenance == provenance)).all()
        assert len(kept) >= counted[provenance]


# --- pages


class Pages:
    """The pages on which the facts stand, opened by Rita, who only reads."""

    def __init__(self, demo: Flask, visit: Callable[[str], Any]) -> None:
        self.browser = visit("rita")
        self.seen: dict[str, str] = {}
        with demo.app_context():
            event = real_event()
            at = f"/events/{event.ref}"
            speeches = in_order(Speech, event, Speech.position)
            releases = [f"{at}/publications/{each.ref}" for each in in_order(Release, event)]
            self.urls: dict[str, list[str]] = {
                "event": [at, f"{at}/people"],
                "programme": [f"{at}/programme"],
                "session": [f"{at}/sessions/{each.ref}" for each in in_order(Session, event, Session.position)],
                "statements": [f"{at}/speeches"],
                "speech": [f"{at}/speeches/{each.ref}" for each in speeches],
                "campaigns": [f"{at}/campaigns"],
                "campaign": [f"{at}/campaigns/{each.ref}" for each in in_order(Campaign, event, Campaign.year)],
                "publication": releases,
                "source": releases,
            }
            self.requirements = {
                (number, each.number): f"{at}/requirements/{each.ref}"
                for number, speech in enumerate(speeches)
                for each in in_order(Requirement, event)
                if each.speech_id == speech.id and each.parent_id is None
            }

    def where(self, page: str, pointer: str) -> list[str]:
        if page == "requirement":
            if not pointer.startswith("/speeches"):
                return self.urls["source"]
            _empty, _speeches, speech, _requirements, requirement, *_rest = pointer.split("/")
            number = SOURCE["speeches"][int(speech)]["requirements"][int(requirement)]["number"]
            # The points of a requirement stand among what else the release says.
            return [self.requirements[int(speech), number], *(self.urls["source"] if "/points/" in pointer else [])]
        if pointer.startswith("/statements"):
            return [*self.urls[page], *self.urls["statements"]]
        return self.urls[page]

    def text(self, url: str) -> str:
        if url not in self.seen:
            answer = self.browser.get(url)
            assert answer.status_code == 200, url
            shown = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
            self.seen[url] = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())
        return self.seen[url]


@pytest.fixture(scope="module")
def pages(demo: Flask, of_the_demo: Callable[[str], Any]) -> Pages:
    return Pages(demo, of_the_demo)


def words_of(pointer: str) -> list[str]:
    """What stands on the page for a value of the file."""
    name = pointer.rsplit("/", 1)[1]
    value = pointed_at(pointer)
    if isinstance(value, dict) and value.get("provenance") == "unknown":
        return []
    value = value_of(value)
    if name in ("starts_on", "ends_on", "released_on"):
        return [str(date.fromisoformat(value).year)]
    if name == "covers_year":
        return [str(value)]
    if name == "glossary":
        return [f"{each['term']}: {each['meaning']}" for each in value]
    if name in WORDS and isinstance(value, str):
        return [value]
    return []


@pytest.mark.parametrize("fact", SOURCE["facts"], ids=lambda each: each["fact"])
def test_a_member_reads_the_fact_on_its_page(fact: dict[str, Any], pages: Pages) -> None:
    missing = []
    for pointer in fact["where"]:
        for words in words_of(pointer):
            urls = pages.where(fact["page"], pointer)
            if not any(" ".join(words.split()) in pages.text(url) for url in urls):
                missing.append((pointer, words))
    assert missing == []


def test_a_day_is_written_with_its_year(pages: Pages) -> None:
    shown = pages.text(pages.urls["publication"][0])
    assert format_day(date(2023, 1, 14), year=True) in shown
