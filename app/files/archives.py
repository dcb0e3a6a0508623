"""What an office document, which is a ZIP archive, may unpack to (UP5): asked before anything is parsed."""

import stat
import zipfile
from pathlib import PurePosixPath

MOST_ENTRIES = 1000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 100
RATIO_MATTERS_FROM = 1024 * 1024


def is_strange(part: zipfile.ZipInfo) -> bool:
    """A path outside, a link, a lock, or a packing that office programs do not use."""
    path = PurePosixPath(part.filename.replace("\\", "/"))
    return (
        path.is_absolute()
        or ".." in path.parts
        or stat.S_ISLNK(part.external_attr >> 16)
        or bool(part.flag_bits & 0x1)
        or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )


def is_blown_up(part: zipfile.ZipInfo) -> bool:
    return part.file_size > max(RATIO_MATTERS_FROM, MOST_RATIO * part.compress_size)
