"""The door's journey: a phone is paired, scans, loses its line, is loaded again, comes back, and nothing is lost."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select
from werkzeug.serving import BaseWSGIServer, make_server

from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.door import points
from app.door.models import CheckIn, PointKind, RefusedScan
from app.events.models import Event
from tests import cast as the_cast
from tests.browser.conftest import DESKTOP, PHONE, Person, free_port
from tests.conftest import PASSWORD, build
from tests.factories.registration import make_open_event, make_people, register

EXPECTED = 45
REPEATED = 5


@dataclass
class Hall:
    """The product with one event in it, behind a line that can be cut: nobody listens any more, as in a cellar."""

    app: Flask
    port: int
    event: str
    codes: list[str]
    server: BaseWSGIServer | None = None
    people: list[Person] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def mend(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def cut(self) -> None:
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def count(self, model: type[CheckIn] | type[RefusedScan]) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count(model.id))) or 0


@pytest.fixture
def hall(ready_folder: Path, tmp_path: Path) -> Iterator[Hall]:
    shutil.copytree(ready_folder, tmp_path / "instance")
    port = free_port()
    app = build(tmp_path / "instance", base_url=f"http://localhost:{port}")
    with app.app_context():
        event = make_open_event(title="Kiln day")
        codes = [register(event, each).door_code for each in make_people(EXPECTED)]
        register(event, the_cast.load().people["petra"])
        with unit_of_work():
            points.make_point(
                event, actor=SYSTEM, kind=PointKind.MEAL, name="Lunch", counts_out=True, takes_walk_ins=True
            )
        made = Hall(app, port, event.ref, codes)
        db.session.remove()
    made.mend()
    yield made
    if made.server is not None:
        made.cut()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visit(chromium: Browser, hall: Hall) -> Iterator[Callable[..., Person]]:
    opened: list[Person] = []

    def open_browser(name: str = "", size: dict[str, int] = DESKTOP, *, dark: bool = False) -> Person:
        context = chromium.new_context(viewport=size, locale="en-GB", color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        someone = Person(context.new_page(), context, hall.url, dark=dark)
        said = someone.troubles
        someone.page.on("pageerror", lambda error: said.append(str(error)))
        someone.page.on("console", lambda each: said.append(each.text) if "Content Security" in each.text else None)
        opened.append(someone)
        if name:
            someone.go("/sign-in")
            someone.fill(email=f"{name}@hufu.example", password=PASSWORD)
            someone.leave(someone.page.locator("main form button[type=submit]").first)
        return someone

    yield open_browser
    for each in opened:
        each.context.close()
    assert [trouble for each in opened for trouble in each.troubles] == []


def ready(page: Page) -> None:
    expect(page.locator("html[data-ready=yes]")).to_be_attached()


def waiting(page: Page, number: int) -> None:
    expect(page.locator(f"html[data-waiting='{number}']")).to_be_attached()


def type_code(page: Page, code: str) -> None:
    """As a hand scanner does: signs and Enter, wherever the focus is."""
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")


def pair(olaf: Person, phone: Person, *, profile: str) -> None:
    """Olaf makes a device; its link is opened on the phone, which shows one button."""
    olaf.go(f"{olaf.url}/events/{phone_event(olaf)}/door/devices")
    olaf.fill(name="Main entrance", profile=profile)
    olaf.leave(olaf.page.get_by_role("button", name="Add", exact=True))
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", olaf.text)
    assert code is not None
    phone.go(f"/door/pairing?code={code.group()}")
    phone.leave(phone.page.get_by_role("button", name="Pair this phone"))
    ready(phone.page)


def phone_event(olaf: Person) -> str:
    olaf.go("/events")
    (href,) = {
        each.get_attribute("href") or "" for each in olaf.page.get_by_role("link", name="Kiln day", exact=True).all()
    }
    return href.rpartition("/")[2]


def test_fifty_scans_without_a_line_are_45_admissions_and_5_doubles(hall: Hall, visit: Callable[..., Person]) -> None:
    olaf, phone = visit("olaf"), visit(size=PHONE, dark=True)
    pair(olaf, phone, profile="scan")
    page = phone.page
    type_code(page, hall.codes[0])
    expect(page.locator("#result.kept #result-title")).to_have_text("Welcome: checked in")
    page.locator("#undo").click()
    expect(page.locator("#result-title")).to_have_text("Taken back: not checked in")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("async () => (await caches.keys()).length && !!(await caches.match(location.pathname))")

    hall.cut()
    for number, code in enumerate([*hall.codes, *hall.codes[:REPEATED]], 1):
        type_code(page, code)
        waiting(page, number)
        if number == 1:
            expect(page.locator("#result.unsure #result-name")).to_have_text("Not verified yet")
    expect(page.locator("#result.risk #result-name")).to_have_text("Scanned here before")
    expect(page.locator("#line")).to_contain_text("50 not yet sent")
    assert hall.count(CheckIn) == 1  # the one that was undone

    page.reload()
    ready(page)
    waiting(page, EXPECTED + REPEATED)
    expect(page.locator("h1")).to_have_text("Scanner")

    hall.mend()
    page.locator("#send").click()
    waiting(page, 0)
    expect(page.locator("#doubles li")).to_have_count(REPEATED)
    expect(page.locator("#doubles")).to_contain_text("Already in")
    expect(page.locator("#people")).to_have_text(str(EXPECTED))
    assert (hall.count(CheckIn), hall.count(RefusedScan)) == (EXPECTED + 1, REPEATED)
    olaf.go(f"/events/{hall.event}/door/points")
    olaf.press("5 scans made offline should not have let anybody in.")
    assert olaf.page.locator("main tbody tr").count() == REPEATED
    assert "Main entrance" in olaf.text


def test_the_door_goes_on_after_any_code_finds_names_and_takes_walk_ins(
    hall: Hall, visit: Callable[..., Person]
) -> None:
    olaf, phone = visit("olaf"), visit(size=PHONE)
    pair(olaf, phone, profile="search")
    page, result = phone.page, phone.page.locator("#result")
    for code, tone, words in (
        ("nonsense", "late", "Not registered"), (hall.codes[0], "kept", "Welcome: checked in"),
        (hall.codes[0], "risk", "Already in"), ("零", "late", "Not registered"),
        (hall.codes[1].lower().replace("-", " "), "kept", "Welcome: checked in"),
    ):  # fmt: skip
        type_code(page, code)
        expect(result).to_have_class(f"door-result {tone}")
        expect(result).to_contain_text(words)
    page.locator("#words").fill("lindkvist")
    page.locator("#words").press("Enter")
    page.locator("#found li").filter(has_text="Petra Lindqvist").get_by_role("button").click()
    expect(result).to_contain_text("Petra Lindqvist")
    expect(page.locator("#people")).to_have_text("3")

    page.locator("#point").select_option(label="Lunch")
    type_code(page, hall.codes[0])
    expect(page.locator("#result-title")).to_have_text("Welcome: checked in")
    page.locator("[name=way][value=out]").check(force=True)
    type_code(page, hall.codes[0])
    expect(page.locator("#result-title")).to_have_text("Goodbye: checked out")
    page.locator("[name=way][value=in]").check(force=True)
    page.locator("#words").fill("okaffor")
    page.locator("#words").press("Enter")
    page.locator("#found li").filter(has_text="Tom Okafor").get_by_role("button", name="Register and let in").click()
    expect(result).to_contain_text("Tom Okafor")
    expect(page.locator("#result.kept")).to_be_visible()
    with hall.app.app_context():
        event = db.session.scalars(select(Event)).one()
        assert db.session.scalar(select(func.count(CheckIn.id)).where(CheckIn.means == "walk_in")) == 1, event.ref
    phone.look()

    olaf.go(f"/events/{hall.event}/door/devices")
    olaf.press("End")
    type_code(page, hall.codes[2])
    expect(result).to_contain_text("This phone may not let people in any more.")
    waiting(page, 1)  # and the scan stays in the phone


def test_the_reader_reads_a_code_from_a_picture(hall: Hall, visit: Callable[..., Person]) -> None:
    """What the camera would see, drawn by the product itself: the vendored reader works under the page's own rules."""
    olaf = visit("olaf", PHONE)
    olaf.go(f"/events/{hall.event}/door/devices")
    olaf.fill(name="Side door")
    olaf.leave(olaf.page.get_by_role("button", name="Add", exact=True))
    drawing = olaf.page.locator("figure.qr svg").evaluate("node => new XMLSerializer().serializeToString(node)")
    olaf.go(f"/door/{hall.event}")
    ready(olaf.page)
    read = olaf.page.evaluate(
        """async (drawing) => {
          const { makeReader } = await import("/static/door/camera.js");
          const { reader, wasm } = document.getElementById("scanner").dataset;
          const picture = new Image();
          picture.src = "data:image/svg+xml;base64," + btoa(unescape(encodeURIComponent(drawing)));
          await picture.decode();
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 400;
          canvas.getContext("2d").drawImage(picture, 0, 0, 400, 400);
          return (await (await makeReader({ reader, wasm })).detect(canvas)).map((each) => each.rawValue);
        }""",
        drawing,
    )
    assert len(read) == 1
    assert read[0].startswith(f"{hall.url}/door/pairing?code=")
