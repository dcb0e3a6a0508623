"""A speech is written down by keyboard: twenty lines, the connection gone for five of them, nothing lost, nothing double."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server

from app.core.db import db, unit_of_work
from app.requirements.models import Requirement
from app.speeches.models import Passage
from tests import cast as the_cast
from tests.browser.conftest import DESKTOP, PHONE, Person, free_port
from tests.conftest import PASSWORD, build
from tests.factories.requirements import record_speech

LINES = [
    "c: I will not read you the figures again.", "p: Whoever stops learning falls behind.", "One plan, with one owner.",
    "- Research first.", "- Then supply.", "e: Stay sober.", "Bring me five plans. # Five plans",
    # and here nobody listens any more
    "m: No dogma, no copying.", "Name what stands in the way.", "b) And who removes it.", "c: Applause.",
    "原：质量是底线。",
    # and here they do again
    "Close the gap in the east.", "p: People first.", "- Also on Sundays.", "e: Give it everything.",
    "12. Report by March.", "c: Thank you.", "Invite the setters.", "e: To work.",
]  # fmt: skip
BEFORE, AFTER = 7, 12
NUMBERS = ["1", "2", "2a", "2b", "3", "4", "5", "5b", "6", "7", "8", "8a", "12", "13"]


@dataclass
class Room:
    """The product with one speech in it, behind a line that can be cut."""

    app: Flask
    port: int
    page: str
    server: BaseWSGIServer | None = None

    def mend(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def cut(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture
def room(ready_folder: Path, tmp_path: Path) -> Iterator[Room]:
    shutil.copytree(ready_folder, tmp_path / "instance")
    port = free_port()
    app = build(tmp_path / "instance", base_url=f"http://localhost:{port}")
    with app.app_context():
        with unit_of_work():
            speech = record_speech(the_cast.load(), announced_count=10)
            page = f"http://localhost:{port}/events/{speech.event.ref}/speeches/{speech.ref}"
        made = Room(app, port, page)
        db.session.remove()
    made.mend()
    yield made
    made.cut()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sara(chromium: Browser, room: Room) -> Iterator[Person]:
    context = chromium.new_context(viewport=DESKTOP, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    someone = Person(context.new_page(), context, f"http://localhost:{room.port}")
    said = someone.troubles
    someone.page.on("pageerror", lambda error: said.append(str(error)))
    someone.page.on("console", lambda each: said.append(each.text) if "Content Security" in each.text else None)
    someone.go("/sign-in")
    someone.fill(email="sara@hufu.example", password=PASSWORD)
    someone.leave(someone.page.locator("main form button[type=submit]").first)
    yield someone
    context.close()
    assert said == []


def ready(page: Page) -> None:
    expect(page.locator("html[data-ready=yes]")).to_be_attached()


def waiting(page: Page, number: int) -> None:
    expect(page.locator(f"html[data-waiting='{number}']")).to_be_attached()


def write(page: Page, lines: list[str]) -> None:
    """As fast as the keys go: no line waits for the answer to the one before."""
    for line in lines:
        page.keyboard.type(line)
        page.keyboard.press("Enter")


def test_twenty_lines_by_keyboard_with_the_line_cut_for_five(room: Room, sara: Person) -> None:
    page = sara.page
    sara.go(room.page)
    ready(page)
    expect(page.locator("#line")).to_be_focused()
    write(page, LINES[:BEFORE])
    waiting(page, 0)
    expect(page.locator(".said")).to_have_count(BEFORE)
    expect(page.locator("[data-count]")).to_contain_text("10 announced, 3 recorded")

    room.cut()
    write(page, LINES[BEFORE:AFTER])
    waiting(page, AFTER - BEFORE)
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text("5")
    expect(page.locator("#unsent-lines li").first).to_have_text(LINES[BEFORE])

    room.mend()
    page.reload()  # what waits outlives the page
    ready(page)
    waiting(page, 0)
    expect(page.locator(".said")).to_have_count(AFTER)
    write(page, LINES[AFTER:])
    waiting(page, 0)
    expect(page.locator(".said")).to_have_count(len(LINES))
    expect(page.locator("[data-count]")).to_contain_text("10 announced, 10 recorded")
    with room.app.app_context():
        said = db.session.scalars(select(Passage.verbatim).order_by(Passage.position)).all()
        found = db.session.scalars(select(Requirement).order_by(Requirement.number, Requirement.sub)).all()
        assert len(said) == len(set(said)) == len(LINES)
        assert [words in line for words, line in zip(said, LINES, strict=True)] == [True] * len(LINES)
        assert [each.display_number for each in found] == NUMBERS
        assert found[4].heading == "Five plans"

    write(page, ["9a) A part of nothing."])  # what is refused is not lost either
    expect(page.locator("#refused-lines")).to_contain_text("9a) A part of nothing.")
    expect(page.locator("#refused-lines")).to_contain_text("There is no requirement 9")
    page.locator("#refused-lines [data-back]").click()
    expect(page.locator("#line")).to_have_value("9a) A part of nothing.")
    page.locator("#line").fill("")
    sara.look()
    page.set_viewport_size(PHONE)
    sara.look()


def test_an_answer_that_was_lost_doubles_nothing(room: Room, sara: Person) -> None:
    page = sara.page
    sara.go(room.page)
    ready(page)
    lost = []

    def lose(route) -> None:  # the server does it, and the browser never hears so
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/lines", lose)
    write(page, ["Bring me five plans.", "And by March."])
    waiting(page, 0)
    expect(page.locator(".said")).to_have_count(2)
    assert lost == [200]
    with room.app.app_context():
        assert db.session.scalars(select(Passage.verbatim).order_by(Passage.position)).all() == [
            "Bring me five plans.",
            "And by March.",
        ]
