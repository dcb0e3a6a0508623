"""What a typed line says."""

from datetime import date

import pytest

from app.notes import lines
from app.notes.models import NoteKind

TODAY = date(2027, 1, 14)


@pytest.mark.parametrize(
    ("typed", "kind", "words"),
    [
        ("The budget stands.", NoteKind.NOTE, "The budget stands."),
        ("!decision The budget stands.", NoteKind.DECISION, "The budget stands."),
        ("!d The budget stands.", NoteKind.DECISION, "The budget stands."),
        ("!Decision: The budget stands.", NoteKind.DECISION, "The budget stands."),
        ("决定：预算不变。", NoteKind.DECISION, "预算不变。"),
        ("！决定预算不变。", NoteKind.DECISION, "预算不变。"),
        ("!debate was long", NoteKind.NOTE, "!debate was long"),
        ("The decision: to wait.", NoteKind.NOTE, "The decision: to wait."),
        ("决定了再说", NoteKind.NOTE, "决定了再说"),
        ("!a Send the figures.", NoteKind.ACTION, "Send the figures."),
        ("行动：发送数据", NoteKind.ACTION, "发送数据"),
        ("!action", NoteKind.ACTION, ""),
    ],
)
def test_a_mark_at_the_beginning_says_what_kind_it_is(typed: str, kind: NoteKind, words: str) -> None:
    line = lines.read(typed, TODAY)
    assert (line.kind, line.words) == (kind, words)


@pytest.mark.parametrize(
    ("typed", "due", "words"),
    [
        ("!a Send it by 2027-03-01.", date(2027, 3, 1), "Send it."),
        ("!a 2027-03-01 Send it.", date(2027, 3, 1), "Send it."),
        ("任务：3月1日前完成报告", date(2027, 3, 1), "报告"),
        ("任务：报告，1月3日前", date(2028, 1, 3), "报告"),
        ("任务：2027年12月31日 报告", date(2027, 12, 31), "报告"),
        ("!a Send it by 2027-02-30.", None, "Send it by 2027-02-30."),
        ("!d We meet on 2027-03-01.", None, "We meet on 2027-03-01."),
    ],
)
def test_an_action_says_by_when(typed: str, due: date | None, words: str) -> None:
    line = lines.read(typed, TODAY)
    assert (line.due, line.words) == (due, words)


def test_behind_the_sign_stands_who_the_longest_reading_first() -> None:
    assert lines.read("!a @Petra Lindqvist sends it.", TODAY).names == (
        "Petra Lindqvist sends it", "Petra Lindqvist sends", "Petra Lindqvist", "Petra",
    )  # fmt: skip
    assert lines.read("任务：@李伟负责报告", TODAY).names == (
        "李伟负责报告",
        "李伟负责报",
        "李伟负责",
        "李伟负",
        "李伟",
    )
    assert lines.read("!a nobody is named", TODAY).names == ()
    assert lines.without("@Petra Lindqvist sends it.", "petra lindqvist") == "sends it."
    assert lines.without("@李伟负责报告", "李伟") == "负责报告"
