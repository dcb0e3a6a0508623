"""Reading a paper of before: its words as they are, what is recognised set apart, what is hostile refused or text."""

import io
import time
import zipfile

import pytest
from docx import Document

from app.core.errors import Refused
from app.documents.markdown import to_html
from app.minutes import importing

ENGLISH = """# Minutes of the board 2019

No. 2019-07

Present: Li Wei, Tom Okafor; Mei Zhao
Apologies: none

## Opening

The chair opened at nine.

### A detail

Words.

## Decided

1. To buy the kiln.
2. To sell the old one.
"""

CHINESE = """青岚陶瓷办公会议纪要
〔2019〕7号
出席：李薇、欧阳汤姆、赵梅
列席：王芳
一、经营情况
废品率为 4.6%。
二、议定事项
会议决定：采购新窑。
"""


def read(text: str | bytes, name: str = "old.md") -> importing.ReadPaper:
    return importing.read_file(text.encode() if isinstance(text, str) else text, name)


def test_markdown_is_cut_at_its_headings_and_its_facts_are_set_apart() -> None:
    paper = read(ENGLISH.replace("Present:", "Present:").replace("\nApologies", "\n\nApologies"))
    assert (paper.title, paper.number) == ("Minutes of the board 2019", "2019-07")
    assert paper.attendance == {"present": ["Li Wei", "Tom Okafor", "Mei Zhao"], "excused": [], "in_attendance": []}
    assert [(each.heading, each.text) for each in paper.sections] == [
        ("", "No. 2019-07"),
        ("Opening", "The chair opened at nine.\n\n### A detail\n\nWords."),
        ("Decided", "1. To buy the kiln.\n2. To sell the old one."),
    ]


def test_a_chinese_paper_in_plain_text_is_understood() -> None:
    for data in (CHINESE.encode(), CHINESE.encode("gb18030")):
        paper = read(data, "纪要.txt")
        assert (paper.title, paper.number) == ("青岚陶瓷办公会议纪要", "〔2019〕7号")
        assert paper.attendance["present"] == ["李薇", "欧阳汤姆", "赵梅"]
        assert paper.attendance["in_attendance"] == ["王芳"]
        assert [(each.heading, each.text) for each in paper.sections] == [
            ("", "〔2019〕7号"),
            ("一、经营情况", "废品率为 4.6%。"),
            ("二、议定事项", "会议决定：采购新窑。"),
        ]
        assert len(paper.remarks) == (0 if data == CHINESE.encode() else 1)


def test_a_word_document_is_read_with_headings_in_bold_and_names_in_a_list() -> None:
    document = Document()
    document.add_paragraph("Minutes of the old council")
    document.add_paragraph().add_run("Present").bold = True
    for name in ("Li Wei", "Tom Okafor"):
        document.add_paragraph(name, style="List Bullet")
    document.add_paragraph().add_run("Decided").bold = True
    document.add_paragraph("To go on.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "A", "B"
    out = io.BytesIO()
    document.save(out)
    paper = read(out.getvalue(), "C:\\old\\council.DOCX")
    assert (paper.title, paper.name) == ("Minutes of the old council", "council.DOCX")
    assert paper.attendance["present"] == ["Li Wei", "Tom Okafor"]
    assert [(each.heading, each.text) for each in paper.sections] == [
        ("Decided", "To go on.\n\n| A | B |\n| --- | --- |"),
    ]


def test_nothing_hostile_becomes_more_than_text() -> None:
    hostile = (
        "## <script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [a](javascript:alert(1)) "
        "![b](data:text/html;base64,AAAA) {{decision 0123456789abcdef}} {{meeting}}\n\n<!-- {{time}} -->"
    )
    (section,) = read("# T\n\nx\n\n## A\n\ny\n\n" + hostile).sections[-1:]
    assert section.heading == "<script>alert(1)</script>"
    assert "{{" not in section.text
    shown = to_html(section.text)
    assert "{{decision 0123456789abcdef}}" in shown
    for never in ("<script", "<img", 'javascript:alert(1)"', "src=x onerror=alert(1)>", "href=", "<!--"):
        assert never not in shown


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.md", "empty"),
        (b"x", "a.pdf", "Word document"),
        (b"x", "a.docx", "cannot be read"),
        (b"a\x00b", "a.txt", "not what its name says"),
        (b"\xff\xfe\xff\xff", "a.txt", "cannot be read"),
        (b"word " * 2_000_000, "a.md", "too long"),
        (b"word " * 45_000, "a.txt", "too long"),
        (b"word " * 45_000, "a.md", "characters; at most"),
        (b"word " * 20_000, "a.md", "One paragraph"),
        (b"## h\n\nx\n\n" * 300, "a.md", "headings"),
        (b"  \n\n", "a.md", "no text"),
    ],
)
def test_what_cannot_be_read_in_is_refused_with_a_sentence(data: bytes, name: str, sentence: str) -> None:
    began = time.process_time()
    with pytest.raises(Refused, match=sentence) as refusal:
        read(data, name)
    assert refusal.value.field == "file"
    assert time.process_time() - began < 20  # a bomb takes minutes


@pytest.mark.parametrize(
    "text",
    [">" * 5_000 + " deep", "- " * 5_000 + "deep", "[" * 50_000, "*a " * 30_000, "|" * 30_000 + "\n" + "|-" * 15_000],
)
def test_deep_nesting_ends_quickly(text: str) -> None:
    began = time.process_time()
    try:
        read(text)
    except Refused:
        pass
    assert time.process_time() - began < 20


def test_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", b"<w>" + b" " * 200_000_000)
    assert len(out.getvalue()) < 300_000
    with pytest.raises(Refused, match="unpacks to far more|holds more"):
        read(out.getvalue(), "bomb.docx")


def test_a_long_section_becomes_several_that_the_editor_holds() -> None:
    paper = read("# T\n\n## Long\n\n" + "\n\n".join(["word " * 1_000] * 30))
    assert [each.heading for each in paper.sections] == ["Long", "Long"]
    assert max(len(each.text) for each in paper.sections) <= importing.LONGEST_SECTION
