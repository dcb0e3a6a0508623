import copy
import io
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from app.core.config import ROOT
from app.documents.errors import DocumentFailed, GlyphsMissing, TooLarge
from app.documents.markdown import to_typst_blocks
from app.documents.render import TEMPLATES, render_pdf
from tests.documents.papers import ADDRESS, PAPERS, minutes, pledge, register

HOSTILE = [
    "#panic()",
    '#read("/etc/passwd")',
    "$ x^2 $ \\ \\u{41} @here <label> `raw` *stars* _under_ = head",
    '#import "@preview/cetz:0.3.0"',
    "<img src=file:///etc/passwd>",
    "<link rel=attachment href=file:///etc/passwd>",
    "@import url(http://127.0.0.1:1/)",
    '"}; #sys.inputs',
    ']#eval("1+1")[',
    "// comment /* and */ more",
    "Müller-Lüdenscheidt-Wolfeschlegelsteinhausenbergerdorff-Óðinn",
    "上官欧阳诸葛司马端木公孙慕容令狐钟离宇文长孙鲜于闾丘司徒司空亓官司寇",
]


def read(paper: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(paper))


def words_of(paper: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(paper).pages)


def squeezed(text: str) -> str:
    """Without white space: where a line breaks is the typesetter's business."""
    return re.sub(r"[\s\u200b]+", "", unicodedata.normalize("NFC", text))


def texts_in(value: Any, key: str = "") -> list[str]:
    """Every text of the data that is printed as it stands."""
    if isinstance(value, dict):
        return [text for each, inner in value.items() for text in texts_in(inner, each)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_in(inner, key)]
    # labels of parts that this sample does not need, and what is drawn or counted rather than written
    unprinted = {"dated", "type", "align", "page_of", "code", "fingerprint", "none", "unsigned", "empty", "address"}
    return [value] if isinstance(value, str) and key not in unprinted else []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", PAPERS)
def test_every_text_of_the_data_stands_on_the_paper(kind: str, lang: str) -> None:
    data = PAPERS[kind](lang)
    printed = squeezed(words_of(render_pdf(kind, data, lang=lang)))
    if kind == "admission":
        del data["document"]  # the card shows the event, not the title of the file
        data["cards"][0].pop("qr")
        data["labels"]["admission"] = data["labels"]["admission"].upper()
    if kind == "pledge":
        data["labels"]["deadline"] = data["labels"]["deadline"].upper()
    assert [text for text in texts_in(data) if squeezed(text) not in printed] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_is_an_archive_file_with_its_fonts_and_without_scripts(kind: str, lang: str) -> None:
    paper = render_pdf(kind, PAPERS[kind](lang), lang=lang)
    reader = read(paper)
    fonts = {
        descendant.get_object()["/BaseFont"]: "/FontFile2" in descendant.get_object()["/FontDescriptor"]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
        for descendant in font.get_object()["/DescendantFonts"]
    }
    assert fonts
    assert all(fonts.values())
    assert all(re.match(r"/[A-Z]{6}\+(NotoSansSC|NotoSerifSC|SourceSans3|SourceSerif4)", name) for name in fonts)
    assert reader.trailer["/Root"]["/Lang"].startswith(lang)
    assert reader.metadata is not None
    assert reader.metadata.title == PAPERS[kind](lang)["document"]["title"]
    assert b"pdfaid:part" in paper
    assert b"pdfuaid:part" in paper
    assert not re.search(rb"/JavaScript|/JS\b|/Launch|/EmbeddedFile\b|/OpenAction", paper)
    assert reader.attachments == {}


@pytest.mark.parametrize("kind", PAPERS)
def test_the_same_data_gives_the_same_bytes_and_other_data_other_ones(kind: str) -> None:
    data = PAPERS[kind]("zh")
    first = render_pdf(kind, data, lang="zh")
    assert render_pdf(kind, copy.deepcopy(data), lang="zh_Hans_CN") == first
    data["organization"] = "别的集团"
    assert render_pdf(kind, data, lang="zh") != first


def test_the_date_in_the_file_is_the_date_of_the_data() -> None:
    reader = read(render_pdf("pledge", pledge("en"), lang="en"))
    assert reader.metadata is not None
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date().isoformat() == "2027-01-15"


def test_the_pages_are_counted_and_the_head_of_the_table_is_repeated() -> None:
    pages = [page.extract_text() for page in read(render_pdf("list", register("en", rows=120), lang="en")).pages]
    assert len(pages) == 4
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 4" in page
        assert "Internal" in page
    assert all("Responsible" in page for page in pages)


def test_a_card_a_person_on_one_page() -> None:
    data = PAPERS["admission"]("en")
    data["cards"] *= 3
    pages = read(render_pdf("admission", data, lang="en")).pages
    assert len(pages) == 3
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [105, 148]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_printed_as_text(hostile: str) -> None:
    data = minutes("en")
    data["decisions"][0]["text"] = hostile
    data["attendance"][0]["names"] = [hostile]
    data["sign_off"][0]["name"] = hostile
    data["sections"] = [
        {"heading": hostile, "blocks": [{"type": "paragraph", "inline": [{"type": "text", "text": hostile}]}]}
    ]
    data["document"]["title"] = hostile
    printed = squeezed(words_of(render_pdf("minutes", data, lang="en")))
    assert printed.count(squeezed(hostile)) >= 6


def test_hostile_markdown_is_printed_as_text() -> None:
    text = "#panic() $x$ \\*not\\* <img src=file:///etc/passwd> ![pic](file:///etc/passwd) [x](javascript:alert(1))"
    data = minutes("en") | {"sections": [{"heading": "", "blocks": to_typst_blocks(text)}]}
    paper = render_pdf("minutes", data, lang="en")
    expected = "#panic() $x$ *not* <img src=file:///etc/passwd> ![pic](file:///etc/passwd) [x](javascript:alert(1))"
    assert squeezed(expected) in squeezed(words_of(paper))
    assert b"/URI" not in paper


def test_only_safe_links_of_markdown_are_links_on_paper() -> None:
    data = minutes("en") | {"sections": [{"heading": "", "blocks": to_typst_blocks("[a](https://a.example/x)")}]}
    links = [
        note.get_object()["/A"]["/URI"]
        for page in read(render_pdf("minutes", data, lang="en")).pages
        for note in page.get("/Annots", [])
    ]
    assert links == ["https://a.example/x"]


@pytest.mark.parametrize("word", ["x" * 5000, "a/" * 2000, "Donau" * 60])
def test_a_word_longer_than_the_line_stays_on_the_paper(word: str) -> None:
    data = minutes("en")
    data["decisions"][0]["text"] = word
    data["sections"] = [{"heading": "", "blocks": to_typst_blocks(word)}]
    reader = read(render_pdf("minutes", data, lang="en"))
    assert squeezed("".join(page.extract_text() for page in reader.pages)).count("x") >= word.count("x")
    for page in reader.pages:
        page.extract_text(visitor_text=lambda text, outer, at, _font, _size: stays_inside(text, outer, at))
        assert max(len(line.replace("\u200b", "")) for line in page.extract_text().splitlines()) < 130


def stays_inside(text: str, outer: list[float], at: list[float]) -> None:
    left = at[4] * outer[0] + at[5] * outer[2] + outer[4]
    assert not text.strip() or 60 < left < 530


def test_the_address_to_check_at_can_be_copied_from_the_paper() -> None:
    assert ADDRESS in words_of(render_pdf("pledge", pledge("en"), lang="en"))


def test_signs_that_reorder_a_line_are_dropped_and_joiners_too() -> None:
    data = minutes("en")
    data["attendance"][0]["names"] = ["Mei\u202e Zhao\u200f", "To\u200bm\u2066\ufe0f Oka\ufefffor\x07"]
    printed = words_of(render_pdf("minutes", data, lang="en"))
    assert "Mei Zhao, Tom Okafor" in printed
    assert not set(printed) & set("\u202e\u200f\u2066\u200b\ufeff\x07")


@pytest.mark.parametrize("name", ["张𠮷", "אבי", "😀"])
def test_a_character_without_a_picture_is_refused_by_name(name: str) -> None:
    data = minutes("zh")
    data["attendance"][0]["names"].append(name)
    with pytest.raises(GlyphsMissing) as refusal:
        render_pdf("minutes", data, lang="zh")
    assert refusal.value.characters == [each for each in dict.fromkeys(name) if each != "张"]
    assert f"{refusal.value.characters[0]} (U+{ord(refusal.value.characters[0]):04X})" in str(refusal.value)


def test_rare_characters_print_in_headings_bold_and_body() -> None:
    data = pledge("zh")
    data["document"]["title"] = "龘㛃䶮犇军令状 Erdős"
    data["slots"][0]["name"] = "张龘㛃䶮"
    data["seal"] = {"upper": "龘岚", "lower": "军令状"}
    printed = squeezed(words_of(render_pdf("pledge", data, lang="zh")))
    assert printed.count("张龘㛃䶮") == 2
    assert "龘㛃䶮犇军令状Erdős" in printed
    assert "龘岚" in printed


def test_a_pledge_shows_its_seal_only_when_it_has_one() -> None:
    open_pledge = pledge("en") | {"seal": None}
    open_pledge["slots"][2] |= {"signed_at": "", "method": ""}
    printed = words_of(render_pdf("pledge", open_pledge, lang="en"))
    assert "QINGLAN" not in printed
    assert "not yet signed" in printed
    red = rb"0\.6392157 0\.15294118 0\.12156863"
    assert not colours(render_pdf("pledge", open_pledge, lang="en")) & {red}
    assert "QINGLAN" in words_of(render_pdf("pledge", pledge("en"), lang="en"))


def colours(paper: bytes) -> set[bytes]:
    contents = b"".join(page.get_contents().get_data() for page in read(paper).pages)
    return set(re.findall(rb"([\d.]+ [\d.]+ [\d.]+) scn?", contents))


def test_empty_parts_leave_no_headings() -> None:
    data = minutes("en") | {"decisions": [], "sign_off": [], "distribution": [], "attendance": [], "verification": None}
    printed = words_of(render_pdf("minutes", data, lang="en"))
    for heading in ("Decided", "Approved for issue", "Distribution", "Attendance", "Fingerprint", ADDRESS):
        assert heading not in printed
    assert "There is nothing to list." in words_of(render_pdf("list", register("en", rows=0), lang="en"))


def test_a_large_register_is_printed() -> None:
    reader = read(render_pdf("list", register("zh", rows=2000) | {"landscape": True}, lang="zh"))
    assert len(reader.pages) > 50
    assert squeezed(f"第{len(reader.pages)}页，共{len(reader.pages)}页") in squeezed(reader.pages[-1].extract_text())


@pytest.mark.parametrize("template", ["../minutes", "house.typ", "nothing", "", "Minutes", "/etc/passwd"])
def test_an_unknown_template_is_refused(template: str) -> None:
    with pytest.raises(DocumentFailed):
        render_pdf(template, minutes("en"), lang="en")


def test_data_of_the_wrong_shape_fails_with_the_cause_for_the_log() -> None:
    data = minutes("en")
    del data["overview"]
    with pytest.raises(DocumentFailed) as failure:
        render_pdf("minutes", data, lang="en")
    assert "overview" in failure.value.detail
    assert str(failure.value) == "The document could not be made. Please try again or tell the administrator."


def test_too_much_data_is_refused_before_a_process_starts() -> None:
    with pytest.raises(TooLarge, match="too large"):
        render_pdf("list", register("en") | {"note": "a" * 4_000_001}, lang="en")


def test_more_rows_than_the_memory_limit_allows_are_refused_and_the_next_paper_is_made() -> None:
    with pytest.raises(TooLarge, match="too large"):
        render_pdf("list", register("en", rows=12_000), lang="en")
    assert render_pdf("list", register("en", rows=3), lang="en").startswith(b"%PDF-")


def test_the_web_process_never_imports_the_typesetter() -> None:
    code = "import sys, app.documents.render, app.documents.qr; print('typst' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"


def test_the_child_sees_no_secrets_and_cannot_write_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from app.documents import render, typesetter

    monkeypatch.setenv("HUFU_SECRET_KEY", "x" * 40)
    assert [name for name in render.child_environment() if name.startswith("HUFU")] == []
    code = (
        "from app.documents.typesetter import limit_resources; limit_resources()\n"
        f"import os\ntry: os.write(os.open({str(tmp_path / 'x')!r}, os.O_CREAT | os.O_WRONLY), b'x')\nexcept OSError as error: print(error.errno)\n"
        f"try: bytearray({typesetter.MEMORY})\nexcept MemoryError: print('memory')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.stdout == "27\nmemory\n"


def test_templates_fetch_nothing_and_evaluate_nothing() -> None:
    for path in TEMPLATES.glob("*.typ"):
        source = path.read_text()
        assert not re.search(r"@preview|https?://|#?\beval\(|\bread\(|plugin\(", source)
