"""Printed papers: templates/documents/*.typ filled with data, as PDF bytes.

The data enters as JSON and stays data: no character in it can become code of the template.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.config import ROOT
from app.core.i18n import _
from app.core.text import tidy
from app.documents.errors import DocumentFailed, GlyphsMissing, TooLarge
from app.documents.fonts import INVISIBLE, font_folders, missing_glyphs

TEMPLATES = ROOT / "templates" / "documents"
NAME = re.compile(r"[a-z][a-z_]*")
SECONDS = 30
LARGEST = 4_000_000
# Joiners and the like have no picture, and the archive standard refuses them; the soft hyphen and line ends stay.
DROPPED = {ord(character): None for character in INVISIBLE - set("\t\n\u00ad\u2028\u2029")} | {
    0x2028: "\n",
    0x2029: "\n",
}


def render_pdf(template: str, data: Mapping[str, object], *, lang: str, patience: float = SECONDS) -> bytes:
    """The document `templates/documents/<template>.typ` as PDF/A-2a; the same data gives the same bytes.

    `data` has the shape that app.documents.shapes names for the template. `lang` is a tag such as "en" or "zh_Hans_CN".
    Takes a quarter of a second in a process of its own; 2,000 rows take four to six seconds, so print those in a job. Raises GlyphsMissing, naming the characters that the fonts cannot print, TooLarge (from about 5,000
    rows), or DocumentFailed; each is a refusal with a sentence to show. `patience` is how many seconds to wait for it on
    a machine that has other things to do; of the processor it gets no more than half a minute.
    """
    return _run(_job(template, data, lang), begins=b"%PDF-", patience=patience)


def render_picture(template: str, data: Mapping[str, object], *, lang: str) -> bytes:
    """The first page of the same document as PNG, to be looked at on a screen. Refused likewise."""
    return _run(_job(template, data, lang, output="picture"), begins=b"\x89PNG")


def measure(template: str, data: Mapping[str, object], *, lang: str, patience: float = SECONDS) -> list[Any]:
    """What the template tells of itself, in `metadata(…) <told>`: how large a name could be set, what did not fit."""
    return json.loads(_run(_job(template, data, lang, output="told"), begins=b"[", patience=patience))


def render_form(
    template: str, data: Mapping[str, object], *, lang: str, attached: bytes, patience: float = SECONDS
) -> tuple[bytes, list[Any]]:
    """The document as PDF/A-3b with `attached` (UTF-8) inside it, and what the template tells of itself: where the fields
    for signatures belong. Refused likewise."""
    job = _job(template, data, lang, output="form", attached=attached.decode())
    answer = json.loads(_run(job, begins=b"{", patience=patience))
    return base64.b64decode(answer["pdf"]), answer["told"]


def render_stamp(template: str, data: Mapping[str, object], *, lang: str) -> bytes:
    """A small PDF that is put into another one's field. Refused likewise."""
    return _run(_job(template, data, lang, output="stamp"), begins=b"%PDF-")


def unprintable(text: str) -> list[str]:
    """The characters of a text that the fonts cannot print, as a document would meet them."""
    return missing_glyphs(str(_tidied(text)))


def _job(template: str, data: Mapping[str, object], lang: str, output: str = "pdf", attached: str = "") -> bytes:
    if not NAME.fullmatch(template) or not (TEMPLATES / f"{template}.typ").is_file():
        raise DocumentFailed(detail=f"no template {template!r}")
    clean = _tidied(dict(data))
    missing = missing_glyphs("".join(_strings(clean)))
    if missing:
        raise GlyphsMissing(missing)
    job = {
        "template": template,
        "templates": str(TEMPLATES),
        "fonts": [str(folder) for folder in font_folders()],
        "language": "zh" if lang.lower().startswith("zh") else "en",
        "output": output,
        "data": clean,
        "attached": attached,
    }
    return json.dumps(job, ensure_ascii=False).encode()


def _run(job: bytes, *, begins: bytes, patience: float = SECONDS) -> bytes:
    if len(job) > LARGEST:
        raise TooLarge(f"{len(job)} bytes")
    try:
        child = subprocess.run(  # our own module, no shell, the data on stdin
            [sys.executable, "-m", "app.documents.typesetter"],
            input=job,
            capture_output=True,
            timeout=patience,
            cwd=ROOT,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentFailed(_("The document took too long to make."), detail=f"{patience} s") from error
    if child.returncode != 0 or not child.stdout.startswith(begins):
        said = child.stderr.decode(errors="replace")[-4000:] or f"exit {child.returncode}"
        raise TooLarge(said) if "memory allocation" in said or "MemoryError" in said else DocumentFailed(detail=said)
    return child.stdout


def child_environment() -> dict[str, str]:
    """Nothing of ours: no database address, no keys. Windows alone needs its system folder to start a process."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    # Two threads: each further one reserves address space out of the memory limit.
    return {**kept, "PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "RAYON_NUM_THREADS": "2"}


def _tidied(value: object) -> object:
    """The same data with every text made safe to print: NFC, no control signs, nothing that reorders a line."""
    if isinstance(value, str):
        return tidy(str(value)).translate(DROPPED)
    if isinstance(value, Mapping):
        return {str(key): _tidied(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_tidied(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _tidied(str(value))  # a lazy translation


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
