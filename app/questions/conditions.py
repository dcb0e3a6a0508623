"""When a question is shown. Said twice, here and in static/questions/conditions.js, with one meaning: a test compares them.

An expression is `{"question": key, "is": "=", "value": …}` with one of the words below, or `{"and": […]}`,
`{"or": […]}`, `{"not": …}` of others. It reads the answers that came before, and nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

WORDS = ("=", "in", "<", ">", "answered")
Expression = Mapping[str, Any]
ORDERED = re.compile(r"[0-9:.-]+", re.ASCII)  # days and times: their order is that of their signs, in every language


def is_met(expression: Expression | None, answers: Mapping[str, Any]) -> bool:
    """Whether the answers fulfil an expression; without one everything is shown."""
    if not expression:
        return True
    if "and" in expression:
        return all(is_met(each, answers) for each in expression["and"])
    if "or" in expression:
        return any(is_met(each, answers) for each in expression["or"])
    if "not" in expression:
        return not is_met(expression["not"], answers)
    said = parts_of(answers.get(expression["question"]))
    word, value = expression["is"], expression.get("value")
    if word == "answered":
        return bool(said)
    if word == "in":
        return isinstance(value, list) and any(_same(each, one) for each in said for one in value)
    if word == "=":
        return any(_same(each, value) for each in said)
    return any(_before(each, value) if word == "<" else _before(value, each) for each in said)


def visible(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Any]) -> set[str]:
    """The keys of the questions that are shown. A hidden one has no answer for those that come after it."""
    known: dict[str, Any] = {}
    shown = set()
    for question in questions:
        if is_met(question.get("show_if"), known):
            shown.add(question["key"])
            known[question["key"]] = answers.get(question["key"])
    return shown


def parts_of(answer: Any) -> list[Any]:
    """What an answer consists of: several choices, choices with a word of one's own, or itself; empty ones are none."""
    if isinstance(answer, Mapping):
        return [*parts_of(answer.get("choices")), *parts_of(answer.get("text"))]
    if isinstance(answer, list):
        return [one for each in answer for one in parts_of(each)]
    return [] if answer is None or answer == "" else [answer]


def asked_in(expression: Expression | None) -> list[tuple[str, str, Any]]:
    """Every (question, word, value) of an expression."""
    if not expression:
        return []
    for join in ("and", "or"):
        if join in expression:
            return [one for each in expression[join] for one in asked_in(each)]
    if "not" in expression:
        return asked_in(expression["not"])
    return [(expression["question"], expression["is"], expression.get("value"))]


def _same(one: Any, other: Any) -> bool:
    """Equal and of one kind: `True == 1` holds in Python alone."""
    return _kind(one) == _kind(other) != "" and one == other


def _before(one: Any, other: Any) -> bool:
    if _kind(one) == _kind(other) == "number":
        return one < other
    return all(isinstance(each, str) and ORDERED.fullmatch(each) for each in (one, other)) and one < other


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else ""
