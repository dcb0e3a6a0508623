"""Every setting, with its sentence. Read from `HUFU_…` variables once, at start."""

import os
import secrets
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

ROOT = Path(__file__).resolve().parents[2]


class BadSetting(Exception):
    """A setting that cannot be used; the message is one line for the operator."""


def setting(default: object, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


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
    upload_mb: int = setting(20, "Largest request body in megabytes.")
    default_zone: str = setting("Asia/Shanghai", "IANA zone proposed for new events.")
    password_cost: int = setting(3, "Time cost of argon2id; higher is slower and stronger.")
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
        return [own, *(name.strip() for name in self.allowed_hosts.split(",") if name.strip())]


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
    if not urlsplit(settings.base_url).hostname:
        raise BadSetting(f"HUFU_BASE_URL must be an address such as https://hufu.example, not {settings.base_url!r}.")
    return settings


def secret_key(settings: Settings) -> str:
    """The key of this installation, made with rights 0600 on first start (OP1: short or known keys are refused)."""
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            raise BadSetting("HUFU_SECRET_KEY is too short: give at least 32 random characters.")
        return settings.secret_key
    path = settings.folder / "secret_key"
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            key = secrets.token_urlsafe(48)
            file.write(key)
            return key
    except OSError as error:
        raise BadSetting(f"The instance folder {settings.folder} cannot be used: {error.strerror}.") from None


def settings_now() -> Settings:
    """The settings of the running app."""
    return current_app.extensions["hufu_settings"]
