"""Word documents from outside: what may be opened at all (UP5), and their text."""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from app.core.config import ROOT
from app.core.errors import Refused
from app.core.i18n import _
from app.documents.markdown import Block
from app.documents.render import child_environment
from app.files.archives import MOST_ENTRIES, MOST_RATIO, MOST_UNPACKED, RATIO_MATTERS_FROM, is_blown_up, is_strange

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_PARSED = 12 * 1024 * 1024  # a part that is XML stands in memory as a tree
SECONDS = 20
MACROS = re.compile(r"vbaProject", re.IGNORECASE)
ACTIVE = re.compile(r"vbaProject|activeX|embeddings/|\.bin$", re.IGNORECASE)
OUTSIDE = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>")
HARMLESS_OUTSIDE = re.compile(rb"relationships/hyperlink[\"']")


class WordRefused(Refused):
    """A Word document that is not opened."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="file")


@dataclass(frozen=True)
class WordText:
    blocks: list[Block]
    pictures: int  # left out


def read_word(data: bytes) -> WordText:
    """The text of a Word document, read in a process of its own. Raises WordRefused."""
    refuse_dangerous_word(data)
    try:
        child = subprocess.run(  # our own module, no shell, the file on stdin
            [sys.executable, "-m", "app.documents.word_reader"],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WordRefused(
            _("This document takes too long to read. Please save its text alone and try again.")
        ) from error
    if child.returncode != 0:
        raise _unreadable()
    found: dict[str, Any] = json.loads(child.stdout)
    return WordText(found["blocks"], found["pictures"])


def refuse_dangerous_word(data: bytes, *, as_template: bool = False) -> None:
    """Looks at what the archive holds before anything parses it. Raises WordRefused for macros and for what would cost
    too much memory or time; in a template, which goes on to every reader, also for what would make their Word fetch
    something from elsewhere, and for objects of other programs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            unpacked = sum(part.file_size for part in parts)
            if not {"[Content_Types].xml", "word/document.xml"} <= names:
                raise _unreadable()
            if len(parts) > MOST_ENTRIES or unpacked > MOST_UNPACKED or any(map(is_strange, parts)):
                raise WordRefused(_("This document holds more than a text. Please save it again, or its text alone."))
            if unpacked > max(RATIO_MATTERS_FROM, MOST_RATIO * len(data)) or any(map(is_blown_up, parts)):
                raise WordRefused(_("This document unpacks to far more than it should."))
            if any((ACTIVE if as_template else MACROS).search(name) for name in names):
                raise WordRefused(
                    _("This document holds macros or embedded objects. Please save it without them, as DOCX.")
                )
            for part in parts:
                _refuse_dangerous_part(archive, part, as_template=as_template)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _unreadable() from error


def _refuse_dangerous_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, as_template: bool) -> None:
    with archive.open(part) as stream:
        rest = stream.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
        if not rest.startswith((b"<", b"\x00", b"\xff\xfe", b"\xfe\xff")):
            return  # a picture or the like, which no parser takes for XML
        if part.file_size > MOST_PARSED:
            raise WordRefused(_("This document is too long. Please split it."))
        text = rest + stream.read(MOST_PARSED)
    # Word writes UTF-8 and declares no types; UTF-16, with its zeros, would hide a declaration from this look.
    if b"\x00" in text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise _unreadable()
    outside = OUTSIDE.finditer(text) if as_template and part.filename.endswith(".rels") else ()
    if any(not HARMLESS_OUTSIDE.search(found.group()) for found in outside):
        raise WordRefused(
            _("This document fetches something from elsewhere, such as a picture or a template. Put it inside instead.")
        )


def _unreadable() -> WordRefused:
    return WordRefused(_("This document cannot be read. Please save it again as DOCX."))
