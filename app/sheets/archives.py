"""What a workbook may unpack to, looked at before anything is parsed (UP5, IN21)."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from app.core.i18n import _l
from app.files.archives import MOST_ENTRIES, MOST_RATIO, MOST_UNPACKED, RATIO_MATTERS_FROM, is_blown_up, is_strange
from app.sheets.errors import SheetRefused
from app.sheets.limits import MOST_CELLS

MOST_STREAMED = 32 * 1024 * 1024  # a sheet and its texts are read row by row
MOST_PARSED = 4 * 1024 * 1024  # styles and the like stand in memory as a tree
# Signs "<" within one row or text, where openpyxl holds every element at once: eight for each possible column.
MOST_TAGS = 8 * 16_384

STREAMED = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
ENCODING = re.compile(rb"""^[^>]{0,200}encoding\s*=\s*["']([^"']*)["']""")
ROW_OR_TEXT = re.compile(rb"<(?:row|si)[ />]")
CELL = re.compile(rb"<c[ />]")
PIECE = 1024 * 1024
LONGEST_NAME = 16


def refuse_dangerous_archive(data: bytes) -> None:
    """Looks at the list of contents, then through every part that is XML, before openpyxl reads any of it.

    Raises SheetRefused for what would cost too much memory or time, or could reach outside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_ENTRIES or unpacked > MOST_UNPACKED or any(map(is_strange, parts)):
                raise SheetRefused(_l("This workbook holds more than a table. Please send only the table."))
            if unpacked > max(RATIO_MATTERS_FROM, MOST_RATIO * len(data)) or any(map(is_blown_up, parts)):
                raise SheetRefused(_l("This workbook unpacks to far more than it should."))
            for part in parts:
                _refuse_dangerous_part(archive, part)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _unreadable() from error


def _refuse_dangerous_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        head = stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not head.startswith((b"<", b"\x00", b"\xff\xfe", b"\xfe\xff")):
            return  # a picture or the like, which no parser takes for XML
        if part.file_size > (MOST_STREAMED if STREAMED.fullmatch(part.filename) else MOST_PARSED):
            raise SheetRefused(_l("This workbook unpacks to far more than it should."))
        declared = ENCODING.match(head)
        if declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii"):
            raise _unreadable()
        _refuse_dangerous_markup(head, stream)


def _refuse_dangerous_markup(head: bytes, stream: IO[bytes]) -> None:
    """Counts, without parsing, what the parser would have to hold."""
    cells = units = tags = 0
    for piece in _between_tags(head, stream):
        # Spreadsheets write UTF-8 and declare no types; UTF-16, with its zeros, would hide a declaration from this look.
        if b"\x00" in piece or b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
            raise _unreadable()
        parts = ROW_OR_TEXT.split(piece)
        cells += len(CELL.findall(piece))
        units += len(parts) - 1
        for number, part in enumerate(parts):
            tags = part.count(b"<") + (tags if number == 0 else 0)
            if tags > MOST_TAGS:
                raise SheetRefused(_l("This workbook unpacks to far more than it should."))
        if max(cells, units) > MOST_CELLS:
            raise SheetRefused(_l("This table has more than %(most)s cells.", most=MOST_CELLS))


def _between_tags(head: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that do not end within the name of a tag."""
    rest = head
    while read := stream.read(PIECE):
        piece = rest + read
        cut = piece.rfind(b"<")
        if cut < 0 or len(piece) - cut > LONGEST_NAME:
            cut = len(piece)
        yield piece[:cut]
        rest = piece[cut:]
    yield rest


def _unreadable() -> SheetRefused:
    return SheetRefused(_l("This workbook cannot be read. Please save it again as XLSX."))
