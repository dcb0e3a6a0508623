"""The secret in the address of a diary: not stored, but derived, so that nobody who reads the database has it."""

import hashlib
import hmac

from app.core.config import secret_key, settings_now
from app.diary.models import CalendarFeed

SIGNS = 40  # hexadecimal: 160 bits


def token_of(feed: CalendarFeed) -> str:
    return f"{feed.ref}-{_secret(feed.ref, feed.turn)}"


def is_token_of(token: str, feed: CalendarFeed | None) -> bool:
    """Told in the same time whatever is wrong with it, also where there is no such feed."""
    ref, turn = (feed.ref, feed.turn) if feed is not None else ("", 0)
    given = token.partition("-")[2]
    return hmac.compare_digest(given.encode(), _secret(ref, turn).encode()) and feed is not None


def ref_in(token: str) -> str:
    return token.partition("-")[0]


def _secret(ref: str, turn: int) -> str:
    key = secret_key(settings_now()).encode()
    return hmac.new(key, f"calendar feed {ref} {turn}".encode(), hashlib.sha256).hexdigest()[:SIGNS]
