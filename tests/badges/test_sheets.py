"""What comes out of the printer: nothing runs over its box, on exactly as many pages as said."""

import io
import re
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.badges import papers
from app.badges.layouts import DEFAULTS, Layout, Sheet
from app.badges.models import BadgeKind
from app.badges.queries import Card
from app.documents.render import measure, render_pdf
from app.signing.tokens import new_admission_code
from tests.badges.names import HOSTILE, NASTY, many
from tests.conftest import require_or_skip
from tests.factories import make_event

PATIENCE = 120  # seconds on a busy machine; of the processor a thousand cards take three to six
BADGE, TENT = DEFAULTS[BadgeKind.BADGE], DEFAULTS[BadgeKind.TENT]
CERTIFICATE = DEFAULTS[BadgeKind.CERTIFICATE]
MM = 72 / 25.4


def card(name: str, other: str = "", **more: Any) -> Card:
    values: dict[str, Any] = {
        "registration_id": 1, "ref": "r", "label": name, "name": name, "other": other,
        "lines": ("Director of Strategic Development and of Innovation in the Works", "Strategy 战略"), "line": "",
        "event": "Winter Session 2027 冬季战略会", "organization": "Qinglan Materials", "code": new_admission_code(),
    }  # fmt: skip
    return Card(**{**values, **more})


def paper_of(app: Flask, layout: Layout, cards: list[Card], start: int = 0) -> tuple[str, Any]:
    with app.app_context():
        return papers._paper(make_event(title="Winter Session"), layout, cards, start)


def words(paper: bytes) -> str:
    read = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFC", read))


@pytest.mark.parametrize(
    "layout",
    [BADGE, TENT, replace(BADGE, width=85.0, height=60.0, largest=48.0, floor=20.0)],
    ids=["badge", "tent", "large"],
)
def test_a_thousand_names_stay_within_their_boxes(app: Flask, layout: Layout) -> None:
    names = many(1000 if layout is BADGE else 60)
    told = measure(*paper_of(app, layout, [card(name, other) for name, other in names]), lang="en", patience=PATIENCE)
    assert [each["index"] for each in told] == list(range(len(names)))
    over = [
        (names[each["index"]], box)
        for each in told
        for box in each["boxes"]
        if box[0] > box[2] + 0.01 or box[1] > box[3] + 0.01
    ]
    assert over == []


def test_a_certificate_fits_a_name_then_wraps_it_and_only_then_tells_it(app: Flask) -> None:
    names = ("Li Wei", "Ekaterina Aleksandrovna Vozdvizhenskaya-Morozova", "Anna Maria " * 12, "W" * 60, "李" * 90)
    with app.app_context():
        event, cards = make_event(title="Winter Session"), []
        for name in names:
            document = papers.sample_certificate(event, CERTIFICATE)
            document.content = {**document.content, "name": name.strip()}
            cards.append(card(name, document=document))
        told = papers.tell(event, CERTIFICATE, cards)
        paper = papers.draw_pdf(event, CERTIFICATE, cards)
    assert [(each["wraps"], len(each["small"])) for each in told] == [
        (False, 0), (False, 0), (True, 0), (False, 1), (True, 0),
    ]  # fmt: skip
    assert told[3]["small"] == ["W" * 60]
    assert told[0]["size"] > told[1]["size"] > 15 > told[3]["size"]
    assert len(PdfReader(io.BytesIO(paper)).pages) == len(names)
    assert "W" * 60 in words(paper)


def test_a_name_is_fitted_then_wrapped_and_only_then_named(app: Flask) -> None:
    cards = [
        card(name, lines=())
        for name in ("Li Wei", "Ekaterina Voznesenskaya", "Maximilian Friedrich Alexander of Hohenzollern", "W" * 60)
    ]
    short, fitted, wrapped, small = measure(*paper_of(app, BADGE, cards), lang="en")
    assert short["size"] == BADGE.largest
    assert BADGE.floor <= fitted["size"] < BADGE.largest
    assert wrapped["wraps"]
    assert wrapped["size"] >= BADGE.floor
    assert short["small"] == fitted["small"] == wrapped["small"] == []
    assert small["size"] < BADGE.floor
    assert small["small"] == ["W" * 60]


@pytest.mark.parametrize(
    ("number", "start", "layout", "pages"),
    [
        (1, 0, BADGE, 1), (10, 0, BADGE, 1), (11, 0, BADGE, 2), (10, 3, BADGE, 2), (23, 7, BADGE, 3), (3, 0, TENT, 2),
        (3, 5, replace(BADGE, sheet=Sheet.SINGLE), 3),
    ],
)  # fmt: skip
def test_the_pages_are_as_many_as_said(app: Flask, number: int, start: int, layout: Layout, pages: int) -> None:
    assert layout.pages_for(number, start) == pages
    paper = render_pdf(*paper_of(app, layout, [card("Li Wei")] * number, start), lang="en")
    assert len(PdfReader(io.BytesIO(paper)).pages) == pages


def test_a_single_card_is_its_own_page_with_room_for_the_marks(app: Flask) -> None:
    single = replace(BADGE, sheet=Sheet.SINGLE)
    for layout, size in ((single, [104, 68]), (replace(single, marks=False), [90, 54])):
        page = PdfReader(io.BytesIO(render_pdf(*paper_of(app, layout, [card("Li Wei")]), lang="en"))).pages[0]
        assert [round(float(side) / MM) for side in page.mediabox[2:]] == size


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_printed_as_text(app: Flask, name: str) -> None:
    paper = render_pdf(*paper_of(app, BADGE, [card(name, lines=(name,))]), lang="en")
    expected = re.sub(r"[\s\u200b\u202e]+", "", name)
    assert words(paper).count(expected) == 2
    assert not re.search(rb"/JavaScript|/Launch|/EmbeddedFile\b", paper)


def test_every_script_is_printed_with_its_letters(app: Flask) -> None:
    wide = replace(BADGE, width=180.0, columns=1)
    printed = words(render_pdf(*paper_of(app, wide, [card(name, lines=()) for name in NASTY[:11]]), lang="en"))
    for name in NASTY[:11]:
        assert name.replace(" ", "") in printed


def test_a_tent_card_bears_the_name_twice_and_once_upside_down(app: Flask) -> None:
    paper = render_pdf(*paper_of(app, TENT, [card("Petra", lines=(), code="", event="", organization="")]), lang="en")
    turned = []
    page = PdfReader(io.BytesIO(paper)).pages[0]

    def look(text: str, outer: list[float], at: list[float], _font: Any, _size: float) -> None:
        if "Petra" in text:
            turned.append((at[0] * outer[0] < 0, round((at[5] * outer[3] + outer[5]) / MM)))

    page.extract_text(visitor_text=look)
    (first, upper), (second, lower) = turned
    assert (first, second) == (True, False)
    fold = 297 - TENT.top - TENT.height
    assert lower < fold < upper
    assert abs((upper - fold) - (fold - lower)) <= 1


def test_the_code_on_a_card_is_one_that_a_camera_reads_and_holds_nothing_else(app: Flask) -> None:
    """Drawn as a full QR code, never as a Micro QR; the payload is the random code and nothing of the person."""
    import segno

    from app.documents.typesetter import draw_codes

    given = card("Petra Lindqvist")
    _name, data = paper_of(app, BADGE, [given])
    drawn = draw_codes(data)
    assert set(drawn) == {given.code}
    code = segno.make_qr(given.code, error="m")
    assert (code.is_micro, code.error) == (False, "M")
    assert draw_codes({"qr": "A"})["A"].startswith("<svg")


def boxes(paper: bytes, folder: Path) -> list[tuple[int, float, float, float, float]]:
    """Every printed word with the page and the corners that poppler measures, in millimetres from the upper left."""
    (folder / "p.pdf").write_bytes(paper)
    try:
        said = subprocess.run(
            ["pdftotext", "-bbox", "p.pdf", "-"], cwd=folder, capture_output=True, check=True, timeout=60
        )
    except FileNotFoundError:
        require_or_skip("poppler", "pdftotext is not installed")
    found, page = [], -1
    for line in said.stdout.decode().splitlines():
        page += "<page" in line
        if "<word" in line:
            corners = [float(each) / MM for each in re.findall(r'"([\d.-]+)"', line)[:4]]
            found.append((page, *corners))
    return found


def test_another_reader_measures_every_word_inside_its_card(app: Flask, tmp_path: Path) -> None:
    layout = replace(BADGE, gap_x=4.0, gap_y=3.0, left=13.0, top=7.0)
    cards = [card(name, other) for name, other in many(len(NASTY) * 2)]
    found = boxes(render_pdf(*paper_of(app, layout, cards), lang="en"), tmp_path)
    assert len(found) > len(cards) * 8
    step_x, step_y = layout.width + layout.gap_x, layout.height + layout.gap_y
    outside = [
        (page, *corners)
        for page, *corners in found
        if not inside(corners[0], corners[2], layout.left, step_x, layout.width, 0.3)
        # what poppler calls the height of a word is that of its font, with room above and below the letters
        or not inside(corners[1], corners[3], layout.top, step_y, layout.height, 2.5)
    ]
    assert outside == []


def inside(low: float, high: float, first: float, step: float, size: float, slack: float) -> bool:
    at = int((((low + high) / 2) - first) // step)
    edge = first + at * step
    return edge - slack <= low and high <= edge + size + slack
