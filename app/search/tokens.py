"""Text to search tokens, the same for what is kept and for what is asked, in SQLite FTS5 and PostgreSQL.

Neither engine knows where a Chinese word ends. So every run of Chinese, Japanese or Korean signs is kept as its
overlapping pairs (战略规划 as 战略 略规 规划): a run that is asked for is found as a phrase of pairs, which holds
exactly where the run stands in the text. The single signs of a text follow behind all pairs, each once; they answer
one-sign questions, and break every phrase they stand in, since no phrase is made of single signs.
Words of other scripts are kept without case and diacritics, and are found by their beginning.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

CJK = (
    "\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
RUN = re.compile(f"(?P<cjk>[{CJK}]+)|(?P<word>[^\\W_{CJK}]+)")
WORD_SIGN = f"[^\\W_{CJK}]"
LETTERS = re.compile(f"{WORD_SIGN}{{2}}")
# NFKD leaves these whole, though people type them as plain letters.
PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ŧ": "t", "ħ": "h"}
LONGEST_WORD = 64
IN_ROWS = "r" * (LONGEST_WORD + 1)  # a token that no text has: it stands in the rows of a text that has several
MOST_ASKED = 200
MOST_TERMS = 16


class _Folds(dict[int, str]):
    """How each sign is compared, worked out when first met."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if 0x300 <= code <= 0x36F:
            return self.setdefault(code, "")
        parts = unicodedata.normalize("NFKD", sign.casefold())
        if parts and ord(parts[0]) < 0x530:  # Latin, Greek, Cyrillic; the marks of kana make other sounds
            parts = "".join(part for part in parts if unicodedata.category(part) != "Mn")
        folded = unicodedata.normalize("NFKC", parts.casefold())
        return self.setdefault(code, "".join(PLAIN.get(part, part) for part in folded))


_FOLDS = _Folds()


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked for: a run of CJK signs, or words that stand next to each other, the last begun."""

    run: str = ""
    words: tuple[str, ...] = ()


def index_text(text: str) -> str:
    """The tokens of a text, separated by spaces, for an FTS5 `unicode61` column or `to_tsvector('simple', …)`.

    PostgreSQL counts positions only up to 16,383: in a longer text, CJK questions of three signs and more,
    and labels such as RQ-2023-004, are found only before that place; `services.put` keeps it in several rows.
    """
    tokens: list[str] = []
    singles: dict[str, None] = {}
    after_run = False
    for match in RUN.finditer(_fold(text)):
        found = match.group()
        if match.lastgroup == "cjk":
            # A single sign between two runs, or the phrase for 战略规 would be found in 战略，略规.
            tokens += [_kept(found[0]), *_pairs(found)] if after_run else _pairs(found)
            singles.update(dict.fromkeys(found))
        else:
            tokens.append(_kept(found))
        after_run = match.lastgroup == "cjk"
    return " ".join([*tokens, *map(_kept, singles)])


def count_tokens(text: str) -> int:
    """How many places the text takes, the single signs at its end left out."""
    return sum(len(each.group()) if each.lastgroup == "cjk" else 1 for each in RUN.finditer(text))


def terms(user_text: str) -> list[Term]:
    """What a person asks for, at most 16 terms of the first 200 signs; all of them must be found."""
    return list(_terms(user_text[:MOST_ASKED]))


@lru_cache(maxsize=64)
def _terms(user_text: str) -> tuple[Term, ...]:
    found: dict[Term, None] = {}
    for chunk in _fold(user_text).split():
        found.update(dict.fromkeys(_terms_of(chunk)))
    return tuple(found)[:MOST_TERMS]


def fts_query(user_text: str) -> str | None:
    """An FTS5 MATCH expression that holds nothing of FTS5's syntax from outside; None when nothing is asked for."""
    return " AND ".join(fts_terms(user_text)) or None


def fts_terms(user_text: str) -> list[str]:
    """Its terms, each a MATCH expression of its own."""
    return [f'"{" ".join(tokens)}"{" *" if begun else ""}' for tokens, begun in _phrases(user_text)]


def ts_query(user_text: str) -> str | None:
    """The same question for `to_tsquery('simple', …)`; None when nothing is asked for."""
    return " & ".join(ts_terms(user_text)) or None


def ts_terms(user_text: str) -> list[str]:
    return [_ts_phrase(tokens, begun) for tokens, begun in _phrases(user_text)]


def hits(text: str, user_text: str) -> list[tuple[int, int]]:
    """Where in a text (NFC) that stands which is asked for, from left to right, none over another."""
    return _hits(text, terms(user_text))


def snippet(text: str, user_text: str, length: int = 160) -> list[tuple[str, bool]]:
    """About `length` signs of the text around what was asked for, in pieces; True marks a hit.

    White space is told as single spaces; an ellipsis stands where text is left out. Without a hit, the beginning.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    hits = _hits(plain, terms(user_text))
    start, end = _window(plain, hits, length)
    pieces: list[tuple[str, bool]] = [("… ", False)] if start else []
    at = start
    for first, last in hits:
        if first >= end:
            break
        if last <= start:
            continue
        first, last = max(first, at), min(last, end)
        pieces += [(plain[at:first], False), (plain[first:last], True)]
        at = last
    pieces.append((plain[at:end], False))
    if end < len(plain):
        pieces.append((" …", False))
    return [(piece, hit) for piece, hit in pieces if piece]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_FOLDS)


def _terms_of(chunk: str) -> Iterator[Term]:
    words: list[str] = []
    for match in RUN.finditer(chunk):
        if match.lastgroup == "word":
            words.append(match.group())
            continue
        if words:
            yield Term(words=tuple(words))
            words = []
        yield Term(run=match.group())
    if words:
        yield Term(words=tuple(words))


def _phrases(user_text: str) -> Iterator[tuple[list[str], bool]]:
    """For each term its tokens, and whether the last is only the beginning of a word."""
    for term in terms(user_text):
        if term.words:
            yield [_kept(word) for word in term.words], True
        else:
            yield _pairs(term.run) or [_kept(term.run)], False


def _ts_phrase(tokens: list[str], begun: bool) -> str:
    phrase = " <-> ".join(f"'{token}'" for token in tokens) + (":*" if begun else "")
    return f"({phrase})" if len(tokens) > 1 else phrase


def _pairs(run: str) -> list[str]:
    return [_kept(run[at : at + 2]) for at in range(len(run) - 1)]


def _kept(token: str) -> str:
    """A token as both engines take it for one word: rare signs, which they may not know as letters, as numbers."""
    if token.isascii() or all(sign <= "\uffff" for sign in token):
        return token[:LONGEST_WORD]
    return "".join(sign if sign <= "\uffff" else f"x{ord(sign):x}x" for sign in token)[:LONGEST_WORD]


def _hits(plain: str, asked: list[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text, from left to right, none over another."""
    if not asked:
        return []
    folded = plain.translate(_FOLDS)
    spans = [match.span() for match in _any_of(tuple(asked)).finditer(folded)]
    if not spans:
        return []
    if len(folded) == len(plain) and all(len(_FOLDS[code]) == 1 for code in set(map(ord, plain))):
        return spans
    origin = [at for at, sign in enumerate(plain) for _ in _FOLDS[ord(sign)]]
    return [(origin[first], _whole(plain, origin[last - 1] + 1)) for first, last in spans]


@lru_cache(maxsize=64)
def _any_of(asked: tuple[Term, ...]) -> re.Pattern[str]:
    return re.compile("|".join(sorted((_pattern(term) for term in asked), key=len, reverse=True)))


def _whole(plain: str, end: int) -> int:
    """Behind the marks that belong to the last sign."""
    while end < len(plain) and not _FOLDS[ord(plain[end])]:
        end += 1
    return end


def _pattern(term: Term) -> str:
    if term.run:
        return re.escape(term.run)
    words = "[\\W_]+".join(re.escape(word) for word in term.words)
    return f"(?<!{WORD_SIGN}){words}{WORD_SIGN}*"


def _window(plain: str, hits: list[tuple[int, int]], length: int) -> tuple[int, int]:
    """The stretch with most hits, a little before its first, between words where there are some."""
    if len(plain) <= length:
        return 0, len(plain)
    starts = [first for first, _ in hits[:50]]
    best = max(starts, key=lambda at: (sum(at <= other < at + length // 2 for other in starts), -at), default=0)
    start = min(max(best - length // 4, 0), len(plain) - length)
    end = start + length
    return _between_words(plain, start, best, +1), max(_between_words(plain, end, end - length // 4, -1), start + 1)


def _between_words(plain: str, at: int, limit: int, step: int) -> int:
    """The nearest place from `at` towards `limit` that does not cut a word of an alphabet; else `at` itself."""
    place = at
    while 0 < place < len(plain) and _cuts_word(plain, place):
        if place == limit:
            return at
        place += step
    return place


def _cuts_word(plain: str, place: int) -> bool:
    before, after = plain[place - 1], plain[place]
    if not _FOLDS[ord(after)]:
        return True
    return LETTERS.fullmatch(before + after) is not None
