"""Real Chromium against a real server with real mail: a `hufu serve` process on a fresh demo, and an SMTP sink beside it."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from app.demo.loader import PASSWORD
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import require_or_skip

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if os.path.exists(path)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Sink:
    """A mail server that keeps what it is given."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def wait_for(self, address: str, words: str = "", seconds: float = 40) -> EmailMessage:
        """The newest mail to an address whose subject or text holds the words."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for mail in reversed(self.mails):
                if address in str(mail["To"]) and words in f"{mail['Subject']} {text_of(mail)}":
                    return mail
            time.sleep(0.2)
        raise AssertionError(
            f"no mail to {address} with {words!r}; there are {[str(m['Subject']) for m in self.mails]}"
        )


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return part.get_content() if part is not None else ""


def links_in(mail: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", text_of(mail))


@dataclass
class Served:
    """The running product."""

    url: str
    folder: Path
    mail: Sink


def command(*words: str, folder: Path, **more: str) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HUFU_INSTANCE": str(folder / "instance"),
        "HUFU_PASSWORD_COST": "1",
        "HUFU_MAIL_HOLD": "0",
        **more,
    }
    return {"args": [sys.executable, "-m", "app.cli", *words], "cwd": ROOT, "env": environment}


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the demo in it, made once; every server runs on a copy."""
    folder = tmp_path_factory.mktemp("demo")
    for words in (("db", "upgrade"), ("demo", "load")):
        subprocess.run(**command(*words, folder=folder), check=True, timeout=180, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of this module's own, on a copy of the demo, with a mail server beside it."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(demo_folder / "instance", folder / "instance")
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0)
    controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    process = subprocess.Popen(
        **command("serve", "--port", "0", folder=folder, HUFU_SMTP_URL=f"smtp://127.0.0.1:{port}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        address = None
        for line in process.stdout:
            found = re.search(r"http://localhost:\d+", line)
            if found:
                address = found.group()
                break
        assert address, "the server did not start"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Served(address, folder, sink)
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()
        controller.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        require_or_skip("browser", "Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody at a browser. Every script error and content-policy violation fails the test."""

    page: Page
    context: BrowserContext
    url: str
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self.page

    def sign_in(self, email: str) -> Page:
        self.go("/sign-in")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_load_state()
        assert "/sign-in" not in self.page.url, self.page.locator("main").inner_text()
        return self.page


@pytest.fixture
def person(chromium: Browser, served: Served) -> Iterator[Callable[..., Person]]:
    """`person("petra@…", PHONE)` opens a browser of that size and signs in; without an address it is a stranger's."""
    opened: list[Person] = []

    def open_browser(
        email: str | None = None,
        size: dict[str, int] = DESKTOP,
        *,
        locale: str = "en-GB",
        dark: bool = False,
        **more: Any,
    ) -> Person:
        context = chromium.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,
        )
        page = context.new_page()
        someone = Person(page, context, served.url)
        page.on("pageerror", lambda error: someone.troubles.append(str(error)))
        page.on("console", lambda said: someone.troubles.append(said.text) if "Content Security" in said.text else None)
        opened.append(someone)
        if email:
            someone.sign_in(email)
        return someone

    yield open_browser
    troubles = [trouble for someone in opened for trouble in someone.troubles]
    for someone in opened:
        someone.context.close()
    assert troubles == []
