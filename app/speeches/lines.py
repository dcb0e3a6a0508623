"""One line as it is typed while somebody speaks: short marks at its beginning, and then the words, which stay untouched.

Bring me five plans.            a directive, which takes the next number
p: Whoever stops learning …     p principle, m method rule, e exhortation, c context, d directive
4. Bring me five plans.         the number 4
- Research first.               a part of the last numbered one; an indented line is one, too
b) Research first.              its part b
2b) Research first.             part b of number 2
Bring me five plans. # Plans    with a heading of its own
"""

import re
from dataclasses import dataclass

from app.speeches.models import PassageKind

KEYS = {
    "d": PassageKind.DIRECTIVE,
    "p": PassageKind.PRINCIPLE,
    "m": PassageKind.METHOD_RULE,
    "e": PassageKind.EXHORTATION,
    "c": PassageKind.CONTEXT,
    "指": PassageKind.DIRECTIVE,
    "原": PassageKind.PRINCIPLE,
    "法": PassageKind.METHOD_RULE,
    "勉": PassageKind.EXHORTATION,
    "背": PassageKind.CONTEXT,
}
KEY = re.compile(rf"\s*([{''.join(KEYS)}])\s*[:：]\s*", re.IGNORECASE)
INDENT = re.compile("(?: {2}|\t|\u3000)")
DASH = re.compile(r"\s*(?:[-–—]\s+|[•·]\s*)")
LETTER = re.compile(r"\s*([a-zA-Z])[.)）、]\s+")
NUMBER = re.compile(r"\s*([0-9]{1,2})([a-zA-Z]?)[.)）、](?![0-9])\s*")
OWN_HEADING = re.compile(r"\s[#＃]\s*([^#＃]+)$")

FIRST_SENTENCE = re.compile(r".*?(?=[.!?;:](?:\s|$)|[。！？；：…]|$)", re.DOTALL)
LONGEST_HEADING = 70
LONGEST_WIDE = 28  # of Chinese signs
WIDE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class Line:
    """What a typed line says: the words, and what the marks before them said about them."""

    words: str
    kind: PassageKind | None = None
    number: int | None = None
    sub: str = ""
    is_part: bool = False
    heading: str | None = None


def read(typed: str) -> Line:
    """Take the marks off; what remains is what was said."""
    is_part = INDENT.match(typed) is not None
    kind, rest = _keyed(typed)
    number, sub = None, ""
    if found := NUMBER.match(rest):
        number, sub, rest = int(found[1]), found[2].lower(), rest[found.end() :]
    elif found := LETTER.match(rest):
        sub, rest = found[1].lower(), rest[found.end() :]
    elif found := DASH.match(rest):
        is_part, rest = True, rest[found.end() :]
    if kind is None:
        kind, rest = _keyed(rest)
    heading = None
    if found := OWN_HEADING.search(rest):
        heading, rest = found[1].strip() or None, rest[: found.start()]
    return Line(rest.strip(), kind, number, sub, is_part or bool(sub), heading)


def _keyed(text: str) -> tuple[PassageKind | None, str]:
    found = KEY.match(text)
    return (KEYS[found[1].lower()], text[found.end() :]) if found else (None, text)


def heading_of(words: str) -> str:
    """The beginning of the words, for want of a heading: the first sentence, or as much of it as a heading holds."""
    flat = " ".join(words.split())
    sentence = (FIRST_SENTENCE.match(flat) or [flat])[0].strip() or flat
    longest = LONGEST_WIDE if len(WIDE.findall(sentence)) * 2 > len(sentence) else LONGEST_HEADING
    if len(sentence) <= longest:
        return sentence
    cut = sentence[:longest]
    clause = max(cut.rfind(sign) for sign in ",，、 ")
    return f"{cut[: clause if clause > longest // 2 else longest].rstrip(' ,，、')}…"
