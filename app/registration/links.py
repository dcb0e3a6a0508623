"""Links that act without signing in: the secret in the one that answers an offer, and who acts by a link."""

import hashlib
import hmac

from app.core.config import secret_key, settings_now
from app.core.roles import Nobody
from app.people.models import Person
from app.registration.models import Registration

SIGNS = 40  # hexadecimal: 160 bits


class LinkHolder(Nobody):
    """Whoever came by a link in a mail: acts in the name of the person it was sent to, and holds no role."""

    is_authenticated = False

    def __init__(self, person: Person) -> None:
        self.name = person.name


def link_of(registration: Registration) -> str:
    """Not stored, but derived: of this registration, from when it joined until it is withdrawn."""
    return f"{registration.ref}-{_secret(registration)}"


def ref_in(token: str) -> str:
    return token.partition("-")[0]


def is_link_of(token: str, registration: Registration | None) -> bool:
    """Told in the same time whatever is wrong with it. Somebody who withdrew and came back has another."""
    known = _secret(registration) if registration is not None else ""
    return hmac.compare_digest(token.partition("-")[2].encode(), known.encode()) and registration is not None


def _secret(registration: Registration) -> str:
    key = secret_key(settings_now()).encode()
    words = f"offer {registration.ref} {registration.joined_at.isoformat()}"
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()[:SIGNS]
