"""What stands in the search box of the register, taken apart. Pure: it knows no database and no language of the page.

    is:late owner:me -dept:"Research Institutes" due:<2027-03 carry:>1 from:"Li Wei" plan
    是:逾期 责任人:我 部门:采购部 期限:<2027-03

What cannot be understood becomes a mistake that is told; the rest of the question still holds.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum, auto
from itertools import product

MOST_SIGNS = 1000  # what a saved view holds
MOST_TERMS = 30

# The operators, each with the other words for it.
KEYS: dict[str, tuple[str, ...]] = {
    "is": ("是", "状态"),
    "owner": ("责任人", "responsible"),
    "verifier": ("验收人",),
    "dept": ("部门", "department"),
    "due": ("期限", "到期"),
    "carry": ("结转", "carried"),
    "silent": ("无反馈",),
    "from": ("出自", "讲话", "speech", "speaker"),
    "kind": ("类型",),
    "topic": ("主题",),
    "event": ("会议",),
    "year": ("年份", "年"),
    "group": ("分组",),
}
STATES: dict[str, tuple[str, ...]] = {
    "late": ("overdue", "逾期"),
    "silent": ("无反馈",),
    "blocked": ("受阻",),
    "risk": ("at-risk", "有风险", "风险"),
    "stranded": ("无人负责",),
    "open": ("未办结", "未完成"),
    "closed": ("已办结", "办结"),
    "stated": ("未确认",),
    "confirmed": ("已确认",),
    "unassigned": ("未交办",),
    "proposed": ("拟交办",),
    "waiting": ("待接受",),
    "negotiating": ("协商中",),
    "submitted": ("待验收",),
    "verified": ("已验收",),
    "handed-back": ("已退回", "退回"),
    "carried": ("已结转",),
    "unreviewed": ("未复核", "未回顾"),
    "withdrawn": ("已撤回",),
}
KINDS: dict[str, tuple[str, ...]] = {
    "directive": ("指令",),
    "principle": ("原则",),
    "method": ("method-rule", "方法规则", "方法"),
}
GROUPS: dict[str, tuple[str, ...]] = {"speech": ("讲话",), "dept": ("department", "部门")}
CHOICES = {"is": STATES, "kind": KINDS, "group": GROUPS}
ME = ("me", "我")
COMPARED = ("due", "carry", "silent", "year")
OPTIONAL = ("carry", "silent")  # `silent:` alone says something too

QUOTES = {'"': '"', "“": "”", "”": "”", "「": "」"}
MINUS = "-−－–"
SPOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
COMPARISON = re.compile(r"^(<=|>=|=<|=>|≤|≥|<|>|=|＜|＞)?\s*(.*)$", re.DOTALL)
SIGNS = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">=", "＜": "<", "＞": ">", None: "="}
DAYS_AWAY = re.compile(r"([+-]?\d{1,3})(?:d|天)")
TODAY = ("today", "今天")


class Wrong(StrEnum):
    """How a part of the question can fail to be understood."""

    OPERATOR = auto()
    VALUE = auto()
    EMPTY = auto()
    DAY = auto()
    NUMBER = auto()
    QUOTE = auto()
    LONG = auto()
    MANY = auto()


@dataclass(frozen=True)
class Term:
    """One thing that has to hold. `key` is empty for plain words. Days and numbers are compared by `sign`."""

    key: str
    value: str
    sign: str = "="
    is_not: bool = False

    @property
    def text(self) -> str:
        """As it can be typed again."""
        sign = "" if self.sign == "=" else self.sign
        written = sign + quoted(self.value) if self.key else quoted(self.value, also_operators=True)
        return f"{'-' if self.is_not else ''}{self.key}{':' if self.key else ''}{written}"


@dataclass(frozen=True)
class Mistake:
    """`text` was not understood; `nearest` is what may have been meant, as it can be typed."""

    text: str
    wrong: Wrong
    nearest: str | None = None


@dataclass(frozen=True)
class Question:
    terms: tuple[Term, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def has(self, term: Term) -> bool:
        return term in self.terms

    @property
    def group(self) -> str:
        """By what the rows are grouped: the last wish counts."""
        wished = [each.value for each in self.terms if each.key == "group" and not each.is_not]
        return wished[-1] if wished else "speech"

    @property
    def asked(self) -> tuple[Term, ...]:
        """What rows have to be like; how they are shown is no part of it."""
        return tuple(each for each in self.terms if each.key != "group")

    def text_with(self, term: Term) -> str:
        """The question with this term added; of a grouping there is one."""
        kept = [each for each in self.terms if each != term and not (term.key == "group" == each.key)]
        return " ".join(each.text for each in [*kept, term])

    def text_without(self, term: Term) -> str:
        return " ".join(each.text for each in self.terms if each != term)


def read(text: str) -> Question:
    """Take a question apart. Every term has to hold; the same one twice counts once."""
    terms: dict[Term, None] = {}
    mistakes: dict[Mistake, None] = {}
    if len(text) > MOST_SIGNS:
        mistakes[Mistake(str(MOST_SIGNS), Wrong.LONG)] = None
    for piece in _pieces(text[:MOST_SIGNS]):
        if piece.is_unclosed:
            mistakes[Mistake(piece.raw, Wrong.QUOTE)] = None
        found = _term(piece)
        if isinstance(found, Mistake):
            mistakes[found] = None
        elif found is not None and len(terms) < MOST_TERMS:
            terms[found] = None
        elif found is not None and found not in terms:
            mistakes[Mistake(str(MOST_TERMS), Wrong.MANY)] = None
    return Question(tuple(terms), tuple(mistakes))


def quoted(value: str, *, also_operators: bool = False) -> str:
    """A value with quotes around it where it would be taken apart otherwise."""
    plain = value.replace('"', "")
    bare = bool(plain) and not any(sign.isspace() or sign in QUOTES for sign in plain)
    if bare and also_operators:
        bare = plain[0] not in MINUS and not any(sign in ":：" for sign in plain)
    return plain if bare else f'"{plain}"'


def days_of(value: str, today: date) -> tuple[date, date] | None:
    """The first and the last day that are meant: of a year, a month, a day, `today`, or a number of days from today."""
    if value.casefold() in TODAY:
        return today, today
    away = DAYS_AWAY.fullmatch(value)
    if away:
        day = today + timedelta(days=int(away[1]))
        return day, day
    parts = re.split(r"[-/.年月]", value.rstrip("日月年"))
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    year, month, day = ([int(part) for part in parts] + [0, 0])[:3]
    try:
        if not 1900 <= year <= 2200:
            return None
        if len(parts) == 1:
            return date(year, 1, 1), date(year, 12, 31)
        if len(parts) == 2:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError:
        return None


# --- pieces -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    raw: str
    key: str | None  # as it was typed; None for plain words
    value: str
    is_not: bool = False
    is_unclosed: bool = False


def _pieces(text: str) -> Iterator[_Piece]:
    """What white space separates outside of quotes. Looks at every sign once."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        start = at
        is_not = text[at] in MINUS and at + 1 < len(text) and not text[at + 1].isspace()
        at += is_not
        spoken = SPOKEN.match(text, at)
        key = None
        if spoken and spoken.end() < len(text) and text[spoken.end()] in ":：":
            key, at = spoken.group(), spoken.end() + 1
        value, at, is_unclosed = _value(text, at, is_operator=key is not None)
        yield _Piece(text[start:at].strip(), key, value, is_not, is_unclosed)


def _value(text: str, at: int, *, is_operator: bool) -> tuple[str, int, bool]:
    """From `at` to the next white space; a quote, also one behind a sign of comparison, holds white space."""
    sign = re.match(r"[<>=≤≥＜＞]*", text[at:]) if is_operator else None
    kept = sign.group() if sign else ""
    at += len(kept)
    closing = QUOTES.get(text[at]) if at < len(text) else None
    if closing:
        end = text.find(closing, at + 1)
        end = end if end >= 0 or closing == '"' else text.find('"', at + 1)
        if end >= 0:
            return kept + " ".join(text[at + 1 : end].split()), end + 1, False
        return kept + " ".join(text[at + 1 :].split()), len(text), True
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    return kept + text[at:end], end, False


# --- terms --------------------------------------------------------------------------------------------------------


def _term(piece: _Piece) -> Term | Mistake | None:
    if piece.key is None:
        return Term("", piece.value, is_not=piece.is_not) if piece.value else None
    key = _known(piece.key.casefold(), KEYS)
    if key is None:
        return Mistake(f"{piece.key}:", Wrong.OPERATOR, _nearest(piece.key, KEYS, ":"))
    value, sign = piece.value, "="
    if key in COMPARED:
        told = COMPARISON.match(value)
        assert told is not None
        sign, value = SIGNS.get(told[1], told[1] or "="), told[2].strip()
    if not value:
        if key not in OPTIONAL or sign != "=":
            return Mistake(f"{piece.key}:", Wrong.EMPTY)
        return Term("is", "silent" if key == "silent" else "carried", is_not=piece.is_not)
    return _checked(piece, key, value, sign)


def _checked(piece: _Piece, key: str, value: str, sign: str) -> Term | Mistake:
    if key in CHOICES:
        chosen = _known(value.casefold().replace("_", "-").replace(" ", "-"), CHOICES[key])
        if chosen is None:
            return Mistake(piece.raw, Wrong.VALUE, _nearest(value, CHOICES[key], before=f"{key}:"))
        return Term(key, chosen, is_not=piece.is_not)
    if key in ("carry", "silent") and not (value.isascii() and value.isdecimal() and len(value) <= 4):
        return Mistake(piece.raw, Wrong.NUMBER)
    if key == "year" and not (value.isascii() and value.isdecimal() and len(value) == 4):
        return Mistake(piece.raw, Wrong.NUMBER)
    if key == "due" and days_of(value, date(2000, 1, 1)) is None:
        return Mistake(piece.raw, Wrong.DAY)
    if key in ("owner", "verifier") and value.casefold() in ME:
        value = "me"
    return Term(key, value, sign, piece.is_not)


def _known(word: str, choices: dict[str, tuple[str, ...]]) -> str | None:
    return next((key for key, others in choices.items() if word == key or word in others), None)


def _nearest(word: str, choices: dict[str, tuple[str, ...]], behind: str = "", *, before: str = "") -> str | None:
    names = [name for key, others in choices.items() for name in (key, *others)]
    folded = word.casefold()[:40]
    close = get_close_matches(folded, names, n=1, cutoff=0.5)
    if not close:  # one sign of two is much in Chinese
        close = [name for sign, name in product(folded, names) if sign in name and not sign.isascii()][:1]
    return f"{before}{close[0]}{behind}" if close else None
