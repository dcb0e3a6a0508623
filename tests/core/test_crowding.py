"""Whoever is turned away because many came at once: nothing is done, nothing is lost, and it costs next to nothing."""

import html
import re
from typing import Any

import pytest
from flask import Flask

from app.core.crowding import FULL, MOST_CARRIED
from app.events.models import Event
from tests.core.pages import things  # noqa: F401
from tests.core.test_forms import GIVEN, count, visit

FIELDS = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
AWAY: dict[str, Any] = {"environ_overrides": {FULL: True}}


def test_a_page_comes_again_by_itself(app: Flask, count_statements: Any) -> None:
    with count_statements() as said:
        answer = app.test_client().get("/sign-in", **AWAY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert '<meta http-equiv="refresh" content="3">' in answer.get_data(as_text=True)
    assert said == []


def test_it_is_said_in_the_readers_language(app: Flask) -> None:
    answer = app.test_client().get("/sign-in", headers={"Accept-Language": "zh-CN"}, **AWAY)
    assert "同一时刻来的人太多" in answer.get_data(as_text=True)


def test_a_form_is_carried_and_has_its_effect_when_it_is_sent_again(things: Flask, count_statements: Any) -> None:  # noqa: F811
    olaf = visit(things)
    sent = {"csrf_token": olaf.token(), "intent": "once", **GIVEN, "title": "5 < 6 & “so on”"}
    with count_statements() as said:
        answer = olaf.client.post("/things/new?kind=one", data=sent, **AWAY)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"], said) == (503, "3", [])
    assert count(things, Event) == 0
    assert '<form method="post" data-sends-itself="3">' in page, "to the same address, by itself"
    carried = {
        html.unescape(name): html.unescape(value) for name, value in FIELDS.findall(page.split("data-sends-itself")[1])
    }
    assert carried == sent
    assert olaf.client.post("/things/new?kind=one", data=carried).status_code == 303
    assert olaf.client.post("/things/new?kind=one", data=carried).status_code == 303, "sent twice, done once"
    assert count(things, Event) == 1


@pytest.mark.parametrize("secret", [{"password": "tiger"}, {"time_code": "123456"}, {"long": "x" * MOST_CARRIED}])
def test_a_secret_and_a_long_text_stay_with_the_browser(app: Flask, secret: dict[str, str]) -> None:
    page = app.test_client().post("/sign-in", data=secret, **AWAY).get_data(as_text=True)
    assert "data-sends-itself" not in page
    assert next(iter(secret.values())) not in page
    assert "Reload this page" in page


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_sends_is_refused_and_not_carried(app: Flask, site: str) -> None:
    answer = app.test_client().post("/sign-in", data={"name": "planted"}, headers={"Sec-Fetch-Site": site}, **AWAY)
    assert answer.status_code in (400, 403), "whichever looks first"
    assert "planted" not in answer.get_data(as_text=True)


def test_who_asks_whether_it_lives_is_told(app: Flask) -> None:
    assert app.test_client().get("/healthz", **AWAY).status_code == 200
