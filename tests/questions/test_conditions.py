"""A condition means the same on the server and in the browser."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from app.questions import conditions

SCRIPT = Path(__file__).resolve().parents[2] / "static" / "questions" / "conditions.js"
KEYS = ["a", "b", "c", "constructor", "length"]
WORDS = st.sampled_from(["", "x", "y", "vegan", "名", "\U00020bb7", "2027-01-14", "2027-01-15", "09:30", "1", "true"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 2.5, -0.25])
SCALARS = WORDS | NUMBERS | st.booleans()
ANSWERS = (
    SCALARS
    | st.none()
    | st.lists(WORDS, max_size=3)
    | st.fixed_dictionaries({}, optional={"choices": st.lists(WORDS, max_size=2), "text": WORDS})
)
SAYING = st.builds(
    lambda question, word, value: {"question": question, "is": word, "value": value},
    st.sampled_from(KEYS),
    st.sampled_from(conditions.WORDS),
    SCALARS | st.lists(SCALARS, max_size=3),
)
EXPRESSIONS = st.recursive(
    SAYING,
    lambda below: (
        st.builds(lambda each: {"and": each}, st.lists(below, min_size=1, max_size=3))
        | st.builds(lambda each: {"or": each}, st.lists(below, min_size=1, max_size=3))
        | st.builds(lambda each: {"not": each}, below)
    ),
    max_leaves=6,
)
FORMS = st.lists(st.none() | EXPRESSIONS, min_size=len(KEYS), max_size=len(KEYS))
GIVEN = st.dictionaries(st.sampled_from(KEYS), ANSWERS)


def test_server_and_browser_agree_on_what_is_shown(chromium: Browser) -> None:
    """Random forms and answers, judged here, and then all of them in one visit of Chromium."""
    cases: list[dict[str, Any]] = []

    @settings(max_examples=600, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(FORMS, GIVEN)
    def judge(expressions: list[Any], answers: dict[str, Any]) -> None:
        questions = [{"key": key, "show_if": each} for key, each in zip(KEYS, expressions, strict=True)]
        shown = sorted(conditions.visible(questions, answers))
        cases.append({"questions": questions, "answers": answers, "shown": shown})

    judge()
    assert len(cases) >= 500
    assert any(len(each["shown"]) not in (0, len(KEYS)) for each in cases)
    for case, shown in zip(cases, in_chromium(chromium, cases), strict=True):
        assert shown == case["shown"], case


def in_chromium(chromium: Browser, cases: list[dict[str, Any]]) -> list[list[str]]:
    module = "data:text/javascript;base64," + base64.b64encode(SCRIPT.read_bytes()).decode()
    with chromium.new_page() as page:
        return page.evaluate(
            """async ([address, cases]) => {
              const { visible } = await import(address);
              return cases.map(({ questions, answers }) => visible(questions, answers).sort());
            }""",
            [module, cases],
        )


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        (None, True),
        ({"question": "age", "is": "<", "value": 40}, True),
        ({"question": "age", "is": ">", "value": 39}, False),
        ({"question": "age", "is": "=", "value": True}, False),
        ({"question": "day", "is": ">", "value": "2027-01-13"}, True),
        ({"question": "food", "is": "in", "value": ["vegan", "halal"]}, True),
        ({"question": "food", "is": "=", "value": "meat"}, False),
        ({"question": "gone", "is": "answered"}, False),
        ({"not": {"question": "gone", "is": "answered"}}, True),
        ({"and": [{"question": "age", "is": "answered"}, {"question": "gone", "is": "answered"}]}, False),
        ({"or": [{"question": "age", "is": "answered"}, {"question": "gone", "is": "answered"}]}, True),
    ],
)
def test_what_each_word_means(expression: Any, met: bool) -> None:
    answers = {"age": 39, "day": "2027-01-14", "food": {"choices": ["vegan"], "text": "nuts"}, "gone": ""}
    assert conditions.is_met(expression, answers) is met


def test_a_hidden_answer_counts_for_nothing_that_comes_after_it() -> None:
    questions = [
        {"key": "a"},
        {"key": "b", "show_if": {"question": "a", "is": "=", "value": True}},
        {"key": "c", "show_if": {"question": "b", "is": "answered"}},
    ]
    assert conditions.visible(questions, {"a": False, "b": "said before", "c": "x"}) == {"a"}
    assert conditions.visible(questions, {"a": True, "b": "said", "c": "x"}) == {"a", "b", "c"}
