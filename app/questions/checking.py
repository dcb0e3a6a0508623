"""Whether a form holds together: the first thing that is wrong with it, with the field of the builder that mends it."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.core.i18n import _
from app.core.text import fold
from app.questions import conditions, phases
from app.questions.errors import Problem
from app.questions.phases import ORDER, PHASE_LABELS, READERS
from app.questions.schema import (
    CLOCK,
    COUNTED,
    DAY,
    KEY,
    LONGEST_HELP,
    LONGEST_LABEL,
    LONGEST_TERMS,
    MOST_CHOICES,
    MOST_NIGHTS,
    MOST_PLACES,
    MOST_QUESTIONS,
    MOST_SECTIONS,
    SAYABLE,
    WITH_CHOICES,
    Kind,
    Question,
    choices_of,
    questions_of,
    sections_of,
    words,
)  # fmt: skip

DEEPEST = 5


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
    _check_phase(question)
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


def _check_phase(question: Question) -> None:
    if question.get("when") not in (None, *PHASE_LABELS):
        raise Problem(_("Please choose when this is asked."), field="when")
    try:
        until = phases.until_of(question)
    except (TypeError, ValueError):
        raise Problem(_("This is not a time. Write it as 2027-01-14T09:00."), field="until") from None
    if until is not None and datetime.fromisoformat(str(question.get("until"))).tzinfo is None:
        raise Problem(_("This is not a time. Write it as 2027-01-14T09:00."), field="until")
    named = question.get("seen_by") or []
    if not isinstance(named, list) or not set(map(str, named)) <= set(READERS):
        raise Problem(_("Please choose who reads the answer."), field="seen_by")
    if question.get("staff") not in (None, True, False):
        raise Problem(_("Please answer yes or no."), field="staff")


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
        if ORDER.index(phases.phase_of(asked)) > ORDER.index(phases.phase_of(question)):
            raise Problem(
                _("“%(label)s” is shown by the answer to “%(other)s”, which is asked later.", label=label, other=words(asked)),
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
