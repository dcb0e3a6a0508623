"""Markdown from people: one parser and one allow-list for pages, previews, mails and paper.

CommonMark with tables. Raw HTML is shown as text, a picture is shown as its description (a picture from elsewhere
would tell its server who reads), and only http, https and mailto addresses become links.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from app.core.text import tidy
from app.documents import chinese_markdown
from app.documents.errors import TextTooLong

LIMIT = 200_000
# Deeper nesting than this is flattened: no reader follows it, and the typesetter's own depth is limited.
DEEPEST = 8

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "strong", "em"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "mark"),
}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SAFE_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20<>\"]+", re.IGNORECASE)

type_of_block = {
    "paragraph": "paragraph",
    "blockquote": "quote",
    "bullet_list": "list",
    "ordered_list": "list",
    "list_item": "item",
    "heading": "heading",
    "table": "table",
    "tr": "row",
    "th": "cell",
    "td": "cell",
}
type_of_mark = {"strong": "strong", "em": "emph", "link": "link"}

Block = dict[str, Any]
Hits = Callable[[str], Sequence[tuple[int, int]]]  # where the words that somebody looks for stand in a text


def is_safe_address(address: str) -> bool:
    return SAFE_ADDRESS.fullmatch(address) is not None


def _picture_in_words(_self: object, tokens: list[Token], at: int, *_rest: object) -> str:
    return escape(_spoken(tokens[at]))


def _make_parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
    markdown.validateLink = is_safe_address  # type: ignore[method-assign]  # the library's documented way
    markdown.add_render_rule("image", _picture_in_words)
    chinese_markdown.install(markdown)
    return markdown


PARSER = _make_parser()
# For texts that are more marks than words, such as a hundred thousand brackets: paragraphs only, in linear time.
PLAIN_PARSER = MarkdownIt("zero")
MOST_LINES = 10_000
MOST_MARKS = 20_000


def _parse(text: str) -> list[Token]:
    if text.count("\n") > MOST_LINES or sum(text.count(mark) for mark in "[|*_`<") > MOST_MARKS:
        return PLAIN_PARSER.parse(text)
    return PARSER.parse(text)


def to_html(text: str) -> Markup:
    """Safe HTML for a page; `#` becomes h2, because the page has its own h1. Raises TextTooLong."""
    return _html_of(_readable(text))


# 64 texts: the minutes and speeches that are being read now. Each may be long, so the number stays small.
@lru_cache(maxsize=64)
def _html_of(text: str) -> Markup:
    return _drawn(_parse(text))


def _drawn(tokens: Sequence[Token]) -> Markup:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return sanitised(PARSER.renderer.render(tokens, PARSER.options, {}))


@dataclass(frozen=True)
class Piece:
    """A block of a text that stands for itself: a paragraph, a table, one item of a list.

    An item says of which list it is: `list_tag` (ul or ol), `list_number` (of the first item), `begins` and `ends`.
    """

    source: str
    html: Markup
    list_tag: str = ""
    list_number: int = 1
    begins: bool = False
    ends: bool = False


def pieces(text: str, hits: Hits | None = None) -> list[Piece]:
    """The text in its outermost blocks, the items of its outermost lists each on its own. `hits` are marked in them."""
    text = _readable(text)
    tokens, lines = _parse(text), text.split("\n")
    if hits is not None:
        for token in tokens:
            if token.type == "inline":
                token.children = _with_hits(token.children or [], hits)
    found: list[Piece] = []
    for block in _outermost(tokens):
        if block[0].type in ("bullet_list_open", "ordered_list_open"):
            found += _items(block, lines)
        else:
            found.append(Piece(_source(block[0], lines), _drawn(block)))
    return found


def _outermost(tokens: Sequence[Token]) -> list[list[Token]]:
    """Each block with all that stands in it."""
    blocks: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            blocks.append([])
        blocks[-1].append(token)
        depth += token.nesting
    return blocks


def _items(block: Sequence[Token], lines: list[str]) -> list[Piece]:
    items = _outermost(block[1:-1])
    number = min(int(block[0].attrs.get("start", 1)), 999_999_999)
    return [
        Piece(
            _source(item[0], lines), _drawn(item[1:-1]), block[0].tag, number,
            begins=at == 0, ends=at == len(items) - 1,
        )
        for at, item in enumerate(items)
    ]  # fmt: skip


def _source(token: Token, lines: list[str]) -> str:
    first, end = token.map or (0, 0)
    return "\n".join(lines[first:end]).rstrip()


def _with_hits(children: Sequence[Token], hits: Hits) -> list[Token]:
    marked: list[Token] = []
    for child in children:
        spans = hits(child.content) if child.type == "text" and child.content else ()
        at = 0
        for first, end in spans:
            marked += [_plain(child.content[at:first]), Token("mark_open", "mark", 1)]
            marked += [_plain(child.content[first:end]), Token("mark_close", "mark", -1)]
            at = end
        marked.append(_plain(child.content[at:]) if spans else child)
    return marked


def _plain(text: str) -> Token:
    return Token("text", "", 0, content=text)


def sanitised(html: str) -> Markup:
    """The allow-list, always the last step before a page."""
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
        attribute_filter=_keep_attribute,
    )
    return Markup(cleaned)  # noqa: S704 – this is the one place where the sanitiser's word is taken


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("a", "rel"):
        return value  # set by the sanitiser itself
    if name not in ATTRIBUTES.get(tag, ()):
        return None
    if name == "href":
        return value if is_safe_address(value) else None
    return value


def plain_text(text: str) -> str:
    """The words without the marks, a line for each paragraph, item or table row. For search and plain mails."""
    lines: list[str] = []
    for block in to_typst_blocks(text):
        _speak(block, lines.append)
    return "\n".join(lines)


def _speak(block: Block, say: Callable[[str], None]) -> None:
    if "text" in block:
        say(block["text"].rstrip("\n"))
    elif block["type"] == "row":
        say("\t".join(_words(cell["inline"]) for cell in block["children"]))
    elif "inline" in block:
        say(_words(block["inline"]))
    for child in block.get("children", []) if block["type"] != "row" else []:
        _speak(child, say)


def _words(inline: list[Block]) -> str:
    return "".join(
        "\n" if each["type"] == "break" else each["text"] if "text" in each else _words(each["children"])
        for each in inline
    )


def to_typst_blocks(text: str) -> list[Block]:
    """The text as a tree of plain dictionaries, which templates/documents/house.typ walks. Raises TextTooLong.

    Blocks: paragraph {inline}, heading {level, inline}, list {ordered, start, children: [item]}, item {children},
    quote {children}, code {text}, table {children: [row]}, row {head, children: [cell]}, cell {align, inline}, rule.
    Inline: text {text}, code {text}, strong | emph {children}, link {address, children}, break.
    Headings never skip a level downwards (readers of the tagged PDF rely on it).
    """
    root: list[Block] = []
    open_lists = [root]
    last_level = 0
    for token in _parse(_readable(text)):
        if token.nesting == -1:
            if token.type.removesuffix("_close") in type_of_block:
                open_lists.pop()
            continue
        if token.type == "inline":
            open_lists[-1].extend(_inline(token.children or []))
            continue
        block = _block(token)
        if block is None:
            continue
        if block["type"] == "heading":
            last_level = block["level"] = min(block["level"], last_level + 1)
        inside = block.get("inline", block.get("children"))
        if token.nesting == 1 and len(open_lists) > 2 * DEEPEST and "children" in block and block["type"] != "row":
            open_lists.append(open_lists[-1])
            continue
        open_lists[-1].append(block)
        if token.nesting == 1 and inside is not None:
            open_lists.append(inside)
    return root


def _block(token: Token) -> Block | None:
    name = token.type.removesuffix("_open")
    if name in ("fence", "code_block"):
        return {"type": "code", "text": token.content}
    if name == "hr":
        return {"type": "rule"}
    kind = type_of_block.get(name)
    if kind is None:
        return None
    if kind in ("paragraph", "heading", "cell"):
        block: Block = {"type": kind, "inline": []}
    else:
        block = {"type": kind, "children": []}
    if kind == "heading":
        block["level"] = int(token.tag[1])
    elif kind == "list":
        block["ordered"] = name == "ordered_list"
        block["start"] = min(int(token.attrs.get("start", 1)), 999_999_999)
    elif kind == "cell":
        block["head"] = name == "th"
        block["align"] = {"right": "right", "center": "center"}.get(str(token.attrs.get("style", ""))[11:], "left")
    return block


def _inline(tokens: list[Token]) -> list[Block]:
    root: list[Block] = []
    open_lists = [root]
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in type_of_mark and token.nesting == 1:
            inside = open_lists[-1]
            if len(open_lists) <= DEEPEST:
                mark = _mark(name, token)
                inside.append(mark)
                inside = mark["children"]
            open_lists.append(inside)
        elif name in type_of_mark:
            open_lists.pop()
        elif piece := _piece(token):
            open_lists[-1].append(piece)
    return root


def _mark(name: str, token: Token) -> Block:
    mark: Block = {"type": type_of_mark[name], "children": []}
    if name == "link":
        mark["address"] = str(token.attrs["href"])
    return mark


def _piece(token: Token) -> Block | None:
    if token.type == "softbreak":
        return {"type": "text", "text": " "}
    if token.type == "hardbreak":
        return {"type": "break"}
    words = _spoken(token) if token.type == "image" else token.content
    if not words:
        return None
    return {"type": "code" if token.type == "code_inline" else "text", "text": words}


def _spoken(token: Token) -> str:
    """A picture in words: its description, at any depth of marks inside it."""
    if token.children:
        return "".join(_spoken(child) for child in token.children)
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def _readable(text: str) -> str:
    if len(text) > LIMIT:
        raise TextTooLong(len(text), LIMIT)
    return tidy(text)
