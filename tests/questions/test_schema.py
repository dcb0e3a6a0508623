"""What answers fit a form, and which forms hold together."""

from typing import Any

import pytest

from app.questions import schema as schemas
from app.questions.checking import check
from app.questions.errors import Problem
from app.questions.schema import Known
from tests.factories.questions import ask, form_of

EVERYTHING = form_of(
    ask("line"), ask("words", "long_text"), ask("count", "number", least=1, most=10),
    ask("dinner", "choice", choices=["meat", ("vegan", 2)]), ask("topics", "several", choices=["steel", "glass", "sand"]),
    ask("comes", "yes_no"), ask("day", "date"), ask("hour", "time"), ask("mobile", "phone"), ask("mail", "email"),
    ask("paper", "file"), ask("picture", "photo"), ask("host", "person"), ask("unit", "department"), ask("eats", "diet"),
    ask("access", "accessibility"), ask("hotel", "nights"), ask("agreed", "consent", terms_version=3),
)  # fmt: skip
KNOWN = Known({"p" * 16: "Tom Okafor"}, {"d" * 16: "Works"}, {"paper": {"f" * 16: "plan.pdf"}})


def test_there_is_a_question_of_every_kind() -> None:
    assert {each["kind"] for each in schemas.questions_of(EVERYTHING)} == set(schemas.Kind)
    check(EVERYTHING)


def test_good_answers_are_kept_in_one_form_each() -> None:
    raw = {
        "line": "  a\tword ", "words": "two\r\nlines", "count": "３", "dinner": "vegan", "topics": ["sand", "steel", "sand"],
        "comes": "no", "day": "2027-01-14", "hour": "09:30:00", "mobile": "+86 757 1234", "mail": "a@B.example",
        "paper": "f" * 16, "picture": "new", "host": "p" * 16, "unit": "d" * 16,
        "eats": {"choices": ["vegan"], "text": "no cumin"}, "access": ["no_stairs"], "hotel": ["2027-01-15", "2027-01-13"],
        "agreed": True,
    }  # fmt: skip
    clean, errors = schemas.validate(EVERYTHING, raw, KNOWN)
    assert errors == {}
    assert clean == {
        "line": "a word", "words": "two\nlines", "count": 3, "dinner": "vegan", "topics": ["steel", "sand"],
        "comes": False, "day": "2027-01-14", "hour": "09:30", "mobile": "+86 757 1234", "mail": "a@b.example",
        "paper": "f" * 16, "picture": "new", "host": "p" * 16, "unit": "d" * 16,
        "eats": {"choices": ["vegan"], "text": "no cumin"}, "access": {"choices": ["no_stairs"]},
        "hotel": ["2027-01-13", "2027-01-15"], "agreed": "3",
    }  # fmt: skip
    assert schemas.validate(EVERYTHING, clean, KNOWN) == (clean, {})
    assert schemas.options_of(EVERYTHING, clean) == {"dinner/vegan"}
    told = {each["key"]: schemas.told(each, clean[each["key"]], KNOWN) for each in schemas.questions_of(EVERYTHING)}
    assert told["host"] == "Tom Okafor"
    assert told["eats"] == "Vegan, no cumin"
    assert told["comes"] == "No"
    assert told["agreed"] == "Agreed to version 3"
    assert told["paper"] == "plan.pdf"


@pytest.mark.parametrize(
    ("key", "raw", "sentence"),
    [
        ("line", "x" * 501, "Please keep this to 500 characters."),
        ("words", "x" * 10_001, "Please keep this to 10000 characters."),
        ("count", "many", "Please give a number, such as 3 or 2.5."),
        ("count", "1e9", "Please give a number, such as 3 or 2.5."),
        ("count", "11", "Please give at most 10."),
        ("count", "0", "Please give at least 1."),
        ("dinner", "fish", "One of these choices is not offered any more."),
        ("dinner", ["meat", "vegan"], "Please choose one only."),
        ("topics", ["steel", "{{7*7}}"], "One of these choices is not offered any more."),
        ("comes", "perhaps", "Please answer yes or no."),
        ("day", "2027-02-30", "This is not a day of the calendar. Write it as 2027-01-14."),
        ("hour", "25:00", "This is not a time of day. Write it as 09:30."),
        ("mobile", "call me", "This is not a phone number. Write it as +86 757 1234 5678."),
        ("mail", "nobody at all", "This is not an e-mail address."),
        ("paper", "e" * 16, "This file is not here any more. Please give it again."),
        ("host", "x" * 16, "Please choose a person of the list."),
        ("unit", "x" * 16, "Please choose a department of the list."),
        ("hotel", ["2027-02-01"], "One of these choices is not offered any more."),
    ],
)
def test_a_wrong_answer_gets_its_sentence(key: str, raw: Any, sentence: str) -> None:
    clean, errors = schemas.validate(EVERYTHING, {key: raw}, KNOWN)
    assert (clean, errors) == ({}, {key: sentence})


def test_a_required_question_is_asked_for_only_while_it_is_shown() -> None:
    form = form_of(
        ask("comes", "yes_no"),
        ask("how", "text", required=True, show_if={"question": "comes", "is": "=", "value": True}),
        ask("terms", "consent", required=True, terms_version=2),
    )
    assert schemas.validate(form, {"comes": "no", "how": "by train", "terms": True}) == (
        {"comes": False, "terms": "2"},
        {},
    )
    assert schemas.validate(form, {"comes": "yes"}) == (
        {"comes": True},
        {"how": "Please answer this.", "terms": "You have to agree to this."},
    )


def test_consent_to_an_earlier_text_is_none_to_this_one() -> None:
    question = ask("terms", "consent", terms_version=2)
    assert not schemas.is_answered(question, "1")
    assert schemas.is_answered(question, "2")


BEFORE = {"question": "b", "is": "answered"}


@pytest.mark.parametrize(
    ("questions", "field", "sentence"),
    [
        ([ask("a", "slider")], "kind", "There is no kind of question named “slider”."),
        ([ask("a"), ask("a")], "key", "The short name “a” is taken. Please choose another."),
        ([ask("Weird key")], "key", "A short name has up to 40 small letters"),
        ([ask("a", label="")], "title", "Please fill this in."),
        ([ask("a", label="x" * 301)], "title", "Please keep this to 300 characters."),
        ([ask("a", "choice", choices=[])], "choices", "Please give at least one choice."),
        ([ask("a", "choice", choices=["x", "x"])], "choices", "Two choices have the same name."),
        ([ask("a", "choice", choices=[("x", -1)])], "choices", "Please give a number from 0 to 1,000,000."),
        ([ask("a", "number", least=3, most=2)], "most", "The largest number is smaller than the smallest."),
        ([ask("a", "nights", first_on="2027-01-03", last_on="2027-01-01")], "last_on", "The last night is before the first."),
        ([ask("a", "consent", terms="")], "terms", "Please fill this in."),
        ([ask("a", show_if=BEFORE)], "conditions", "asks for “b”, which is no question of this form."),
        ([ask("a", show_if=BEFORE), ask("b")], "conditions", "“A” is shown by the answer to “B”, so it has to stand after it."),
        ([ask("a", show_if={"question": "a", "is": "answered"})], "conditions", "The condition of “A” goes in a circle."),
        (
            [ask("a", show_if=BEFORE), ask("b", show_if={"question": "a", "is": "answered"})],
            "conditions",
            "The condition of “A” goes in a circle.",
        ),
        ([ask("b"), ask("a", show_if={"or": []})], "conditions", "This condition cannot be read."),
        ([ask("b"), ask("a", show_if={"question": "b", "is": "~", "value": 1})], "conditions", "This condition cannot be read."),
        ([ask("b", "photo"), ask("a", show_if={"question": "b", "is": "=", "value": "x"})], "conditions", "whether it is answered"),
        (
            [ask("b", "choice", choices=["x"]), ask("a", show_if={"question": "b", "is": "=", "value": "y"})],
            "conditions",
            "“y” is not one of the choices of “B”.",
        ),
        (
            [ask("b", "number"), ask("a", show_if={"question": "b", "is": "<", "value": "many"})],
            "conditions",
            "Please say with which answer to “B” it is compared.",
        ),
        ([ask(f"q{number}") for number in range(301)], None, "A form has at most 300 questions."),
    ],
)  # fmt: skip
def test_a_form_that_does_not_hold_together_is_refused(
    questions: list[dict[str, Any]], field: str, sentence: str
) -> None:
    with pytest.raises(Problem) as refused:
        check(form_of(*questions))
    assert sentence in str(refused.value.sentence)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "broken", [None, [], {}, {"sections": {}}, {"sections": [1]}, {"sections": [{"questions": [7]}]}]
)
def test_what_is_no_form_at_all_is_refused_too(broken: Any) -> None:
    with pytest.raises(Problem):
        check(broken)
