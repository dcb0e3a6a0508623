"""The frame is printed once for all who see the same; what is a visitor's own comes in anew on each page."""

import re
from collections.abc import Callable

from flask import Flask, render_template_string  # noqa: TID251  # a page of one line for the test

from app.core.db import unit_of_work
from tests import cast as the_cast
from tests.conftest import Visitor
from tests.factories import make_event

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def test_who_shares_a_frame_finds_only_their_own_name_token_and_way_back(
    app: Flask, as_: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        with unit_of_work():
            event = make_event(title="Annual <i>gathering</i>")
        names = {who: the_cast.load().accounts[who].name for who in ("petra", "tom")}
        path = f"/events/{event.ref}/programme"
    petra, tom = as_("petra"), as_("tom")
    petra.get(path)
    pages = {"petra": petra.get(f"{path}?q=her+own").text, "tom": tom.get(path).text}
    for who, other in (("petra", "tom"), ("tom", "petra")):
        assert f"Menu of {names[who]}" in pages[who]
        assert names[other] not in pages[who]
        assert "Annual &lt;i&gt;gathering" in pages[who]
        assert "\x02" not in pages[who]
    tokens = {who: set(TOKEN.findall(page)) for who, page in pages.items()}
    assert len(tokens["petra"]) == len(tokens["tom"]) == 1
    assert tokens["petra"] != tokens["tom"]
    assert pages["petra"].count(f'name="next" value="{path}?q=her+own"') == 2
    assert pages["tom"].count(f'name="next" value="{path}"') == 2
    assert "her+own" not in pages["tom"]
    for sees in ("olaf", "aude", "nobody"):
        as_(sees).get(path)
    again = tom.get(path).text
    assert TOKEN.sub("", again) == TOKEN.sub("", pages["tom"])


def test_the_same_frame_in_another_language_and_another_look_is_another(
    app: Flask, as_: Callable[[str], Visitor]
) -> None:
    petra, tom = as_("petra"), as_("tom")
    petra.get("/events")
    assert tom.post("/language", {"language": "zh_Hans_CN", "next": "/events"}).status_code == 303
    assert "Directory" in petra.get("/events").text
    chinese = tom.get("/events").text
    assert "Directory" not in chinese
    assert '<nav class="dock" aria-label="Main"' not in chinese


def test_what_fills_a_hole_is_escaped_and_holds_no_further_holes(app: Flask) -> None:
    name = '\x02csrf\x03<b>"Ann"'
    with app.test_request_context("/"):
        printed = render_template_string(
            '{{ printed("components/dialogs.html", {}) }}{{ printed("layouts/top.html", own, nav=nav, event_title=None,'
            " places=(), signed_in=True, theme=None) }}",
            own={"csrf": "secret", "next": "/", "name": name, "initials": "A"},
        )
    assert printed.count("secret") == 3
    assert "\x02csrf\x03&lt;b&gt;&#34;Ann&#34;" in printed
    assert "<b>" not in printed
