"""Settings: read once, and what cannot be used is said in one line before anything starts."""

import os
import stat
import threading
from pathlib import Path

import pytest

from app.core.config import BadSetting, Settings, read_settings, secret_key


def test_nothing_set_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_numbers_and_words_are_read() -> None:
    settings = read_settings(
        {
            "HUFU_LOCK_WAIT": "2.5",
            "HUFU_MAIL_RATE": "7",
            "HUFU_BASE_URL": "https://h.example",
            "HUFU_ALLOWED_HOSTS": " a , b,",
        }
    )
    assert (settings.lock_wait, settings.mail_rate, settings.is_https) == (2.5, 7, True)
    assert settings.hosts == ["h.example", "a", "b"]


def test_at_home_both_names_of_the_machine_are_taken() -> None:
    assert read_settings({"HUFU_BASE_URL": "http://127.0.0.1:9"}).hosts == ["localhost", "127.0.0.1"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOCK_WAIT", "soon", "HUFU_LOCK_WAIT must be a number, not 'soon'."),
        ("LOCK_WAIT", "nan", "HUFU_LOCK_WAIT must be a number from 0.05 on, not nan."),
        ("LOCK_WAIT", "inf", "HUFU_LOCK_WAIT must be a number from 0.05 on, not inf."),
        ("LOCK_WAIT", "-1", "HUFU_LOCK_WAIT must be a number from 0.05 on, not -1.0."),
        ("MAIL_RATE", "0", "HUFU_MAIL_RATE must be a number from 1 on, not 0."),
        ("UPLOAD_MB", "1.5", "HUFU_UPLOAD_MB must be a number, not '1.5'."),
        ("PROXIES", "-1", "HUFU_PROXIES must be a number from 0 on, not -1."),
        ("BASE_URL", "hufu.example", "HUFU_BASE_URL must be an address such as https://hufu.example, not 'hufu.example'."),
        ("BASE_URL", "javascript://x", "HUFU_BASE_URL must be an address such as https://hufu.example, not 'javascript://x'."),
        ("BASE_URL", "http://[x", "HUFU_BASE_URL must be an address such as https://hufu.example, not 'http://[x'."),
        ("DATABASE_URL", "mysql://x:secret@y/z", "HUFU_DATABASE_URL must begin with postgresql:// or sqlite:///."),
        ("SMTP_URL", "mail:secret@x", "HUFU_SMTP_URL must look like smtp://user:password@host:587 or smtps://…."),
        ("SMTP_URL", "smtp://u:secret@h:port", "HUFU_SMTP_URL must look like smtp://user:password@host:587 or smtps://…."),
        ("MAIL_FROM", "Hufu", "HUFU_MAIL_FROM must be a sender such as Hufu <hufu@example.org>, not 'Hufu'."),
        ("LOG_LEVEL", "LOUD", "HUFU_LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'."),
        ("DEFAULT_ZONE", "Mars/Base", "HUFU_DEFAULT_ZONE must be a zone such as Asia/Shanghai, not 'Mars/Base'."),
    ],
)  # fmt: skip
def test_a_bad_setting_is_one_clear_line(name: str, value: str, says: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_settings({f"HUFU_{name}": value})
    assert str(refusal.value) == says


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(instance=str(tmp_path / "new"))
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(secret_key(settings))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert len(keys[0]) >= 32
    assert stat.S_IMODE((tmp_path / "new" / "secret_key").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "new") == ["secret_key"]


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="HUFU_SECRET_KEY is too short: give at least 32 random characters."):
        secret_key(Settings(instance=str(tmp_path), secret_key="hunter2"))


@pytest.mark.parametrize("content", [b"", b"\n", b"short"])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(BadSetting, match="secret_key is too short"):
        secret_key(Settings(instance=str(tmp_path)))


@pytest.mark.parametrize("content", [b"\xff\xfe" * 40])
def test_a_key_file_of_noise_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(content)
    with pytest.raises(BadSetting, match="cannot be used"):
        secret_key(Settings(instance=str(tmp_path)))


def test_an_instance_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("")
    with pytest.raises(BadSetting, match="cannot be used: File exists."):
        secret_key(Settings(instance=str(tmp_path / "here")))
    with pytest.raises(BadSetting, match="cannot be used"):
        secret_key(Settings(instance=str(tmp_path / "here"), secret_key="k" * 40))


def test_every_setting_has_its_sentence_in_the_guide() -> None:
    from dataclasses import fields

    from app.core.config import ROOT

    guide = (ROOT / "docs" / "operating.md").read_text()
    missing = [
        each.name for each in fields(Settings)
        if f"HUFU_{each.name.upper()}" not in guide or each.metadata["sentence"] not in guide
    ]  # fmt: skip
    assert missing == []
