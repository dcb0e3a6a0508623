"""What may be brought in, by kind: types and size. The content has to be what the name says."""

import io
import os
from typing import BinaryIO

from app.core.config import settings_now
from app.core.i18n import _
from app.core.roles import Actor
from app.core.text import one_line
from app.files import services as files
from app.files.models import StoredFile
from app.speakers.errors import FileRefused
from app.speakers.models import DeliverableKind
from app.speakers.pictures import cleaned

MEGABYTE = 1024 * 1024
PICTURES = (".jpg", ".jpeg", ".png")
# Kind → the types it takes and the most megabytes. No body is larger than HUFU_UPLOAD_MB.
TAKEN: dict[str, tuple[tuple[str, ...], int]] = {
    DeliverableKind.SLIDES: ((".pptx", ".pdf"), 50),
    DeliverableKind.SCRIPT: ((".docx", ".pdf", ".txt"), 10),
    DeliverableKind.PHOTO: (PICTURES, 8),
    DeliverableKind.REQUIREMENT_SHEET: ((".docx", ".xlsx", ".csv", ".pdf"), 10),
    DeliverableKind.VIDEO: ((".mp4",), 200),
    DeliverableKind.OTHER: (tuple(sorted(files.ALLOWED)), 20),
}
PORTRAIT_MB = 5


def types_of(kind: str) -> tuple[str, ...]:
    return TAKEN[kind][0]


def most_megabytes(kind: str) -> int:
    return min(TAKEN[kind][1], settings_now().upload_mb)


def keep(kind: str, stream: BinaryIO, name: str, *, actor: Actor) -> StoredFile:
    """Store a file of this kind; refuses what is too large, of another type, or not what its name says."""
    data = _read(stream, name, types_of(kind), most_megabytes(kind), field="file")
    if _extension(name) == ".mp4":
        return _keep_video(data, name, actor)
    if kind == DeliverableKind.PHOTO:
        data = cleaned(data)
    return files.store_upload(io.BytesIO(data), name, actor=actor)


def keep_portrait(stream: BinaryIO, name: str, *, actor: Actor) -> StoredFile:
    """A photo of a person, without the notes of the camera."""
    data = cleaned(_read(stream, name, PICTURES, PORTRAIT_MB, field="picture"), field="picture")
    return files.store_upload(io.BytesIO(data), name, actor=actor)


def _extension(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _read(stream: BinaryIO, name: str, types: tuple[str, ...], most: int, *, field: str) -> bytes:
    if _extension(one_line(name)) not in types:
        listed = ", ".join(each.removeprefix(".").upper() for each in types)
        raise FileRefused(_("This has to be one of: %(types)s.", types=listed), field=field)
    data = stream.read(most * MEGABYTE + 1)
    if len(data) > most * MEGABYTE:
        raise FileRefused(_("This file is larger than %(most)d MB.", most=most), field=field)
    if not data:
        raise FileRefused(_("This file is empty."), field=field)
    return data


def _keep_video(data: bytes, name: str, actor: Actor) -> StoredFile:
    if data[4:8] != b"ftyp":
        raise FileRefused(_("The content of this file is not what its name says."), field="file")
    name = one_line(name.replace("\\", "/").rsplit("/", 1)[-1])[-200:]
    return files.store(data, name, "video/mp4", actor=actor)
