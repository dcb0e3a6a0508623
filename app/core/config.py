"""Every setting, with its sentence. Read from `HUFU_…` variables once, at start."""

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from flask import current_app

ROOT = Path(__file__).resolve().parents[2]


class BadSetting(Exception):
    """A setting that cannot be used; the message is one line for the operator."""


def setting(default: object, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


LOOPBACK = ("localhost", "127.0.0.1")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LEAST = {"mail_rate": 1, "mail_hold": 0, "proxies": 0, "lock_wait": 0.05, "upload_mb": 1, "password_cost": 1}


@dataclass(frozen=True)
class Settings:
    """The operating guide repeats each sentence; a test compares the two."""

    instance: str = setting(
        str(ROOT / "instance"), "Folder for the database, the files, the secret key and the job queue."
    )
    database_url: str = setting("", "SQLAlchemy URL of the database; empty means SQLite in the instance folder.")
    base_url: str = setting(
        "http://localhost:8000", "The address that people use; every link in a mail begins with it."
    )
    allowed_hosts: str = setting("", "Further host names that may be asked for, separated by commas.")
    secret_key: str = setting("", "Key that signs cookies, at least 32 characters; empty: made on first start.")
    smtp_url: str = setting("", "Mail server, such as smtp://user:password@host:587; empty keeps mail here.")
    mail_from: str = setting("Hufu <hufu@localhost>", "Sender of every mail.")
    mail_rate: int = setting(120, "Mails handed over per minute at most.")
    mail_hold: int = setting(30, "Seconds that a mail waits in the outbox, during which it can be taken back.")
    proxies: int = setting(0, "Number of reverse proxies in front whose forwarded headers are believed.")
    log_level: str = setting("INFO", "Least severe level that is logged.")
    lock_wait: float = setting(5.0, "Seconds that a write waits for its turn before the answer is 503.")
    upload_mb: int = setting(20, "Largest file in megabytes. Of a request more than twice as large nothing is read.")
    default_zone: str = setting("Asia/Shanghai", "IANA zone proposed for new events.")
    password_cost: int = setting(3, "Time cost of argon2id; higher is slower and stronger.")
    ca_passphrase: str = setting(
        "", "Opens the keys of the certificate authority; empty: kept in a file of the instance folder."
    )
    tsa_url: str = setting("", "Time-stamp authority (RFC 3161) that dates signatures; empty: our clock alone.")
    tsa_trust: str = setting(
        "", "Folder with that authority's roots (.pem) and revocation lists (.crl), for level B-LT."
    )
    listen: str = setting("localhost", "Address that the server binds to.")

    @property
    def folder(self) -> Path:
        return Path(self.instance)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / 'hufu.db'}"

    @property
    def is_sqlite(self) -> bool:
        return self.database.startswith("sqlite")

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        own = urlsplit(self.base_url).hostname or "localhost"
        names = LOOPBACK if own in LOOPBACK else (own,)
        return [*names, *(name.strip() for name in self.allowed_hosts.split(",") if name.strip())]


def read_settings(environment: dict[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment; `overrides` win. Raises BadSetting with one clear line."""
    source = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for each in fields(Settings):
        raw = source.get(f"HUFU_{each.name.upper()}")
        if raw is None or raw == "":
            continue
        try:
            values[each.name] = type(each.default)(raw)
        except ValueError:
            raise BadSetting(f"HUFU_{each.name.upper()} must be a number, not {raw!r}.") from None
    settings = Settings(**{**values, **overrides})
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """Raises BadSetting for what could only fail later, in the middle of somebody's work."""
    for name, least in LEAST.items():
        value = getattr(settings, name)
        if not (least <= value < 1_000_000):
            raise BadSetting(f"HUFU_{name.upper()} must be a number from {least} on, not {value}.")
    base = _parts(settings.base_url, ("http", "https"))
    if base is None:
        raise BadSetting(f"HUFU_BASE_URL must be an address such as https://hufu.example, not {settings.base_url!r}.")
    if settings.database_url and not settings.database_url.startswith(
        ("sqlite:///", "postgresql:", "postgresql+psycopg:")
    ):
        raise BadSetting("HUFU_DATABASE_URL must begin with postgresql:// or sqlite:///.")
    if settings.smtp_url and _parts(settings.smtp_url, ("smtp", "smtps")) is None:
        raise BadSetting("HUFU_SMTP_URL must look like smtp://user:password@host:587 or smtps://….")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(settings.mail_from)[1]):
        raise BadSetting(
            f"HUFU_MAIL_FROM must be a sender such as Hufu <hufu@example.org>, not {settings.mail_from!r}."
        )
    if settings.tsa_url and _parts(settings.tsa_url, ("http", "https")) is None:
        raise BadSetting(f"HUFU_TSA_URL must be an address such as https://tsa.example, not {settings.tsa_url!r}.")
    if settings.log_level not in LOG_LEVELS:
        raise BadSetting(f"HUFU_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {settings.log_level!r}.")
    if settings.default_zone not in available_timezones():
        raise BadSetting(f"HUFU_DEFAULT_ZONE must be a zone such as Asia/Shanghai, not {settings.default_zone!r}.")


def _parts(address: str, schemes: tuple[str, ...]) -> SplitResult | None:
    """The parts of an address with a host and, if any, a usable port; None when it is something else."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if fits else None


def secret_key(settings: Settings) -> str:
    """The key of this installation, made with rights 0600 on first start (OP1: short or known keys are refused)."""
    path = settings.folder / "secret_key"
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        if settings.secret_key:
            key, name = settings.secret_key, "HUFU_SECRET_KEY"
        else:
            key, name = _kept_key(path), str(path)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a folder with readable text"
        raise BadSetting(f"The instance folder {settings.folder} cannot be used: {why}.") from None
    if len(key) < 32:
        raise BadSetting(f"{name} is too short: give at least 32 random characters.")
    return key


def _kept_key(path: Path) -> str:
    """The key in the file. Of several first starts at once, one makes it, and it is never seen half written."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text().strip()


def settings_now() -> Settings:
    """The settings of the running app."""
    return current_app.extensions["hufu_settings"]
