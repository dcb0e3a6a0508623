"""What a form may hold, whether it holds together, and whether answers fit it. Knows no page and no table.

A schema is `{"sections": [{"key", "title", "title_local", "questions": […]}]}`. A question has `key`, `kind`, `label`,
`help` (each with its `…_local` twin), `required`, `show_if` (see conditions), and what its kind needs: `choices`
(`key`, `label`, `places`), `least` and `most` of a number, `first_on` and `last_on` of nights, `terms` and
`terms_version` of a consent; when and by whom it is answered stands in `phases`. Old versions are kept as they are, so what is here only grows.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.core.i18n import _, _l, _lp, format_day, in_language, listed
from app.core.text import fold, one_line, tidy
from app.questions import conditions

Schema = Mapping[str, Any]
Question = Mapping[str, Any]

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
MOST_QUESTIONS, MOST_SECTIONS, MOST_CHOICES, MOST_NIGHTS = 300, 50, 300, 31
MOST_PLACES = 1_000_000
LONGEST_LABEL, LONGEST_HELP, LONGEST_TERMS = 300, 1000, 20_000
LONGEST_LINE, LONGEST_TEXT = 500, 10_000
NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
PHONE = re.compile(r"\+?[0-9 ()/.-]{5,30}", re.ASCII)
NEW_FILE = "new"  # in place of the ref of a file that comes with these answers


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"
    DATE = "date"
    TIME = "time"
    PHONE = "phone"
    EMAIL = "email"
    FILE = "file"
    PHOTO = "photo"
    PERSON = "person"
    DEPARTMENT = "department"
    DIET = "diet"
    ACCESSIBILITY = "accessibility"
    NIGHTS = "nights"
    CONSENT = "consent"


KIND_LABELS = {
    Kind.TEXT: _l("Text on one line"),
    Kind.LONG_TEXT: _l("Longer text"),
    Kind.NUMBER: _lp("question", "Number"),
    Kind.CHOICE: _l("One of several choices"),
    Kind.SEVERAL: _l("Any number of choices"),
    Kind.YES_NO: _l("Yes or no"),
    Kind.DATE: _lp("question", "Day"),
    Kind.TIME: _lp("question", "Time of day"),
    Kind.PHONE: _lp("question", "Phone number"),
    Kind.EMAIL: _l("E-mail address"),
    Kind.FILE: _lp("question", "File"),
    Kind.PHOTO: _lp("question", "Photo"),
    Kind.PERSON: _l("Person of the company"),
    Kind.DEPARTMENT: _lp("question", "Department"),
    Kind.DIET: _l("Diet and allergies"),
    Kind.ACCESSIBILITY: _l("Accessibility"),
    Kind.NIGHTS: _l("Nights at the hotel"),
    Kind.CONSENT: _l("Consent to a text"),
}

DIET = {
    "vegetarian": _lp("diet", "Vegetarian"),
    "vegan": _lp("diet", "Vegan"),
    "halal": _lp("diet", "Halal"),
    "kosher": _lp("diet", "Kosher"),
    "no_pork": _lp("diet", "No pork"),
    "no_beef": _lp("diet", "No beef"),
    "no_alcohol": _lp("diet", "No alcohol"),
    "gluten": _lp("diet", "No gluten"),
    "lactose": _lp("diet", "No lactose"),
    "nuts": _lp("diet", "Allergic to nuts"),
    "fish": _lp("diet", "Allergic to fish or shellfish"),
    "egg": _lp("diet", "Allergic to egg"),
    "soy": _lp("diet", "Allergic to soy"),
}
ACCESS = {
    "wheelchair": _lp("access", "I use a wheelchair"),
    "no_stairs": _lp("access", "No stairs"),
    "near_door": _lp("access", "A seat near the door"),
    "front": _lp("access", "A seat at the front"),
    "hearing": _lp("access", "Help with hearing"),
    "sign_language": _lp("access", "Sign language"),
    "large_print": _lp("access", "Large print"),
    "guide_dog": _lp("access", "I bring a guide dog"),
    "companion": _lp("access", "Somebody assists me"),
    "rest": _lp("access", "A quiet room to rest"),
}
FIXED: dict[str, Mapping[str, Any]] = {Kind.DIET: DIET, Kind.ACCESSIBILITY: ACCESS}
YES_NO = {"yes": _l("Yes"), "no": _l("No")}

WITH_CHOICES = (Kind.CHOICE, Kind.SEVERAL)
WITH_PLACES = (Kind.CHOICE, Kind.SEVERAL)
HEALTH = (Kind.DIET, Kind.ACCESSIBILITY)  # for the organizer alone, never for the door
FILES = (Kind.FILE, Kind.PHOTO)
COUNTED = (Kind.CHOICE, Kind.SEVERAL, Kind.YES_NO, Kind.DIET, Kind.ACCESSIBILITY, Kind.NIGHTS)
# Which words a condition may say about an answer of this kind; of all others only that there is one.
ORDERLY = ("=", "in", "<", ">", "answered")
SAYABLE = {
    Kind.NUMBER: ORDERLY, Kind.DATE: ORDERLY, Kind.TIME: ORDERLY, Kind.TEXT: ("=", "in", "answered"),
    **dict.fromkeys((*COUNTED, ), ("=", "in", "answered")),
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What answers may refer to: refs of people and departments with their names, refs of files by question."""

    people: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


# --- reading a schema ---------------------------------------------------------------------------------------------


def sections_of(schema: Schema) -> list[Mapping[str, Any]]:
    return list(schema.get("sections", ()))


def questions_of(schema: Schema) -> list[Question]:
    """All questions, in the order in which they are asked."""
    return [each for section in sections_of(schema) for each in section["questions"]]


def find_section(schema: Schema, key: str) -> Mapping[str, Any] | None:
    return next((each for each in sections_of(schema) if each["key"] == key), None)


def find_question(schema: Schema, key: str) -> Question | None:
    return next((each for each in questions_of(schema) if each["key"] == key), None)


def words(thing: Mapping[str, Any], name: str = "label") -> str:
    """What the organizer wrote, in the reader's language where there is one."""
    return in_language(thing.get(f"{name}_local"), thing.get(name))


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def nights_of(question: Question) -> list[str]:
    """Each night by the day on which it begins."""
    first, last = (date.fromisoformat(question[name]) for name in ("first_on", "last_on"))
    return [(first + timedelta(days=at)).isoformat() for at in range((last - first).days + 1)]


def choices_of(question: Question) -> dict[str, str]:
    """What can be chosen, by its key, in the reader's words; empty where anything can be said."""
    kind = question["kind"]
    if kind in WITH_CHOICES:
        return {each["key"]: words(each) for each in question["choices"]}
    if kind in FIXED:
        return {key: str(label) for key, label in FIXED[kind].items()}
    if kind == Kind.NIGHTS:
        return {each: format_day(date.fromisoformat(each)) for each in nights_of(question)}
    if kind == Kind.YES_NO:
        return {key: str(label) for key, label in YES_NO.items()}
    return {}


def options_of(schema: Schema, values: Mapping[str, Any]) -> set[str]:
    """The choices among these answers that have places of their own, as the gate names them: `dinner/vegan`."""
    found = set()
    for question in questions_of(schema):
        chosen = conditions.parts_of(values.get(question["key"])) if question["kind"] in WITH_PLACES else []
        for each in question.get("choices") or () if chosen else ():
            if each.get("places") is not None and each["key"] in chosen:
                found.add(f"{question['key']}/{each['key']}")
    return found


def limited(schema: Schema) -> Iterator[tuple[str, Question, Mapping[str, Any]]]:
    """Every (option, question, choice) that has places of its own."""
    for question in questions_of(schema):
        for each in question.get("choices") or ():
            if question["kind"] in WITH_PLACES and each.get("places") is not None:
                yield f"{question['key']}/{each['key']}", question, each


def visible(schema: Schema, values: Mapping[str, Any]) -> set[str]:
    """The keys of the questions that are shown to whoever gave these answers."""
    return conditions.visible(questions_of(schema), values)


def is_answered(question: Question, value: Any) -> bool:
    """Whether there is an answer; a consent to an earlier text is none to this one."""
    if question["kind"] == Kind.CONSENT:
        return value == consent_to(question)
    return bool(conditions.parts_of(value))


def consent_to(question: Question) -> str:
    return str(question.get("terms_version") or 1)


def told(question: Question, value: Any, known: Known) -> str:
    """An answer as a person reads it; empty when there is none."""
    kind, parts = question["kind"], conditions.parts_of(value)
    if not parts:
        return ""
    if kind == Kind.CONSENT:
        return _("Agreed to version %(version)s", version=parts[0])
    if kind == Kind.YES_NO:
        return str(YES_NO["yes" if parts[0] is True else "no"])
    if kind == Kind.PERSON:
        return known.people.get(str(parts[0]), "")
    if kind == Kind.DEPARTMENT:
        return known.departments.get(str(parts[0]), "")
    if kind in FILES:
        return known.files.get(question["key"], {}).get(str(parts[0]), "")
    if kind == Kind.DATE:
        return format_day(date.fromisoformat(parts[0]))
    labels = choices_of(question)
    return listed(str(labels.get(str(each), each)) for each in parts)


# --- answers ------------------------------------------------------------------------------------------------------


def validate(
    schema: Schema,
    raw: Mapping[str, Any],
    known: Known | None = None,
    *,
    asked: Collection[str] | None = None,
    kept: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers as they are kept, and what is wrong with the others, a sentence by the key of the question.

    `raw` are texts, lists and booleans as forms and sheets give them. What is hidden is dropped and never asked for.
    Of what is not `asked` now the answer that is `kept` stays as it is.
    """
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions_of(schema):
        key = question["key"]
        if not conditions.is_met(question.get("show_if"), clean):
            continue
        if asked is not None and key not in asked:
            if kept and key in kept:
                clean[key] = kept[key]
            continue
        try:
            value = READ[question["kind"]](question, raw.get(key), known or Known())
        except ValueError as error:
            errors[key] = str(error)
            continue
        if conditions.parts_of(value):
            clean[key] = value
        elif question.get("required"):
            errors[key] = (
                _("You have to agree to this.") if question["kind"] == Kind.CONSENT else _("Please answer this.")
            )
    return clean, errors


def _line(raw: Any) -> str:
    text = one_line(raw if isinstance(raw, str) else "" if raw is None else str(raw))
    if len(text) > LONGEST_LINE:
        raise ValueError(_("Please keep this to %(max)d characters.", max=LONGEST_LINE))
    return text


def _text(_question: Question, raw: Any, _known: Known) -> str | None:
    return _line(raw) or None


def _long_text(_question: Question, raw: Any, _known: Known) -> str | None:
    text = tidy(str(raw or "")).strip()
    if len(text) > LONGEST_TEXT:
        raise ValueError(_("Please keep this to %(max)d characters.", max=LONGEST_TEXT))
    return text or None


def read_number(raw: Any) -> int | float | None:
    """A number of at most twelve figures and six decimals; raises ValueError with a sentence."""
    text = fold(_line(raw)).replace(" ", "").replace("−", "-")
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        raise ValueError(_("Please give a number, such as 3 or 2.5."))
    number = float(text)
    return int(number) if number.is_integer() else number


def _number(question: Question, raw: Any, _known: Known) -> int | float | None:
    number = read_number(raw)
    least, most = question.get("least"), question.get("most")
    if number is not None and least is not None and number < least:
        raise ValueError(_("Please give at least %(least)s.", least=least))
    if number is not None and most is not None and number > most:
        raise ValueError(_("Please give at most %(most)s.", most=most))
    return number


def _chosen(question: Question, raw: Any) -> list[str]:
    """Keys that can be chosen, each once, in the order in which they are offered. Labels count as their keys."""
    labels = choices_of(question)
    by_words = {}
    if question["kind"] in WITH_CHOICES:
        by_words = {fold(each[name]): each["key"] for each in question["choices"] for name in ("label", "label_local") if each.get(name)}  # fmt: skip
    asked = [_line(each) for each in (raw if isinstance(raw, list | tuple) else [raw])]
    keys = {each if each in labels else by_words.get(fold(each), each) for each in asked if each}
    if not keys <= set(labels):
        raise ValueError(_("One of these choices is not offered any more."))
    return [each for each in labels if each in keys]


def _choice(question: Question, raw: Any, _known: Known) -> str | None:
    chosen = _chosen(question, raw)
    if len(chosen) > 1:
        raise ValueError(_("Please choose one only."))
    return chosen[0] if chosen else None


def _several(question: Question, raw: Any, _known: Known) -> list[str]:
    return _chosen(question, raw)


def _yes_no(_question: Question, raw: Any, _known: Known) -> bool | None:
    return read_yes_no(raw)


def read_yes_no(raw: Any) -> bool | None:
    """Yes or no in both languages; raises ValueError with a sentence."""
    if isinstance(raw, bool):
        return raw
    said = fold(_line(raw))
    answers = {"yes": True, "y": True, "true": True, "1": True, "是": True, "no": False, "n": False, "false": False, "0": False, "否": False}  # fmt: skip
    if said and said not in answers:
        raise ValueError(_("Please answer yes or no."))
    return answers.get(said)


def read_day(raw: Any) -> str | None:
    text = _line(raw)
    if not text:
        return None
    try:
        day = date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError:
        raise ValueError(_("This is not a day of the calendar. Write it as 2027-01-14.")) from None
    if not 1900 <= day.year <= 2200:
        raise ValueError(_("Please choose a day between the years 1900 and 2200."))
    return text


def _date(_question: Question, raw: Any, _known: Known) -> str | None:
    return read_day(raw)


def read_clock(raw: Any) -> str | None:
    text = _line(raw)
    text = text[:5] if len(text) == 8 and text[5:] == ":00" else text
    if text and not CLOCK.fullmatch(text):
        raise ValueError(_("This is not a time of day. Write it as 09:30."))
    return text or None


def _time(_question: Question, raw: Any, _known: Known) -> str | None:
    return read_clock(raw)


def _phone(_question: Question, raw: Any, _known: Known) -> str | None:
    text = _line(raw)
    if text and not (PHONE.fullmatch(text) and sum(sign.isdigit() for sign in text) >= 5):
        raise ValueError(_("This is not a phone number. Write it as +86 757 1234 5678."))
    return text or None


def _email(_question: Question, raw: Any, _known: Known) -> str | None:
    text = _line(raw)
    if not text:
        return None
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError(_("This is not an e-mail address.")) from None


def _file(question: Question, raw: Any, known: Known) -> str | None:
    ref = _line(raw)
    if ref and ref != NEW_FILE and ref not in known.files.get(question["key"], {}):
        raise ValueError(_("This file is not here any more. Please give it again."))
    return ref or None


def _person(_question: Question, raw: Any, known: Known) -> str | None:
    ref = _line(raw)
    if ref and ref not in known.people:
        raise ValueError(_("Please choose a person of the list."))
    return ref or None


def _department(_question: Question, raw: Any, known: Known) -> str | None:
    ref = _line(raw)
    if ref and ref not in known.departments:
        raise ValueError(_("Please choose a department of the list."))
    return ref or None


def _needs(question: Question, raw: Any, _known: Known) -> dict[str, Any] | None:
    """Diet and accessibility: some of the usual needs, and a word of one's own."""
    given = raw if isinstance(raw, Mapping) else {"choices": raw}
    chosen, text = _chosen(question, given.get("choices")), _line(given.get("text"))
    return {"choices": chosen, **({"text": text} if text else {})} if chosen or text else None


def _consent(question: Question, raw: Any, _known: Known) -> str | None:
    return consent_to(question) if raw is True or (isinstance(raw, str) and raw == consent_to(question)) else None


READ = {
    Kind.TEXT: _text, Kind.LONG_TEXT: _long_text, Kind.NUMBER: _number, Kind.CHOICE: _choice, Kind.SEVERAL: _several,
    Kind.YES_NO: _yes_no, Kind.DATE: _date, Kind.TIME: _time, Kind.PHONE: _phone, Kind.EMAIL: _email, Kind.FILE: _file,
    Kind.PHOTO: _file, Kind.PERSON: _person, Kind.DEPARTMENT: _department, Kind.DIET: _needs,
    Kind.ACCESSIBILITY: _needs, Kind.NIGHTS: _several, Kind.CONSENT: _consent,
}  # fmt: skip


# --- a condition in words ----------------------------------------------------------------------------------------------


def phrase(question: Question, expression: conditions.Expression | None, schema: Schema) -> str:
    """A condition as a sentence for the organizer."""
    if not expression:
        return ""
    for join, words_between in (("and", _(" and ")), ("or", _(" or "))):
        if join in expression:
            return words_between.join(phrase(question, each, schema) for each in expression[join])
    if "not" in expression:
        return _("not: %(condition)s", condition=phrase(question, expression["not"], schema))
    asked = find_question(schema, expression["question"])
    if asked is None:
        return expression["question"]
    value, word, label = expression.get("value"), expression["is"], words(asked)
    said = listed(_told_value(asked, each) for each in (value if isinstance(value, list) else [value]))
    if word == "answered":
        return _("“%(label)s” is answered", label=label)
    if word == "<":
        return _("“%(label)s” is less than %(value)s", label=label, value=said)
    if word == ">":
        return _("“%(label)s” is more than %(value)s", label=label, value=said)
    return _("“%(label)s” is %(value)s", label=label, value=said)


def _told_value(asked: Question, value: Any) -> str:
    if isinstance(value, bool):
        return str(YES_NO["yes" if value else "no"])
    return choices_of(asked).get(str(value), str(value))
