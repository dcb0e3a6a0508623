"""A session ends: drafted, reviewed, signed off; two read different texts, one confirms, and an amendment asks again."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Person, Served, text_of

WHEN = "Kiln Seven is heated on Monday, not on Friday."
PRICE = "The second transformer costs nine per cent more."
DEARER = "The second transformer costs eleven per cent more."


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "390"])
def test_minutes_go_from_the_records_to_their_readers(
    person: Callable[..., Person], served: Served, size: dict[str, int]
) -> None:
    sara, li_wei = person("sara@qinglan.example", size), person("liwei@qinglan.example", size)
    minutes = draft(sara)
    write_a_section(sara, minutes, "When", WHEN, "Internal")
    write_a_section(sara, minutes, "What it costs", PRICE, "Restricted")
    review(sara, person("sven@qinglan.example", size), minutes)
    sign_off(li_wei, minutes)
    publish(sara, minutes)
    chen_yu, rita = person("chenyu@qinglan.example", size), person("rita@qinglan.example", size)
    for reader in (chen_yu, rita):
        reader.go(minutes)
        assert WHEN in reader.text
    assert PRICE in chen_yu.text
    nothing_of_it_reaches(rita, minutes)
    letter = text_of(served.mail.wait_for("rita@qinglan.example", WHEN))
    assert "transformer" not in letter
    assert PRICE in text_of(served.mail.wait_for("chenyu@qinglan.example", PRICE))
    for reader in (chen_yu, rita):
        reader.go(minutes)
        reader.press("I have read version 1")
        assert reader.read("You have confirmed reading this") in reader.text
    amend(sara, li_wei, minutes)
    # Only what few read has changed: it is asked of Chen Yu again, and nothing of Rita.
    rita.go(minutes)
    assert rita.read("You have confirmed reading this") in rita.text
    chen_yu.go(minutes)
    assert "I have read version 2" in chen_yu.text
    chen_yu.press("Compare versions")
    assert "eleven" in chen_yu.text
    chen_yu.go(minutes)
    chen_yu.press("I have read version 2")
    sara.go(minutes)
    sara.press("Withdraw")
    sara.fill(reason="The next size of screen tells it again.")
    sara.press("Withdraw")


def draft(sara: Person) -> str:
    sara.go("/events?when=now")
    sara.press("Kiln Seven day: are we ready to heat up?")
    sara.go(f"{urlsplit(sara.page.url).path}/minutes")
    sara.press("Draft minutes")
    sara.fill(session_ref="Readiness review", language="en")
    sara.press("Make the draft")
    assert "Readiness review" in sara.text
    return urlsplit(sara.page.url).path.removesuffix("/text")


def write_a_section(sara: Person, minutes: str, heading: str, words: str, level: str) -> None:
    sara.go(f"{minutes}/text")
    sara.fill(heading=heading, clearance=level)
    sara.press("Add the section")
    page = sara.page
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    page.locator(".CodeMirror").click()
    page.keyboard.type(words)
    sara.press("Save")
    assert words in sara.go(minutes).locator("main").inner_text()


def review(sara: Person, sven: Person, minutes: str) -> None:
    """Sven corrects nothing and says so; what the checks find may stand."""
    sara.go(minutes)
    sara.press("Send to review")
    sara.fill(reviewers=["Sven Aalberg"])
    sara.press("Send to review")
    sven.go(minutes)
    assert PRICE not in sven.text
    sven.press("I agree to this text")


def sign_off(leader: Person, minutes: str) -> None:
    leader.go(f"{minutes}/checks")
    boxes = leader.page.locator("#findings [name=keys]")
    if boxes.count():
        for box in boxes.all():
            box.check()
        leader.fill("#findings", reason="It is told in the minutes of the day before.")
        leader.press("Let it stand")
    leader.go(f"{minutes}/approval")
    leader.press("Sign off")


def publish(sara: Person, minutes: str) -> None:
    sara.go(minutes)
    sara.press("Publish")
    sara.fill(participants=False, people=["Chen Yu", "Rita Bianchi"])
    sara.press("Publish")


def nothing_of_it_reaches(reader: Person, minutes: str) -> None:
    """Neither on the page, nor in the file, nor by looking for it."""
    for path in (minutes, "/minutes?q=transformer+eleven", "/search?q=nine+per+cent+more", "/minutes?q=nine+per+cent"):
        page = reader.go(path)
        assert "transformer costs" not in page.content(), path
        assert "What it costs" not in page.content(), path
    reader.go(minutes)
    reader.find("Markdown")
    address = reader.page.locator("a", has_text="Markdown").first.get_attribute("href")
    answer = reader.context.request.get(f"{reader.url}{address}")
    assert answer.ok
    assert WHEN in answer.text()
    assert "transformer" not in answer.text()


def amend(sara: Person, leader: Person, minutes: str) -> None:
    sara.go(minutes)
    sara.press("Amend")
    sara.fill(change_note="The maker has written again.")
    sara.press("Begin the new version")
    costs = sara.page.locator(".section", has_text="What it costs").first
    sara.press("Write", within=costs)
    page = sara.page
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(DEARER)
    sara.press("Save")
    sara.go(minutes)
    sara.press("Look at version 2")
    sara.press("Send to review")
    sara.press("Send to review")
    sign_off(leader, minutes)
    sara.go(f"{minutes}/publication")
    sara.press("Publish")
