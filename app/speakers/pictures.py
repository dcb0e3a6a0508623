"""Photographs of people: small enough to show, and without what a camera writes beside the picture (where, when)."""

import struct
from collections.abc import Iterator

from app.core.i18n import _
from app.speakers.errors import FileRefused

MOST_PIXELS = 40_000_000
PNG = b"\x89PNG\r\n\x1a\n"
SHOWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"pHYs"}
# The frame headers of JPEG that tell the size; C4, C8 and CC mark tables.
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
NOTES = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}
IN_SCANS = {0x00, 0xFF, *range(0xD0, 0xD8)}
ORIENTATION = 0x0112


def cleaned(data: bytes, *, field: str = "file") -> bytes:
    """The same picture without its notes. Refuses what is no PNG or JPEG, is cut short, or has too many pixels."""
    try:
        return _clean_png(data) if data.startswith(PNG) else _clean_jpeg(data)
    except (struct.error, IndexError, ValueError) as error:
        raise FileRefused(_("This picture cannot be read. Please give a whole JPEG or PNG."), field=field) from error
    except FileRefused as refusal:
        refusal.field = field
        raise


def _check(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise FileRefused(
            _("This picture has %(millions)d million pixels; at most %(most)d million are taken.",
              millions=width * height // 1_000_000, most=MOST_PIXELS // 1_000_000)
        )  # fmt: skip
    if not width or not height:
        raise ValueError("no size")


def _clean_png(data: bytes) -> bytes:
    kept, ended = [PNG], False
    for kind, chunk in _chunks(data):
        if kind == b"IHDR":
            _check(*struct.unpack_from(">II", chunk, 8))
        if kind in SHOWN:
            kept.append(chunk)
        if kind == b"IEND":
            ended = True
            break
    if not ended or len(kept) < 4:
        raise ValueError("cut short")
    return b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunk = data[at : at + 12 + length]
        if len(chunk) < 12 + length:
            raise ValueError("cut short")
        yield chunk[4:8], chunk
        at += 12 + length


def _clean_jpeg(data: bytes) -> bytes:
    """Every segment but the notes (APP1, APP3 to APP13, APP15, comments), the scans as they are, nothing after the end.

    Which way up the picture is stays, for it would lie on its side without.
    """
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    kept, at, sized, way_up = [b"\xff\xd8"], 2, False, 1
    while True:
        if data[at] != 0xFF:
            raise ValueError("no marker")
        mark = data[at + 1]
        if mark == 0xFF:  # a fill byte
            at += 1
            continue
        if mark == 0xD9:
            break
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise ValueError("cut short")
        if mark in FRAMES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _check(width, height)
            sized = True
        if mark == 0xE1 and segment[4:10] == b"Exif\0\0":
            way_up = _way_up(segment[10:])
        if mark not in NOTES:
            kept.append(segment)
        at += 2 + length
        if mark == 0xDA:
            end = _end_of_scan(data, at)
            kept.append(data[at:end])
            at = end
    if not sized:
        raise ValueError("no size")
    if way_up != 1:
        kept.insert(1, _turned(way_up))
    return b"".join(kept) + b"\xff\xd9"


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: in a scan, FF is followed by 00 or by a restart."""
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] not in IN_SCANS:
            return at
        at += 2


def _way_up(tiff: bytes) -> int:
    """The orientation (1 to 8) that the camera noted; 1 where it says nothing."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(way_up: int) -> bytes:
    """An APP1 that says this and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, way_up, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff
