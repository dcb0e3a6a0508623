"""Secrets for links, and codes that people read aloud and type."""

import hashlib
import hmac
import re
import secrets
import unicodedata

# Crockford's base 32: no I, L, O, U, so that nothing is mistaken and no word appears.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
CODE_SYMBOLS = 16  # 80 bits: may be guessed at without limit
ADMISSION_CODE_SYMBOLS = 28  # 140 bits: whole groups of four, and not less than 128
DOOR_CODE_SYMBOLS = 8  # 40 bits: only together with a limit on tries
LENGTHS = (CODE_SYMBOLS, ADMISSION_CODE_SYMBOLS, DOOR_CODE_SYMBOLS)
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
BETWEEN = re.compile(r"[\s\-‐‑‒–—―−_·.]+")


def new_token() -> tuple[str, str]:
    """A secret for a link (192 bits, safe in a URL), and its digest: give away the first, keep only the second."""
    token = secrets.token_urlsafe(24)
    return token, digest(token)


def digest(token: str) -> str:
    """SHA-256 of a token as it is stored: 64 lower-case hexadecimal digits. Takes any text, raises nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_token(token: str, stored: str) -> bool:
    """Whether `stored` is the digest of `token`, told in the same time for every wrong one."""
    return hmac.compare_digest(digest(token), stored)


def new_code() -> str:
    """A code of 80 random bits for print, in groups: `7Q2M-0XKD-9FAT-C3VZ`."""
    return _code(CODE_SYMBOLS)


def new_admission_code() -> str:
    """A code of 140 random bits that admits one person to one event: scanned, and typed where the camera fails.

    Seven groups: `7Q2M-0XKD-9FAT-C3VZ-H1RB-8WSN-5EJP`. Codes of sixteen symbols, given out before, still hold.
    """
    return _code(ADMISSION_CODE_SYMBOLS)


def new_door_code() -> str:
    """A code of 40 random bits to be typed by hand: `7Q2M-0XKD`. Tries must be limited where it is asked for."""
    return _code(DOOR_CODE_SYMBOLS)


def normalise(code: str) -> str:
    """A typed code as it was written when it was made, of each of the three lengths; else an empty text.

    Forgives case, spaces, dashes, full-width signs, and O for 0, I or L for 1.
    """
    symbols = BETWEEN.sub("", unicodedata.normalize("NFKC", code[:100])).upper().translate(MISREAD)
    if len(symbols) not in LENGTHS or not set(symbols) <= set(ALPHABET):
        return ""
    return _grouped(symbols)


def _code(length: int) -> str:
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(length)))


def _grouped(symbols: str) -> str:
    return "-".join(symbols[start : start + GROUP] for start in range(0, len(symbols), GROUP))
