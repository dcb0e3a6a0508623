"""What is asked of a passkey, and of the browser that holds it out: in one place, for keeping and for using it.

User verification is required both times: the device itself has made sure, by a finger, a face or a PIN, who holds it.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from app.core.config import LOOPBACK, settings_now

ALGORITHMS = (-7, -8, -257)  # ES256, EdDSA, RS256 (COSE)
MOST_BYTES = 20_000  # of what a browser sends about one credential


def party() -> str:
    """The name under which a device keeps its keys for us: our host, without the port."""
    return urlsplit(settings_now().base_url).hostname or "localhost"


def origin_of(client_data: bytes) -> str | None:
    """The origin that the browser names, if it is ours. On one's own machine the port does not matter."""
    try:
        told = json.loads(client_data)["origin"]
        asked, ours = urlsplit(told), urlsplit(settings_now().base_url)
        same_port = asked.port == ours.port or ours.hostname in LOOPBACK
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    same = asked.scheme == ours.scheme and asked.hostname == ours.hostname
    return told if same and same_port and not asked.path.strip("/") else None


def as_json(options: Any) -> dict[str, Any]:
    """Options as the browser takes them, bytes in base64url."""
    import webauthn

    return json.loads(webauthn.options_to_json(options))


def parsed(raw: str) -> dict[str, Any] | None:
    """What the browser sent, as long as it has the outer shape of a credential."""
    if not raw or len(raw) > MOST_BYTES:
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):  # nested too deep is no credential either
        return None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        return None
    name, told = found.get("id"), found["response"].get("clientDataJSON")
    good = isinstance(name, str) and name.isascii() and "\0" not in name and isinstance(told, str)
    return found if good else None
