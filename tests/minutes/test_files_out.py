"""Minutes as Word, Markdown and mail text: what each reader reads, and nothing of what they do not."""

import io
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from pypdf import PdfReader

from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.documents.errors import DocumentFailed
from app.documents.markdown import plain_text
from app.documents.word import WORD_TYPE, read_word
from app.files import services as files
from app.minutes import paper, plain, services, word
from app.minutes.models import Minutes, MinutesTemplate, Tradition
from app.people.models import Clearance
from tests.cast import Cast
from tests.factories.minutes import make_draft, put_in_review

TEXT = (
    "## Open\n\nThe scrap rate is **4.6 %**, see [the figures](https://example.org/f).\n\n3. Third\n4. Fourth\n\n   - inner\n\n"
    "| Works | Share |\n|---|---|\n| Kiln | 3.4 % |\n\n## Closed\n\nCanary of the few.\n"
)


def approved(cast: Cast, text: str = TEXT, *, language: str = "en", template: MinutesTemplate | None = None) -> Minutes:
    minutes = make_draft(cast, text=text, language=language)
    minutes.template = template
    minutes.tradition = template.tradition if template else minutes.tradition
    for section in minutes.newest.sections:
        if section.heading == "Closed":
            section.clearance = Clearance.RESTRICTED
    db.session.flush()
    put_in_review(cast, minutes)
    services.approve(minutes, actor=cast.li_wei)
    return minutes


def sheet_of(minutes: Minutes, clearance: int = Clearance.SECRET) -> paper.Paper:
    sheet = paper.paper_for(minutes.newest, clearance)
    assert sheet is not None
    return sheet


def opened(data: bytes):
    return Document(io.BytesIO(data))


def lines_of(document) -> list[str]:
    return [each.text for each in document.paragraphs if each.text]


def everything_in(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def template(make: Callable[..., None], **values: object) -> MinutesTemplate:
    document = Document()
    make(document)
    out = io.BytesIO()
    document.save(out)
    stored = files.store(out.getvalue(), "house.docx", WORD_TYPE, actor=SYSTEM)
    made = MinutesTemplate(name="House", docx=stored, **values)
    db.session.add(made)
    db.session.flush()
    return made


def test_the_word_document_says_what_was_signed_with_lists_tables_and_links(cast: Cast) -> None:
    with unit_of_work():
        minutes = approved(cast)
    data = word.to_word(sheet_of(minutes), None)
    document = opened(data)
    lines = lines_of(document)
    assert [line for line in lines if line in ("Open  Internal", "Closed  Restricted")] == [
        "Open  Internal",
        "Closed  Restricted",
    ]
    for expected in ("Minutes of the year", "Present: Li Wei", "Excused: none", "Third", "Canary of the few."):
        assert expected in lines, expected
    assert "The scrap rate is 4.6 %, see the figures." in lines
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["Works", "Share"],
        ["Kiln", "3.4 %"],
    ]
    numbering = document.part.numbering_part.element.xml
    assert '<w:startOverride w:val="3"/>' in numbering
    again = read_word(data)
    ordered = [block for block in again.blocks if block["type"] == "list" and block["ordered"]]
    assert len(ordered[0]["children"]) == 2
    assert "https://example.org/f" in everything_in(data)
    assert minutes.newest.extracts[-1].document.code in "\n".join(lines)
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "QR code"
    assert document.core_properties.title == "Minutes of the year"
    header = document.sections[0].header.paragraphs[0]
    assert (header.text, header.runs[0].bold) == ("Restricted", True)
    assert "NUMPAGES" in document.sections[0].footer._element.xml


@pytest.mark.parametrize("form", ["word", "markdown", "mail"])
def test_who_reads_less_finds_nothing_of_the_rest_in_any_file(cast: Cast, form: str) -> None:
    make = {
        "word": lambda sheet: everything_in(word.to_word(sheet, None)),
        "markdown": plain.to_markdown_text,
        "mail": plain.to_mail_text,
    }[form]
    with unit_of_work():
        minutes = approved(cast)
    whole, part = make(sheet_of(minutes)), make(sheet_of(minutes, Clearance.INTERNAL))
    secrets = ["Canary", "Closed", "Restricted", minutes.newest.content_hash, minutes.newest.extracts[-1].document.code]
    for secret in secrets:
        assert secret in whole, secret
        assert secret not in part, secret
    assert minutes.newest.extracts[0].document.code in part
    assert "Internal" in part


def test_the_template_of_the_company_is_filled_and_its_looks_stay(cast: Cast) -> None:
    def house(document) -> None:
        section = document.sections[0]
        section.header.paragraphs[0].text = "青岚 · {{密级}}"
        section.different_first_page_header_footer = True
        section.first_page_header.paragraphs[0].text = "First page"
        document.add_heading("{{ title }}", 0)
        broken = document.add_paragraph("No. ")
        broken.add_run("{{num").italic = True
        broken.add_run("ber}} of {{unknown}}")
        document.add_table(rows=1, cols=1).cell(0, 0).text = "{{gathering}}"
        document.add_paragraph("{{text}}")
        document.add_paragraph("Printed by the office.")
        document.add_section(WD_SECTION.NEW_PAGE).header.is_linked_to_previous = False

    with unit_of_work():
        minutes = approved(cast, template=template(house))
    sheet = sheet_of(minutes)
    document = opened(word.to_word(sheet, word.template_of(minutes)))
    lines = lines_of(document)
    assert lines[0] == "Minutes of the year"
    assert lines.count("Minutes of the year") == 1
    assert f"No. No. {minutes.label} of {{{{unknown}}}}" in lines
    assert document.tables[0].cell(0, 0).text == sheet.content["gathering"]
    assert lines.index("Canary of the few.") < lines.index("Printed by the office.")
    assert "{{text}}" not in lines
    first, second = document.sections
    assert first.header.paragraphs[0].text == "青岚 · Restricted"
    assert [each.text for each in first.first_page_header.paragraphs] == ["Restricted", "First page"]
    assert second.header.paragraphs[0].text == "Restricted"


def test_a_template_runs_nothing_and_an_unsafe_one_is_refused(cast: Cast) -> None:
    def hostile(document) -> None:
        document.add_paragraph("{{ 7 * 7 }} {% for x in y %} {{ title.__class__ }} {{title}}")

    def fetching(document) -> None:
        document.part.relate_to("https://track.example/x.png", "http://x/relationships/image", is_external=True)

    with unit_of_work():
        minutes = approved(cast, template=template(hostile))
        sheet = sheet_of(minutes)
        document = opened(word.to_word(sheet, word.template_of(minutes)))
        assert lines_of(document)[0] == "{{ 7 * 7 }} {% for x in y %} {{ title.__class__ }} Minutes of the year"
        minutes.template = template(fetching)
        with pytest.raises(DocumentFailed, match="fetches something from elsewhere"):
            word.to_word(sheet, word.template_of(minutes))
    with pytest.raises(DocumentFailed, match="cannot be"):
        word.to_word(sheet, b"PK\x03\x04 no document")


def test_a_template_without_styles_or_numbering_still_works(cast: Cast) -> None:
    def bare(document) -> None:
        styles = document.styles.element
        for style in list(styles.style_lst):
            if style.name_val not in ("Normal", "Default Paragraph Font"):
                styles.remove(style)
        part = document.part
        for related in [key for key, each in part.rels.items() if each.reltype.endswith("/numbering")]:
            part.rels.pop(related)

    with unit_of_work():
        minutes = approved(cast, template=template(bare))
    document = opened(word.to_word(sheet_of(minutes), word.template_of(minutes)))
    assert "Open  Internal" in lines_of(document)
    assert '<w:startOverride w:val="3"/>' in document.part.numbering_part.element.xml


def test_a_chinese_summary_has_its_number_over_its_title(cast: Cast) -> None:
    with unit_of_work():
        made = MinutesTemplate(
            name="纪要", language="zh_Hans_CN", tradition=Tradition.SUMMARY, paper_heading="青岚会议纪要"
        )
        minutes = approved(cast, "## 议定事项\n\n会议决定：降低废品率。", language="zh", template=made)
    lines = lines_of(opened(word.to_word(sheet_of(minutes), None)))
    assert lines[0] == "青岚会议纪要"
    assert minutes.label in lines[1]
    assert lines[2] == minutes.title
    assert "会议决定：降低废品率。" in lines
    assert "出席：Li Wei" in lines


def test_a_draft_says_so_in_every_file_and_has_no_code(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text=TEXT)
    sheet = sheet_of(minutes)
    texts = [everything_in(word.to_word(sheet, None)), plain.to_markdown_text(sheet), plain.to_mail_text(sheet)]
    for text in texts:
        assert "Draft, not approved" in text
        assert "/verify/" not in text


def test_markdown_out_is_markdown_that_any_editor_reads(cast: Cast) -> None:
    hostile = "## Open\n\n<script>alert(1)</script> [x](javascript:alert(1)) #1 * 2 * 3\n\n1. a\n2. b"
    with unit_of_work():
        minutes = approved(cast, hostile)
    text = plain.to_markdown_text(sheet_of(minutes))
    assert text.startswith("# Minutes of the year\n\n- No.: ")
    assert "\n## Attendance\n\n- Present: Li Wei\n" in text
    assert "\n## Open\n\n" in text
    assert "\\<script>" in text
    assert "](javascript" not in text.replace("\\](", "")
    assert "\n1. a\n2. b\n" in text
    assert "alert(1)" in plain_text(text)


def test_mail_text_has_the_width_of_a_mail_and_no_marks(cast: Cast) -> None:
    long = "The works reported. " * 20
    chinese = "各部门要按照年度计划推进降本增效工作，明确责任人和完成时限。" * 5
    with unit_of_work():
        minutes = approved(
            cast, f"## Open\n\n{long}\n\n{chinese}\n\n- **one**\n- two\n\n| A | B |\n|---|---|\n| c | d |"
        )
    text = plain.to_mail_text(sheet_of(minutes))
    from app.documents.plain_writer import columns

    body = [line for line in text.split("\n") if "/verify/" not in line and minutes.newest.content_hash not in line]
    assert max(columns(line) for line in body) <= 74
    assert not [line for line in body if line.startswith(("，", "。"))]
    assert "Minutes of the year\n===================\n" in text
    assert "\nOpen\n----\n" in text
    assert "- one\n- two\n" in text
    assert "- A: c; B: d\n" in text
    assert "**" not in text


def test_attachments_are_listed_for_those_who_get_them(cast: Cast) -> None:
    with unit_of_work():
        minutes = make_draft(cast, text="## Open\n\nFor all.")
        for title, level in (("Plan of the kiln", Clearance.INTERNAL), ("Canary file", Clearance.RESTRICTED)):
            stream = io.BytesIO(b"%PDF-1.7 " + title.encode())
            services.attach(minutes, stream, "a.pdf", actor=cast.sara, title=title, clearance=level)
        put_in_review(cast, minutes)
        services.approve(minutes, actor=cast.li_wei)
    for level, words in ((Clearance.SECRET, "Restricted"), (Clearance.INTERNAL, "Internal")):
        sheet = sheet_of(minutes, level)
        assert paper.classification_of(sheet.content) == words
        printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.pdf_for(sheet))).pages)
        texts = [
            "\n".join(lines_of(opened(word.to_word(sheet, None)))),
            plain.to_markdown_text(sheet),
            plain.to_mail_text(sheet),
        ]
        for text in (*texts, printed):
            assert "Attachments" in text
            assert "Plan of the kiln" in text
            assert ("Canary file" in text) == (level == Clearance.SECRET)
