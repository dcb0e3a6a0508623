"""Minutes are written in a browser: saved by themselves, nothing lost with the line, two in one section, and without scripts."""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import BaseWSGIServer, make_server

from app.core.db import db, unit_of_work
from app.minutes.models import EarlierText, Section
from app.notes.models import Note, NoteKind
from tests import cast as the_cast
from tests.browser.conftest import DESKTOP, PHONE, Person, free_port
from tests.conftest import PASSWORD, build
from tests.factories import make_event, make_item, make_session
from tests.factories.minutes import make_draft

TEXT = "## Opening\n\nIt began.\n\n## Course\n\nFirst.\n\nSecond."
Sign = Callable[..., Person]


@dataclass
class Room:
    """The product with one draft in it, behind a line that can be cut."""

    app: Flask
    port: int
    text: str
    sections: list[str]
    notes: str
    server: BaseWSGIServer | None = None

    def mend(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def cut(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def said(self, number: int) -> str:
        with self.app.app_context():
            ref = self.sections[number].rpartition("/")[2]
            source = db.session.query(Section).filter_by(ref=ref).one().source
            db.session.remove()
        return source


@pytest.fixture
def room(ready_folder: Path, tmp_path: Path) -> Iterator[Room]:
    shutil.copytree(ready_folder, tmp_path / "instance")
    port = free_port()
    app = build(tmp_path / "instance", base_url=f"http://localhost:{port}")
    with app.app_context():
        with unit_of_work():
            session = make_session(make_event())
            make_item(session.event, session=session, title="The year")
            minutes = make_draft(the_cast.load(), session=session, text=TEXT)
        text = f"/events/{minutes.event.ref}/minutes/{minutes.ref}/text"
        sections = [f"{text}/{each.ref}" for each in minutes.newest.sections]
        notes = f"/events/{minutes.event.ref}/sessions/{session.ref}/notes"
        db.session.remove()
    made = Room(app, port, text, sections, notes)
    made.mend()
    yield made
    made.cut()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sign(chromium: Browser, room: Room) -> Iterator[Sign]:
    """Somebody signed in; what their pages complain of, or fetch from elsewhere, fails the test."""
    people: list[Person] = []

    def sign_in(name: str, *, scripts: bool = True) -> Person:
        context = chromium.new_context(viewport=DESKTOP, locale="en-GB", java_script_enabled=scripts)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        someone = Person(context.new_page(), context, f"http://localhost:{room.port}")
        watch(someone)
        people.append(someone)
        someone.page.goto(f"{someone.url}/sign-in")
        someone.page.locator("main [name=email]").fill(f"{name}@hufu.example")
        someone.page.locator("main [name=password]").fill(PASSWORD)
        someone.page.locator("main form button[type=submit]").first.click()
        someone.page.wait_for_url(lambda url: "/sign-in" not in url)
        return someone

    yield sign_in
    for each in people:
        each.context.close()
    assert [trouble for each in people for trouble in each.troubles] == []


def watch(someone: Person) -> None:
    page, said = someone.page, someone.troubles
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda each: said.append(each.text) if "Content Security" in each.text else None)
    page.on("request", lambda each: None if each.url.startswith((someone.url, "data:")) else said.append(each.url))


def editor(someone: Person, room: Room, number: int = 0) -> Page:
    """The section opened with the button of the page of all sections."""
    page = someone.page
    page.goto(someone.url + room.text)
    section = page.locator(".section").nth(number)
    section.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    return page


def write(page: Page, words: str) -> None:
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def stored(page: Page) -> None:
    expect(page.locator("#saved")).to_contain_text("Saved at")


def test_what_is_typed_is_saved_by_itself_and_outlives_a_cut_line_and_a_closed_page(room: Room, sign: Sign) -> None:
    sara = sign("sara")
    page = editor(sara, room)
    sara.look()
    write(page, " Then it rained.")
    stored(page)
    assert room.said(0) == "It began. Then it rained."
    expect(page.locator("#shown")).to_contain_text("Then it rained.")

    room.cut()
    write(page, " And it stopped.")
    expect(page.locator("#saved")).to_contain_text("Not connected")
    sara.context.set_offline(True)  # a page that closes tries once more, and would reach the mended line
    page.close(run_before_unload=False)
    sara.context.set_offline(False)
    room.mend()
    assert room.said(0) == "It began. Then it rained."

    sara.page = sara.context.new_page()
    watch(sara)
    sara.go(room.text)
    expect(sara.page.locator("#unsent-texts")).to_contain_text("Opening")
    sara.page.locator("#unsent-texts a").click()
    expect(sara.page.locator("html[data-ready=yes]")).to_be_attached()
    expect(sara.page.locator("#kept-text")).to_have_text("It began. Then it rained. And it stopped.")
    sara.look()
    sara.page.get_by_role("button", name="Take it back into the editor").click()
    stored(sara.page)
    assert room.said(0) == "It began. Then it rained. And it stopped."
    sara.go(room.text)
    expect(sara.page.locator("#unsent-texts")).to_be_hidden()
    sara.page.set_viewport_size(PHONE)
    sara.look()
    sara.go(room.sections[1])
    sara.page.reload()
    sara.look()


def test_an_answer_that_was_lost_is_no_collision(room: Room, sign: Sign) -> None:
    page = editor(sign("sara"), room)
    lost = []

    def lose(route) -> None:  # the server stores it, and the browser never hears so
        if route.request.method == "POST" and route.request.url.endswith(room.sections[0]) and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/text/*", lose)
    write(page, " Once.")
    stored(page)
    write(page, " Twice.")
    expect(page.locator("#saved")).to_contain_text("Saved at")
    page.wait_for_function("() => !Object.keys(localStorage).some((each) => each.startsWith('hufu-minutes'))")
    assert lost == [200]
    assert room.said(0) == "It began. Once. Twice."
    expect(page.locator("#collision")).to_be_empty()


def test_two_in_one_section_see_both_texts_and_lose_none(room: Room, sign: Sign) -> None:
    sara, olaf = sign("sara"), sign("olaf")
    page = editor(sara, room)
    write(page, " Sara was here.")
    stored(page)
    olaf.go(room.text)
    expect(olaf.page.locator(".section").first).to_contain_text("Sara Novák is writing")
    olaf.page.locator(".section").first.get_by_role("link", name="Look").click()
    expect(olaf.page.locator("main")).to_contain_text("is writing in this section")
    olaf.look()
    olaf.page.get_by_role("button", name="Take it over").click()
    with olaf.page.expect_navigation():
        olaf.page.locator("#ask [data-yes]").click()
    expect(olaf.page.locator("html[data-ready=yes]")).to_be_attached()
    write(olaf.page, " Olaf too.")
    stored(olaf.page)
    write(page, " And again.")
    expect(page.locator("#saved")).to_contain_text("Olaf Brandt is writing")
    with olaf.page.expect_navigation():
        olaf.page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#collision")).to_contain_text("Theirs and yours, word by word")
    expect(page.locator("#collision del").first).to_contain_text("Olaf")
    expect(page.locator("#collision ins").last).to_contain_text("again")
    expect(page.locator("#collision .stored-text")).to_have_text("It began. Sara was here. Olaf too.")
    sara.look()
    assert room.said(0) == "It began. Sara was here. Olaf too."
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    assert room.said(0) == "It began. Sara was here. And again."
    with room.app.app_context():
        kept = [(each.by_name, each.source) for each in db.session.query(EarlierText).order_by(EarlierText.id)]
        db.session.remove()
    assert kept[-1] == ("Olaf Brandt", "It began. Sara was here. Olaf too.")
    expect(page.locator("#unsent-texts")).to_be_hidden()
    page.locator(".section").first.get_by_text("More").click()
    page.get_by_role("link", name="Earlier texts").click()
    expect(page.locator(".changes").first).to_contain_text("Olaf Brandt")
    sara.look()


def test_names_and_days_are_completed_and_records_inserted(room: Room, sign: Sign) -> None:
    sara = sign("sara")
    page = editor(sara, room, 1)
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Moved by @petr")
    expect(page.locator("#completions li").first).to_be_visible()
    sara.look()
    page.keyboard.press("Enter")
    page.keyboard.type("until /tomo")
    expect(page.locator("#completions li")).to_have_count(1)
    page.keyboard.press("Tab")
    stored(page)
    page.locator("#records summary").click()
    page.locator("#records button").first.click()
    expect(page.locator("#shown")).to_contain_text("The year")
    expect(page.locator(".record-chip")).to_contain_text("The year")
    sara.look()
    page.wait_for_function("() => !Object.keys(localStorage).some((each) => each.startsWith('hufu-minutes'))")
    with room.app.app_context():
        petra = the_cast.load().people["petra"].name
        db.session.remove()
    assert room.said(1).startswith(f"First.\n\nSecond. Moved by {petra} until 20")
    assert "{{item " in room.said(1)


def test_minutes_are_written_without_scripts_too(room: Room, sign: Sign) -> None:
    page = sign("sara", scripts=False).page
    page.goto(f"http://localhost:{room.port}{room.text}")
    page.locator(".section").first.get_by_role("button", name="Write", exact=True).click()
    page.locator("[name=source]").fill("Written **plainly**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#shown strong")).to_have_text("plainly")
    page.locator("#records summary").click()
    page.locator("#records button").first.click()
    expect(page.locator("[name=source]")).to_have_value(
        re.compile(r"Written \*\*plainly\*\*\.\s+\{\{item [0-9a-z]{16}\}\}")
    )
    page.get_by_role("button", name="Save", exact=True).click()
    assert room.said(0).startswith("Written **plainly**.\n\n{{item ")
    page.locator(".section").nth(1).get_by_text("More").click()
    page.locator(".section").nth(1).get_by_role("button", name="Move up").click()
    expect(page.locator(".section").first).to_contain_text("Course")
    page.locator("#add [name=heading]").fill("Announcements")
    page.get_by_role("button", name="Add the section").click()
    expect(page.locator("h1")).to_have_text("Announcements")


def test_live_notes_are_taken_by_keyboard_with_the_line_cut_and_stand_in_the_text(room: Room, sign: Sign) -> None:
    sara = sign("sara")
    page = sara.page
    sara.go(room.notes)
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    expect(page.locator("#line")).to_be_focused()

    def note(words: str) -> None:
        page.keyboard.type(words)
        page.keyboard.press("Enter")

    note("The pump stood still.")
    note("!d It is mended.")
    expect(page.locator("html[data-waiting='0']")).to_be_attached()
    expect(page.locator(".noted")).to_have_count(2)
    room.cut()
    page.keyboard.type("!a @")
    page.keyboard.type("nobody 2099-03-01 Look after it.")
    page.keyboard.press("Enter")
    expect(page.locator("#unsent-lines li")).to_have_text("!a @nobody 2099-03-01 Look after it.")
    room.mend()
    page.reload()
    expect(page.locator("html[data-waiting='0']")).to_be_attached()
    expect(page.locator(".noted")).to_have_count(3)
    sara.look()
    page.set_viewport_size(PHONE)
    sara.look()
    with room.app.app_context():
        found = [(each.kind, each.text) for each in db.session.query(Note).order_by(Note.noted_at)]
        db.session.remove()
    assert found == [
        (NoteKind.NOTE, "The pump stood still."),
        (NoteKind.DECISION, "It is mended."),
        (NoteKind.ACTION, "@nobody Look after it."),
    ]
    page.set_viewport_size(DESKTOP)
    sara.go(room.text)
    page.get_by_role("button", name="Put them into the text, in order").click()
    expect(page.locator(".section").nth(2)).to_contain_text("The pump stood still.")
    expect(page.locator(".section").nth(2)).to_contain_text("It is mended.")
    sara.look()


def test_a_line_that_arrives_while_the_page_is_drawn_anew_is_not_missed(room: Room, sign: Sign) -> None:
    """The page was drawn before the line was kept, and the answer came before the page went: it is sent again."""
    page = sign("sara").page
    page.goto(f"http://localhost:{room.port}{room.notes}")
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    under_way: list[Route] = []
    page.route("**/notes/lines", lambda route: under_way.append(route), times=1)
    page.keyboard.type("It is loud.")
    with page.expect_request("**/notes/lines"):
        page.keyboard.press("Enter")

    def drawn_too_early(route: Route) -> None:
        drawn = route.fetch()
        line = under_way.pop()
        line.fulfill(response=line.fetch())
        time.sleep(0.3)  # the old page has its answer
        route.fulfill(response=drawn)

    page.route(re.compile("/notes$"), drawn_too_early, times=1)
    page.reload()
    expect(page.locator("html[data-waiting='0']")).to_be_attached()
    expect(page.locator(".noted")).to_have_count(1)
