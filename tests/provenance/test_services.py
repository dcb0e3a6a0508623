"""Where a value comes from is told beside it."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.db import db, unit_of_work
from app.events.models import Event
from app.provenance import services
from app.provenance.models import Source
from app.provenance.queries import find_source, note, notes_of
from tests.factories import make_event


def told_event() -> tuple[Event, Source]:
    source = services.add_source(
        title="A release", sha256="a" * 64, length=100, language="en", released_on=date(2023, 1, 14)
    )
    return make_event(source_id=source.id, venue=None), source


def test_the_notes_of_an_event_are_found_by_record_and_value(cast, count_statements) -> None:
    with unit_of_work():
        event, source = told_event()
        other, _source = told_event()
        services.add_note(source, event, "venue", "unknown", scope=event.ref, basis="The release is silent.")
        services.add_note(source, event, "starts_on", "inferred", scope=event.ref, basis="From its date.", span=(3, 9))
        services.add_note(source, other, "venue", "unknown", scope=other.ref)
    with count_statements() as said:
        notes = notes_of(event.ref)
    assert len(said) == 1
    assert len(notes) == 2
    starts, venue = note(notes, event, "starts_on"), note(notes, event, "venue")
    assert starts is not None
    assert (starts.provenance, starts.span_start, starts.span_end) == ("inferred", 3, 9)
    assert venue is not None
    assert venue.provenance == "unknown"
    assert note(notes, event, "title") is None
    assert note(notes, other, "venue") is None


def test_a_value_has_one_note(cast) -> None:
    with unit_of_work():
        event, source = told_event()
        services.add_note(source, event, "venue", "unknown", scope=event.ref)
    with pytest.raises(IntegrityError), unit_of_work():
        services.add_note(source, event, "venue", "stated", scope=event.ref)


def test_an_unheard_of_provenance_is_refused(cast) -> None:
    with pytest.raises(ValueError, match="guessed"), unit_of_work():
        event, source = told_event()
        services.add_note(source, event, "venue", "guessed", scope=event.ref)
    assert db.session.query(Source).count() == 0


def test_an_event_without_a_source_has_none(cast) -> None:
    assert find_source(None) is None


def test_the_page_says_what_is_not_stated_and_what_is_inferred(app, as_) -> None:
    with app.app_context(), unit_of_work():
        event, source = told_event()
        services.add_note(source, event, "venue", "unknown", scope=event.ref)
        services.add_note(
            source,
            event,
            "time_zone",
            "inferred",
            scope=event.ref,
            basis="The city lies in China.",
            basis_local="该城市在中国。",
        )
        ref = event.ref
    page = as_("rita").get(f"/events/{ref}").text
    assert "not stated in the source" in page
    assert "The city lies in China." in page
