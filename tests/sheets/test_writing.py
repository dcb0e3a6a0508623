import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.sheets.reading import read_table
from app.sheets.writing import write_csv, write_xlsx

HOSTILE = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "－1", '"=1"', "'=1", "''=1", " =1", "=HYPERLINK(\"http://x\")",
           "a\nb", "a\r\nb", "a;=1", "a,b", "_x000D_", "战略 “规划”", "https://example.org/", "007", "'x", "{=1}"]  # fmt: skip
# Signs that a file can hold; control signs are left out on purpose.
TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("=+-@'\"\t\r\n＝_x0"),
               min_size=1, max_size=20).filter(str.strip)  # fmt: skip


def cells_of(body: bytes) -> list[list]:
    book = load_workbook(io.BytesIO(body))
    return [[(cell.data_type, cell.value) for cell in row] for row in book.worksheets[0].iter_rows()]


def test_a_csv_file_is_utf_8_with_a_mark_and_bare_numbers():
    rows = [["李伟", 5, -2.5, Decimal("0.10"), True, None, date(2026, 12, 1), datetime(2026, 12, 1, 9, tzinfo=UTC)]]
    assert (
        write_csv(["姓名", "b", "c", "d", "e", "f", "g", "h"], rows)
        == (
            "\ufeff" + '"姓名","b","c","d","e","f","g","h"\r\n'
            '"李伟",5,-2.5,0.10,"TRUE","","2026-12-01","2026-12-01 09:00:00+00:00"\r\n'
        ).encode()
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_file_begins_a_formula(text):
    body = write_csv([text], [[text]]).decode("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter):
            for cell in row:
                assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\t", "\r", "＝", "－"))


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_of_a_workbook_is_typed_as_text(text):
    assert [kind for row in cells_of(write_xlsx([text], [[text]], title="T")) for kind, _ in row] == ["s", "s"]


@pytest.mark.parametrize("text", HOSTILE)
def test_importing_an_export_gives_the_original(text):
    for name, body in (("a.csv", write_csv(["h"], [[text]])), ("a.xlsx", write_xlsx(["h"], [[text]], title="T"))):
        assert [row.cells for row in read_table(name, body).rows] == [(text,)]


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_comes_back_from_both_kinds(cells):
    rows = [[cell, "x"] for cell in cells]
    for name, body in (("a.csv", write_csv("hi", rows)), ("a.xlsx", write_xlsx("hi", rows, title="T"))):
        assert [row.cells for row in read_table(name, body).rows] == [tuple(row) for row in rows]


def test_numbers_days_and_moments_of_a_workbook_are_what_they_are():
    rows = [[5, -2.5, Decimal("0.5"), True, None, date(2026, 12, 1), datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "x"]]
    body = write_xlsx(list("abcdefgh"), rows, title="T")
    assert cells_of(body)[1] == [
        ("n", 5), ("n", -2.5), ("n", 0.5), ("b", True), ("n", None),
        ("d", datetime(2026, 12, 1)), ("d", datetime(2026, 12, 1, 9, 30)), ("s", "x"),
    ]  # fmt: skip


def test_what_a_workbook_cannot_hold_as_a_number_is_text_or_nothing():
    rows = [[10**18, float("nan"), float("inf"), date(1850, 1, 1), datetime(1, 1, 1)]]
    assert [value for _, value in cells_of(write_xlsx("abcde", rows, title="T"))[1]] == [
        str(10**18), None, None, "1850-01-01", "0001-01-01 00:00:00",
    ]  # fmt: skip
    assert write_csv("ab", [[float("nan"), Decimal("NaN")]]).endswith(b'"",""\r\n')


def test_signs_that_no_file_holds_are_left_out():
    text = "a\x00b\x1b\ud800c"
    assert write_csv(["h"], [[text]]).endswith(b'"abc"\r\n')
    assert cells_of(write_xlsx(["h"], [[text]], title="T"))[1] == [("s", "abc")]


def test_a_text_without_end_is_cut_to_what_a_cell_holds():
    assert len(cells_of(write_xlsx(["h"], [["=" * 50_000]], title="T"))[1][0][1]) == 32_766


@pytest.mark.parametrize(
    ("title", "told"),
    [("Registrations", "Registrations"), ("a/b:[c]*?\\d", "a b  c    d"), ("x" * 50, "x" * 31), ("", "Table"),
     ("'History'", "Table"), ("登记名单", "登记名单")],
)  # fmt: skip
def test_a_sheet_has_a_title_that_it_may_have(title, told):
    assert load_workbook(io.BytesIO(write_xlsx(["h"], [], title=title))).sheetnames == [told]


def test_the_heading_is_frozen_and_columns_are_as_wide_as_their_words():
    book = load_workbook(io.BytesIO(write_xlsx(["a", "b"], [["战略规划会议纪要", "y" * 500]], title="T")))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B2"
    assert [round(sheet.column_dimensions[column].width) for column in "AB"] == [19, 61]
    assert sheet["A1"].font.b


def test_a_workbook_without_columns_is_a_workbook():
    assert zipfile.is_zipfile(io.BytesIO(write_xlsx([], [], title="T")))
