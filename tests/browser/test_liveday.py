"""The live day on a phone: what the operator presses stands on an attendee's phone and on the screen of the room."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Person, Served, serving
from tests.browser.test_attendee import KILN_DAY, path_of

SCREEN = {"width": 1920, "height": 1080}
HALL = ("Kiln Hall Seven", "七号窑车间")
WALK = ("Walk along zones one to nine", "一至九区巡检")
NEXT = ("Electrics and interlocks", "电气与联锁")


@pytest.fixture
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for each: the day is begun anew."""
    with serving(demo_folder, tmp_path_factory.mktemp("served")) as running:
        yield running


def without_script(someone: Person, path: str, size: dict[str, Any], locale: str) -> Page:
    """A second browser of somebody, in which no script ever runs."""
    browser = someone.context.browser
    assert browser is not None
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale=locale,
        java_script_enabled=False,
        storage_state=someone.context.storage_state(),
    )
    someone.context.on("close", lambda _closed: context.close())
    page = context.new_page()
    page.goto(someone.url + path)
    return page


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_live_day_on_a_phone(
    locale: str, person: Callable[..., Person], served: Served, record_property: Callable[[str, str], None]
) -> None:
    olaf, petra = person("olaf@qinglan.example", PHONE, locale=locale), person("petra@qinglan.example", locale=locale)
    day, language = path_of(olaf, KILN_DAY), olaf.chinese
    olaf.go(f"{day}/live")
    olaf.press(HALL[language])
    room = olaf.page.url.partition("room=")[2]
    phone = without_script(petra, f"{day}/now?room={room}", PHONE, locale)
    screen = without_script(petra, f"{day}/now?screen=1&room={room}", SCREEN, locale)
    with screen.expect_event("framenavigated", timeout=20_000):  # nothing has changed, and the screen goes on asking
        pass

    olaf.press("Start", context="programme")
    pressed = time.monotonic()
    expect(phone.locator("main .slot.now")).to_contain_text(WALK[language])
    expect(screen.locator("h1")).to_have_text(WALK[language])
    record_property("journey", f"the live day: seen {time.monotonic() - pressed:.0f} s after the press")

    olaf.press("Finish", context="programme")
    expected = olaf.page.locator(".operate-next time").inner_text()
    olaf.leave(olaf.page.locator(".operate-steps a").nth(1))
    assert NEXT[language] in olaf.page.locator("main table").inner_text()
    olaf.press("Put it off")
    later = olaf.page.locator(".operate-next time").inner_text()
    assert (expected, later) == ("11:00–12:00", "11:10–12:10")
    expect(phone.locator("main .slot").first).to_contain_text("11:10")
    expect(phone.locator("main .slot").first).to_contain_text(olaf.read("planned %(time)s") % {"time": "11:00–12:00"})
    assert phone.locator("main .slot.now").count() == 0
    expect(screen.locator("main")).to_contain_text("11:10")
    olaf.press("Back to the plan")
    assert olaf.page.locator(".operate-next time").inner_text() == expected
    for path in ("now", "now?screen=1", "programme"):
        petra.go(f"{day}/{path}")
