"""What a form may hold, whether it holds together, and whether answers fit it. Knows no page and no table.

A schema is `{"sections": [{"key", "title", "title_local", "questions": […]}]}`. A question has `key`, `kind`, `label`,
`help` (each with its `…_local` twin), `required`, `show_if` (see conditions), and what its kind needs: `choices`
(`key`, `label`, `places`), `least` and `most` of a number, `first_on` and `last_on` of nights, `terms` and
`terms_version` of a consent. Old versions are kept as they are, so what is here only grows.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.core.i18n import _, _l, _lp, format_day, in_language, listed
from app.core.text import fold, one_line, tidy
from app.questions import conditions
from app.questions.errors import Problem

Schema = Mapping[str, Any]
Question = Mapping[str, Any]

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
MOST_QUESTIONS, MOST_SECTIONS, MOST_CHOICES, MOST_NIGHTS = 300, 50, 300, 31
MOST_PLACES = 1_000_000
LONGEST_LABEL, LONGEST_HELP, LONGEST_TERMS = 300, 1000, 20_000
LONGEST_LINE, LONGEST_TEXT = 500, 10_000
DEEPEST = 5
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
    schema: Schema, raw: Mapping[str, Any], known: Known | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The answers as they are kept, and what is wrong with the others, a sentence by the key of the question.

    `raw` are texts, lists and booleans as forms and sheets give them. What is hidden is dropped and never asked for.
    """
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions_of(schema):
        key = question["key"]
        if not conditions.is_met(question.get("show_if"), clean):
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


# --- whether a form holds together --------------------------------------------------------------------------------


def check(schema: Any) -> None:
    """Raises the first Problem of a schema, with the field of the builder that mends it."""
    _check_shape(schema)
    questions = questions_of(schema)
    if len(questions) > MOST_QUESTIONS:
        raise Problem(_("A form has at most %(most)d questions.", most=MOST_QUESTIONS))
    _check_keys([each["key"] for each in sections_of(schema)])
    _check_keys([each["key"] for each in questions])
    for question in questions:
        _check_question(question)
    _check_circles(questions)
    for at, question in enumerate(questions):
        _check_condition(question, questions, at)


def _check_shape(schema: Any) -> None:
    """What a browser cannot send wrong, and a file can."""
    sections = schema.get("sections") if isinstance(schema, Mapping) else None
    if not isinstance(sections, list) or len(sections) > MOST_SECTIONS:
        raise Problem(_("A form has at most %(most)d sections.", most=MOST_SECTIONS))
    for section in sections:
        if not isinstance(section, Mapping) or not isinstance(section.get("questions"), list):
            raise Problem(_("Each section holds a list of questions."))
        for each in (section, *section["questions"]):
            if not isinstance(each, Mapping) or not isinstance(each.get("key"), str) or not KEY.fullmatch(each["key"]):
                raise Problem(
                    _("A short name has up to 40 small letters, figures and underscores, and begins with a letter."),
                    field="key",
                )


def _check_keys(keys: list[str]) -> None:
    twice = next((each for at, each in enumerate(keys) if each in keys[:at]), None)
    if twice is not None:
        raise Problem(_("The short name “%(key)s” is taken. Please choose another.", key=twice), field="key")


def _check_text(question: Question, name: str, most: int, field_name: str, *, needed: bool = False) -> None:
    for each in (name, f"{name}_local"):
        text = question.get(each)
        if text is not None and not isinstance(text, str):
            raise Problem(_("Please write this as text."), field=field_name)
        if len(text or "") > most:
            raise Problem(_("Please keep this to %(max)d characters.", max=most), field=field_name)
    if needed and not question.get(name):
        raise Problem(_("Please fill this in."), field=field_name)


def _check_question(question: Question) -> None:
    kind = question.get("kind")
    if not isinstance(kind, str) or kind not in list(Kind):
        raise Problem(_("There is no kind of question named “%(kind)s”.", kind=kind), field="kind")
    _check_text(question, "label", LONGEST_LABEL, "title", needed=True)
    _check_text(question, "help", LONGEST_HELP, "hint")
    if kind in WITH_CHOICES:
        _check_choices(question)
    elif kind == Kind.NUMBER:
        least, most = question.get("least"), question.get("most")
        if least is not None and most is not None and least > most:
            raise Problem(_("The largest number is smaller than the smallest."), field="most")
    elif kind == Kind.NIGHTS:
        _check_nights(question)
    elif kind == Kind.CONSENT:
        _check_text(question, "terms", LONGEST_TERMS, "terms", needed=True)


def _check_choices(question: Question) -> None:
    choices = question.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Problem(_("Please give at least one choice."), field="choices")
    if len(choices) > MOST_CHOICES:
        raise Problem(_("A question has at most %(most)d choices.", most=MOST_CHOICES), field="choices")
    for each in choices:
        if not isinstance(each, Mapping) or not KEY.fullmatch(str(each.get("key"))):
            raise Problem(_("Each choice has a short name of its own."), field="choices")
        _check_text(each, "label", LONGEST_LABEL, "choices", needed=True)
        places = each.get("places")
        if places is not None and (type(places) is not int or not 0 <= places <= MOST_PLACES):
            raise Problem(_("Please give a number from 0 to 1,000,000."), field="choices")
    for name in ("key", "label"):
        told = [fold(each[name]) for each in choices]
        if len(set(told)) < len(told):
            raise Problem(_("Two choices have the same name."), field="choices")


def _check_nights(question: Question) -> None:
    try:
        first, last = (date.fromisoformat(str(question.get(name))) for name in ("first_on", "last_on"))
    except ValueError:
        raise Problem(_("Please give the first and the last night."), field="first_on") from None
    if last < first:
        raise Problem(_("The last night is before the first."), field="last_on")
    if (last - first).days >= MOST_NIGHTS:
        raise Problem(_("At most %(most)d nights can be asked for.", most=MOST_NIGHTS), field="last_on")


def _check_circles(questions: list[Question]) -> None:
    """Conditions that lead back to where they began; told apart from those that merely stand in the wrong order."""
    asks = {}
    for each in questions:
        _check_expression(each.get("show_if"), 0)
        asks[each["key"]] = {key for key, *_more in conditions.asked_in(each.get("show_if"))}
    for key in asks:
        reached, queue = set(), list(asks[key])
        while queue:
            each = queue.pop()
            if each == key:
                label = words(next(one for one in questions if one["key"] == key))
                raise Problem(_("The condition of “%(label)s” goes in a circle.", label=label), field="conditions")
            if each not in reached:
                reached.add(each)
                queue += asks.get(each, ())


def _check_expression(expression: Any, depth: int) -> None:
    wrong = Problem(_("This condition cannot be read."), field="conditions")
    if expression is None:
        return
    if not isinstance(expression, Mapping) or depth > DEEPEST:
        raise wrong
    keys = set(expression)
    if keys in ({"and"}, {"or"}):
        below = next(iter(expression.values()))
        if not isinstance(below, list) or not below or len(below) > 20:
            raise wrong
        for each in below:
            _check_below(each, depth, wrong)
    elif keys == {"not"}:
        _check_below(expression["not"], depth, wrong)
    elif (
        not {"question", "is"} <= keys <= {"question", "is", "value"}
        or not isinstance(expression["question"], str)
        or expression["is"] not in conditions.WORDS
    ):
        raise wrong


def _check_below(expression: Any, depth: int, wrong: Problem) -> None:
    if not expression:
        raise wrong
    _check_expression(expression, depth + 1)


def _check_condition(question: Question, questions: list[Question], at: int) -> None:
    label = words(question)
    places = {each["key"]: number for number, each in enumerate(questions)}
    for key, word, value in conditions.asked_in(question.get("show_if")):
        if key not in places:
            raise Problem(
                _("The condition of “%(label)s” asks for “%(key)s”, which is no question of this form.", label=label, key=key),
                field="conditions",
            )  # fmt: skip
        asked = questions[places[key]]
        if places[key] > at:
            raise Problem(
                _("“%(label)s” is shown by the answer to “%(other)s”, so it has to stand after it.", label=label, other=words(asked)),
                field="conditions",
            )  # fmt: skip
        if word not in SAYABLE.get(asked["kind"], ("answered",)):
            raise Problem(
                _("Of “%(other)s” a condition can only say whether it is answered.", other=words(asked)),
                field="conditions",
            )
        if word == "in":
            _check_values(asked, value)
        elif word != "answered":
            _check_value(asked, value)


def _check_values(asked: Question, values: Any) -> None:
    if not isinstance(values, list) or not values or len(values) > MOST_CHOICES:
        raise Problem(
            _("Please say with which answers to “%(label)s” it is compared.", label=words(asked)), field="conditions"
        )
    for each in values:
        _check_value(asked, each)


def _check_value(asked: Question, value: Any) -> None:
    kind, right = asked["kind"], isinstance(value, str) and value != ""
    if kind == Kind.NUMBER:
        right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    elif kind == Kind.YES_NO:
        right = isinstance(value, bool)
    elif kind == Kind.DATE:
        right = right and bool(DAY.fullmatch(value))
    elif kind == Kind.TIME:
        right = right and bool(CLOCK.fullmatch(value))
    elif kind in COUNTED and right and value not in choices_of(asked):
        raise Problem(
            _("“%(value)s” is not one of the choices of “%(label)s”.", value=str(value)[:100], label=words(asked)),
            field="conditions",
        )
    if not right:
        raise Problem(
            _("Please say with which answer to “%(label)s” it is compared.", label=words(asked)), field="conditions"
        )


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
