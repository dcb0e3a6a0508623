import hashlib
import json
import math
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.signing.canonical import NotCanonical, canonical, fingerprint, short

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_keys_stand_in_order_and_nothing_is_spaced():
    assert canonical({"b": [1, True, None], "a": "战略"}) == '{"a":"战略","b":[1,true,null]}'.encode()


def test_keys_are_ordered_by_utf_16_as_the_rfc_asks():
    keys = ["\u20ac", "\r", "\ufb01", "1", "\U0001f600", "\x80", "\xf6"]
    assert list(json.loads(canonical(dict.fromkeys(keys)))) == [
        "\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb01",
    ]  # fmt: skip


def test_a_composed_and_a_decomposed_name_are_the_same():
    assert fingerprint({"Jose\u0301": "e\u0301"}) == fingerprint({"José": "é"})


def test_a_fingerprint_is_the_hash_of_the_bytes():
    data = {"text": "承诺"}
    assert fingerprint(data) == hashlib.sha256('{"text":"承诺"}'.encode()).hexdigest()


@pytest.mark.parametrize(
    "value",
    [1.0, 0.5, math.nan, math.inf, 2**53, -(2**53), "\ud800", {"\ud800": 1}, {1: 2}, {"é": 1, "e\u0301": 2},
     date(2026, 1, 1), Decimal(1), b"x", {1, 2}, object()],
)  # fmt: skip
def test_what_has_no_single_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical({"deep": [value]})


def test_data_without_end_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotCanonical):
        canonical(loop)


@settings(deadline=None)
@given(data=PLAIN)
def test_reading_and_writing_again_changes_nothing(data):
    try:
        written = canonical(data)
    except NotCanonical:  # two keys that are one in NFC
        return
    assert canonical(json.loads(written)) == written


def test_a_short_fingerprint_is_grouped_for_reading():
    assert short("9f3c71d0a8e204bb" + "0" * 48) == "9f3c 71d0 · a8e2 04bb"


@pytest.mark.parametrize("text", ["", "9f3c", "x" * 64, "9F3C71D0A8E204BB"])
def test_what_is_no_hash_is_not_shortened(text):
    with pytest.raises(ValueError):
        short(text)
