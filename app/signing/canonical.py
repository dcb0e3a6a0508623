"""The bytes that are hashed: canonical JSON (RFC 8785), so that equal facts have equal fingerprints."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

HEX = re.compile("[0-9a-f]{16,}")
PRINTED = 32  # hexadecimal digits of the root's fingerprint on papers: 128 bits, so that nobody makes a second one


class NotCanonical(ValueError):
    """The data holds something that has no single canonical form."""


def canonical(data: object) -> bytes:
    """RFC 8785 JSON in UTF-8, of None, bool, int, str, lists, tuples and mappings with text keys.

    Texts and keys are brought to NFC. Raises NotCanonical for a float (NaN among them), an integer beyond
    ±(2⁵³ - 1), a lone surrogate, two keys that become one, a key that is no text, and any other kind of value:
    write amounts as integers or text, and moments as ISO text.
    """
    import rfc8785

    try:
        return rfc8785.dumps(_settled(data))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def fingerprint(data: object) -> str:
    """SHA-256 of the canonical bytes as 64 lower-case hexadecimal digits. Raises NotCanonical."""
    return hashlib.sha256(canonical(data)).hexdigest()


def short(fingerprint: str) -> str:
    """The first 64 bits for people to compare on paper: `9f3c 71d0 · a8e2 04bb`. Raises ValueError if it is no hash."""
    if not HEX.fullmatch(fingerprint):
        raise ValueError("A fingerprint is at least sixteen lower-case hexadecimal digits.")
    return f"{fingerprint[:4]} {fingerprint[4:8]} · {fingerprint[8:12]} {fingerprint[12:16]}"


def grouped(fingerprint: str) -> str:
    """In fours, to be read aloud and typed."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _settled(data: object) -> Any:
    if data is None or isinstance(data, bool | int):
        return data
    if isinstance(data, str):
        return unicodedata.normalize("NFC", data)
    if isinstance(data, Mapping):
        return _settled_keys(data)
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray | memoryview):
        return [_settled(value) for value in data]
    raise NotCanonical(f"A {type(data).__name__} has no canonical form.")


def _settled_keys(data: Mapping[Any, object]) -> dict[str, Any]:
    settled: dict[str, Any] = {}
    for key, value in data.items():
        if not isinstance(key, str):
            raise NotCanonical("A key is a text.")
        name = unicodedata.normalize("NFC", key)
        if name in settled:
            raise NotCanonical("Two keys are the same text.")
        settled[name] = _settled(value)
    return settled
