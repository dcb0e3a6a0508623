"""Two places where CommonMark, made for words with spaces between them, breaks Chinese text.

`**注意：**请` is not bold by the standard, because the closing marks stand between a punctuation sign and a letter; and
a line break inside a paragraph becomes a space between two characters that take none.
"""

import unicodedata

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline.state_inline import Delimiter, StateInline
from markdown_it.token import Token


def install(markdown: MarkdownIt) -> None:
    markdown.inline.ruler.at("emphasis", mark_emphasis)
    markdown.core.ruler.push("join_chinese_lines", join_chinese_lines)


def is_wide(character: str) -> bool:
    """A Chinese character or full-width sign: it takes no spaces around it."""
    return unicodedata.east_asian_width(character) in ("W", "F")


def mark_emphasis(state: StateInline, silent: bool) -> bool:
    """The standard rule for `*` and `_` with the neighbours judged by `can_open_and_close`."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    before = state.src[state.pos - 1] if state.pos > 0 else " "
    after = state.src[end] if end < state.posMax else " "
    opens, closes = can_open_and_close(marker, before, after)
    length = end - state.pos
    for _each in range(length):
        token = state.push("text", "", 0)
        token.content = marker
        state.delimiters.append(
            Delimiter(marker=ord(marker), length=length, token=len(state.tokens) - 1, end=-1, open=opens, close=closes)
        )
    state.pos = end
    return True


def can_open_and_close(marker: str, before: str, after: str) -> tuple[bool, bool]:
    """CommonMark 0.31 §6.2, where a wide sign counts as a letter and a wide neighbour as a border of words."""
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    sign_before, sign_after = _is_sign(before), _is_sign(after)
    left = not space_after and (not sign_after or space_before or sign_before or is_wide(before))
    right = not space_before and (not sign_before or space_after or sign_after or is_wide(after))
    if marker == "*":
        return left, right
    return left and (not right or sign_before), right and (not left or sign_after)


def _is_sign(character: str) -> bool:
    return not is_wide(character) and (isMdAsciiPunct(ord(character)) or isPunctChar(character))


def join_chinese_lines(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.children:
            token.children = _joined(token.children)


def _joined(children: list[Token]) -> list[Token]:
    kept = []
    for number, child in enumerate(children):
        if child.type == "softbreak" and 0 < number < len(children) - 1:
            before, after = children[number - 1].content[-1:], children[number + 1].content[:1]
            if before and after and is_wide(before) and is_wide(after):
                continue
        kept.append(child)
    return kept
