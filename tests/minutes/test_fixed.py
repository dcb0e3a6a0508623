"""What was signed off does not change, whichever act forgets to ask."""

from collections.abc import Callable

import pytest

from app.core.db import db, unit_of_work
from app.minutes.errors import TextIsFixed
from app.minutes.models import Minutes, Section
from tests.cast import Cast
from tests.factories.minutes import make_approved, make_in_review


def sections(minutes: Minutes) -> list[Section]:
    return minutes.newest.sections


def add_section(minutes: Minutes) -> None:
    db.session.add(Section(minutes_version=minutes.newest, origin="x" * 16, position=9, source="One more."))


MEDDLING: dict[str, Callable[[Minutes], object]] = {
    "the words of a section": lambda m: setattr(sections(m)[0], "text", "Other words."),
    "its source": lambda m: setattr(sections(m)[0], "source", "Other words."),
    "its heading": lambda m: setattr(sections(m)[0], "heading", "Another heading"),
    "its classification": lambda m: setattr(sections(m)[0], "clearance", 0),
    "what it is bound to": lambda m: setattr(sections(m)[0], "bindings", [{"kind": "decision"}]),
    "a section less": lambda m: db.session.delete(sections(m)[0]),
    "no section any more": lambda m: setattr(m.newest, "sections", []),
    "a section more": add_section,
    "who was there": lambda m: setattr(m.newest, "attendance", {"present": ["Nobody"]}),
    "its hash": lambda m: setattr(m.newest, "content_hash", "0" * 64),
    "the hash of an extract": lambda m: setattr(m.newest.extracts[0], "text_hash", "0" * 64),
    "an extract less": lambda m: db.session.delete(m.newest.extracts[0]),
    "who wrote it": lambda m: setattr(m.newest, "writers", []),
    "that it was frozen": lambda m: setattr(m.newest, "frozen_at", None),
    "the whole version": lambda m: db.session.delete(m.newest),
    "its number": lambda m: setattr(m, "number", 77),
    "its title": lambda m: setattr(m, "title", "Another title"),
}


def test_nothing_of_an_approved_text_is_changed_through_its_records(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_approved(cast, text="## Opening\n\nThe pump ran.")
    before = told(minutes)
    for what, meddle in MEDDLING.items():
        with pytest.raises(TextIsFixed), unit_of_work():
            meddle(minutes)
            db.session.flush()
            pytest.fail(f"{what} was changed")
        db.session.expire_all()
        assert told(minutes) == before, what


def told(minutes: Minutes) -> list[object]:
    newest = minutes.newest
    return [
        (minutes.year, minutes.number, minutes.title, newest.attendance, newest.content_hash, newest.frozen_at),
        [(each.heading, each.text, each.source, each.clearance) for each in newest.sections],
        [each.text_hash for each in newest.extracts],
    ]


def test_what_is_in_review_is_still_changed_through_its_records(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_in_review(cast, text="## Opening\n\nThe pump ran.")
    with unit_of_work():
        sections(minutes)[0].source = "The pump stood."
        add_section(minutes)
    assert [each.source for each in sections(minutes)] == ["The pump stood.", "One more."]
