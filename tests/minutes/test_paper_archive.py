"""The paper for the archive: PDF/A with its fonts inside, pages counted, the classification on each, a code to check it
by, in both traditions, and for each reader their own."""

import io
import re
from typing import Any

import pytest
from pypdf import PdfReader

from app.core.db import db, unit_of_work
from app.documents.typesetter import texts_of_codes
from app.minutes import paper, services
from app.minutes.models import Minutes, MinutesTemplate, Tradition
from app.people.models import Clearance
from tests.cast import Cast
from tests.factories.minutes import make_draft, put_in_review

LONG = "## Open\n\n" + "\n\n".join(f"Paragraph {number} of many. " + "Words and words. " * 40 for number in range(30))


def approve(cast: Cast, minutes: Minutes, secret_of: str = "Closed") -> None:
    for section in minutes.newest.sections:
        if section.heading == secret_of:
            section.clearance = Clearance.RESTRICTED
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)


def reader_of(minutes: Minutes, clearance: int = Clearance.SECRET) -> PdfReader:
    return PdfReader(io.BytesIO(paper.pdf_of(minutes.newest, clearance)))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def fonts_of(reader: PdfReader) -> list[Any]:
    found = {}
    for page in reader.pages:
        for name, font in page["/Resources"].get("/Font", {}).items():
            found[name, font.get_object()["/BaseFont"]] = font.get_object()
    return list(found.values())


@pytest.mark.parametrize(("language", "tradition"), [("en", Tradition.ASSEMBLY), ("zh", Tradition.SUMMARY)])
def test_the_paper_is_fit_for_the_archive(cast: Cast, language: str, tradition: Tradition) -> None:
    with unit_of_work():
        template = MinutesTemplate(name="House", language=language, tradition=tradition, paper_heading="青岚会议纪要")
        minutes = make_draft(cast, text=LONG + "\n\n## Closed\n\nThe second source 第二货源.", language=language)
        minutes.template, minutes.tradition = template, tradition
        db.session.flush()
        approve(cast, minutes)
    reader = reader_of(minutes)
    catalog = reader.trailer["/Root"]
    intents = [each.get_object() for each in catalog["/OutputIntents"]]
    assert [each["/S"] for each in intents] == ["/GTS_PDFA1"]
    assert intents[0]["/DestOutputProfile"].get_object().get_data()
    facts = catalog["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part[>=\"]+2", facts)
    assert re.search(r"pdfaid:conformance[>=\"]+A", facts)
    assert re.search(r"pdfuaid:part[>=\"]+1", facts)
    assert minutes.title in facts
    assert catalog["/MarkInfo"]["/Marked"]
    assert str(catalog["/Lang"]).startswith(language)
    assert "/JavaScript" not in catalog.get("/Names", {})
    assert "/EmbeddedFiles" not in catalog.get("/Names", {})
    assert not reader.is_encrypted
    for font in fonts_of(reader):
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"].get_object()), font["/BaseFont"]
        assert "/ToUnicode" in font
    pages = [squeezed(page.extract_text()) for page in reader.pages]
    assert len(pages) > 3
    level, count = ("Restricted", "Page{}of{}") if language == "en" else ("秘密", "第{}页，共{}页")
    for number, page in enumerate(pages, 1):
        assert page.startswith(squeezed(level)), page[:60]
        assert count.format(number, len(pages)) in page
    assert "青岚会议纪要" in pages[0]
    assert pages[0].index("青岚会议纪要") < pages[0].index(squeezed(minutes.title))
    above = pages[0].index(minutes.label) < pages[0].index(squeezed(minutes.title), pages[0].index("青岚会议纪要"))
    assert above == (tradition == Tradition.SUMMARY), "the issue number of a 会议纪要 stands above the title"


def test_each_reader_gets_a_paper_of_their_own_with_their_own_code(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text="## Open\n\nFor all.\n\n## Closed\n\nCanary of the few.")
        approve(cast, minutes)
    all_of_it, open_part = reader_of(minutes), reader_of(minutes, Clearance.INTERNAL)
    texts = ["".join(squeezed(page.extract_text()) for page in each.pages) for each in (all_of_it, open_part)]
    codes = [squeezed(each.document.code) for each in minutes.newest.extracts]
    assert codes[0] in texts[1]
    assert codes[1] in texts[0]
    assert codes[0] not in texts[0]
    assert "Canary" in texts[0]
    for word in ("Canary", "Closed", "Restricted", codes[1]):
        assert word not in texts[1]
    assert texts[1].startswith("Internal")
    raw = paper.pdf_of(minutes.newest, Clearance.INTERNAL)
    assert b"Canary" not in raw
    assert minutes.newest.content_hash.encode() not in raw
    assert paper.paper_for(minutes.newest, Clearance.PUBLIC) is None


def test_the_code_on_the_paper_is_the_address_of_the_page_that_checks_it(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast)
        approve(cast, minutes)
    document = minutes.newest.extracts[0].document
    shape = paper._shape(document.content, document)
    asked = f"#f={document.content_hash}&h={document.audit_head[:16]}"
    assert shape["verification"]["qr"].endswith(f"/verify/{document.code}{asked}")
    assert texts_of_codes(shape) == {shape["verification"]["qr"]}
    reader = reader_of(minutes)
    assert "/XObject" not in reader.pages[-1]["/Resources"], "no picture: it is drawn, and sharp on any paper"
    assert len(re.findall(rb"[\d.]+ [\d.]+ [ml]\b", reader.pages[-1].get_contents().get_data())) > 200
    assert any(each.get("/Alt") == "QR code" for each in elements(reader.trailer["/Root"]["/StructTreeRoot"]))


def elements(node: Any) -> list[Any]:
    """The elements of the tree that screen readers follow."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [found for each in node for found in elements(each)]
    if not hasattr(node, "get"):
        return []
    return [node, *(elements(node["/K"]) if "/K" in node else [])]


def test_sections_of_several_levels_are_marked_beside_their_headings(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text="## Open\n\nFor all.\n\n## Closed\n\nFor few.")
        approve(cast, minutes)
    shapes = [paper._shape(each.document.content, each.document) for each in minutes.newest.extracts]
    assert [[each["classification"] for each in shape["sections"]] for shape in shapes] == [
        [""],
        ["Internal", "Restricted"],
    ]
