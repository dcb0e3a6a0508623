"""The code on the screen of a room: it changes every half minute, so that whoever scans it is there.

Not stored: derived from the key of the installation, the point and the time. Who has scanned it has five minutes to
sign in and to press the button, by a ticket bound to their account.
"""

import hashlib
import hmac
from datetime import datetime

from itsdangerous import BadData, URLSafeTimedSerializer

from app.core.config import secret_key, settings_now
from app.door.models import Point
from app.signing.tokens import ALPHABET

STEP = 30  # seconds
SYMBOLS = 10  # 50 bits, valid for a minute
TICKET = 300  # seconds


def code_at(point: Point, moment: datetime) -> str:
    """The code of a point at this moment."""
    return _code(point, int(moment.timestamp()) // STEP)


def is_code(point: Point, given: str, now: datetime) -> bool:
    """Whether it is the code of now or of the half minute before: the screen may be a little behind."""
    step = int(now.timestamp()) // STEP
    fits = [hmac.compare_digest(given.upper().encode(), _code(point, each).encode()) for each in (step, step - 1)]
    return any(fits)


def _code(point: Point, step: int) -> str:
    key = secret_key(settings_now()).encode()
    digest = hmac.new(key, f"room code {point.ref} {step}".encode(), hashlib.sha256).digest()
    return "".join(ALPHABET[each % len(ALPHABET)] for each in digest[:SYMBOLS])


def ticket_for(point: Point, account_id: int, now: datetime) -> str:
    """Says that this account scanned a valid code just now."""
    return _tickets().dumps([point.ref, account_id, int(now.timestamp())])


def is_ticket(ticket: str, point: Point, account_id: int | None, now: datetime) -> bool:
    try:
        ref, holder, since = _tickets().loads(ticket[:300])
    except (BadData, ValueError, TypeError):
        return False
    return ref == point.ref and holder == account_id and 0 <= now.timestamp() - since <= TICKET


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key(settings_now()), salt="room code ticket")
