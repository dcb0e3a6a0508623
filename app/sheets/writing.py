"""Tables out: CSV for any program, XLSX for spreadsheets. Nobody's text becomes a formula (IN11)."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from app.sheets.formulas import as_text, is_dangerous
from app.sheets.limits import LONGEST_CELL
from app.sheets.text import writable

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | Decimal | bool | date | datetime | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number
FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets disagree on what a day's number is
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
NARROWEST, WIDEST, MEASURED_ROWS = 8, 60, 200


def write_csv(columns: Sequence[object], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets know it; every text in quotes, numbers bare.

    Days and moments are ISO 8601 with the zone they come in. Text that could be a formula gets an apostrophe,
    which `read_table` takes away again.
    """
    out = io.StringIO(newline="")
    # Quotes around every text, since a program that splits at semicolons would find formulas inside bare cells.
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([as_text(_writable(str(column))) for column in columns])
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def write_xlsx(columns: Sequence[object], rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """A workbook of one sheet with a frozen heading and filters; rows are written as they come, never all held.

    Text is typed as text. Moments lose their zone and show the clock they come with: convert them before.
    """
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    with Workbook(out, options) as book:
        sheet = book.add_worksheet(_title(title))
        heading = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4", "text_wrap": True})
        styles = {
            "text": book.add_format({"quote_prefix": True}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        names = [_writable(str(column)) for column in columns]
        widths = [_width(name) for name in names]
        for at, name in enumerate(names):
            sheet.write_string(0, at, _kept_apart(name), heading)
        number = 0
        for number, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                _write_cell(sheet, number, at, cell, styles)
                if number <= MEASURED_ROWS and at < len(widths):
                    widths[at] = max(widths[at], _width(cell))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, min(max(width + 2, NARROWEST), WIDEST))
        sheet.freeze_panes(1, 0)
        if names:
            sheet.autofilter(0, 0, number, len(names) - 1)
    return out.getvalue()


def _plain(cell: Cell) -> str | int | float | Decimal:
    if cell is None or _is_no_number(cell):
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float | Decimal):
        return cell
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return as_text(_writable(str(cell)))


def _write_cell(sheet: "Worksheet", row: int, at: int, cell: Cell, styles: dict[str, "Format"]) -> None:
    if cell is None or cell == "" or _is_no_number(cell):
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, at, cell)
    elif isinstance(cell, int | float | Decimal) and abs(cell) < EXACT:
        sheet.write_number(row, at, float(cell) if isinstance(cell, Decimal) else cell)
    elif isinstance(cell, datetime) and cell.date() >= FIRST_DAY:
        sheet.write_datetime(row, at, cell.replace(tzinfo=None), styles["moment"])
    elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= FIRST_DAY:
        sheet.write_datetime(row, at, datetime.combine(cell, time()), styles["day"])
    else:
        text = _kept_apart(_writable(str(cell)))
        sheet.write_string(row, at, text, styles["text"] if is_dangerous(text) else None)


def _is_no_number(cell: Cell) -> bool:
    return isinstance(cell, float | Decimal) and not math.isfinite(cell)


def _kept_apart(text: str) -> str:
    """A typed apostrophe before a formula gets one more, so that reading takes away ours and leaves theirs."""
    return f"'{text}" if text.startswith("'") and is_dangerous(text[1:]) else text


def _writable(text: str) -> str:
    """One sign short of what a cell holds, for the apostrophe."""
    return writable(text)[: LONGEST_CELL - 1]


def _title(title: str) -> str:
    """A name that a sheet may have: at most 31 signs, some signs not at all."""
    name = NOT_IN_TITLES.sub(" ", _writable(title)).strip().strip("'")[:31].strip().strip("'")
    return name if name and name.casefold() != "history" else "Table"


def _width(cell: Cell | str) -> int:
    """About as many columns of figures as the longest line needs; Chinese signs take two."""
    if isinstance(cell, datetime):
        return 16
    lines = str(cell).splitlines() if cell is not None else []
    return max((_line_width(line[:WIDEST]) for line in lines), default=0)


def _line_width(line: str) -> int:
    return len(line) if line.isascii() else sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line)
