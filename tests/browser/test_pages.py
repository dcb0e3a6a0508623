"""Every page that is linked somewhere opens, fits the screen, is accessible and finished: for three people, four ways."""

import re
from collections import Counter, deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import DESKTOP, PHONE, REF, Person

FILES = re.compile(
    r"\.(ics|pdf|csv|xlsx|svg|json|docx|zip|pem|crl)$|/(pdf|file|photo)$|/delegations/\w{16}/paper$|/photographs/\w{16}$|/versions/\w+/(word|markdown|text|decisions)$|/attachments/\w{16}$"
)
OF_A_KIND = 2  # pages of one rule that are looked at; of a filtered or sorted list one
# A link in a drawing has its address in an object of its own.
LINKS = """nodes => nodes.filter((each) => !each.hasAttribute('download'))
  .map((each) => each.href.baseVal === undefined ? each.href : new URL(each.href.baseVal, document.baseURI).href)"""


@pytest.mark.timeout(900)  # an organizer has more than five hundred pages
@pytest.mark.parametrize(
    ("name", "size", "look"),
    [
        ("olaf", DESKTOP, {}),
        ("olaf", PHONE, {"locale": "zh-CN", "dark": True}),
        ("petra", DESKTOP, {"locale": "zh-CN"}),
        ("petra", PHONE, {"dark": True}),
        (None, DESKTOP, {"dark": True}),
        (None, PHONE, {"locale": "zh-CN"}),
    ],
    ids=["organizer-1280-en-light", "organizer-390-zh-dark", "attendee-1280-zh-light", "attendee-390-en-dark",
         "stranger-1280-en-dark", "stranger-390-zh-light"],
)  # fmt: skip
def test_every_linked_page_opens_and_is_finished(
    name: str | None, size: dict[str, int], look: dict[str, Any], person: Callable[..., Person]
) -> None:
    someone = person(name and f"{name}@qinglan.example", size, **look)
    if name is None and someone.chinese:
        someone.go("/news")
    met: Counter[tuple[str, ...]] = Counter()
    waiting = deque([f"{someone.url}{path}" for path in ("/", "/events", "/news", "/verify")])
    known = set(waiting)
    while waiting:
        address = waiting.popleft()
        met[rule_of(address)] += 1
        if met[rule_of(address)] > (1 if urlsplit(address).query else OF_A_KIND):
            continue
        answer = someone.page.goto(address)
        if answer is None or answer.status != 200:
            someone.troubles.append(f"{address}: {answer and answer.status}, but it is linked")
            continue
        someone.look()
        for link in someone.page.locator("a[href]").evaluate_all(LINKS):
            link = link.partition("#")[0]
            if link.startswith(someone.url) and link not in known and not FILES.search(urlsplit(link).path):
                known.add(link)
                waiting.append(link)
    assert len(met) > (60 if name == "olaf" else 30 if name else 8), sorted(met)


def rule_of(address: str) -> tuple[str, ...]:
    """What kind of page it is: the path without the refs, and the names of what is asked."""
    parts = urlsplit(address)
    return (REF.sub("/*", parts.path), *sorted(parse_qs(parts.query)))


def test_a_bad_page_is_found_out(person: Callable[..., Person]) -> None:
    """The control: a page with every fault is reported for each of them."""
    someone = person(None, PHONE)
    someone.pages = 3
    someone.page.set_content(
        "<html lang='fr'><title>Bad</title><body><main><p style='width:900px;color:#bbb;background:#fff'>%(name)s"
        "<img src='data:,'></p></main>"
    )
    someone.look()
    said = "\n".join(someone.troubles)
    for fault in ("language is fr", "0 headings", "px wide", "says %(name)", "color-contrast", "image-alt"):
        assert fault in said
    someone.troubles.clear()
