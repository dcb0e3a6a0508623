"""Real Chromium against a real server with real mail: a `hufu serve` process on a fresh demo, and an SMTP sink beside it."""

import gettext
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Response

from app.demo.loader import PASSWORD
from tests.browser import daytime

ROOT = Path(__file__).resolve().parents[2]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
CATALOGUE = ROOT / "translations" / "compiled"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
UNFINISHED = re.compile(r"%\(\w+\)|\bNone\b(?! of)|not-built-yet|\bundefined\b|\bNaN\b|\{\{ |&lt;|&amp;")
# What a page is, in one question: its words (of choices and fields only those beside them), and the parts that it is built of.
SEEN = """() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const text = [];
  while (words.nextNode()) {
    if (!words.currentNode.parentElement.closest("option, script, style, textarea")) text.push(words.currentNode.data);
  }
  const parts = new Set([...document.querySelectorAll("body *")].map((each) => `${each.localName}.${each.classList}`));
  return {
    title: document.title,
    lang: document.documentElement.lang,
    headings: document.querySelectorAll("h1").length,
    wide: document.scrollingElement.scrollWidth,
    screen: innerWidth,
    text: text.join(" "),
    parts: [...parts],
  };
}"""
REF = re.compile(r"/(?:[0-9a-hj-km-np-tv-z]{16}|\d+)\b")  # and numbers: days of the calendar, of releases, of versions
# Between the sizes that people have in these tests, and at their ends, a page is only measured.
WIDTHS = (360, 768, 960, 1920)
WIDE = "() => [document.scrollingElement.scrollWidth, innerWidth]"
MEASURED: set[tuple[str, bool]] = set()  # rules of pages, by language
EXAMINED: dict[tuple[object, ...], set[str]] = {}  # rules and parts of pages, by size, colours and language


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How much work each journey is for a person."""
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {words}"
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, words in getattr(report, "user_properties", ())
        if name == "journey" and report.when == "teardown"
    ]
    for line in sorted(set(lines)):
        terminalreporter.write_line(line)


@dataclass
class Sink:
    """A mail server that keeps what it is given."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def wait_for(self, address: str, words: str = "", *, method: str = "", seconds: float = 40) -> EmailMessage:
        """The newest mail to an address whose subject or text holds the words, and a calendar by this method."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for mail in reversed(self.mails):
                said = words in f"{mail['Subject']} {text_of(mail)}" and (not method or method in methods_of(mail))
                if said and address in str(mail["To"]):
                    return mail
            time.sleep(0.2)
        raise AssertionError(
            f"no mail to {address} with {words!r}; there are {[str(m['Subject']) for m in self.mails]}"
        )


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return part.get_content() if part is not None else ""


def methods_of(mail: EmailMessage) -> set[str]:
    return {str(part.get_param("method")) for part in mail.walk() if part.get_content_type() == "text/calendar"}


def links_in(mail: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", text_of(mail))


@dataclass
class Served:
    """The running product."""

    url: str
    folder: Path
    mail: Sink


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def command(*words: str, folder: Path, **more: str) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HUFU_INSTANCE": str(folder / "instance"),
        "HUFU_PASSWORD_COST": "1",
        "HUFU_MAIL_HOLD": "0",
        "HUFU_MAIL_RATE": "5000",
        daytime.VARIABLE: str(daytime.SHIFT.total_seconds()),
        **more,
    }
    return {"args": [sys.executable, "-m", "tests.browser.daytime", *words], "cwd": ROOT, "env": environment}


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the demo in it, made once; every server runs on a copy."""
    folder = tmp_path_factory.mktemp("demo")
    for words in (("db", "upgrade"), ("demo", "load")):
        subprocess.run(**command(*words, folder=folder), check=True, timeout=180, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def serving(demo_folder: Path, folder: Path, *, later: timedelta = timedelta()) -> Iterator[Served]:
    """A server on a copy of the demo, or of what another server left, with a mail server beside it."""
    shutil.copytree(demo_folder / "instance", folder / "instance")
    sink = Sink()
    port = free_port()  # the controller greets the port that it was given, so 0 will not do
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    log = folder / "server.log"
    with log.open("w") as said:
        process = subprocess.Popen(
            **command(
                "serve",
                "--port",
                "0",
                folder=folder,
                HUFU_SMTP_URL=f"smtp://127.0.0.1:{port}",
                **{daytime.VARIABLE: str((daytime.SHIFT + later).total_seconds())},
            ),
            stdout=subprocess.PIPE,
            stderr=said,
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
        assert address, f"the server did not start: {log.read_text()[-2000:]}"
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Served(address, folder, sink)
    finally:
        process.terminate()
        process.wait(15)
        process.stdout.close()
        controller.stop()


@pytest.fixture(scope="module")
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The server of this module."""
    with serving(demo_folder, tmp_path_factory.mktemp("served")) as running:
        yield running


@dataclass
class Person:
    """Somebody at a browser. What is wrong with a page that they come to is collected and fails the test at its end."""

    page: Page
    context: BrowserContext
    url: str
    chinese: bool = False
    dark: bool = False
    troubles: list[str] = field(default_factory=list)
    pages: int = 0
    presses: int = 0

    def __post_init__(self) -> None:
        known = gettext.translation("messages", CATALOGUE, ["zh_Hans_CN"]) if self.chinese else None
        self.words = known or gettext.NullTranslations()

    def read(self, words: str, context: str | None = None) -> str:
        """What stands on the page for these words, in the language of this person."""
        return self.words.pgettext(context, words) if context else self.words.gettext(words)

    # --- going somewhere

    def go(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.url + path)
        self.look()
        return self.page

    def sign_in(self, email: str) -> Page:
        self.go("/sign-in")
        self.fill(email=email, password=PASSWORD)
        self.leave(self.page.locator("main form button[type=submit]").first)
        assert "/sign-in" not in self.page.url, self.text
        if self.chinese and self.page.locator("html").get_attribute("lang") != "zh-Hans":
            self.leave(self.page.locator("header form.language button"))
        return self.page

    def press(self, words: str, *, within: str | Locator = "main", context: str | None = None) -> Page:
        """Press the button or the link with these words, say yes if that is asked, and look at what comes."""
        self.leave(self.find(words, within=within, context=context))
        return self.page

    def find(self, words: str, *, within: str | Locator = "main", context: str | None = None) -> Locator:
        """The button or link with these words. One that stands in a closed menu is uncovered."""
        place = self.page.locator(within) if isinstance(within, str) else within
        name = self.read(words, context)
        found = place.get_by_role("button", name=name, exact=True).or_(place.get_by_role("link", name=name, exact=True))
        for summary in place.locator("details.menu:not([open]) > summary").all() if not found.count() else ():
            summary.click()
            if found.count():
                break
        assert found.count(), f"nothing says “{name}” on {self.page.url}:\n{self.text}"
        return found.first

    def leave(self, target: Locator) -> None:
        """Press what leads to another page."""
        self.presses += 1
        asks = target.evaluate("node => !!node.closest('form')?.dataset.confirm")
        with self.page.expect_navigation():
            target.click()
            if asks:
                self.page.locator("#ask [data-yes]").click()
        self.look()

    def fill(self, within: str = "main", **values: Any) -> None:
        """Type into the fields of these names; of a choice, name the value or a part of the label (or of either name)."""
        for name, value in values.items():
            self.set(self.page.locator(f"{within} [name='{name}']:not([type=hidden])"), value)

    def come_to_sign(self) -> None:
        """On the page where one signs: say that the text was read, and agree to signing electronically if never asked."""
        self.press("This is the end: I have read it")
        if self.page.locator("#sign-form").count() == 0:
            self.press("Read what you agree to")
            self.press("I agree")

    def wait_for(self, words: str, path: str) -> None:
        """Open a page again and again until a job has done what these words tell; fails after 90 seconds."""
        until = time.monotonic() + 90
        while self.read(words) not in self.go(path).locator("main").inner_text():
            assert time.monotonic() < until, f"never “{words}”: {self.text}"
            time.sleep(1)

    def set(self, control: Locator, value: Any) -> None:
        kind = control.first.evaluate("node => node.type")
        if kind == "radio":
            control.and_(self.page.locator(f"[value='{value}']")).check()
        elif kind == "checkbox":
            control.set_checked(value)
        elif kind.startswith("select"):
            control.select_option(
                value=[self.option(control, each) for each in (value if isinstance(value, list) else [value])]
            )
        elif kind == "file":
            control.set_input_files(value)
        else:
            control.fill(value)

    def option(self, control: Locator, wanted: str | tuple[str, ...]) -> str:
        """The value of an option, by that value or by a part of what it says."""
        options = control.evaluate("node => [...node.options].map((each) => [each.value, each.label])")
        names = (wanted,) if isinstance(wanted, str) else wanted
        for value, label in options:
            if value in names or any(name in label for name in names):
                return value
        raise AssertionError(f"{wanted} cannot be chosen on {self.page.url}: {options}")

    # --- looking at a page

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def look(self) -> None:
        """Every page that a person comes to is accessible, fits the screen, and is finished."""
        self.pages += 1
        seen = self.page.evaluate(SEEN)
        where = f"{self.page.url} ({seen['title']})"
        if seen["lang"] != ("zh-Hans" if self.chinese else "en") and self.pages > 2:
            self.troubles.append(f"{where}: the language is {seen['lang']}")
        if seen["headings"] != 1:
            self.troubles.append(f"{where}: {seen['headings']} headings of the first level")
        if seen["wide"] > seen["screen"]:
            self.troubles.append(f"{where}: {seen['wide']} px wide on a screen of {seen['screen']}")
        left = UNFINISHED.search(seen["text"])
        if left:
            self.troubles.append(f"{where}: the page says {left.group()}")
        examined = EXAMINED.setdefault((seen["screen"], self.dark, self.chinese), set())
        new = {REF.sub("/*", urlsplit(self.page.url).path), *seen["parts"]} - examined
        if new:  # a page of a known rule, built of known parts, was examined before
            examined |= new
            self.examine(where)
        rule = (REF.sub("/*", urlsplit(self.page.url).path), self.chinese)
        if rule not in MEASURED:
            MEASURED.add(rule)
            self.measure(where)

    def measure(self, where: str) -> None:
        """No page scrolls sideways, from the smallest telephone to a large screen."""
        mine = self.page.viewport_size
        assert mine is not None
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": mine["height"]})
            wide, screen = self.page.evaluate(WIDE)
            if wide > screen:
                self.troubles.append(f"{where}: {wide} px wide on a screen of {screen}")
        self.page.set_viewport_size(mine)

    def examine(self, where: str) -> None:
        for each in Axe().run(self.page, options=RULES).response["violations"]:
            nodes = "; ".join(str(node["html"])[:200] for node in each["nodes"][:3])
            self.troubles.append(f"{where}: {each['id']} in {len(each['nodes'])} places: {nodes}")


@pytest.fixture
def person(
    chromium: Browser, served: Served, record_property: Callable[[str, str], None]
) -> Iterator[Callable[..., Person]]:
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
        context.set_default_timeout(15_000)
        page = context.new_page()
        someone = Person(page, context, served.url, chinese=locale.startswith("zh"), dark=dark)
        page.on("pageerror", lambda error: note_mistake(someone, error))
        page.on("console", lambda said: someone.troubles.append(said.text) if "Content Security" in said.text else None)
        page.on("response", lambda answer: note_failure(someone, answer))
        opened.append(someone)
        if email:
            someone.sign_in(email)
        return someone

    yield open_browser
    troubles = list(dict.fromkeys(trouble for someone in opened for trouble in someone.troubles))
    pages, presses = sum(each.pages for each in opened), sum(each.presses for each in opened)
    record_property("journey", f"{pages} pages, {presses} presses")
    for someone in opened:
        someone.context.close()
    assert not troubles, "\n".join(troubles)


def note_mistake(someone: Person, error: Error) -> None:
    """A mistake of a script; those of the browser's own viewer of PDFs are not ours."""
    if "chrome-extension://" not in (error.stack or ""):
        someone.troubles.append(f"{someone.page.url}: {error}")


def note_failure(someone: Person, answer: Response) -> None:
    if answer.status >= 500 or (answer.status == 404 and "/static/" in answer.url):
        someone.troubles.append(f"{answer.url}: {answer.status}")
