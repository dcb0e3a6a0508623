"""HTML that was made out of an office document, as the tree of blocks that `to_typst_blocks` gives of Markdown.

What has no place in minutes is left out: pictures, styles, scripts, links that lead nowhere safe.
"""

import re
from html.parser import HTMLParser
from typing import Any

from app.core.text import tidy
from app.documents.markdown import DEEPEST, Block, is_safe_address

HEADING = re.compile(r"h([1-6])")
MARKS = {"strong": "strong", "b": "strong", "em": "emph", "i": "emph"}
SILENT = {"script", "style", "title", "head", "template"}


def read_html(html: str) -> list[Block]:
    """The blocks of a text. Nesting beyond what a reader follows is flattened."""
    reader = _Reader()
    reader.feed(tidy(html))
    reader.close()
    reader.end()
    return _kept(reader.blocks)


class _Reader(HTMLParser):
    """Builds the tree from the outside in. `stack` holds the blocks that are open, `inline` the words being read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.stack: list[Block] = []
        self.inline: list[Block] = []
        self.open_marks: list[list[Block]] = []
        self.heading = 0
        self.silent = 0

    # --- what the parser tells

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        level = HEADING.fullmatch(tag)
        if tag in SILENT:
            self.silent += 1
        elif tag in MARKS or tag == "a":
            self._open_mark(tag, given)
        elif tag == "br":
            self._inner().append({"type": "break"})
        elif tag == "hr":
            self._flush()
            self._place({"type": "rule"})
        elif level:
            self._flush()
            self.heading = int(level.group(1))
        elif tag in ("p", "div", "pre"):
            self._flush()
        elif tag in ("ul", "ol"):
            self._flush()
            self._open({"type": "list", "ordered": tag == "ol", "start": 1, "children": []})
        elif tag == "li":
            self._flush()
            self._close_to("item", within="list")
            self._open({"type": "item", "children": []})
        elif tag == "blockquote":
            self._flush()
            self._open({"type": "quote", "children": []})
        elif tag in ("table", "tr", "td", "th"):
            self._open_table(tag, given)

    def handle_endtag(self, tag: str) -> None:
        kinds = {"ul": "list", "ol": "list", "li": "item", "blockquote": "quote", "table": "table", "tr": "row",
                 "td": "cell", "th": "cell"}  # fmt: skip
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in MARKS or tag == "a":
            if self.open_marks:
                self.open_marks.pop()
        elif HEADING.fullmatch(tag) or tag in ("p", "div", "pre"):
            self._flush()
        elif tag in kinds:
            self._flush()
            self._close(kinds[tag])

    def handle_data(self, data: str) -> None:
        words = re.sub(r"[ \t\r\n]+", " ", data)
        if words and not self.silent:
            self._inner().append({"type": "text", "text": words})

    def end(self) -> None:
        self._flush()
        self.stack.clear()

    # --- words

    def _inner(self) -> list[Block]:
        return self.open_marks[-1] if self.open_marks else self.inline

    def _open_mark(self, tag: str, given: dict[str, str | None]) -> None:
        inner = self._inner()
        address = given.get("href") or ""
        if len(self.open_marks) < DEEPEST and (tag != "a" or is_safe_address(address)):
            mark: Block = {"type": MARKS.get(tag, "link"), "children": []}
            if tag == "a":
                mark["address"] = address
            inner.append(mark)
            inner = mark["children"]
        self.open_marks.append(inner)

    def _flush(self) -> None:
        """The words so far are a block of their own; inside a cell they go on in it."""
        words, self.inline, self.open_marks = self.inline, [], []
        level, self.heading = self.heading, 0
        if not _said(words).strip():
            return
        cell = self._open_block("cell")
        if cell is not None:
            cell["inline"] += ([{"type": "break"}] if cell["inline"] else []) + words
        elif level:
            self._place({"type": "heading", "level": level, "inline": words})
        else:
            self._place({"type": "paragraph", "inline": words})

    # --- blocks

    def _open_block(self, kind: str) -> Block | None:
        return next((each for each in reversed(self.stack) if each["type"] == kind), None)

    def _place(self, block: Block) -> None:
        inside = self.blocks
        for each in reversed(self.stack):
            if each["type"] in ("item", "quote"):
                inside = each["children"]
                break
            if each["type"] == "list" and block["type"] != "item":
                item: Block = {"type": "item", "children": []}
                each["children"].append(item)
                inside = item["children"]
                break
            if each["type"] == "list":
                inside = each["children"]
                break
        inside.append(block)

    def _open(self, block: Block) -> None:
        """Deep inside, and inside a table, a list or quote is not one of its own: its words stay."""
        if self._open_block("cell") is not None or len(self.stack) >= 2 * DEEPEST:
            return
        if block["type"] == "item" and self._open_block("list") is None:
            return
        self._place(block)
        self.stack.append(block)

    def _close(self, kind: str) -> None:
        if self._open_block(kind) is None or (kind not in ("row", "cell", "table") and self._open_block("cell")):
            return
        while self.stack.pop()["type"] != kind:
            pass

    def _close_to(self, kind: str, *, within: str) -> None:
        """An item that was not closed ends where the next one of the same list begins."""
        if self._open_block("cell") is None and self.stack and self.stack[-1]["type"] == kind:
            self.stack.pop()

    def _open_table(self, tag: str, given: dict[str, str | None]) -> None:
        self._flush()
        if tag == "table":
            if self._open_block("table") is None and len(self.stack) < 2 * DEEPEST:
                table: Block = {"type": "table", "children": []}
                self._place(table)
                self.stack.append(table)
            return
        table_open = self._open_block("table")
        if table_open is None:
            return
        if tag == "tr":
            if self.stack[-1]["type"] == "table":
                row: Block = {"type": "row", "head": not table_open["children"], "children": []}
                table_open["children"].append(row)
                self.stack.append(row)
        elif self.stack[-1]["type"] == "row":
            row = self.stack[-1]
            cell: Block = {"type": "cell", "head": row["head"], "align": "left", "inline": []}
            row["children"].append(cell)
            self.stack.append(cell)
            span = given.get("colspan") or "1"
            cell["span"] = min(int(span), 50) if span.isascii() and span.isdecimal() and len(span) < 4 else 1


def _said(inline: list[Block]) -> str:
    return "".join(each.get("text", "") or _said(each.get("children", [])) for each in inline)


def _kept(blocks: list[Block]) -> list[Block]:
    """Without what stayed empty; a cell over several columns is followed by empty ones; levels of headings are gapless."""
    kept: list[Block] = []
    last_level = 0
    for each in blocks:
        kind = each["type"]
        if kind in ("list", "item", "quote"):
            each["children"] = _kept(each["children"])
            if not each["children"]:
                continue
        elif kind == "table":
            each["children"] = [_row(row) for row in each["children"] if row["children"]]
            if not each["children"]:
                continue
        elif kind == "heading":
            last_level = each["level"] = min(each["level"], last_level + 1)
        kept.append(each)
    return kept


def _row(row: Block) -> dict[str, Any]:
    cells: list[Block] = []
    for cell in row["children"]:
        span = cell.pop("span", 1)
        cells.append(cell)
        cells += [{**cell, "inline": []} for _each in range(span - 1)]
    return {**row, "children": cells}
