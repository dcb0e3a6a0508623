"""Which characters the document fonts can print.

A typesetter leaves out what its fonts lack, without a word; on a signed paper a name would lose a character. So every
document is checked first and refused with the characters named. The way out is a further font in `instance/fonts/`.
"""

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

from app.core.config import ROOT, read_settings

VENDORED = [
    ROOT / "static" / "vendor" / name
    for name in ("noto-sans-sc", "noto-serif-sc", "source-sans-3", "source-serif-4", "noto-sans-arabic")
]
SUFFIXES = {".ttf", ".otf"}
# Whitespace and joiners carry no picture of their own.
INVISIBLE = frozenset("\t\n\r\u00ad\u200b\u200c\u200d\u2028\u2029\u2060\ufe0e\ufe0f")


def font_folders() -> list[Path]:
    """The fonts that come with us, then those the operator added."""
    added = read_settings().folder / "fonts"
    return [*VENDORED, added] if added.is_dir() else VENDORED


def missing_glyphs(text: str) -> list[str]:
    """The characters of `text` that no document font can print, each once, in order of appearance."""
    printable = _printable(tuple(font_folders()))
    return [character for character in dict.fromkeys(text) if ord(character) not in printable]


@lru_cache(maxsize=4)
def _printable(folders: tuple[Path, ...]) -> frozenset[int]:
    found = {ord(character) for character in INVISIBLE}
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in SUFFIXES:
                found |= characters_of(path)
    return frozenset(point for point in found if unicodedata.category(chr(point)) != "Cc" or chr(point) in INVISIBLE)


def characters_of(path: Path) -> set[int]:
    """The code points in the font's `cmap` table, formats 4 and 12 (OpenType 1.9)."""
    with path.open("rb") as font:
        _version, count = struct.unpack(">IH", font.read(6))
        font.seek(12)
        entries = [struct.unpack(">4sIII", font.read(16)) for _entry in range(count)]
        offset, length = next((where, size) for tag, _sum, where, size in entries if tag == b"cmap")
        font.seek(offset)
        table = font.read(length)
    (count,) = struct.unpack_from(">H", table, 2)
    found: set[int] = set()
    for number in range(count):
        (start,) = struct.unpack_from(">I", table, 4 + 8 * number + 4)
        (kind,) = struct.unpack_from(">H", table, start)
        if kind == 12:
            found |= _groups(table, start)
        elif kind == 4:
            found |= _segments(table, start)
    return found


def _groups(table: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">I", table, start + 12)
    groups = (struct.unpack_from(">III", table, start + 16 + 12 * number) for number in range(count))
    return {point for first, last, _glyph in groups for point in range(first, last + 1)}


def _segments(table: bytes, start: int) -> set[int]:
    (double,) = struct.unpack_from(">H", table, start + 6)
    count = double // 2
    lasts = struct.unpack_from(f">{count}H", table, start + 14)
    firsts = struct.unpack_from(f">{count}H", table, start + 16 + double)
    deltas = struct.unpack_from(f">{count}H", table, start + 16 + 2 * double)
    ranges_at = start + 16 + 3 * double
    ranges = struct.unpack_from(f">{count}H", table, ranges_at)
    found: set[int] = set()
    for number, (first, last, delta, reach) in enumerate(zip(firsts, lasts, deltas, ranges, strict=True)):
        for point in range(first, last + 1):
            glyph = point
            if reach:
                (glyph,) = struct.unpack_from(">H", table, ranges_at + 2 * number + reach + 2 * (point - first))
            if (glyph + (0 if reach and not glyph else delta)) & 0xFFFF and point != 0xFFFF:
                found.add(point)
    return found
