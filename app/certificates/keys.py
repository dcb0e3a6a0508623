"""Where the secrets of the authority lie: files in `instance/keys/`, never the database."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.certificates import making
from app.certificates.errors import RootKeyMissing, WrongPassphrase
from app.core.config import settings_now
from app.core.i18n import _
from app.core.logs import log


def folder() -> Path:
    """Made with rights 0700 at first need."""
    path = settings_now().folder / "keys"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def passphrase() -> str:
    """What the keys in the database are encrypted with: HUFU_CA_PASSPHRASE, else a file made at first need (0600)."""
    given = settings_now().ca_passphrase
    if given:
        return given
    path = folder() / "passphrase"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def root_key_file() -> Path:
    """Where the root's key lies as long as nobody has carried it away."""
    return folder() / "root.key"


def keep_root_key(key: making.Key, path: Path, words: str) -> None:
    """Write the encrypted key into a file that does not exist yet (0600)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_once(path, making.wrap(key, words))


def set_aside(path: Path) -> None:
    """A key whose root was never stored, because the act that first needed it was refused, makes way. It is not deleted:
    the database may be the older of the two, restored from a copy."""
    if path.exists():
        aside = path.with_name(f"{path.name}.unused-{secrets.token_hex(8)}")
        path.rename(aside)
        log.warning("root key without a root set aside", path=str(aside))


def read_root_key(path: Path | None = None, words: str | None = None) -> making.Key:
    """Raises RootKeyMissing when it lies elsewhere, WrongPassphrase when it does not open."""
    path = path or root_key_file()
    try:
        text = path.read_text()
    except (OSError, UnicodeError):
        raise RootKeyMissing(
            _("The root's key is not at %(path)s. Bring it from where it is kept, and name the file.", path=path)
        ) from None
    return open_key(text, words or passphrase())


def has_root_key(pem: str) -> bool:
    """Whether the key of this very root lies in the instance folder and opens, so that its list is renewed by itself."""
    try:
        return read_root_key().public_key() == making.read(pem).public_key()
    except (RootKeyMissing, WrongPassphrase):
        return False


def open_key(text: str, words: str | None = None) -> making.Key:
    try:
        return making.unwrap(text, words or passphrase())
    except ValueError:
        raise WrongPassphrase(_("The passphrase does not open this key.")) from None


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all; of several writers at once, the first wins."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
