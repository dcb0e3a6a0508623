"""Keeping files: under the hash of their content, outside every served folder."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from app.core.config import settings_now
from app.core.db import after_commit, db
from app.core.errors import Refused
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import one_line
from app.files.models import StoredFile

# Extension → media type and the first bytes that such a file has. What is not here is not taken (UP1).
ALLOWED: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (b"PK\x03\x04",)),
    ".txt": ("text/plain", ()),
    ".csv": ("text/csv", ()),
}


def folder() -> Path:
    return settings_now().folder / "files"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def store_upload(stream: BinaryIO, name: str, *, actor: Actor) -> StoredFile:
    """Keep an uploaded file, or refuse it as `checked` does."""
    return store(*checked(stream, name), actor=actor)


def checked(stream: BinaryIO, name: str) -> tuple[bytes, str, str]:
    """Content, name and type of an upload that may be kept. Refuses empty ones, types that are not on the list, and
    content that belies its name."""
    data = stream.read()
    name = one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[-200:]
    extension = os.path.splitext(name)[1].lower()
    if not data:
        raise Refused(_("This file is empty."), field="file")
    if extension not in ALLOWED:
        raise Refused(
            _("Files of this type are not taken. Please give a PDF, a picture or an office document."), field="file"
        )
    media_type, beginnings = ALLOWED[extension]
    if beginnings and not data.startswith(beginnings):
        raise Refused(_("The content of this file is not what its name says."), field="file")
    if not beginnings and (b"\x00" in data or data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"):
        raise Refused(_("The content of this file is not what its name says."), field="file")
    return data, name, media_type


def store(data: bytes, name: str, media_type: str, *, actor: Actor) -> StoredFile:
    """Keep content that we made ourselves. The same content is kept once; the write is whole or not at all."""
    sha256 = hashlib.sha256(data).hexdigest()
    target = path_of(sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, target)
    stored = StoredFile(sha256=sha256, name=name, media_type=media_type, size=len(data), by_id=actor.id)
    db.session.add(stored)
    db.session.flush()
    return stored


def drop(stored: StoredFile) -> None:
    """Forget a file that nothing belongs to any more; its content goes with the last file that has it."""
    others = select(StoredFile.id).where(StoredFile.sha256 == stored.sha256, StoredFile.id != stored.id)
    if db.session.scalar(others.limit(1)) is None:
        path = path_of(stored.sha256)
        after_commit(f"drop:{stored.sha256}", lambda: path.unlink(missing_ok=True))
    db.session.delete(stored)


def read(stored: StoredFile) -> bytes:
    return path_of(stored.sha256).read_bytes()
