import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.diff import compare


def test_chinese_is_compared_by_character_and_english_by_word() -> None:
    assert compare("会议批准了预算 in May 2026.", "会议通过了预算 in June 2026.") == [
        ("same", "会议"),
        ("removed", "批准"),
        ("added", "通过"),
        ("same", "了预算 in "),
        ("removed", "May"),
        ("added", "June"),
        ("same", " 2026."),
    ]


def test_equal_texts_are_one_piece_and_empty_ones_none() -> None:
    assert compare("甲\nb", "甲\nb") == [("same", "甲\nb")]
    assert compare("", "") == []
    assert compare("", "新") == [("added", "新")]
    assert compare("old", "") == [("removed", "old")]


def test_only_the_changed_line_is_looked_into() -> None:
    assert compare("one\ntwo words\nthree\n", "one\ntwo signs\nthree\n") == [
        ("same", "one\ntwo "),
        ("removed", "words"),
        ("added", "signs"),
        ("same", "\nthree\n"),
    ]


@given(st.text(alphabet="ab 中文\n.“”'x", max_size=80), st.text(alphabet="ab 中文\n.“”'x", max_size=80))
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(text for kind, text in pieces if kind != "added") == old
    assert "".join(text for kind, text in pieces if kind != "removed") == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("啊" * 100_000, "啊" * 90_000 + "哦"),
        ("a b " * 25_000, "b a " * 25_000),
        ("啊哦" * 3_000, "哦啊啊" * 2_000),
        ("a\n" * 50_000, "b\n" * 50_000),
    ],
)
def test_a_hostile_pair_takes_less_than_two_seconds(old: str, new: str) -> None:
    before = time.process_time()
    pieces = compare(old, new)
    assert time.process_time() - before < 2
    assert "".join(text for kind, text in pieces if kind != "removed") == new


def test_small_changes_all_over_a_long_text_are_told_one_by_one() -> None:
    """In whatever script, and in one paragraph as in many: the sentence that was changed is the one that is marked."""
    signs = [chr(0x4E00 + each) for each in random.Random(7).choices(range(1500), k=40_000)]
    changed = [("改" if at % 25 == 7 else sign) for at, sign in enumerate(signs)]
    for paragraphs in (1, 80):
        step = len(signs) // paragraphs
        old, new = (
            "\n".join("".join(text[at : at + step]) for at in range(0, len(text), step)) for text in (signs, changed)
        )
        began = time.process_time()
        pieces = compare(old, new)
        assert time.process_time() - began < 2
        assert sum(len(text) for kind, text in pieces if kind == "removed") == 1_600
        assert "".join(text for kind, text in pieces if kind != "added") == old
        assert "".join(text for kind, text in pieces if kind != "removed") == new
