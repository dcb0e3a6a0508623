"""Two versions beside each other: words, sections that moved, classifications; each reader compares what is theirs."""

import re
from typing import Any

import pytest
from flask import Flask

from app.core import jobs
from app.core.db import db, unit_of_work
from app.minutes import comparing, extracts, long_comparison, services
from app.minutes.comparing import Comparison
from app.minutes.models import Minutes, Section
from app.people.models import Clearance
from tests.cast import Cast, load
from tests.factories.minutes import make_approved, make_published

TEXT = """Opening words.

## Production

The pump stood still.

## Personnel

The merger is told to nobody.

## Safety

会议批准了预算。

## Closing

Nothing else."""


def make(cast: Cast, **values: Any) -> Minutes:
    """In force, with the third section for few."""
    minutes = make_approved(cast, text=TEXT, **values)
    minutes.newest.sections[2].clearance = Clearance.SECRET
    db.session.flush()
    services.amend(
        minutes, actor=cast.sara, change_note="x"
    )  # the approved text was not published: it is written again
    return minutes


def section(minutes: Minutes, heading: str) -> Section:
    return next(each for each in minutes.newest.sections if each.heading == heading)


def changed(cast: Cast) -> Minutes:
    """Version 2 moves a section, reclassifies one, rewrites one, drops one and has a new one."""
    minutes = make(cast)
    newest = minutes.newest
    section(minutes, "Production").source = "The pump ran still."
    section(minutes, "Safety").source = "会议通过了预算。"
    section(minutes, "Production").position = 6
    section(minutes, "Personnel").clearance = Clearance.RESTRICTED
    newest.sections.remove(section(minutes, "Closing"))
    newest.sections.append(
        Section(origin="new0000000000000", position=9, heading="Thanks", source="To all.", clearance=1)
    )
    newest.attendance = {**newest.attendance, "present": ["Li Wei", "Tom Okafor"]}
    db.session.flush()
    db.session.refresh(newest, ["sections"])
    return minutes


def compared(minutes: Minutes, clearance: int) -> Comparison:
    old, new = (extracts.read(each, clearance) for each in minutes.versions[-2:])
    return comparing.compare(old, new)


def words(comparison: Comparison) -> list[tuple[str, str, bool]]:
    return [("".join(text for _kind, text in each.heading), each.kind, each.is_moved) for each in comparison.sections]


def test_each_section_says_what_became_of_it(cast: Cast) -> None:
    with unit_of_work():
        told = compared(changed(cast), Clearance.SECRET)
    assert words(told) == [
        ("", "same", False),
        ("Personnel", "same", False),
        ("Safety", "changed", False),
        ("Closing", "removed", False),
        ("Production", "changed", True),
        ("Thanks", "added", False),
    ]
    by_heading = {"".join(text for _kind, text in each.heading): each for each in told.sections}
    assert by_heading["Personnel"].is_reclassified
    assert ("del", "批准") in by_heading["Safety"].text
    assert ("ins", "通过") in by_heading["Safety"].text
    assert ("del", "stood") in by_heading["Production"].text
    assert told.lists["present"][-1] == ("ins", "\nTom Okafor")
    assert Comparison.from_json(told.to_json()) == told


def test_a_reader_compares_what_is_theirs_as_if_there_were_nothing_else(cast: Cast) -> None:
    with unit_of_work():
        minutes = changed(cast)
        internal, restricted = (compared(minutes, level) for level in (Clearance.INTERNAL, Clearance.RESTRICTED))
    assert "Personnel" not in str(internal)
    assert [each.is_reclassified for each in internal.sections] == [False] * 5
    new_to_them = next(each for each in restricted.sections if each.kind == "added" and "merger" in str(each.text))
    assert new_to_them.was_level is None


def test_words_are_compared_as_they_are_read_and_marks_where_nothing_else_differs(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_approved(cast, text="1. **Tom** pays.\n2. Nobody waits.")
        services.amend(minutes, actor=cast.sara, change_note="x")
        part = minutes.newest.sections[0]
        part.source = "1. **Mei** pays.\n2. Nobody waits."
        told = [("same", "1. "), ("del", "Tom"), ("ins", "Mei"), ("same", " pays.\n\n2. Nobody waits.")]
        assert compared(minutes, Clearance.SECRET).sections[0].text == told
        part.source = "1. Tom pays.\n2. Nobody waits."
        assert ("del", "**") in compared(minutes, Clearance.SECRET).sections[0].text


def test_a_change_in_what_is_not_theirs_is_no_change_to_a_reader(cast: Cast) -> None:
    with unit_of_work():
        minutes = make(cast)
        section(minutes, "Personnel").source = "The merger is off."
        db.session.flush()
        assert compared(minutes, Clearance.INTERNAL).says_the_same
        assert not compared(minutes, Clearance.SECRET).says_the_same


LONG = "\n\n".join("".join(chr(0x4E00 + (n * 37 + at * at * 11) % 1500) for n in range(200)) for at in range(200))


def test_two_long_versions_are_compared_afterwards_with_progress(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, text=f"## One\n\n{LONG}\n\n## Two\n\nEnd.")
            services.amend(minutes, actor=cast.sara, change_note="x")
            minutes.newest.sections[0].source = LONG.replace(chr(0x4E00), "改")
            old, new = (each.ref for each in minutes.versions)
            url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/compare"
            assert len(LONG) > 40_000
        db.session.rollback()
    sara = as_("sara")
    page = sara.get(f"{url}?old={old}&new={new}")
    assert "Comparing them takes a moment" in page.text
    begun = sara.post(url, {"old": old, "new": new})
    progress = begun.headers["Location"]
    assert re.fullmatch(r"/progress/[0-9a-z]{16}", progress)
    assert sara.get(progress).status_code == 200
    with app.app_context():
        jobs.run_now("compare_minutes", progress_ref=progress.rpartition("/")[2])
    assert sara.get(progress).headers["Location"] == f"{url}?old={old}&new={new}"
    page = sara.get(f"{url}?old={old}&new={new}").text
    assert page.count("改</ins>") > 5
    assert "Comparing them takes a moment" not in page
    assert as_("rita").post(url, {"old": old, "new": new}).status_code == 404  # there is one version for her


def test_who_may_not_see_a_version_any_more_gets_no_comparison(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, text=f"## One\n\n{LONG}")
            services.amend(minutes, actor=cast.sara, change_note="x")
            minutes.newest.sections[0].source = LONG.replace(chr(0x4E00), "改")
            both = [extracts.read(each, Clearance.SECRET) for each in minutes.versions]
        with unit_of_work():
            begun = long_comparison.begin(*both, actor=cast.rita, title="x", then="/")
            ref = begun.ref
        jobs.run_now("compare_minutes", progress_ref=ref)
        assert (begun.file_id, begun.failure) == (None, "You may not see one of these versions any more.")


@pytest.mark.parametrize("asked", ["?old=x&new=y", "?old=%00", "?new=" + "9" * 500, ""])
def test_the_page_compares_the_newest_two_whatever_is_asked(app: Flask, as_: Any, asked: str) -> None:
    with app.app_context():
        cast = load()
        with unit_of_work():
            minutes = make_published(cast, text="One <b>word</b>.")
            services.amend(minutes, actor=cast.sara, change_note="x")
            minutes.newest.sections[0].source = "Two words."
            url = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/compare"
        db.session.rollback()
    page = as_("sara").get(url + asked)
    assert page.status_code == 200
    assert "Version 1 and version 2" in page.text
    assert "&lt;" in page.text
    assert "<b>word" not in page.text
