"""Passwords: argon2id, bounded in number at a time, refused when they are short or guessed first."""

import re
import threading
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.errors import WeakPassword
from app.core.config import ROOT
from app.core.i18n import _
from app.core.text import fold

SHORTEST, LONGEST = 12, 256
PRODUCT = "hufu"
_at_once = threading.BoundedSemaphore(2)  # 64 MiB each (RFC 9106, second recommended option)
_cost = {"time": 3, "memory": 64 * 1024}


def set_cost(time: int, memory: int) -> None:
    _cost.update(time=time, memory=memory)


def hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=_cost["time"], memory_cost=_cost["memory"], parallelism=1)


def hash_password(password: str) -> str:
    with _at_once:
        return hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right. Costs the same time when there is no stored hash (AN6)."""
    with _at_once:
        if stored is None:
            hasher().hash(password[:LONGEST])
            return False
        try:
            return hasher().verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    return hasher().check_needs_rehash(stored)


@cache
def common() -> frozenset[str]:
    """What is guessed first; scripts/common-passwords tells how the list was made."""
    return frozenset((ROOT / "app/accounts/common-passwords.txt").read_text("utf-8").split("\n"))


def check(password: str, *about: str) -> None:
    """Raise WeakPassword with its reason. `about` are words that others know of the person and the house (AN2)."""
    if len(password) < SHORTEST:
        raise WeakPassword(
            _("A password needs at least %(n)s characters. A short sentence does well.", n=SHORTEST), field="password"
        )
    if len(password) > LONGEST:
        raise WeakPassword(_("A password can have at most %(n)s characters.", n=LONGEST), field="password")
    folded = fold(password)
    if folded in common() or len(set(folded)) < 5:
        raise WeakPassword(
            _("This password is among the first that are guessed. Please choose another."), field="password"
        )
    if _is_about(folded, [*about, PRODUCT]):
        raise WeakPassword(
            _("This password can be guessed from the name, the address or the company. Please choose another."),
            field="password",
        )


def _is_about(folded: str, about: Iterable[str]) -> bool:
    """Whether little but figures stays when what others know of the person and the house is taken away."""
    bare = "".join(sign for sign in folded if sign.isalnum())
    rest = bare
    for word in sorted(_parts(about), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != bare and (len(rest) < 8 or rest.isnumeric())


def _parts(about: Iterable[str]) -> set[str]:
    """Names, addresses and their parts; short Latin parts tell nothing, two Chinese signs do."""
    words = {part for word in about for part in (fold(word), *re.split(r"[\W_]+", fold(word)))}
    bare = {"".join(sign for sign in word if sign.isalnum()) for word in words}
    return {word for word in bare if len(word) > (1 if word[:1] > "\u2e7f" else 3)}
