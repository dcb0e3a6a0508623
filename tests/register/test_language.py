"""What is typed into the search box of the register, and what is understood of it."""

import time
from datetime import date

import pytest

from app.register.language import MOST_SIGNS, MOST_TERMS, Term, Wrong, days_of, read

UNDERSTOOD = [
    ("", []),
    ("   \t ", []),
    ("is:overdue owner:me", ["is:late", "owner:me"]),
    ("IS:Late Owner:ME", ["is:late", "owner:me"]),
    ('owner:"Li Wei"', ['owner:"Li Wei"']),
    ("from:“Li Wei” dept:「研究 院」", ['from:"Li Wei"', 'dept:"研究 院"']),
    ("-is:closed -plan", ["-is:closed", "-plan"]),
    ('-"not this"', ['-"not this"']),
    ("due:<2027-03-01 due:2027-03 due:>=2027", ["due:<2027-03-01", "due:2027-03", "due:>=2027"]),
    ("due:≤2027-03 due:＜14d due:today", ["due:<=2027-03", "due:<14d", "due:today"]),
    ("carry:>1 carry: silent: silent:>30 -silent:", ["carry:>1", "is:carried", "is:silent", "silent:>30", "-is:silent"]),
    ("是:逾期 责任人:我 期限：<2027年3月 结转:>1", ["is:late", "owner:me", "due:<2027年3月", "carry:>1"]),
    ("状态:受阻 部门:采购部 类型:原则 分组:部门", ["is:blocked", "dept:采购部", "kind:principle", "group:dept"]),
    ("战略 规划", ["战略", "规划"]),
    ("is:handed-back is:handed_back", ["is:handed-back"]),
    ('is:"handed back"', ["is:handed-back"]),
    ("plan plan plan", ["plan"]),
    ("10:30 a-b - -5 Li's", ['"10:30"', "a-b", '"-"', "-5", "Li's"]),
    ('"is:late"', ['"is:late"']),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "told"), UNDERSTOOD)
def test_what_is_typed_is_understood_and_can_be_typed_again(typed, told):
    question = read(typed)
    assert [each.text for each in question.terms] == told
    assert question.mistakes == ()
    assert read(" ".join(told)).terms == question.terms


NOT_UNDERSTOOD = [
    ("foo:bar", Wrong.OPERATOR, "foo:", "from:"),
    ("ownr:me", Wrong.OPERATOR, "ownr:", "owner:"),
    ("责任:我", Wrong.OPERATOR, "责任:", "责任人:"),
    ("http://example.org", Wrong.OPERATOR, "http:", None),
    ("is:lat", Wrong.VALUE, "is:lat", "is:late"),
    ("is:期", Wrong.VALUE, "is:期", "is:逾期"),
    ("kind:zzz", Wrong.VALUE, "kind:zzz", None),
    ("due:soon", Wrong.DAY, "due:soon", None),
    ("due:2027-13", Wrong.DAY, "due:2027-13", None),
    ("due:2027-02-30", Wrong.DAY, "due:2027-02-30", None),
    ("due:99999-01", Wrong.DAY, "due:99999-01", None),
    ("carry:many", Wrong.NUMBER, "carry:many", None),
    ("silent:>-3", Wrong.NUMBER, "silent:>-3", None),
    ("carry:99999999999999999999", Wrong.NUMBER, "carry:99999999999999999999", None),
    ("carry:²", Wrong.NUMBER, "carry:²", None),
    ("year:27", Wrong.NUMBER, "year:27", None),
    ("owner:", Wrong.EMPTY, "owner:", None),
    ('owner:""', Wrong.EMPTY, "owner:", None),
    ("carry:>", Wrong.EMPTY, "carry:", None),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "wrong", "text", "nearest"), NOT_UNDERSTOOD)
def test_what_is_not_understood_is_told_with_the_nearest_that_is_known_and_the_rest_holds(typed, wrong, text, nearest):
    question = read(f"plan {typed} is:late")
    assert [each.text for each in question.terms] == ["plan", "is:late"]
    (mistake,) = question.mistakes
    assert (mistake.wrong, mistake.text, mistake.nearest) == (wrong, text, nearest)


def test_a_quote_that_is_not_closed_is_told_and_read_to_its_end():
    question = read('is:late "five plans owner:me')
    assert question.terms == (Term("is", "late"), Term("", "five plans owner:me"))
    assert [each.wrong for each in question.mistakes] == [Wrong.QUOTE]


@pytest.mark.parametrize(
    "typed", ['"' * 10_000, "a:" * 5_000, "-" * 10_000, "is:late " * 1_250, "<" * 10_000, ":" * 10_000, "“" * 10_000,
              "x" * 10_000, "战" * 10_000, "due:" + "9" * 10_000, "is:" + "é" * 10_000, "\x00\ud800" * 5_000],
)  # fmt: skip
def test_ten_thousand_hostile_signs_are_read_quickly_and_told_of(typed):
    began = time.process_time()
    question = read(typed)
    assert time.process_time() - began < 5  # minutes, where every pair of signs is looked at
    assert Wrong.LONG in [each.wrong for each in question.mistakes]
    assert sum(len(each.value) for each in question.terms) <= MOST_SIGNS


def test_only_so_many_parts_are_read():
    question = read(" ".join(f"w{number}" for number in range(MOST_TERMS + 5)))
    assert len(question.terms) == MOST_TERMS
    assert [each.wrong for each in question.mistakes] == [Wrong.MANY]


TODAY = date(2027, 2, 20)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2027", date(2027, 1, 1), date(2027, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2027-03-01", date(2027, 3, 1), date(2027, 3, 1)),
        ("2027年3月1日", date(2027, 3, 1), date(2027, 3, 1)),
        ("2027/3", date(2027, 3, 1), date(2027, 3, 31)),
        ("today", TODAY, TODAY),
        ("14d", date(2027, 3, 6), date(2027, 3, 6)),
        ("-1天", date(2027, 2, 19), date(2027, 2, 19)),
    ],
)
def test_days_months_years_and_days_from_today_are_understood(value, first, last):
    assert days_of(value, TODAY) == (first, last)


def test_a_chip_adds_its_operator_and_takes_it_away():
    question = read("plan group:dept")
    late = Term("is", "late")
    added = question.text_with(late)
    assert added == "plan group:dept is:late"
    assert read(added).text_without(late) == "plan group:dept"
    assert question.text_with(Term("group", "speech")) == "plan group:speech"
    assert [each.text for each in question.asked] == ["plan"]
