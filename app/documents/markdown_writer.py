"""A tree of blocks written as Markdown, so that reading it gives the same tree again.

No sign of a text becomes a mark: what is written so is safe in any other program that reads Markdown, too.
"""

import re
from collections.abc import Sequence

from app.documents.chinese_markdown import can_open_and_close
from app.documents.markdown import Block, plain_text

SPECIAL = re.compile(r"[\\`*\[\]<|]|&(?=#?\w+;)|!(?=\[|$)")
UNDERSCORE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
LEADING = re.compile(r"^(\d{0,9})([#+\-=~>.)])", re.MULTILINE)  # would begin a heading, a list, a quote, a fence
CLOSING = re.compile(r"#(?=#*$)")  # would be taken for the end of a heading
MARKS = {"strong": 2, "emph": 1}


def to_markdown(blocks: Sequence[Block]) -> str:
    """The tree that `app.documents.markdown.to_typst_blocks` makes, as text without an empty line at its end."""
    return "\n\n".join(_written(blocks))


def escaped(words: str) -> str:
    """A text as itself on a line of its own."""
    return _lead(_plain(" ".join(words.split())))


def _plain(words: str) -> str:
    return UNDERSCORE.sub(r"\\_", SPECIAL.sub(lambda found: "\\" + found.group(), words))


def _lead(text: str) -> str:
    return LEADING.sub(lambda found: found.group(1) + "\\" + found.group(2), text)


def _written(blocks: Sequence[Block]) -> list[str]:
    texts: list[str] = []
    neighbour: Block | None = None
    turn = 0
    for each in blocks:
        if each["type"] == "list":  # two lists in a row would become one: the second gets another sign
            follows = neighbour is not None and neighbour["type"] == "list" and texts
            turn = turn + 1 if follows else 0
            text = _list(each, turn % 2)
        else:
            text = _block(each)
        if text:
            texts.append(text)
            neighbour = each
    return texts


def _block(block: Block) -> str:
    kind = block["type"]
    if kind == "paragraph":
        return _lines(block["inline"])
    if kind == "heading":
        words = CLOSING.sub(r"\\#", _lines(block["inline"], one=True))
        return f"{'#' * block['level']} {words}" if words else ""
    if kind == "quote":
        return _indented("\n\n".join(_written(block["children"])), "> ")
    if kind == "code":
        ticks = max((len(run) for run in re.findall(r"`+", block["text"])), default=0)
        fence = "`" * max(3, ticks + 1)
        return f"{fence}\n{block['text'].rstrip(chr(10))}\n{fence}"
    if kind == "table":
        return _table(block)
    return "___" if kind == "rule" else ""


def _lines(inline: Sequence[Block], *, one: bool = False) -> str:
    text = _inline(inline, "", "", 0)
    weighted = any(each["type"] in MARKS for each in inline)
    if weighted and plain_text(_lead(text.strip())).split() != _spoken(inline).split():
        text = _inline(_without_marks(inline), "", "", 0)  # the words are more than their weight
    if one:
        text = text.replace("\\\n", " ")
    return _lead("\n".join(line.strip(" \t") for line in text.split("\n")).strip("\n"))


def _spoken(inline: Sequence[Block]) -> str:
    return "".join(
        "\n" if each["type"] == "break" else each["text"] if "text" in each else _spoken(each["children"])
        for each in inline
    )


def _without_marks(inline: Sequence[Block]) -> list[Block]:
    kept: list[Block] = []
    for each in inline:
        kept += _without_marks(each["children"]) if each["type"] in MARKS else [each]
    return kept


def _indented(text: str, sign: str) -> str:
    return "\n".join((sign + line).rstrip() for line in text.split("\n"))


def _list(block: Block, turn: int) -> str:
    items = []
    loose = False
    for number, item in enumerate(block["children"], block["start"]):
        sign = f"{min(number, 999_999_999)}{'.)'[turn]} " if block["ordered"] else f"{'-*'[turn]} "
        parts = _written(item["children"])
        kinds = [each["type"] for each in item["children"]]
        tight = kinds in (["paragraph"], []) or (
            kinds == ["paragraph", "list"] and not _starts_elsewhere(item["children"][1])
        )
        loose = loose or not tight
        body = ("\n" if tight else "\n\n").join(parts)
        first, *rest = body.split("\n")
        items.append("\n".join([(sign + first).rstrip(), *((" " * len(sign) + line).rstrip() for line in rest)]))
    return ("\n\n" if loose else "\n").join(items)


def _starts_elsewhere(block: Block) -> bool:
    """A list that does not begin at 1 needs an empty line before it."""
    return bool(block["ordered"]) and block["start"] != 1


RULES = {"left": "---", "right": "---:", "center": ":---:"}


def _table(block: Block) -> str:
    rows = block["children"]
    if not rows or not rows[0]["children"]:
        return ""
    wide = len(rows[0]["children"])
    drawn = []
    for row in rows:
        cells = [_cell(cell["inline"]) for cell in row["children"]][:wide]
        drawn.append("| " + " | ".join([*cells, *[""] * (wide - len(cells))]) + " |")
    aligned = "| " + " | ".join(RULES[cell["align"]] for cell in rows[0]["children"]) + " |"
    return "\n".join([drawn[0], aligned, *drawn[1:]])


def _cell(inline: Sequence[Block]) -> str:
    kept = [{**each, "text": each["text"].replace("|", "\\|")} if each["type"] == "code" else each for each in inline]
    return _inline(kept, "", "", 0).replace("\\\n", " ").strip()


# --- inside a paragraph -------------------------------------------------------------------------------------------


def _inline(pieces: Sequence[Block], before: str, after: str, depth: int) -> str:
    """`before` and `after` are the signs beside: whether a mark counts as one depends on its neighbours."""
    merged = _merged(pieces)
    text = ""
    for number, piece in enumerate(merged):
        following = merged[number + 1] if number + 1 < len(merged) else None
        beside = _first_sign(following) if following else after
        text += _piece(piece, (before + text)[-1:], beside, depth, before_link=_is_link(following))
    return text


def _is_link(piece: Block | None) -> bool:
    return piece is not None and piece["type"] == "link"


def _piece(piece: Block, before: str, after: str, depth: int, *, before_link: bool) -> str:
    kind = piece["type"]
    if kind == "text":
        words = _plain(piece["text"])
        return words[:-1] + "\\!" if before_link and words.endswith("!") and not words.endswith("\\!") else words
    if kind == "break":
        return "\\\n"
    if kind == "code":
        return _code(piece["text"])
    if kind == "link":
        inside = _inline(piece["children"], "[", "]", depth)
        address = piece["address"].replace("\\", "%5C").replace("&", "&amp;")
        return f"[{inside}](<{address}>)" if inside else ""
    return _marked(piece, before, after, depth)


def _marked(piece: Block, before: str, after: str, depth: int) -> str:
    inside = _inline(piece["children"], "*", "*", depth + 1)
    core = inside.strip(" \t")
    if not core or core.startswith("\\\n") or core.endswith("\\\n"):
        return inside
    head, tail = inside[: inside.index(core)], inside[inside.index(core) + len(core) :]
    before, after = head[-1:] or before, tail[:1] or after
    signs = "*_" if depth % 2 == 0 else "_*"
    if before == signs[0]:
        signs = signs[::-1]
    for sign in signs:
        opens, _closes = can_open_and_close(sign, before or " ", core[0])
        _opens, closes = can_open_and_close(sign, core[-1], after or " ")
        if opens and closes and before != sign and core[0] != sign and core[-1] != sign:
            mark = sign * MARKS[piece["type"]]
            return f"{head}{mark}{core}{mark}{tail}"
    return inside


def _code(text: str) -> str:
    ticks = {len(run) for run in re.findall(r"`+", text)}
    fence = next("`" * number for number in range(1, len(ticks) + 2) if number not in ticks)
    padded = f" {text} " if text.startswith("`") or text.endswith("`") or not text.strip() else text
    return f"{fence}{padded}{fence}"


def _first_sign(piece: Block) -> str:
    kind = piece["type"]
    if kind == "text":
        return piece["text"][:1]
    if kind == "break":
        return " "
    if kind == "link":
        return "["
    return "`" if kind == "code" else "*"


def _merged(pieces: Sequence[Block]) -> list[Block]:
    """Neighbours of one kind as one: two strong words in a row would otherwise close each other."""
    merged: list[Block] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last is not None and last["type"] == piece["type"] == "text":
            merged[-1] = {**last, "text": last["text"] + piece["text"]}
        elif last is not None and last["type"] == piece["type"] and piece["type"] in MARKS:
            merged[-1] = {**last, "children": [*last["children"], *piece["children"]]}
        else:
            merged.append(piece)
    return merged
