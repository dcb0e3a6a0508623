"""What the grid may send: small JSON objects with wall-clock times in the event's zone and the refs of records.

What is not of that shape at all was not written by our script and is answered with 400; what a person can mend, with a
sentence.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, request

from app.core.errors import Refused
from app.core.forms import at_wall_time
from app.core.i18n import _
from app.core.text import one_line
from app.events.models import Event
from app.programme.models import ITEM_KIND_LABELS, ItemKind

MOST_BYTES = 16 * 1024
LONGEST_TITLE = 200
WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
REF = re.compile(r"[0-9a-z]{16}", re.ASCII)
INTENT = re.compile(r"[\w-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class Where:
    """Refs of a room and a session: None is none, and `keeps_session` that nothing was said of it."""

    starts_at: datetime | None
    ends_at: datetime | None
    room: str | None
    session: str | None
    keeps_session: bool


def read_object() -> dict[str, Any]:
    request.max_content_length = MOST_BYTES
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets in brackets
        sent = None
    return sent if isinstance(sent, dict) else abort(400)


def read_version(sent: dict[str, Any]) -> int:
    version = sent.get("version")
    return version if type(version) is int else abort(400)


def read_where(sent: dict[str, Any], event: Event) -> Where:
    """Refuses times that a change of the clocks skips or doubles."""
    if not {"starts_at", "ends_at", "room"} <= sent.keys():
        abort(400)
    return Where(
        starts_at=_moment(sent["starts_at"], event.time_zone, "starts_at"),
        ends_at=_moment(sent["ends_at"], event.time_zone, "ends_at"),
        room=read_ref(sent["room"]),
        session=read_ref(sent.get("session")),
        keeps_session="session" not in sent,
    )


def read_minutes(sent: dict[str, Any]) -> int | None:
    minutes = sent.get("minutes")
    return minutes if minutes is None or type(minutes) is int else abort(400)


def read_ref(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) and REF.fullmatch(value) else abort(400)


def read_intent(sent: dict[str, Any]) -> str:
    intent = sent.get("intent")
    return intent if isinstance(intent, str) and INTENT.fullmatch(intent) else abort(400)


def read_title(sent: dict[str, Any]) -> str:
    title = sent.get("title")
    title = one_line(title) if isinstance(title, str) else abort(400)
    if not title:
        raise Refused(_("Please fill this in."), field="title")
    if len(title) > LONGEST_TITLE:
        raise Refused(_("Please keep this to %(max)d characters.", max=LONGEST_TITLE), field="title")
    return title


def read_kind(sent: dict[str, Any]) -> ItemKind:
    kind = sent.get("kind")
    return ItemKind(kind) if isinstance(kind, str) and kind in set(ITEM_KIND_LABELS) else abort(400)


def _moment(value: Any, zone: str, field: str) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not WALL.fullmatch(value):
        abort(400)
    try:
        there = datetime.fromisoformat(value)
    except ValueError:
        abort(400)
    if not 1900 <= there.year <= 2200:
        raise Refused(_("Please choose a day between the years 1900 and 2200."), field=field)
    return at_wall_time(there, zone, field=field)
