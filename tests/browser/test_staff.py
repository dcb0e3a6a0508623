"""Staff: finds minutes by a word, reads what is meant for her, confirms reading, sees where each requirement stands."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Person, Served, command

RITA = "rita@qinglan.example"
BOARD = "Board meeting of the month"


@pytest.fixture
def gatherings(served: Served) -> dict[str, str]:
    """The ref of every gathering by its title, also of those that staff do not see."""
    printed = subprocess.run(
        **command("events", "list", "--json", folder=served.folder), check=True, timeout=60, stdout=subprocess.PIPE
    )
    return {each["title"]: each["ref"] for each in json.loads(printed.stdout)}


def sent_to(someone: Person, path: str, **values: str) -> int:
    """The status of a form that the person sends although no page offers it, with a true proof of origin."""
    return someone.page.evaluate(
        """async ([path, values]) => {
            const body = new FormData();
            body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
            body.set("intent", crypto.randomUUID());
            for (const [name, value] of Object.entries(values)) body.set(name, value);
            return (await fetch(path, { method: "POST", body })).status;
        }""",
        [path, values],
    )


@pytest.mark.parametrize(
    ("size", "look"),
    [(DESKTOP, {}), (PHONE, {"locale": "zh-CN", "dark": True})],
    ids=["1280-en", "390-zh-dark"],
)
def test_staff_find_read_confirm_and_follow(
    size: dict[str, int], look: dict[str, Any], person: Callable[..., Person], gatherings: dict[str, str]
) -> None:
    rita = person(None, size, **look)
    # Each size confirms other minutes, so that both run on one server.
    word, title = ("handbook", "Minutes of the Operation Session") if size is DESKTOP else ("废品", "战略会会议纪要")
    rita.sign_in(RITA)
    asked = int(rita.page.locator("#needs-you header .num").inner_text())

    # She finds minutes by a word, English or Chinese of two characters.
    rita.press("Minutes", within="header nav.places" if size is DESKTOP else "nav.dock", context="document")
    assert title in rita.text
    find(rita, "pallets")
    assert "Minutes of the Strategy Session" in rita.text
    find(rita, "废品")
    assert "战略会会议纪要" in rita.text
    assert "经营会会议纪要" in rita.text
    find(rita, word)
    rita.leave(rita.page.locator("main .library h2 a", has_text=title).first)

    # She reads them, and confirms for herself: no other reader is shown, and nothing else can be pressed.
    page = rita.page.url.partition("?")[0]
    assert rita.page.locator("article.minutes .prose").first.inner_text().strip()
    assert rita.page.locator("main :not(.noting) > form[method=post]").count() == 1
    rita.leave(rita.page.locator("main .confirm button"))
    assert rita.read("You have confirmed reading this") in rita.text
    assert rita.page.locator("main :not(.noting) > form[method=post]").count() == 0
    rita.go("/")
    assert int(rita.page.locator("#needs-you header .num").inner_text()) == asked - 1

    # The register tells where each requirement stands.
    if size is DESKTOP:
        rita.press("Requirements", within="header nav.places")
    else:
        rita.page.locator("header details.person > summary").click()
        rita.press("Requirements", within="header nav.places-small")
    rows = rita.page.locator("table.reg tbody tr:not(.group)")
    assert rows.count() > 10
    assert rita.page.locator("table.reg tbody tr:not(.group):has(.state)").count() == rows.count()
    rita.leave(rita.page.locator("main .filters a, main .chips a", has_text=rita.read("Late")).first)
    assert 0 < rows.count() < 10
    rita.leave(rows.first.locator("a").first)
    requirement = rita.page.url
    assert rita.page.locator("main :not(.noting) > form[method=post]").count() == 0

    # She may change nothing else: not on this page, not by sending what no page offers.
    event = page.rpartition("/minutes/")[0]
    for path in (
        f"{requirement}/withdrawal",
        f"{requirement}/tracking",
        f"{page}/amendment",
        f"{page}/withdrawal",
        f"{event}/settings",
        f"{event}/items/new",
        f"{event}/publications/new",
        f"{event}/registrations/new",
    ):
        assert sent_to(rita, path, reason="no", title="no") == 403, path

    # Of the board's meeting there is no trace.
    ref = gatherings[BOARD]
    for path in ("/events", "/events?when=past", "/minutes", "/requirements", "/search?q=board", "/search?q=董事", "/"):
        rita.go(path)
        assert ref not in rita.page.content()
    for path in ("", "/programme", "/minutes", "/calendar.ics"):
        assert rita.context.request.get(f"{rita.url}/events/{ref}{path}").status == 404


def find(rita: Person, words: str) -> None:
    """With the search box of the library, which looks into all minutes."""
    rita.page.locator("main input[type=search]").fill(words)
    rita.leave(rita.page.locator("main form[role=search] .search-box button"))
