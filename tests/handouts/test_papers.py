"""What is printed and taken along: looked at by its content, as its reader finds it."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from docx import Document
from flask import Flask
from pypdf import PdfReader

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.i18n import force_locale
from app.core.roles import NOBODY, SYSTEM
from app.documents.errors import GlyphsMissing
from app.documents.render import render_pdf
from app.events.models import Audience, Event
from app.handouts import files, papers, queries, shelf
from app.programme.models import AgendaItem, Track
from app.releases import services as releases
from tests import cast as the_cast
from tests.cast import Cast
from tests.conftest import Visitor
from tests.factories import make_event, make_item, make_person, make_room, make_session, make_team, save
from tests.factories.speakers import make_deliverable

As = Callable[[str], Visitor]


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, with single spaces and without the invisible places where a long word may break."""
    found = (page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return [" ".join(each.replace("\u200b", "").split()) for each in found]


@pytest.fixture
def event(cast: Cast) -> Event:
    """Two days in two rooms: a session with a chair, a track, a break, something internal, something cancelled."""
    people = cast.people
    with unit_of_work():
        event = make_event(
            title="Gathering of steel", title_local="钢铁大会", audience=Audience.INTERNAL, venue="House of Guilds",
            starts_on=datetime(2031, 1, 13).date(), ends_on=datetime(2031, 1, 14).date(),
        )  # fmt: skip
        hall, annex = make_room(event, name="Main hall", name_local="主会场"), make_room(event, name="Annex")
        track = save(Track(event=event, name="Furnaces", name_local="炉", colour="blue"))
        start = datetime(2031, 1, 13, 1, tzinfo=UTC)
        session = make_session(
            event, title="Strategy", title_local="战略会", chair=people["li_wei"], room=hall, day=event.starts_on,
            starts_at=start, ends_at=start + timedelta(hours=3), theme="Heat",
        )  # fmt: skip

        def at(hours: float, minutes: int = 30) -> dict[str, Any]:
            begins = start + timedelta(hours=hours)
            return {"starts_at": begins, "ends_at": begins + timedelta(minutes=minutes)}

        make_item(
            event, title="Opening", title_local="开幕", kind="speech", session=session, room=hall, track=track,
            speakers=[people["petra"], people["mei"]], summary="Where we stand.", **at(0),
        )  # fmt: skip
        make_item(event, title="Coffee", kind="break", **at(0.5, 15))
        make_item(event, title="=HYPERLINK(1)", session=session, room=hall, speakers=[people["tom"]], **at(1))
        make_item(event, title="Rehearsal", is_internal=True, room=annex, **at(2))
        make_item(event, title="Fallen out", room=annex, cancelled_at=clock.now(), **at(2.5))
        make_item(event, title="Second day", room=annex, **at(24))
        make_item(event, title="Some time", starts_at=None, ends_at=None)
        make_deliverable(db.session.query(AgendaItem).filter_by(title="Opening").one(), people["petra"], days_before=7)
    return event


def printed(event: Event, actor: Any = NOBODY, **asked: Any) -> list[str]:
    edition = queries.edition_for(event, actor, **asked)
    return pages_of(render_pdf("booklet", papers.booklet(edition), lang="en"))


def test_the_booklet_has_a_cover_and_each_day_in_order(event: Event, cast: Cast) -> None:
    pages = printed(event)
    assert len(pages) == 4
    cover, first, second, unplaced = pages
    for words in ("Gathering of steel", "Mon 13 Jan – Tue 14 Jan 2031", "House of Guilds, Foshan", "Asia/Shanghai",
                  "Working version, not released"):  # fmt: skip
        assert words in cover
    assert "Mon 13 Jan 2031 Times in Asia/Shanghai" in first
    assert "09:00–12:00 · Main hall · Chair: Li Wei · Heat" in first
    order = [first.index(words) for words in ("09:00–09:30", "Opening", "Petra Lindqvist, Mei Zhao", "Where we stand.", "Furnaces", "Coffee", "Strategy (continued)", "=HYPERLINK(1)", "Fallen out", "cancelled")]  # fmt: skip
    assert order == sorted(order)
    assert "Second day" in second
    assert "Day not stated" in unplaced
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of 4" in page
        assert "For internal use · Working version, not released" in page
    assert "Rehearsal" not in "".join(pages)


def test_internal_items_are_printed_for_those_who_may_see_them_when_they_ask(event: Event, cast: Cast) -> None:
    assert "Rehearsal (internal)" in "".join(printed(event, cast.sara, internal=True))
    for actor, asked in ((cast.sara, {}), (cast.petra, {"internal": True}), (NOBODY, {"internal": True})):
        assert "Rehearsal" not in "".join(printed(event, actor, **asked))


def test_readers_get_the_release_and_planners_may_choose(event: Event, cast: Cast) -> None:
    with unit_of_work():
        releases.release(event, actor=cast.olaf, name="First", reason="Test")
    with unit_of_work():
        db.session.query(AgendaItem).filter_by(title="Opening").one().title = "Opening anew"
    for actor in (NOBODY, cast.petra, cast.olaf):
        released = "".join(printed(event, actor, working=actor is cast.petra))
        assert "Opening anew" not in released
        assert "Release 1 “First” of" in released
        assert "not released" not in released
    working = printed(event, cast.olaf, working=True)
    assert "Opening anew" in "".join(working)
    assert all("Working version, not released" in page for page in working)


def test_the_booklet_speaks_chinese(event: Event, cast: Cast) -> None:
    with force_locale("zh_Hans_CN"):
        paper = papers.booklet(queries.edition_for(event, NOBODY))
    text = "".join(pages_of(render_pdf("booklet", paper, lang="zh_Hans_CN"))).replace(" ", "")
    for words in ("钢铁大会", "2031年1月13日", "战略会", "开幕", "主会场", "赵梅", "炉", "Asia/Shanghai"):
        assert words in text
    assert "%(" not in text
    assert "Programme" not in text


def test_a_sign_for_each_room_and_day_or_for_one(event: Event, cast: Cast) -> None:
    edition = queries.edition_for(event, NOBODY)
    signs = queries.rooms_by_day(edition)
    assert [(each.room.name, each.day.day, [item.title for item in each.items]) for each in signs] == [
        ("Annex", 14, ["Second day"]), ("Main hall", 13, ["Opening", "=HYPERLINK(1)"]),
    ]  # fmt: skip
    hall = signs[1].room
    assert [each.room for each in queries.rooms_by_day(edition, room=hall.ref)] == [hall]
    assert queries.rooms_by_day(edition, room=hall.ref, day=event.ends_on) == []
    annex, main = pages_of(render_pdf("door_sign", papers.door_signs(edition, signs), lang="en"))
    assert "Annex" in annex
    assert "Tue 14 Jan 2031 Times in Asia/Shanghai" in annex
    order = [main.index(each) for each in ("Main hall", "09:00–09:30", "Opening", "Petra Lindqvist", "10:00–10:30")]
    assert order == sorted(order)


def test_a_sheet_for_each_speaker(event: Event, cast: Cast) -> None:
    edition = queries.edition_for(event, cast.olaf)
    sheets = queries.sheets(edition)
    assert [each.person.name for each in sheets] == ["Mei Zhao", "Petra Lindqvist", "Tom Okafor"]
    assert [each.person.name for each in queries.sheets(edition, person=cast.people["tom"].ref)] == ["Tom Okafor"]
    pages = pages_of(render_pdf("speaker_sheet", papers.speaker_sheets(edition, sheets), lang="en"))
    assert len(pages) == 3
    for words in ("Petra Lindqvist", "Project lead", "petra@hufu.example", "Mon 13 Jan 2031", "09:00–09:30", "Main hall",
                  "Opening", "with Mei Zhao", "Slides", "Mon 6 Jan 2031", "Missing"):  # fmt: skip
        assert words in pages[1], words
    assert "Slides" not in pages[0]


def test_the_workbook_has_a_row_an_item_and_no_formula(event: Event, cast: Cast) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.workbook(queries.edition_for(event, NOBODY))))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows[0][:9] == ["Day", "Begins", "Ends", "Time zone", "Room", "Session", "Item", "Kind", "Track"]
    assert rows[1][:11] == [
        datetime(2031, 1, 13), datetime(2031, 1, 13, 9), datetime(2031, 1, 13, 9, 30), "Asia/Shanghai", "Main hall",
        "Strategy", "Opening", "Speech", "Furnaces", "Petra Lindqvist, Mei Zhao", "Where we stand.",
    ]  # fmt: skip
    assert [row[6] for row in rows[1:]] == [
        "Opening",
        "Coffee",
        "=HYPERLINK(1)",
        "Fallen out",
        "Second day",
        "Some time",
    ]
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "n", "d"}
    assert rows[4][11] == "cancelled"


def test_the_word_document_says_the_same(event: Event, cast: Cast) -> None:
    with unit_of_work():
        item = db.session.query(AgendaItem).filter_by(title="Coffee").one()
        item.title = "Tea & <b>cake</b>"
        item.summary = "a\x0cb"
    document = Document(io.BytesIO(files.word_document(queries.edition_for(event, NOBODY))))
    headings = [each.text for each in document.paragraphs if each.style.name.startswith(("Heading", "Title"))]
    assert headings[:3] == ["Gathering of steel", "Mon 13 Jan 2031", "Strategy"]
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert cells[0] == ["09:00–09:30", "Opening\nPetra Lindqvist, Mei Zhao\nWhere we stand.", "Main hall\nFurnaces"]
    assert cells[1][1] == "Tea & <b>cake</b>\nab"
    assert "not released" in document.sections[0].header.paragraphs[0].text
    assert "NUMPAGES" in document.sections[0].footer.paragraphs[0]._p.xml
    struck = [run.text for table in document.tables for row in table.rows for run in row.cells[1].paragraphs[0].runs if run.font.strike]  # fmt: skip
    assert struck == ["Fallen out"]


def test_the_data_are_whole_and_in_utc(event: Event, cast: Cast) -> None:
    told = json.loads(files.as_json(queries.edition_for(event, NOBODY)))
    assert (told["format"], told["format_version"], told["release"]) == ("hufu-programme", 1, None)
    assert told["event"]["starts_on"] == "2031-01-13"
    opening = told["items"][0]
    assert opening["starts_at"] == "2031-01-13T01:00:00+00:00"
    assert opening["track"] == {**opening["track"], "name": "Furnaces", "name_local": "炉", "colour": "blue"}
    assert opening["session"] == told["sessions"][0]["ref"]
    assert [each["name"] for each in opening["speakers"]] == ["Petra Lindqvist", "Mei Zhao"]
    assert [each["title"] for each in told["items"] if each["cancelled"]] == ["Fallen out"]
    assert "Rehearsal" not in json.dumps(told)


def test_a_text_is_never_code_and_a_long_one_breaks(event: Event, cast: Cast) -> None:
    with unit_of_work():
        person = make_person(name="Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewiss")
        team = make_team(name="#panic() *Team* $x$ `raw`")
        item = make_item(
            event, title='#eval("1+1") ' + "W" * 180, speakers=[person], room=make_room(event, name="R" * 100)
        )
        item.summary = "\\ \" ' ~ @x <y> [z] // /* {a}"
        item.speakers[0].position = 1
        save(type(item.speakers[0])(item=item, team=team, position=2))
    edition = queries.edition_for(event, SYSTEM)
    text = "".join(printed(event))
    for words in ('#eval("1+1")', "W" * 20, person.name, "#panic() *Team* $x$ `raw`", "// /* {a}"):
        assert words.replace(" ", "") in text.replace(" ", ""), words
    render_pdf("door_sign", papers.door_signs(edition, queries.rooms_by_day(edition)), lang="en")
    render_pdf("speaker_sheet", papers.speaker_sheets(edition, queries.sheets(edition)), lang="en")


def test_a_sign_that_no_font_has_is_said_in_words(event: Event, cast: Cast) -> None:
    with unit_of_work():
        make_item(event, title="Hieroglyphs 𓀀")
    with pytest.raises(GlyphsMissing) as refused:
        printed(event)
    assert "𓀀 (U+13000)" in str(refused.value.sentence)


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def base(app: Flask) -> str:
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            event = make_event(audience=Audience.PUBLIC, title="Open day")
            hall = make_room(event, name="Main hall")
            make_item(event, title="Opening", room=hall, speakers=[cast.people["petra"]])
            make_item(event, title="Rehearsal", room=hall, is_internal=True)
        return f"/events/{event.ref}/handouts"


ITEM = {"kind": "free", "session": "", "room": "", "track": ""}
FILES = ("booklet.pdf", "doors.pdf", "programme.xlsx", "programme.docx", "programme.json", "print")


def test_whoever_reads_the_programme_takes_it_along(base: str, as_: As) -> None:
    stranger = as_("nobody")
    page = stranger.get(base).get_data(as_text=True)
    for name in FILES:
        assert f"{base}/{name}" in page
        answer = stranger.get(f"{base}/{name}?version=working&internal=1")
        assert answer.status_code == 200, name
        if name in ("print", "programme.json"):
            assert "Rehearsal" not in answer.get_data(as_text=True)
    assert "internal=1" not in page
    booklet = stranger.get(f"{base}/booklet.pdf")
    assert booklet.headers["Content-Disposition"].startswith("attachment; filename=Programme.pdf")
    assert "Rehearsal" in "".join(pages_of(as_("olaf").get(f"{base}/booklet.pdf?internal=1").data))
    assert "Rehearsal" not in "".join(pages_of(stranger.get(f"{base}/booklet.pdf?internal=1").data))


def test_a_kept_file_is_made_anew_when_the_programme_changes(base: str, as_: As) -> None:
    olaf = as_("olaf")
    assert "Closing" not in olaf.get(f"{base}/programme.json").get_data(as_text=True)
    assert olaf.post(base.replace("handouts", "items/new"), {**ITEM, "title": "Closing"}).status_code == 303
    assert "Closing" in olaf.get(f"{base}/programme.json").get_data(as_text=True)
    assert len(shelf._bodies) <= shelf.KEPT


def test_sheets_are_for_the_office_and_for_the_speaker_alone(base: str, as_: As, app: Flask) -> None:
    with app.app_context():
        people = the_cast.load().people
        petra, tom = people["petra"].ref, people["tom"].ref
    assert as_("nobody").get(f"{base}/speakers.pdf").status_code == 302
    assert as_("tom").get(f"{base}/speakers.pdf").status_code == 403
    assert as_("tom").get(f"{base}/speakers.pdf?speaker={petra}").status_code == 403
    own = as_("petra").get(f"{base}/speakers.pdf?speaker={petra}")
    assert "Opening" in pages_of(own.data)[0]
    assert own.headers["Cache-Control"] == "no-store"
    assert len(pages_of(as_("olaf").get(f"{base}/speakers.pdf").data)) == 1
    nothing = as_("tom").get(f"{base}/speakers.pdf?speaker={tom}")
    assert (nothing.status_code, "Nobody speaks" in nothing.get_data(as_text=True)) == (404, True)


def test_what_cannot_be_printed_is_said_on_the_page(base: str, as_: As, app: Flask) -> None:
    olaf = as_("olaf")
    nothing = olaf.get(f"{base}/doors.pdf?day=1999-01-01")
    assert (nothing.status_code, "no door needs a sign" in nothing.get_data(as_text=True)) == (404, True)
    olaf.post(base.replace("handouts", "items/new"), {**ITEM, "title": "𓀀"})
    refused = olaf.get(f"{base}/booklet.pdf")
    assert (refused.status_code, "U+13000" in refused.get_data(as_text=True)) == (422, True)


def test_a_programme_costs_the_same_number_of_statements_at_any_size(
    base: str, as_: As, app: Flask, count_statements: Callable[[], Any]
) -> None:
    olaf = as_("olaf")
    pages = (base, f"{base}/print?internal=1", f"{base}/programme.json")

    def count(page: str) -> int:
        with count_statements() as said:
            assert olaf.get(page).status_code == 200
        return len(said)

    few = [count(page) for page in pages]
    with app.app_context(), unit_of_work():
        event = db.session.query(Event).filter_by(ref=base.split("/")[2]).one()
        event.programme_version += 1
        for number in range(30):
            track = save(Track(event=event, name=f"Track {number}"))
            make_item(event, speakers=[make_person()], room=make_room(event), track=track, session=make_session(event))
    assert [count(page) for page in pages] == few
    assert max(few) <= 12
