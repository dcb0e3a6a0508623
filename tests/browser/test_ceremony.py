"""A ceremony on two screens: rehearsed, called, cut off from the network in the middle, and revealed by two operators."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server

from app.core import clock
from app.core.db import db, unit_of_work
from app.shows.models import Cue
from app.stage.models import CueMark
from tests import cast as the_cast
from tests.browser.conftest import DESKTOP, Person, free_port
from tests.conftest import PASSWORD, build
from tests.factories import make_event
from tests.factories.pledges import make_trio, sign_by
from tests.factories.rites import make_award
from tests.factories.shows import make_cue, make_show
from tests.factories.stages import make_stage, screen_path

WINNER = "Tom Okafor"


@dataclass
class Hall:
    """The product with one evening in it, behind a line that can be cut: nobody listens any more."""

    app: Flask
    port: int
    console: str
    screen: str
    server: BaseWSGIServer | None = None

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

    def read(self, model: Any) -> Any:
        with self.app.app_context():
            return db.session.scalars(select(model).order_by(model.id)).all()


def apart(act: Callable[[], Any]) -> Any:
    """In a thread of its own: sealing a paper runs a loop, and the browser's driver has one in this thread already."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(act).result(60)


def settle(app: Flask, port: int) -> Hall:
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        event = make_event(title="Kiln day")
        show = make_show(event, title="The evening")
        make_cue(show, kind="speech", title="Words of welcome", on_stage="Li Wei")
        make_cue(show, kind="signing", title="They sign", pledge=make_trio(event, cast, title="Less scrap"))
        make_cue(show, kind="photograph", title="Group photograph")
        award = make_award(event, title="Kiln prize", recipients=[cast.people["tom"]])
        make_cue(show, kind="reveal", title="The winner comes up", award=award)
        stage = make_stage(show)
        return Hall(app, port, f"/events/{event.ref}/shows/{show.ref}/console", screen_path(stage))


def sign(app: Flask, name: str) -> None:
    with app.app_context(), unit_of_work():
        pledge = db.session.scalars(select(Cue).where(Cue.pledge_id.is_not(None))).one().pledge
        assert pledge is not None
        sign_by(pledge, the_cast.load(), name)


@pytest.fixture
def hall(ready_folder: Path, tmp_path: Path) -> Iterator[Hall]:
    shutil.copytree(ready_folder, tmp_path / "instance")
    port = free_port()
    app = build(tmp_path / "instance", base_url=f"http://localhost:{port}")
    made = apart(lambda: settle(app, port))
    made.mend()
    yield made
    if made.server is not None:
        made.cut()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visit(chromium: Browser, hall: Hall) -> Iterator[Callable[..., Person]]:
    opened: list[Person] = []

    def open_browser(name: str, path: str) -> Person:
        context = chromium.new_context(viewport=DESKTOP, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        someone = Person(context.new_page(), context, hall.url)
        said = someone.troubles
        someone.page.on("pageerror", lambda error: said.append(str(error)))
        someone.page.on("console", lambda each: said.append(each.text) if "Content Security" in each.text else None)
        opened.append(someone)
        if name:
            someone.go("/sign-in")
            someone.fill(email=f"{name}@hufu.example", password=PASSWORD)
            someone.leave(someone.page.locator("main form button[type=submit]").first)
        someone.go(path)
        expect(someone.page.locator("html[data-ready=yes]")).to_be_attached()
        return someone

    yield open_browser
    for each in opened:
        each.context.close()
    assert [trouble for each in opened for trouble in each.troubles] == []


def row(page: Page, title: str) -> Locator:
    return page.locator("#console-table tr", has_text=title)


def press(page: Page, title: str, button: str) -> None:
    row(page, title).get_by_role("button", name=button, exact=True).click()


def sees(screen: Page, words: str) -> None:
    expect(screen.locator("#picture")).to_contain_text(words)


def test_a_ceremony_is_rehearsed_called_through_a_cut_network_and_revealed_by_two(
    hall: Hall, visit: Callable[..., Person]
) -> None:
    olaf, sara = visit("olaf", hall.console).page, visit("sara", hall.console).page
    screen = visit("", hall.screen).page
    told: list[str] = []
    screen.on("response", lambda answer: told.append(answer.text()) if answer.status == 200 and "/picture" in answer.url else None)  # fmt: skip
    sees(screen, "The evening")

    # Rehearsed: the screen shows it, the table keeps nothing.
    olaf.get_by_role("button", name="Rehearse").click()
    press(olaf, "Words of welcome", "Call")
    sees(screen, "Words of welcome")
    sees(screen, "Rehearsal")
    olaf.get_by_role("button", name="End the rehearsal").click()
    olaf.locator("#ask [data-yes]").click()
    sees(screen, "The evening")
    assert {each.status for each in hall.read(Cue)} == {"planned"}

    # Called: signed is what a record says, and nothing else.
    olaf.get_by_role("button", name="Begin").click()
    olaf.locator("#ask [data-yes]").click()
    press(olaf, "They sign", "Call")
    sees(screen, "Less scrap")
    expect(row(sara, "They sign")).to_have_attribute("data-status", "called")
    expect(screen.locator("#picture")).not_to_contain_text("signed")
    apart(lambda: sign(hall.app, "petra"))
    expect(screen.locator("#picture li.signed")).to_have_count(1)

    # The network is cut. The operator goes on, and the hall keeps its last picture.
    hall.cut()
    press(olaf, "They sign", "Done")
    press(olaf, "Words of welcome", "Call")
    row(olaf, "Group photograph").get_by_role("link", name="Skip silently").click()
    olaf.locator("#skip [name=reason]").fill("The photographer is stuck")
    olaf.locator("#skip button[value=yes]").click()
    expect(olaf.locator("html[data-waiting='3']")).to_be_attached()
    expect(olaf.locator("#offline")).to_be_visible()
    expect(row(olaf, "Words of welcome")).to_have_attribute("data-status", "called")
    expect(row(olaf, "They sign")).to_have_attribute("data-status", "done")
    olaf.get_by_role("button", name="Blank").click()
    expect(olaf.locator("#not-done")).to_contain_text("There is no line.")
    expect(screen.locator("#picture li.signed")).to_have_count(1)
    cut_until: datetime = clock.now()
    hall.mend()
    expect(olaf.locator("html[data-waiting='0']")).to_be_attached()
    sees(screen, "Words of welcome")
    kept = {(each.kind, each.at < cut_until <= each.created_at) for each in hall.read(CueMark)[2:]}
    assert kept == {("done", True), ("called", True), ("skipped", True)}
    welcome, signing, photograph, _reveal = hall.read(Cue)
    assert [each.status for each in (welcome, signing, photograph)] == ["called", "done", "skipped"]
    assert photograph.skip_reason == "The photographer is stuck"
    assert signing.ended_at < welcome.began_at < cut_until

    # Revealed: one asks, another confirms, and before that no answer to the screen had the name.
    press(olaf, "The winner comes up", "Ask to reveal")
    expect(olaf.locator("#console-head")).to_contain_text("Somebody else has to confirm it.")
    assert not any(WINNER in each.replace("Witness", "") and "Less scrap" not in each for each in told)
    sara.get_by_role("button", name="Confirm: show it now").click(timeout=15_000)
    sees(screen, "Kiln prize")
    sees(screen, WINNER)
    sara.get_by_role("button", name="Blank").click()
    expect(screen.locator('[data-kind="blank"]')).to_be_attached()
    expect(screen.locator("#picture")).not_to_contain_text(WINNER)

    # However long a board or a speech is: all of it is seen.
    screen.evaluate(
        "document.getElementById('picture').innerHTML = `<section class='hall-picture'>${'<p class=hall-words>Word by word</p>'.repeat(24)}</section>`"
    )
    screen.set_viewport_size({"width": 1280, "height": 720})
    box = screen.locator(".hall-picture").bounding_box()
    assert box is not None
    assert (box["y"] >= 0, box["y"] + box["height"] <= 720) == (True, True), box
