import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sheets.formulas import as_text, as_typed, is_dangerous

NASTY = st.text(alphabet="=+-@＝＋－＠\t\r\n '\"‘a战1", max_size=8)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", " =1", "'=1", '"=1"',
     "“=1”", "\u3000＝1", "'\t=1", "=", "\ufeff=1"],
)  # fmt: skip
def test_a_formula_becomes_text_and_comes_back(text):
    assert is_dangerous(text)
    assert as_text(text) == "'" + text
    assert as_typed("'" + text) == text


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "战略=规划", "'quoted'", "'s-Hertogenbosch", "5", " x"])
def test_harmless_text_is_left_alone(text):
    assert as_text(text) == text
    assert as_typed(text) == text


@settings(deadline=None)
@given(text=NASTY | st.text())
def test_what_was_typed_always_comes_back(text):
    written = as_text(text)
    assert as_typed(written) == text
    assert not written.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
