"""The key that signs checkpoints: a file of the instance folder, never the database. Public halves stay beside it."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.config import BadSetting, settings_now
from app.ledger.signed import key_id

NOTES = "checkpoints.jsonl"


def folder() -> Path:
    """Made with rights 0700 at first need."""
    path = settings_now().folder / "keys" / "log"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def signing_key() -> Ed25519PrivateKey:
    """The key in use, made at first need with rights 0600. Raises BadSetting when the file holds none."""
    path = folder() / "signing.pem"
    if not path.exists():
        _make(path)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise BadSetting(f"{path} holds no key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSetting(f"{path} holds a key of another kind.")
    return key


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def known_keys() -> dict[str, bytes]:
    """Every public key of this installation by its id, those of earlier days too."""
    found = [bytes.fromhex(path.read_text().strip()) for path in sorted(folder().glob("*.pub"))]
    return {key_id(each): each for each in found}


def _make(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = public_of(key)
    (path.parent / f"{key_id(public)[:16]}.pub").write_text(public.hex() + "\n")
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        with suppress(FileExistsError):  # of several at once the first one wins
            os.link(draft, path)
    finally:
        draft.unlink()
