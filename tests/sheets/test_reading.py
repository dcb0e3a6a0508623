import io
import time
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.sheets.archives import _refuse_dangerous_markup
from app.sheets.errors import SheetRefused
from app.sheets.reading import Row, Table, read_table
from app.sheets.writing import write_xlsx

SHEET = "xl/worksheets/sheet1.xml"
SPREADSHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def rebuilt(changes: dict[str, bytes], *, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A real workbook with some of its parts exchanged or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(write_xlsx(["h"], [["x"]], title="T"))) as old,
        zipfile.ZipFile(out, "w", packing) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return out.getvalue()


def sheet(rows: str, head: str = SPREADSHEET) -> bytes:
    return f"{head}{rows}</sheetData></worksheet>".encode()


def inline(reference: str, text: str = "x") -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def refusal(filename: str, data: bytes) -> str:
    begun = time.process_time()
    with pytest.raises(SheetRefused) as refused:
        read_table(filename, data)
    assert time.process_time() - begun < 20  # a bomb takes minutes
    return refused.value.args[0]


EXPECTED = Table(columns=("姓名", "Part"), rows=(Row(2, ("李伟", "A")), Row(4, ("José", ""))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_file_is_read_however_it_was_saved(encoding, delimiter, end):
    lines = ["姓名 ;Part", "李伟;A", ";", "José", ""]
    assert read_table("People.CSV", end.join(lines).replace(";", delimiter).encode(encoding)) == EXPECTED


def test_a_csv_file_in_the_chinese_national_encoding_is_read():
    assert read_table("a.csv", "姓名,部门\n李伟,战略部\n".encode("gb18030")) == Table(
        ("姓名", "部门"), (Row(2, ("李伟", "战略部")),)
    )


def test_a_delimiter_is_looked_for_outside_of_quotes_and_may_be_told():
    assert read_table("a.csv", b'"a;b;c",d\n1,2\n').columns == ("a;b;c", "d")
    assert read_table("a.csv", b"sep=;\r\na;b,c,d\r\n1;2\r\n").columns == ("a", "b,c,d")


def test_cells_of_a_workbook_come_as_text():
    book = Workbook()
    book.active.append(["h", "i", "j", "k", "l", None])
    book.active.append([5, 5.0, 2.5, date(2026, 12, 1), True, None])
    book.active.append([None, None, " ", None, None])
    book.active.append(["x", None, None, None, "'=1"])
    out = io.BytesIO()
    book.save(out)
    assert read_table("a.xlsx", out.getvalue()) == Table(
        ("h", "i", "j", "k", "l"),
        (Row(2, ("5", "5", "2.5", "2026-12-01", "TRUE")), Row(4, ("x", "", "", "", "=1"))),
    )


@pytest.mark.parametrize(
    ("filename", "data", "sentence"),
    [
        ("a.csv", b"", "This file is empty."),
        ("a.csv", b" ,\n\n", "This table is empty."),
        ("a.csv", b"a" * (5 * 1024 * 1024 + 1), "This file is larger than 5 MB."),
        ("a.xls", b"\xd0\xcf\x11\xe0", "Please send the table as an XLSX or CSV file."),
        ("a.exe", b"MZ", "Please send the table as an XLSX or CSV file."),
        ("", b"x", "Please send the table as an XLSX or CSV file."),
        ("a.csv", b"a\xff\xff\n", "This file is not readable as text. Please save it as CSV in UTF-8."),
        ("a.csv", b"a\x00b\n", "This file is not readable as text. Please save it as CSV in UTF-8."),
        ("a.csv", b'a,b\n"x,y\n', "The quotation marks in line 2 do not match."),
        ("a.csv", b"a,b\n\n1,2,3\n", "Row 3 has more cells than the heading."),
        ("a.csv", b"a\n" + b"x\n" * 20_001, "This table has more than 20000 rows."),
        ("a.csv", b"a," * 100 + b"a\n", "This table has more than 100 columns."),
        ("a.csv", b"," * 4_000_000 + b"a\n", "This table has more than 100 columns."),
        ("a.csv", b"a\n" + b"\n" * 4_000_000 + b"x", "This table has more than 20000 rows."),
        ("a.csv", b"a\n" + b"x" * 32_768, "A cell in row 2 is too long."),
        ("a.csv", (b"a," * 30 + b"\n") * 15_000, "This table has more than 400000 cells."),
        ("a.xlsx", b"no zip", "This workbook cannot be read. Please save it again as XLSX."),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 90, "This workbook cannot be read. Please save it again as XLSX."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_sentence(filename, data, sentence):
    assert refusal(filename, data) == sentence


def test_limits_are_limits_and_not_one_less():
    assert len(read_table("a.csv", b"a\n" + b"x\n" * 20_000).rows) == 20_000
    assert len(read_table("a.csv", b"a," * 99 + b"a\n").columns) == 100


UNPACKS = "This workbook unpacks to far more than it should."
BROKEN = "This workbook cannot be read. Please save it again as XLSX."
MORE = "This workbook holds more than a table. Please send only the table."
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + SPREADSHEET


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({SHEET: sheet(" " * 90_000_000)}, UNPACKS),
        ({SHEET: sheet("<!-- " + "x" * 3_000_000 + " -->")}, UNPACKS),
        ({f"xl/media/{number}.png": b"0" * 900_000 for number in range(120)}, MORE),
        ({f"x/{number}": b"" for number in range(1000)}, MORE),
        ({"../outside.xml": b"x"}, MORE),
        ({"/etc/passwd": b"x"}, MORE),
        ({SHEET: sheet(f'<row r="1">{inline("A1", "&b;")}</row>', LAUGHS)}, BROKEN),
        ({SHEET: sheet(f'<row r="1">{inline("A1", "&b;")}</row>', LAUGHS).decode().encode("utf-16")}, BROKEN),
        ({"xl/workbook.xml": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'}, BROKEN),
        ({"xl/workbook.xml": b"<x/>"}, BROKEN),
        ({"xl/workbook.xml": b"not xml"}, BROKEN),
        ({SHEET: b"<worksheet><sheetData><row"}, BROKEN),
    ],
)  # fmt: skip
def test_a_dangerous_workbook_is_refused(changes, sentence):
    assert refusal("a.xlsx", rebuilt(changes)) == sentence


def test_a_workbook_of_too_much_is_refused():
    head = f'<row r="1">{inline("A1")}</row>'
    many = "".join(f'<row r="{number}">{inline(f"A{number}", str(number))}</row>' for number in range(2, 20_003))
    assert refusal("a.xlsx", rebuilt({SHEET: sheet(head + many)})) == "This table has more than 20000 rows."
    far = f'<row r="1000000">{inline("A1000000")}</row>'
    assert refusal("a.xlsx", rebuilt({SHEET: sheet(head + far)})) == "This table has more than 20000 rows."
    wide = f'<row r="1">{inline("A1")}{inline("CW1")}</row>'
    assert refusal("a.xlsx", rebuilt({SHEET: sheet(wide)})) == "This table has more than 100 columns."
    cells = ('<row r="1">' + '<c r="A1"/>' * 100 + "</row>") * 4001
    assert (
        refusal("a.xlsx", rebuilt({SHEET: sheet(cells)}, packing=zipfile.ZIP_STORED))
        == "This table has more than 400000 cells."
    )


def test_a_workbook_that_would_fill_the_memory_is_refused():
    for name in (SHEET, "xl/styles.xml", "xl/sharedStrings.xml", "xl/hidden.bin"):
        assert refusal("a.xlsx", rebuilt({name: sheet("<a/>" * 800_000)}, packing=zipfile.ZIP_STORED)) == UNPACKS
    row = '<row r="1">' + "".join(f'<c r="A{number}"/>' for number in range(140_000)) + "</row>"
    assert refusal("a.xlsx", rebuilt({SHEET: sheet(row)})) == UNPACKS


def test_markup_is_seen_wherever_the_reading_is_cut():
    first_cut = 512 + 1024 * 1024
    for before in range(first_cut - 20, first_cut + 3):
        padded = SPREADSHEET + "x" * (before - len(SPREADSHEET)) + "<!DOCTYPE x>"
        with pytest.raises(SheetRefused):
            _refuse_dangerous_markup(padded[:512].encode(), io.BytesIO(padded[512:].encode()))


def test_a_picture_in_a_workbook_does_no_harm():
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    assert read_table("a.xlsx", rebuilt({"xl/media/a.png": picture})).columns == ("h",)


def test_a_cell_far_to_the_right_costs_nothing():
    body = rebuilt({SHEET: sheet(f'<row r="1">{inline("A1")}{inline("XFD1")}</row>')})
    assert read_table("a.xlsx", body) == Table(("x",), ())


def test_links_and_locks_in_a_workbook_are_refused():
    out = io.BytesIO(rebuilt({}))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/link.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refusal("a.xlsx", out.getvalue()) == MORE
    assert refusal("a.xlsx", rebuilt({}, packing=zipfile.ZIP_LZMA)) == MORE


def test_a_workbook_with_a_spoilt_part_is_refused():
    body = bytearray(rebuilt({SHEET: sheet("x" * 50)}, packing=zipfile.ZIP_STORED))
    body[body.index(b"xxxxx")] = 0x79
    assert refusal("a.xlsx", bytes(body)) == BROKEN


def test_written_escapes_bring_no_control_signs_in():
    body = rebuilt({SHEET: sheet(f'<row r="1">{inline("A1", "a_x0000_b_xD800_c_x0041_")}</row>')})
    assert read_table("a.xlsx", body).columns == ("abcA",)


@settings(deadline=None)
@given(data=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.xlsx", "a.tsv", "../a.csv"]))
def test_any_bytes_are_a_table_or_refused(data, name):
    try:
        assert isinstance(read_table(name, data), Table)
    except SheetRefused:
        pass
