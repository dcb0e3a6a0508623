import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.signing.tokens import (
    ALPHABET,
    digest,
    is_token,
    new_admission_code,
    new_code,
    new_door_code,
    new_token,
    normalise,
)


def test_a_token_is_kept_only_as_its_digest():
    token, stored = new_token()
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert stored == hashlib.sha256(token.encode()).hexdigest()
    assert is_token(token, stored)
    assert not is_token(token[:-1], stored)
    assert not is_token("战略\ud800", stored)


def test_no_two_tokens_or_codes_are_alike():
    assert len({new_token()[0] for _ in range(500)}) == 500
    assert len({new_code() for _ in range(500)}) == 500


def test_codes_have_groups_of_four_without_signs_that_look_alike():
    symbol = "[0-9A-HJKMNP-TV-Z]"
    for _ in range(200):
        assert re.fullmatch(rf"{symbol}{{4}}(-{symbol}{{4}}){{3}}", new_code())
        assert re.fullmatch(rf"{symbol}{{4}}(-{symbol}{{4}}){{6}}", new_admission_code())
        assert re.fullmatch(rf"{symbol}{{4}}-{symbol}{{4}}", new_door_code())


def test_an_admission_code_cannot_be_guessed():
    """A code admits without any other proof, so it holds the 128 bits of a key (G45)."""
    assert len(ALPHABET) ** len(new_admission_code().replace("-", "")) >= 2**128


def test_a_code_is_already_normal():
    for code in (new_code(), new_admission_code(), new_door_code()):
        assert normalise(code) == code
        assert normalise(code.lower().replace("-", " ")) == code


@pytest.mark.parametrize(
    "typed",
    ["7q2m-0xk1", "7Q2MOXKI", " 7Q2M – 0XKl ", "７Ｑ２Ｍ－０ＸＫ１", "7q2m 0xk1\n", "7-Q-2-M-0-X-K-1", "7Q2M—0XK1"],
)
def test_a_code_is_forgiven_how_it_is_typed(typed):
    assert normalise(typed) == "7Q2M-0XK1"


@pytest.mark.parametrize("typed", ["", "7Q2M", "7Q2M-0XKU", "7Q2M-0XK*", "7Q2M-0XK1-9", "战略战略战略战略", "-" * 500])
def test_what_is_no_code_is_nothing(typed):
    assert normalise(typed) == ""


@settings(deadline=None)
@given(typed=st.text())
def test_any_text_has_a_digest_and_a_normal_form(typed):
    assert len(digest(typed)) == 64
    assert normalise(normalise(typed)) == normalise(typed)
