"""Word documents from outside: their text is read, and what is a trap is refused before it costs anything."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.oxml import parse_xml

from app.documents.html_reader import read_html
from app.documents.markdown_writer import to_markdown
from app.documents.word import WordRefused, read_word, refuse_dangerous_word

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(make: Callable[..., None]) -> bytes:
    document = Document()
    make(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def write_minutes(document) -> None:
    document.add_heading("Minutes of the year", level=1)
    document.add_heading("Decided", level=2)
    words = document.add_paragraph("The scrap rate is ")
    words.add_run("4.6 %").bold = True
    words.add_run(" of *all* boards.")
    document.add_paragraph("First", style="List Number")
    document.add_paragraph("Second <b>", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for at, text in enumerate(("Works", "Share | part", "七号窑", "3.4 %")):
        table.cell(at // 2, at % 2).text = text


def test_the_text_of_a_word_document_becomes_markdown() -> None:
    found = read_word(saved(write_minutes))
    assert to_markdown(found.blocks) == (
        "# Minutes of the year\n\n## Decided\n\nThe scrap rate is **4.6 %** of \\*all\\* boards.\n\n"
        "1. First\n2. Second \\<b>\n\n| Works | Share \\| part |\n| --- | --- |\n| 七号窑 | 3.4 % |"
    )
    assert found.pictures == 0


def test_pictures_are_left_out_and_counted() -> None:
    import segno

    picture = io.BytesIO()
    segno.make("x").save(picture, kind="png")
    found = read_word(saved(lambda document: document.add_picture(io.BytesIO(picture.getvalue()))))
    assert (found.blocks, found.pictures) == ([], 1)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ('<p onclick="x">a<script>alert(1)</script><style>b</style> c</p>', "a c"),
        ('<p><a href="javascript:alert(1)">x</a> <a href="https://example.org">y</a></p>', "x [y](<https://example.org>)"),
        ("<p><img src=data:image/png;base64,AAAA>words</p>", "words"),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>", "- a\n  - b\n\n- c\n\n  d"),
        ("<ul>" * 60 + "<li>deep</li>" + "</ul>" * 60, None),
        ("<table><tr><td colspan=2>a</td></tr><tr><td><p>b</p><p>c</p></td><td>d</td></tr></table>",
         "| a |  |\n| --- | --- |\n| b c | d |"),
        ("<table><tr><td><ul><li>in a cell</li></ul></td></tr></table>", "| in a cell |\n| --- |"),
        ("<td>lost</td><li>x</li></ul></table><p>end", "lost\n\nx\n\nend"),
        ("<p>**not strong** # 1. - x</p><p># no heading</p>", "\\*\\*not strong\\*\\* # 1. - x\n\n\\# no heading"),
    ],
)  # fmt: skip
def test_html_is_read_as_blocks_and_nothing_else(html: str, markdown: str | None) -> None:
    written = to_markdown(read_html(html))
    if markdown is None:
        assert written.endswith("deep")
    else:
        assert written == markdown


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", **parts}.items():
            packed.writestr(name, data)
    return out.getvalue()


def relation(kind: str) -> bytes:
    return (
        f'<Relationships><Relationship Id="r1" Type="http://x/relationships/{kind}" Target="https://x.example/" '
        'TargetMode="External"/></Relationships>'
    ).encode()


BOMBS = {
    "200 MB in 200 kB": (
        lambda: archive(**{"word/media/a.xml": b"\0" * 200_000_000}),
        "unpacks to far more|holds more",
    ),
    "many entries": (lambda: archive(**{f"x{number}": b"" for number in range(1500)}), "holds more than a text"),
    "laughs": (lambda: archive(**{"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><w/>'}), "cannot be read"),
    "outside": (lambda: archive(**{"../../etc/x": b"x"}), "holds more than a text"),
    "macros": (lambda: archive(**{"word/vbaProject.bin": b"x"}), "macros"),
    "long": (lambda: archive(**{"word/document.xml": b"<w>" + bytes(range(33, 127)) * 140_000}), "too long|unpacks"),
    "no zip": (lambda: b"PK\x03\x04 and nothing", "cannot be read"),
    "no document": (lambda: b"hello", "cannot be read"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str) -> None:
    make, sentence = BOMBS[name]
    data = make()
    began = time.perf_counter()
    with pytest.raises(WordRefused, match=sentence):
        read_word(data)
    assert time.perf_counter() - began < 2


def test_deep_nesting_ends_in_the_child_with_a_sentence() -> None:
    deep = f"<w:document {NS}><w:body>{'<w:p><w:r><w:pict><w:txbxContent>' * 20_000}".encode()
    with pytest.raises(WordRefused, match="cannot be read"):
        read_word(archive(**{"word/document.xml": deep}))
    tables = "<w:tbl><w:tr><w:tc>" * 3_000 + f"<w:p {NS}/>" + "</w:tc></w:tr></w:tbl>" * 3_000
    whole = f"<w:document {NS}><w:body>{tables}</w:body></w:document>".encode()
    with pytest.raises(WordRefused):
        read_word(archive(**{"word/document.xml": whole}))


@pytest.mark.parametrize(
    ("kind", "part", "refused"),
    [
        ("attachedTemplate", "word/_rels/settings.xml.rels", True),
        ("image", "word/_rels/document.xml.rels", True),
        ("hyperlink", "word/_rels/document.xml.rels", False),
    ],
)
def test_a_template_fetches_nothing_from_elsewhere(kind: str, part: str, refused: bool) -> None:
    data = archive(**{part: relation(kind)})
    refuse_dangerous_word(data)
    if refused:
        with pytest.raises(WordRefused, match="fetches something from elsewhere"):
            refuse_dangerous_word(data, as_template=True)
    else:
        refuse_dangerous_word(data, as_template=True)


def test_numbering_and_headings_of_an_own_document_survive() -> None:
    def write(document) -> None:
        document.add_heading("一、经营情况", level=2)
        document.element.body.insert(1, parse_xml(f"<w:p {NS}><w:r><w:t>正文</w:t></w:r></w:p>"))

    assert to_markdown(read_word(saved(write)).blocks) == "# 一、经营情况\n\n正文"
