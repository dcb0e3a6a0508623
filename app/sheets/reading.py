"""Tables in: CSV and XLSX from people's machines, within limits, as plain text cells (UP5, IN21)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import PurePosixPath

from app.core.i18n import _l
from app.sheets.archives import refuse_dangerous_archive
from app.sheets.errors import SheetRefused
from app.sheets.formulas import as_typed
from app.sheets.limits import LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from app.sheets.text import writable

MOST_BYTES = 5 * 1024 * 1024
LAST_ROW = 1_048_576  # what a spreadsheet can have
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row's number in the file as a spreadsheet shows it; the heading is row 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and its rows, all as long as the heading; empty rows are left out."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(filename: str, data: bytes) -> Table:
    """The table in a CSV file (UTF-8, UTF-16 or GB 18030; comma, semicolon or tab) or in a workbook's first sheet.

    Every cell comes as text: whole numbers without a point, days as 2026-12-01, moments as 2026-12-01 09:00:00,
    and without the apostrophe that our own exports put before what could be a formula.
    Raises SheetRefused with a sentence for people, for everything that is no such table or is too much of one.
    """
    if not data:
        raise SheetRefused(_l("This file is empty."))
    if len(data) > MOST_BYTES:
        raise SheetRefused(_l("This file is larger than %(most)s MB.", most=MOST_BYTES // 1024**2))
    kind = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    if kind == ".xlsx":
        return _table(_workbook_rows(data))
    if kind in (".csv", ".tsv", ".txt") and not data.startswith(b"PK\x03\x04"):
        return _table(_csv_rows(_decoded(data)))
    raise SheetRefused(_l("Please send the table as an XLSX or CSV file."))


def _table(rows: Iterable[list[str]]) -> Table:
    """Applies the limits of rows, columns and cells while the rows come in."""
    columns: tuple[str, ...] = ()
    kept: list[Row] = []
    cells = 0
    for number, row in enumerate(rows, start=1):
        _refuse_too_much(number, row)
        while row and not row[-1].strip():
            row.pop()
        row = [as_typed(writable(cell)) for cell in row]
        cells += len(row)
        if cells > MOST_CELLS:
            raise SheetRefused(_l("This table has more than %(most)s cells.", most=MOST_CELLS))
        if not row:
            continue
        if not columns:
            columns = tuple(cell.strip() for cell in row)
        elif len(row) > len(columns):
            raise SheetRefused(_l("Row %(row)s has more cells than the heading.", row=number))
        else:
            kept.append(Row(number, (*row, *[""] * (len(columns) - len(row)))))
    if not columns:
        raise SheetRefused(_l("This table is empty."))
    return Table(columns, tuple(kept))


def _refuse_too_much(number: int, row: list[str]) -> None:
    if number > MOST_ROWS + 1:
        raise _too_many_rows()
    if len(row) > MOST_COLUMNS and any(cell.strip() for cell in row[MOST_COLUMNS:]):
        raise SheetRefused(_l("This table has more than %(most)s columns.", most=MOST_COLUMNS))
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise SheetRefused(_l("A cell in row %(row)s is too long.", row=number))


def _too_many_rows() -> SheetRefused:
    return SheetRefused(_l("This table has more than %(most)s rows.", most=MOST_ROWS))


def _decoded(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise SheetRefused(_l("This file is not readable as text. Please save it as CSV in UTF-8."))


def _csv_rows(text: str) -> Iterator[list[str]]:
    first, _, rest = text.partition("\n")
    if re.fullmatch("sep=[,;\t]\r?", first):  # a hint that spreadsheets write and read
        delimiter, text = first[4], rest
    else:
        delimiter = _delimiter(first)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise SheetRefused(_l("The quotation marks in line %(line)s do not match.", line=reader.line_num)) from error


def _delimiter(heading: str) -> str:
    bare = re.sub('"[^"]*"?', "", heading)
    return max(",;\t", key=bare.count)


def _workbook_rows(data: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    refuse_dangerous_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size is not to be believed
            # One column more than is allowed, to see that there are too many; a row is never longer than that.
            rows = sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
            yield from ([_told(cell) for cell in row] for row in _without_empty_end(rows))
        finally:
            book.close()
    except SheetRefused:
        raise
    except Exception as error:  # a broken workbook breaks openpyxl in any way there is
        raise SheetRefused(_l("This workbook cannot be read. Please save it again as XLSX.")) from error


def _without_empty_end(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """Rows of nothing count only when something follows; one far below the limit is refused without the way there."""
    gap = 0
    for number, row in enumerate(islice(rows, LAST_ROW), start=1):
        if row.count(None) == len(row):
            gap += 1
            continue
        if number > MOST_ROWS + 1:
            raise _too_many_rows()
        yield from [()] * gap
        gap = 0
        yield row


def _told(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    if isinstance(cell, datetime):
        whole_day = cell.time() == time()
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | float | timedelta) else ""
