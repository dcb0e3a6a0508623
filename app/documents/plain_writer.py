"""Blocks of a text as plain text for a mail: lines of a mail's width, no marks that need a program to be read."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from app.documents.markdown import Block

WIDTH = 72
# Where a line may break: after a space, and beside any Chinese sign but before one that closes.
PIECE = re.compile(
    r"\s+|[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]|[^\s\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)
NOT_FIRST = set("，。、；：？！）》」』】〕”’…—,.;:?!)]}")


def to_plain(blocks: Sequence[Block], *, width: int = WIDTH) -> str:
    """The tree that `app.documents.markdown.to_typst_blocks` makes, as paragraphs with an empty line between."""
    return "\n\n".join("\n".join(lines) for lines in map(lambda each: list(_lines(each, width)), blocks) if lines)


def wrapped(words: str, width: int = WIDTH) -> list[str]:
    """The words in lines of at most so many columns; a Chinese sign takes two, and no sign that closes begins a line."""
    lines = []
    for paragraph in words.split("\n"):
        line, taken = "", 0
        for piece in PIECE.findall(paragraph):
            wide = columns(piece)
            if taken + wide > width and line.strip() and not piece.isspace() and piece[0] not in NOT_FIRST:
                lines.append(line.rstrip())
                line, taken = "", 0
            if piece.isspace() and not line:
                continue
            line, taken = line + (" " if piece.isspace() else piece), taken + (1 if piece.isspace() else wide)
        lines.append(line.rstrip())
    return lines


def columns(words: str) -> int:
    if words.isascii():
        return len(words)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)


def underlined(words: str, sign: str = "-") -> str:
    return f"{words}\n{sign * min(columns(words), WIDTH)}"


def _lines(block: Block, width: int) -> Iterator[str]:
    kind = block["type"]
    if kind == "heading":
        yield from underlined(_words(block["inline"]).replace("\n", " "), "-" if block["level"] < 3 else ".").split(
            "\n"
        )
    elif kind == "paragraph":
        yield from wrapped(_words(block["inline"]), width)
    elif kind == "list":
        for number, item in enumerate(block["children"], block["start"]):
            yield from _indented(_item(item, width), f"{number}. " if block["ordered"] else "- ")
    elif kind == "quote":
        inside = to_plain(block["children"], width=max(width - 2, 20)).split("\n")
        yield from ("> " + line if line else ">" for line in inside)
    elif kind == "code":
        yield from ("    " + line for line in block["text"].rstrip("\n").split("\n"))
    elif kind == "table":
        yield from _table(block, width)
    elif kind == "rule":
        yield "-" * 12


def _item(item: Block, width: int) -> list[str]:
    lines: list[str] = []
    for child in item["children"]:
        lines += _lines(child, max(width - 3, 20))
    return lines or [""]


def _indented(lines: Sequence[str], sign: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield ((sign if number == 0 else " " * len(sign)) + line).rstrip()


def _table(block: Block, width: int) -> Iterator[str]:
    """Row by row, each cell behind the name of its column: columns side by side would not fit a phone."""
    head, *rows = [[_words(cell["inline"]).replace("\n", " ") for cell in row["children"]] for row in block["children"]]
    if not rows:
        yield from wrapped(" / ".join(head), width)
    for row in rows:
        told = [f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=False) if cell]
        yield from _indented(wrapped("; ".join(told), max(width - 2, 20)), "- ")


def _words(inline: Sequence[Block]) -> str:
    words = ""
    for each in inline:
        if each["type"] == "break":
            words += "\n"
        elif "text" in each:
            words += each["text"]
        else:
            inside = _words(each["children"])
            address = each.get("address", "")
            words += f"{inside} <{address}>" if address and address != inside else inside
    return words
