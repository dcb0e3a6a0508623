"""Minutes from before, read in from a paper: what the file says, cut into sections. Nothing is kept here.

The words stay as they are. What is recognised is set apart, and a person looks at all of it (rule 37): the title, the
number printed on the paper, the lists of who was there, and headings, also where a writer made them by bold type or by
counting (一、二、三).
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.errors import Refused
from app.core.i18n import _, ngettext
from app.core.text import one_line
from app.documents.errors import TextTooLong
from app.documents.markdown import LIMIT, Block, to_typst_blocks
from app.documents.markdown_writer import to_markdown
from app.documents.word import WORD_TYPE, read_word

LONGEST_SECTION = 90_000
MOST_SECTIONS = 200
TYPES = {".docx": WORD_TYPE, ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain"}

LISTS = {
    "present": r"present|attendees|members present|出席人员|出席|参会人员|参加人员|与会人员|参加",
    "excused": r"excused|apologies|apologies for absence|absent|absent with apologies|请假人员|请假|缺席人员|缺席",
    "in_attendance": r"in attendance|also present|guests|列席人员|列席",
}
LIST_LINE = {
    name: re.compile(rf"\s*(?:{words})\s*[:：]\s*(?P<names>.*)", re.IGNORECASE | re.DOTALL)
    for name, words in LISTS.items()
}
LIST_HEADING = {name: re.compile(rf"\s*(?:{words})\s*[:：]?\s*", re.IGNORECASE) for name, words in LISTS.items()}
BETWEEN_NAMES = re.compile(r"[、，；,;\n]+")
NOBODY = re.compile(r"(?:none|nobody|–|-|无)\.?", re.IGNORECASE)
NUMBER = re.compile(
    r"(?:Minutes No\.|No\.|Number|编号|文号)[:：]?\s*(?P<plain>[A-Za-z0-9〔〕\[\]()/.-]{1,40})"
    r"|(?P<issue>第\s*[0-9A-Za-z-]{1,20}\s*[期号])|(?P<year>[〔\[(]\d{4}[〕\])]\s*第?\s*\d{1,4}\s*号)",
    re.IGNORECASE,
)
CHINESE_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、\S.{0,38}")
ENDS_SENTENCE = ("。", "；", ".", ";", "：", ":", "，", ",")


@dataclass(frozen=True)
class ReadSection:
    heading: str
    text: str


@dataclass(frozen=True)
class ReadPaper:
    """What a file says. `remarks` are sentences on what was left out or guessed."""

    data: bytes
    name: str
    media_type: str
    title: str
    number: str
    attendance: dict[str, list[str]]
    sections: list[ReadSection]
    remarks: list[str] = field(default_factory=list)


class FileRefused(Refused):
    """A file that is not read in."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="file")


def read_file(data: bytes, name: str) -> ReadPaper:
    """The text of a DOCX, Markdown or text file. Raises Refused with a sentence; a Word file takes a second or two, so
    call it before the unit of work begins."""
    name = one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[-200:]
    ending = os.path.splitext(name)[1].lower()
    if not data:
        raise FileRefused(_("This file is empty."))
    if ending not in TYPES:
        raise FileRefused(_("Please give a Word document (DOCX), Markdown or plain text."))
    remarks: list[str] = []
    if ending == ".docx":
        found = read_word(data)
        blocks = found.blocks
        if found.pictures:
            remarks.append(ngettext("%(num)s picture was left out.", "%(num)s pictures were left out.", found.pictures))
    else:
        text = _decoded(data, remarks)
        blocks = _blocks_of(text) if ending != ".txt" else _paragraphs_of(text)
    return _understood(blocks, data, name, TYPES[ending], remarks)


def _decoded(data: bytes, remarks: list[str]) -> str:
    if len(data) > 4 * LIMIT:
        raise FileRefused(_("This text is too long: at most %(most)s signs are read in. Please split it.", most=LIMIT))
    if b"\x00" in data:
        raise FileRefused(_("The content of this file is not what its name says."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise FileRefused(_("The signs of this text cannot be read. Please save it as UTF-8.")) from None
    remarks.append(
        _("The text was not saved as UTF-8 and was read as GB 18030. Please look whether its signs are right.")
    )
    return text


def _blocks_of(text: str) -> list[Block]:
    try:
        return to_typst_blocks(text)
    except TextTooLong as error:
        raise FileRefused(str(error.sentence)) from error


def _paragraphs_of(text: str) -> list[Block]:
    """Plain text: an empty line ends a paragraph, and so does a line end where paragraphs have none between them."""
    if len(text) > LIMIT:
        raise FileRefused(_("This text is too long: at most %(most)s signs are read in. Please split it.", most=LIMIT))
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return [{"type": "paragraph", "inline": [{"type": "text", "text": line}]} for line in lines if line]


# --- what a paper says --------------------------------------------------------------------------------------------


def _understood(blocks: list[Block], data: bytes, name: str, media_type: str, remarks: list[str]) -> ReadPaper:
    blocks = _with_headings(blocks)
    title, rest = _title(blocks)
    blocks = rest or blocks
    number = _number(blocks[:6], title)
    attendance, blocks = _attendance(blocks)
    sections = _sections(blocks)
    if not sections:
        raise FileRefused(_("There is no text in this file."))
    if len(sections) > MOST_SECTIONS:
        raise FileRefused(_("This text has more than %(most)s headings. Please split it.", most=MOST_SECTIONS))
    if sum(len(each.text) for each in sections) > LIMIT:
        raise FileRefused(_("This text is too long: at most %(most)s signs are read in. Please split it.", most=LIMIT))
    title = title or one_line(os.path.splitext(name)[0])[:200]
    return ReadPaper(data, name, media_type, title, number, attendance, sections, remarks)


def _said(block: Block) -> str:
    """The words of a paragraph, a heading or an item of one paragraph."""
    if block["type"] == "item":
        return _said(block["children"][0]) if len(block["children"]) == 1 else ""
    return _words(block["inline"]) if block["type"] in ("paragraph", "heading") else ""


def _words(inline: Sequence[Block]) -> str:
    return "".join(
        "\n" if each["type"] == "break" else each["text"] if "text" in each else _words(each["children"])
        for each in inline
    )


def _with_headings(blocks: list[Block]) -> list[Block]:
    """A short line in bold, or one counted in Chinese figures, is a heading where the paper has none of its own."""
    if sum(1 for each in blocks if each["type"] == "heading") > 1:
        return blocks
    return [
        {"type": "heading", "level": 2, "inline": [{"type": "text", "text": one_line(_said(each))}]}
        if _looks_like_heading(each)
        else each
        for each in blocks
    ]


def _looks_like_heading(block: Block) -> bool:
    words = _said(block).strip() if block["type"] == "paragraph" else ""
    if not words or len(words) > 80 or "\n" in words:
        return False
    if any(pattern.fullmatch(words) or LIST_LINE[name].fullmatch(words) for name, pattern in LIST_HEADING.items()):
        return False
    if CHINESE_HEADING.fullmatch(words) and not words.endswith(ENDS_SENTENCE):
        return True
    return all(each["type"] == "strong" for each in block["inline"]) and not words.endswith(ENDS_SENTENCE)


def _title(blocks: list[Block]) -> tuple[str, list[Block]]:
    """The first heading where only one stands so high, else a short first line above the first heading."""
    headings = [each for each in blocks if each["type"] == "heading"]
    if blocks and headings and blocks[0] is headings[0]:
        highest = [each for each in headings if each["level"] == headings[0]["level"]]
        if len(highest) == 1 or headings[0]["level"] == 1:
            return one_line(_said(blocks[0]))[:200], blocks[1:]
    first = _said(blocks[0]).strip() if blocks and blocks[0]["type"] == "paragraph" else ""
    if first and len(first) <= 80 and "\n" not in first and not first.endswith(("。", ".", ":", "：")):
        return one_line(first)[:200], blocks[1:]
    return "", blocks


def _number(blocks: Sequence[Block], title: str) -> str:
    """The number printed on the paper; it is kept beside the one that the sign-off gives."""
    for words in (*(_said(each) for each in _lines(blocks)), title):
        found = NUMBER.search(words)
        if found and any(sign.isdigit() for sign in found.group()):
            return one_line(found.group("plain") or found.group("issue") or found.group("year") or "")[:60]
    return ""


def _lines(blocks: Sequence[Block]) -> list[Block]:
    return [line for each in blocks for line in (each["children"] if each["type"] == "list" else [each])]


def _attendance(blocks: list[Block]) -> tuple[dict[str, list[str]], list[Block]]:
    """The lists of people, taken out of the text: `Present: A, B`, or a heading with the names under it."""
    lists: dict[str, list[str]] = {name: [] for name in LISTS}
    kept: list[Block] = []
    waiting: str | None = None  # the list whose heading was read last
    for block in blocks:
        name = _list_named(block)
        if name is not None and not lists[name]:
            waiting = name
            continue
        if waiting is not None and block["type"] in ("paragraph", "list"):
            people = [person for line in _lines([block]) for person in _people(_said(line))]
            if people and all(len(each) <= 60 for each in people):
                lists[waiting], waiting = people, None
                continue
        waiting = None
        rest = _without_lists(block, lists)
        if rest is not None:
            kept.append(rest)
    return lists, kept


def _list_named(block: Block) -> str | None:
    words = _said(block) if block["type"] in ("heading", "paragraph") else ""
    return next((name for name, pattern in LIST_HEADING.items() if words and pattern.fullmatch(words)), None)


def _without_lists(block: Block, lists: dict[str, list[str]]) -> Block | None:
    """The block without the lines that are lists of people, which go into `lists`."""
    if block["type"] == "list":
        children = [each for each in block["children"] if not _take(each, lists)]
        return {**block, "children": children} if children else None
    return None if block["type"] == "paragraph" and _take(block, lists) else block


def _take(line: Block, lists: dict[str, list[str]]) -> bool:
    words = _said(line)
    for name, pattern in LIST_LINE.items():
        found = pattern.fullmatch(words)
        if not found or lists[name]:
            continue
        people = _people(found.group("names"))
        if all(len(each) <= 60 for each in people) and (people or NOBODY.fullmatch(found.group("names").strip())):
            lists[name] = people
            return True
    return False


def _people(words: str) -> list[str]:
    names = [one_line(each).rstrip(".。") for each in BETWEEN_NAMES.split(words)]
    return [each for each in names if each and not NOBODY.fullmatch(each)]


def _sections(blocks: list[Block]) -> list[ReadSection]:
    """Cut at the highest level of headings that is used; lower ones stay in the text."""
    levels = [each["level"] for each in blocks if each["type"] == "heading"]
    top = min(levels, default=0)
    sections: list[tuple[str, list[Block]]] = [("", [])]
    for block in blocks:
        if block["type"] == "heading" and block["level"] == top:
            sections.append((one_line(_said(block))[:200], []))
        else:
            sections[-1][1].append(block)
    return [part for heading, inside in sections if heading or inside for part in _cut(heading, inside)]


def _cut(heading: str, blocks: list[Block]) -> list[ReadSection]:
    """A section that would be too long for the editor becomes several."""
    texts = [""]
    for block in blocks:
        written = unmarked(to_markdown([block]))
        if len(written) > LONGEST_SECTION:
            raise FileRefused(_("One paragraph of this text is too long to be edited. Please split it."))
        joined = f"{texts[-1]}\n\n{written}" if texts[-1] else written
        if len(joined) > LONGEST_SECTION:
            texts.append(written)
        else:
            texts[-1] = joined
    return [ReadSection(heading, each) for each in texts]


def unmarked(text: str) -> str:
    """Braces that would stand for a record are braces again: nothing in a paper from outside follows our records."""
    return text.replace("{{", "\\{\\{")
