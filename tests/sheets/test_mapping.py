"""Which column is what: guessed from headings, corrected by people."""

import pytest

from app.sheets import mapping
from app.sheets.errors import SheetRefused

CALLED = {"number": "no|employee number|工号", "name": "name|姓名", "local": "name zh|姓名"}


def test_headings_are_known_whatever_signs_and_cases_they_have() -> None:
    assert mapping.guess(CALLED, ["Shoe size", "  NAME ", "Employee-Number"]) == {"number": 2, "name": 1}


def test_no_column_is_two_things() -> None:
    assert mapping.guess(CALLED, ["姓名", "工号"]) == {"number": 1, "name": 0}
    with pytest.raises(SheetRefused, match="cannot be two things") as refusal:
        mapping.chosen({"number": 1, "name": 1}, ["a", "b"])
    assert refusal.value.field == "number"


def test_only_columns_that_are_there_are_chosen() -> None:
    assert mapping.chosen({"number": 1, "name": None, "local": 7}, ["a", "b"]) == {"number": 1}
    numbers = [mapping.column_number(raw) for raw in ("3", "-1", "٣", "", "99999", "5000", "2.0")]
    assert numbers == [3, None, None, None, None, None, None]
