"""The link by which somebody says that they come at the new time of an event. Not stored, but derived."""

import hashlib
import hmac

from app.core.config import secret_key, settings_now
from app.registration.models import Registration

SIGNS = 40  # hexadecimal: 160 bits


def reconfirm_link_of(registration: Registration) -> str:
    """Of this registration and these days: another change of them has another link."""
    return f"{registration.ref}-{_secret(registration)}"


def ref_in(token: str) -> str:
    return token.partition("-")[0]


def is_reconfirm_link_of(token: str, registration: Registration) -> bool:
    return hmac.compare_digest(token.partition("-")[2].encode(), _secret(registration).encode())


def _secret(registration: Registration) -> str:
    event = registration.event
    words = (
        "reconfirm", registration.ref, registration.joined_at.isoformat(),
        event.starts_on.isoformat(), event.ends_on.isoformat(), event.time_zone,
    )  # fmt: skip
    key = secret_key(settings_now()).encode()
    return hmac.new(key, "\n".join(words).encode(), hashlib.sha256).hexdigest()[:SIGNS]
