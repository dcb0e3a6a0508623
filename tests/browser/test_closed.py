"""What a browser itself must be kept from: the page before, a frame elsewhere, a name that is a script."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.browser.conftest import Person

PAYLOAD = "<img src=x onerror=alert('hufu')>"


def test_back_shows_nothing_closed_after_signing_out(person: Callable[..., Person]) -> None:
    """CB12: neither the page itself nor a kept copy of it."""
    petra = person("petra@qinglan.example")
    for path in ("/my/commitments", "/settings"):
        petra.go(path)
        assert "Petra" in petra.page.content()
    petra.page.locator("header details.menu > summary").last.click()
    with petra.page.expect_navigation():
        petra.page.locator("form[action='/sign-out'] button").first.click()
    for _step in range(2):
        petra.page.go_back()
        petra.page.wait_for_load_state()
        assert "/sign-in" in petra.page.url, petra.page.url
        assert petra.page.locator("form[action='/sign-out']").count() == 0


@contextmanager
def a_site_elsewhere(address: str) -> Iterator[str]:
    """A page of another origin that holds ours in a frame."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = f"<!doctype html><title>Elsewhere</title><iframe src='{address}'></iframe>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_no_page_shows_in_a_frame_of_another_site(person: Callable[..., Person]) -> None:
    """CB13: neither what is open to all nor what one is signed in for."""
    petra = person("petra@qinglan.example")
    for path in ("/sign-in?again=1", "/settings"):
        with a_site_elsewhere(petra.url + path) as address:
            page, said = petra.context.new_page(), []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.goto(address)
            (framed,) = (frame for frame in page.frames if frame.parent_frame)
            assert not framed.url.startswith(petra.url), framed.url
            assert any("frame-ancestors" in each for each in said), said
            page.close()


def test_a_question_quotes_a_hostile_name_as_text(person: Callable[..., Person]) -> None:
    """IN3: the confirmation of an act asks about a record whose name is a script."""
    olaf = person("olaf@qinglan.example")
    said: list[str] = []
    olaf.page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    olaf.go("/events")
    event = olaf.page.locator("main a[href^='/events/']").evaluate_all(
        "nodes => nodes.map((each) => each.getAttribute('href')).find((each) => /^.events.[0-9a-z]{16}$/.test(each))"
    )
    olaf.page.goto(f"{olaf.url}{event}/publications/new")
    olaf.fill(title=PAYLOAD, body="Words for everybody.")
    with olaf.page.expect_navigation():
        olaf.page.locator("main form button[type=submit]:not([name])").first.click()
    asking = olaf.page.locator("form[data-confirm*='onerror']")
    asking.locator("button").click()
    question = olaf.page.locator("#ask p")
    assert PAYLOAD in question.inner_text()
    assert olaf.page.locator("#ask img, main img[onerror]").count() == 0
    olaf.page.keyboard.press("Escape")
    assert said == []
