"""Blocks of a text written into a Word document: an empty one, or one that the company made as its template.

In a template, words in double braces stand for facts, in headers and footers too. They are replaced as text: nothing in
a template is ever run.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.i18n import _, is_chinese
from app.core.text import tidy
from app.documents.errors import DocumentFailed
from app.documents.markdown import Block, is_safe_address
from app.documents.word import WordRefused, refuse_dangerous_word

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
WML = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
INDENT = 0.63  # centimetres a level


@dataclass
class Lists:
    """The numbering of the document: what bullets and figures look like, of which every list is an instance."""

    element: Any
    bullets: int
    figures: int


class WordPaper:
    """A document that is being written, from its beginning to its end."""

    def __init__(self, template: bytes | None = None) -> None:
        self.document = _opened(template)
        self.is_blank = template is None
        self._lists: Lists | None = None

    # --- the frame: facts, headers, footers

    def fill(self, facts: Mapping[str, str]) -> set[str]:
        """Put the facts where the template names them; gives the names that were there. What it names and nobody
        knows stays as it is."""
        found: set[str] = set()
        for paragraph in self._all_paragraphs():
            if "{{" not in paragraph.text:
                continue
            names = {name for name in PLACE.findall(paragraph.text) if name in facts}
            if not names:
                continue
            found |= names
            words = PLACE.sub(lambda place: facts.get(place.group(1), place.group()), paragraph.text)
            self._say(paragraph, words)
        return found

    def _say(self, paragraph: Any, words: str) -> None:
        """The words in the looks of the paragraph's first run; fields and pictures stay where they are."""
        runs = [run for run in paragraph.runs if run.text]
        if not runs:
            paragraph.add_run(plain(words))
            return
        runs[0].text = plain(words)
        for run in runs[1:]:
            run.text = ""

    def _all_paragraphs(self) -> Iterator[Any]:
        yield from _paragraphs_in(self.document)
        for part in self._margins():
            yield from _paragraphs_in(part)

    def _margins(self) -> Iterator[Any]:
        for header, footer in self._pairs():
            yield header
            yield footer

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        """Header and footer of every kind of page that the document has."""
        evens = self.document.settings.odd_and_even_pages_header_footer
        for number, section in enumerate(self.document.sections):
            pairs = [(section.header, section.footer)]
            if section.different_first_page_header_footer:
                pairs.append((section.first_page_header, section.first_page_footer))
            if evens:
                pairs.append((section.even_page_header, section.even_page_footer))
            for header, footer in pairs:
                if number == 0 or not (header.is_linked_to_previous and footer.is_linked_to_previous):
                    yield header, footer

    def mark_every_page(self, words: str, *, but_where: str) -> None:
        """Say the words in every header that does not hold the fact `but_where` already, and count the pages."""
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        for header, footer in self._pairs():
            if not any(plain(but_where) in each.text for each in _paragraphs_in(header)):
                first = header.paragraphs[0] if header.paragraphs else header.add_paragraph()
                above = first.insert_paragraph_before() if first.text or len(header.tables) else first
                above.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                above.add_run(plain(words)).bold = True
            if "PAGE" not in footer._element.xml:
                below = footer.paragraphs[0] if not footer.paragraphs[0].text else footer.add_paragraph()
                below.alignment = WD_ALIGN_PARAGRAPH.CENTER
                number_pages(below)

    def place_for_text(self, *names: str) -> Any:
        """The paragraph of the body that stands for the whole text, if the template has one."""
        wanted = {"{{" + name + "}}" for name in names}
        return next((each for each in self.document.paragraphs if re.sub(r"\s", "", each.text) in wanted), None)

    def move_to(self, place: Any, since: int) -> None:
        """What was written since the body had so many parts comes where the place is, which goes."""
        anchor = place._p
        body = self.document.element.body
        written = [each for each in list(body)[since:] if not each.tag.endswith("}sectPr")]
        for each in written:
            anchor.addprevious(each)
        anchor.getparent().remove(anchor)

    @property
    def parts(self) -> int:
        return sum(1 for each in self.document.element.body if not each.tag.endswith("}sectPr"))

    def saved(self) -> bytes:
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()

    # --- the text

    def heading(self, words: str, level: int, beside: str = "") -> None:
        paragraph = self._paragraph("Title" if level == 0 else f"Heading {min(level, 9)}")
        run = paragraph.add_run(plain(words))
        if paragraph.style.name == "Normal":
            run.bold = True
        if beside:
            paragraph.add_run(f"  {plain(beside)}").italic = True

    def paragraph(self, words: str, *, bold: bool = False) -> Any:
        paragraph = self.document.add_paragraph()
        run = paragraph.add_run(plain(words))
        run.bold = bold or None
        return paragraph

    def fact(self, label: str, value: str) -> None:
        paragraph = self.document.add_paragraph()
        head, _colon, tail = _("%(label)s: %(value)s", label=plain(label), value="\0").partition("\0")
        paragraph.add_run(head).bold = True
        paragraph.add_run(plain(value) + tail)

    def picture(self, data: bytes, *, millimetres: int, said: str) -> None:
        from docx.shared import Mm

        shape = self.document.add_picture(io.BytesIO(data), width=Mm(millimetres))
        shape._inline.docPr.set("descr", plain(said))

    def blocks(self, blocks: Sequence[Block], *, under: int = 1) -> None:
        """Markdown as the tree that app.documents.markdown.to_typst_blocks makes; headings stand below level `under`."""
        for block in blocks:
            self._block(block, under, 0)

    def _block(self, block: Block, under: int, depth: int) -> None:
        kind = block["type"]
        if kind == "heading":
            paragraph = self._paragraph(f"Heading {min(block['level'] + under, 9)}")
            self._inline(paragraph, block["inline"], bold=paragraph.style.name == "Normal")
        elif kind == "paragraph":
            self._inline(self._indented(self.document.add_paragraph(), depth), block["inline"])
        elif kind == "list":
            self._list(block, under, depth)
        elif kind == "quote":
            for each in block["children"]:
                self._block(each, under, depth + 1)
        elif kind == "code":
            for line in block["text"].rstrip("\n").split("\n"):
                self._indented(self.document.add_paragraph(), depth + 1).add_run(plain(line))
        elif kind == "table":
            self._table(block)
        elif kind == "rule":
            self.document.add_paragraph("———")

    def _paragraph(self, style: str) -> Any:
        return self.document.add_paragraph(style=style if self._has(style) else None)

    def _has(self, style: str) -> bool:
        return style in self.document.styles

    def _indented(self, paragraph: Any, depth: int) -> Any:
        from docx.shared import Cm

        if depth:
            paragraph.paragraph_format.left_indent = Cm(INDENT * depth)
        return paragraph

    def _list(self, block: Block, under: int, depth: int) -> None:
        number = self._new_list(ordered=block["ordered"], start=block["start"], level=min(depth, 8))
        for item in block["children"]:
            children = list(item["children"])
            paragraph = self._paragraph("List Paragraph")
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = min(depth, 8)
            properties.get_or_add_numId().val = number
            if children and children[0]["type"] == "paragraph":
                self._inline(paragraph, children.pop(0)["inline"])
            for each in children:
                self._block(each, under, depth + 1)

    def _new_list(self, *, ordered: bool, start: int, level: int) -> int:
        """Every list begins to count by itself."""
        lists = self._lists or self._prepare_lists()
        self._lists = lists
        instance = lists.element.add_num(lists.figures if ordered else lists.bullets)
        if ordered:
            instance.add_lvlOverride(ilvl=level).add_startOverride(min(start, 32_767))
        return instance.numId

    def _prepare_lists(self) -> Lists:
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.oxml import parse_xml
        from docx.oxml.ns import qn
        from docx.parts.numbering import NumberingPart

        part: Any = self.document.part
        element: Any
        try:
            element = part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
        except KeyError:
            element = parse_xml(f"<w:numbering {WML}/>")
            made = NumberingPart(PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element, part.package)
            part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
        taken = [int(each.get(qn("w:abstractNumId"))) for each in element.findall(qn("w:abstractNum"))]
        first = max(taken, default=-1) + 1
        for at, ordered in enumerate((False, True)):
            element.insert(at, parse_xml(_looks_of_list(first + at, ordered=ordered)))
        return Lists(element, first, first + 1)

    def _table(self, block: Block) -> None:
        rows = block["children"]
        wide = max(len(row["children"]) for row in rows)
        table = self.document.add_table(rows=0, cols=wide)
        if self._has("Table Grid"):
            table.style = "Table Grid"
        for row in rows:
            cells = table.add_row().cells
            for cell, piece in zip(cells, row["children"], strict=False):
                self._inline(cell.paragraphs[0], piece["inline"], bold=bool(piece.get("head")))
        self.document.add_paragraph()

    def _inline(self, paragraph: Any, pieces: Iterable[Block], *, bold: bool = False, italic: bool = False) -> None:
        for piece in pieces:
            kind = piece["type"]
            if kind == "break":
                paragraph.add_run().add_break()
            elif kind in ("strong", "emph"):
                self._inline(
                    paragraph, piece["children"], bold=bold or kind == "strong", italic=italic or kind == "emph"
                )
            elif kind == "link":
                self._link(paragraph, piece)
            else:
                run = paragraph.add_run(plain(piece["text"]))
                run.bold, run.italic = bold or None, italic or None

    def _link(self, paragraph: Any, piece: Block) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        if not is_safe_address(piece["address"]):
            self._inline(paragraph, piece["children"])
            return
        before = len(paragraph._p)
        self._inline(paragraph, piece["children"])
        link = OxmlElement("w:hyperlink")
        related = self.document.part.relate_to(piece["address"], RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link.set(qn("r:id"), related)
        for run in list(paragraph._p)[before:]:
            link.append(run)
        paragraph._p.append(link)


def plain(words: str) -> str:
    """Signs that XML cannot hold are left out."""
    return NOT_IN_XML.sub("", tidy(words))


def number_pages(paragraph: Any) -> None:
    """`Page 1 of 9` out of fields that Word counts itself."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    words = _("Page %(page)s of %(pages)s", page="\0PAGE\0", pages="\0NUMPAGES\0")
    for part in words.split("\0"):
        if part not in ("PAGE", "NUMPAGES"):
            paragraph.add_run(part)
            continue
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), part)
        paragraph._p.append(field)


def _opened(template: bytes | None) -> "WordDocument":
    from docx import Document

    if template is None:
        document = Document()
        _set_up(document)
        return document
    try:
        refuse_dangerous_word(template, as_template=True)
        return Document(io.BytesIO(template))
    except WordRefused as refusal:
        raise DocumentFailed(str(refusal.sentence), detail="the template is refused") from refusal
    except Exception as error:  # a broken document breaks the reader in any way there is
        raise DocumentFailed(
            _("The company's Word template cannot be opened. Please upload it again."), detail=repr(error)[:500]
        ) from error


def _set_up(document: "WordDocument") -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    normal: Any = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    # Chinese signs come in a Chinese font where there is one; without this Word takes a Japanese one.
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "SimSun")
    document.core_properties.language = "zh-CN" if is_chinese() else "en-GB"


def _paragraphs_in(part: Any) -> Iterator[Any]:
    """Of a body, a header or a cell, with those of the tables inside."""
    yield from part.paragraphs
    for table in part.tables:
        seen = set()
        for row in table.rows:
            for cell in row.cells:
                if cell._tc not in seen:  # a merged one is met once for each of its places
                    seen.add(cell._tc)
                    yield from _paragraphs_in(cell)


def _looks_of_list(identity: int, *, ordered: bool) -> str:
    """Nine levels of bullets or figures."""
    levels = []
    for level in range(9):
        kind, words = ("decimal", f"%{level + 1}.") if ordered else ("bullet", "•–"[level % 2])
        left = round(567 * INDENT * (level + 1))
        levels.append(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{words}"/>'
            f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="357"/></w:pPr></w:lvl>'
        )
    return (
        f'<w:abstractNum {WML} w:abstractNumId="{identity}"><w:multiLevelType w:val="multilevel"/>'
        f"{''.join(levels)}</w:abstractNum>"
    )
