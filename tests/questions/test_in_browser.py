"""The form in a real browser: questions come and go as one answers; without JavaScript everything is there and works."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.serving import make_server

from app.core.db import db
from app.questions.models import AnswerSheet
from tests.cast import PASSWORD
from tests.factories.questions import ask, publish
from tests.factories.registration import make_open_event

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of the registration page of an event that asks four questions."""
    with app.app_context():
        event = make_open_event(capacity=9)
        publish(
            event,
            ask("bus", "yes_no", label="Do you come by bus?", required=True),
            ask(
                "stop",
                label="Where do you get on?",
                required=True,
                show_if={"question": "bus", "is": "=", "value": True},
            ),
            ask("size", "number", label="How many bags?"),
            ask("porter", "yes_no", label="Shall somebody help?", show_if={"question": "size", "is": ">", "value": 2}),
        )
        path = f"/events/{event.ref}/registration"
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scripts", [True, False])
def test_answering_with_scripts_and_without(app: Flask, address: str, chromium: Browser, scripts: bool) -> None:
    phone = {"width": 390, "height": 844}
    with chromium.new_context(java_script_enabled=scripts, viewport=phone) as context:
        page = context.new_page()
        page.goto(address)
        page.fill("[name=email]", "petra@hufu.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.goto(address)
        stop, porter = page.locator("[name=q_stop]"), page.get_by_text("Shall somebody help?")
        assert stop.is_visible() is not scripts
        assert porter.is_visible() is not scripts
        page.get_by_role("group", name="Do you come by bus?").get_by_label("Yes").check()
        assert stop.is_visible()
        stop.fill("Old harbour")
        page.get_by_label("How many bags?").fill("3")
        assert porter.is_visible()
        page.get_by_label("How many bags?").fill("2")
        assert porter.is_visible() is not scripts
        page.get_by_role("group", name="Do you come by bus?").get_by_label("No", exact=True).check()
        assert stop.is_visible() is not scripts
        page.get_by_role("button", name="Register").click()
        page.wait_for_url("**/registration/mine")
        assert page.get_by_text("Everything is answered.").is_visible()
    with app.app_context():
        assert db.session.scalars(select(AnswerSheet)).one().values == {"bus": False, "size": 2}
