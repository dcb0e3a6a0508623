"""The page that checks documents, in Chromium: the file is hashed there, and the square code of a paper is asked about."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Request, expect
from werkzeug.serving import make_server

from app.core import jobs
from app.core.db import db, unit_of_work
from app.pledges import papers
from app.signing.printed import code_of
from tests import cast as the_cast
from tests.factories import make_event
from tests.factories.pledges import make_trio, sign_by

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def paper(app: Flask, tmp_path: Path) -> tuple[Path, str]:
    """The file of a sealed pledge, and what its square code holds."""
    with app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            pledge = make_trio(make_event(), cast, title="Clear Water")
        with unit_of_work():
            sign_by(pledge, cast, "petra", "tom", "li_wei")
        jobs.run_now("seal_pledge", document_ref=pledge.document.ref)
        file = tmp_path / "pledge.pdf"
        file.write_bytes(papers.read_paper(pledge.document))
        printed = code_of(pledge.document)
        db.session.remove()
        return file, printed[printed.index("/verify") :]


def test_a_file_is_hashed_in_the_browser_and_stays_there(
    chromium: Browser, address: str, paper: tuple[Path, str], tmp_path: Path
) -> None:
    file, _printed = paper
    page = chromium.new_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))
    page.goto(f"{address}/verify")
    page.set_input_files("input[type=file]", file)
    page.click("[data-hash]")
    page.wait_for_url("**sha256=*")
    expect(page.locator(".verdict h2")).to_have_text("Complete and unchanged")
    assert hashlib.sha256(file.read_bytes()).hexdigest() in page.url
    assert {each.method for each in sent} == {"GET"}  # nothing was uploaded
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(file.read_bytes() + b"%more")
    page.set_input_files("input[type=file]", forged)
    page.click("[data-hash]")
    expect(page.locator(".verdict h2")).to_have_text("Cannot tell")
    page.set_input_files("input[type=file]", forged)
    page.click("text=Send the file to be judged")
    expect(page.locator(".verdict h2")).to_have_text("Changed")
    page.close()


def test_the_square_code_of_a_paper_is_asked_about(chromium: Browser, address: str, paper: tuple[Path, str]) -> None:
    page = chromium.new_page()
    page.goto(address + paper[1])
    page.wait_for_url("**?f=*")
    expect(page.locator(".verdict h2")).to_have_text("Complete and unchanged")
    other = paper[1].rsplit("=", 1)[0] + "=" + "0" * 16  # a paper that was issued before the log was written anew
    page.goto("about:blank")
    page.goto(address + other)
    page.wait_for_url("**?f=*")
    expect(page.locator(".verdict h2")).to_have_text("Changed")
    page.close()
