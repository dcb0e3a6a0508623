"""Words in two languages. Every string a person sees comes through here."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_locale, get_translations
from flask_babel import force_locale as babel_force_locale
from flask_babel.speaklater import LazyString
from flask_login import current_user
from markupsafe import Markup, escape

from app.core.config import ROOT

LANGUAGES = {"en": "English", "zh_Hans_CN": "简体中文"}
TRANSLATIONS = ROOT / "translations"

__all__ = ["LANGUAGES", "_", "_l", "_lp", "force_locale", "is_chinese", "language_tag", "ngettext", "pgettext"]


class Reader(NamedTuple):
    """In which language this page or mail is written, found out once instead of at each of its hundred strings."""

    words: NullTranslations
    is_chinese: bool


NOBODY = Reader(NullTranslations(), False)
_alone: ContextVar[Reader] = ContextVar("alone", default=NOBODY)


def reader() -> Reader:
    try:
        return g.reader
    except AttributeError:
        locale = get_locale()
        found = g.reader = Reader(get_translations(), locale is not None and locale.language == "zh")
        return found
    except RuntimeError:  # outside of any app
        return _alone.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in a language outside of any app: a command that needs no installation. What was not compiled is English."""
    words = Translations.load(TRANSLATIONS / "compiled", [language]) if language != "en" else NullTranslations()
    token = _alone.set(Reader(words, language.startswith("zh")))
    try:
        yield
    finally:
        _alone.reset(token)


@contextmanager
def force_locale(language: str) -> Iterator[None]:
    """Write in another language than the page's: a mail in its reader's."""
    before = g.pop("reader", None)
    try:
        with babel_force_locale(language):
            yield
    finally:
        g.pop("reader", None)
        if before is not None:
            g.reader = before


def gettext(string: str, **variables: Any) -> str:
    words = reader().words.ugettext(string)
    return words % variables if variables else words


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    variables.setdefault("num", num)
    return reader().words.ungettext(singular, plural, num) % variables


def pgettext(context: str, string: str, **variables: Any) -> str:
    """For a word of two meanings: the context says which."""
    words = reader().words.upgettext(context, string)
    return words % variables if variables else words


def npgettext(context: str, singular: str, plural: str, num: int, **variables: Any) -> str:
    variables.setdefault("num", num)
    return reader().words.unpgettext(context, singular, plural, num) % variables


_ = gettext


def _l(string: str, **variables: Any) -> Any:
    """Translated when it is shown, for labels that are made before anybody asks."""
    return LazyString(gettext, string, **variables)


def _lp(context: str, string: str, **variables: Any) -> Any:
    return LazyString(pgettext, context, string, **variables)


def choose_language() -> str:
    """What the person chose, else what the browser asks for; every zh-… is our Simplified Chinese."""
    if not has_request_context():
        return "en"
    account_language = getattr(current_user, "language", None)  # asks who is there, also on public pages
    chosen = session.get("language") or account_language
    if chosen in LANGUAGES:
        return chosen
    for tag, _quality in request.accept_languages:
        if tag.lower().startswith("zh"):
            return "zh_Hans_CN"
        if tag.lower().startswith("en"):
            return "en"
    return "en"


def is_chinese() -> bool:
    return reader().is_chinese


def language_tag() -> str:
    """The BCP 47 tag of the page's language."""
    return "zh-Hans" if is_chinese() else "en"


def in_language(chinese: str | None, other: str | None) -> str:
    """The one of two names that the reader's language prefers, the other when it is empty."""
    return (chinese or other or "") if is_chinese() else (other or chinese or "")


WEEKDAYS = "一二三四五六日"


def format_day(day: date | None, *, year: bool = True) -> str:
    """`Fri 13 Jan 2023` or `2023年1月13日 周五`. None is an empty string."""
    if day is None:
        return ""
    if is_chinese():
        head = f"{day.year}年" if year else ""
        return f"{head}{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"
    tail = f" {day.year}" if year else ""
    return f"{day:%a} {day.day} {day:%b}{tail}"


def format_short_day(day: date) -> str:
    """`12 Nov` or `11月12日`: for the heads of narrow columns and under axes."""
    return f"{day.month}月{day.day}日" if is_chinese() else f"{day.day} {day:%b}"


def format_days(first: date | None, last: date | None) -> str:
    """A range of days, written once where they share month or year."""
    if first is None:
        return ""
    if last is None or last == first:
        return format_day(first)
    if is_chinese():
        end = f"{last.month}月{last.day}日" if last.year == first.year else f"{last.year}年{last.month}月{last.day}日"
        return f"{first.year}年{first.month}月{first.day}日至{end}"
    start = format_day(first, year=first.year != last.year)
    return f"{start} – {format_day(last)}"


def format_time(moment: datetime | None, zone: str) -> str:
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def format_moment(moment: datetime | None, zone: str = "UTC") -> str:
    """`Fri 13 Jan 2023, 09:00` in the given IANA zone."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{format_day(local.date())}{' ' if is_chinese() else ', '}{local:%H:%M}"


def format_span(start: datetime | None, end: datetime | None, zone: str) -> str:
    """`09:00–12:00` on one day; the day is told again where it changes."""
    if start is None:
        return ""
    if end is None:
        return format_time(start, zone)
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if first.date() == last.date():
        return f"{first:%H:%M}–{last:%H:%M}"
    return f"{format_moment(start, zone)} – {format_moment(end, zone)}"


def listed(words: Iterable[str]) -> str:
    """Names in a row: `Li Wei, Shen Lan` or `李巍、沈岚`."""
    return ("、" if is_chinese() else ", ").join(words)


def said_in_both(words: Callable[[], str]) -> tuple[str, str]:
    """The same words in English and in Chinese."""
    with force_locale("en"):
        english = words()
    with force_locale("zh_Hans_CN"):
        return english, words()


def in_both(words: Callable[[], str]) -> str:
    """In both languages at once, for what is kept in one field and read by everybody: `Two folders / 两个文件夹`."""
    return " / ".join(said_in_both(words))


def phrased(words: Iterable[str | None]) -> str:
    """What belongs together, such as a name and its position: `Li Wei, President` or `李巍，总裁`."""
    return ("，" if is_chinese() else ", ").join(word for word in words if word)


def time_tag(moment: datetime | None, zone: str = "UTC") -> Markup:
    """A <time> element: machine-readable moment, readable words, the zone as its title."""
    if moment is None:
        return Markup("")
    words = format_moment(moment, zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), escape(zone), words)


def init_app(app: Flask) -> None:
    # Flask-Babel looks for <locale>/LC_MESSAGES/messages.mo in each folder; a missing one means English.
    Babel(app, default_locale="en", default_translation_directories=str(compiled(app)), locale_selector=choose_language)
    app.jinja_env.install_gettext_callables(  # pyrefly: ignore[missing-attribute] — comes with jinja2.ext.i18n
        lambda string: reader().words.ugettext(string),
        lambda singular, plural, num: reader().words.ungettext(singular, plural, num),
        newstyle=True,
        pgettext=lambda context, string: reader().words.upgettext(context, string),
        npgettext=lambda context, singular, plural, num: reader().words.unpgettext(context, singular, plural, num),
    )
    app.jinja_env.filters.update(
        day=format_day, days=format_days, clock=format_time, moment=format_moment, span=format_span, time=time_tag,
        listed=listed, phrased=phrased,
    )  # fmt: skip
    globals_: dict[str, Any] = app.jinja_env.globals
    globals_.update(get_locale=get_locale, language_tag=language_tag, in_language=in_language, is_chinese=is_chinese)


def compiled(app: Flask) -> Path:
    return TRANSLATIONS / "compiled"
