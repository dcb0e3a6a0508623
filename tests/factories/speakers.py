"""Speakers and what they bring in, in as few words as possible."""

import io
import re
import struct
import zlib
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.core.roles import SYSTEM
from app.events.models import Event
from app.files import services as files
from app.mail.models import MailMessage
from app.people.models import Person
from app.programme.models import AgendaItem, AgendaSpeaker
from app.speakers.models import Deliverable, DeliverableVersion
from tests.factories import save

PDF = b"%PDF-1.7\nslides\n%%EOF\n"


def part_of(item: AgendaItem, person: Person) -> AgendaSpeaker:
    return next(each for each in item.speakers if each.person is person)


def make_deliverable(item: AgendaItem, person: Person, **values: Any) -> Deliverable:
    return save(Deliverable(**{"item": item, "person": person, "kind": "slides", "days_before": 7, **values}))


def make_version(deliverable: Deliverable, number: int = 1, **values: Any) -> DeliverableVersion:
    stored = files.store(PDF, f"slides-{number}.pdf", "application/pdf", actor=SYSTEM)
    deliverable.review = "submitted"
    return save(DeliverableVersion(**{"deliverable": deliverable, "number": number, "file": stored, **values}))


def mails_of(event: Event, kind: str) -> list[MailMessage]:
    return list(
        db.session.scalars(
            select(MailMessage).where(MailMessage.scope == event.ref, MailMessage.kind == kind).order_by(MailMessage.id)
        )
    )


def token_in(mail: MailMessage) -> str:
    found = re.findall(r"http://localhost:8000/speaking/(\S+)", mail.text)
    assert len(found) == 1, mail.text
    return found[0]


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def make_png(width: int = 3, height: int = 2, *, note: str = "") -> bytes:
    """A real picture, with a text chunk if there is a note."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + b"\x83\x54\x1a" * min(width, 9) for _line in range(min(height, 9)))
    notes = chunk(b"tEXt", b"Comment\0" + note.encode()) if note else b""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + notes + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def make_jpeg(width: int = 3, height: int = 2, *, note: bytes = b"", way_up: int = 1) -> bytes:
    """The segments of a JPEG around a scan of nonsense: what a cleaner walks over."""

    def segment(mark: int, body: bytes) -> bytes:
        return b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body

    exif = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, way_up, 0, 0) + note
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + segment(0xE1, b"Exif\0\0" + exif)
        + segment(0xFE, note or b"-")
        + segment(0xC0, frame)
        + segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9"
        + b"trailer "
        + note
    )
