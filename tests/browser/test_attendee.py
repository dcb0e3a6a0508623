"""Attendee: invited by mail, with a place or waiting for one, signing a word, answering for what is asked, leaving."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from app.demo.loader import PASSWORD
from tests.browser import daytime
from tests.browser.conftest import DESKTOP, PHONE, Person, Served, links_in, serving

PETRA = ("Petra Lindqvist", "林佩佳")
EVENING, KILN_DAY = ("Neighbours' evening", "邻里之夜"), ("Kiln Seven day", "七号窑日")
TAKEN = 11  # places in the evening at the neighbours'; two are held for people whose managers have not agreed yet
ASKED = ("Specifications that say what we need", "说得出需要什么的规格")


@pytest.fixture
def served(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for each: the demo asks Petra for one signature and one answer."""
    with serving(demo_folder, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.mark.parametrize(
    ("size", "look"),
    [(DESKTOP, {}), (PHONE, {"locale": "zh-CN"})],
    ids=["1280-en", "390-zh"],
)
def test_attendee_from_invitation_to_withdrawal(
    size: dict[str, int], look: dict[str, Any], person: Callable[..., Person], served: Served
) -> None:
    def enter(name: str | None) -> Person:
        return person(name and f"{name}@qinglan.example", size, **look)

    olaf = person("olaf@qinglan.example")
    evening = invite(olaf)
    uid = answer_by_link(olaf, enter(None), evening, served)
    petra, rita = enter("petra"), enter("rita")
    look_at_the_evening(petra, evening)
    wait_in_line(rita, evening, served)
    see_now(olaf, petra)
    sign_a_pledge(petra)
    answer_for_a_requirement(petra)
    withdraw(petra, rita, evening, served, uid)


def path_of(someone: Person, title: tuple[str, str]) -> str:
    someone.go("/events")
    someone.leave(someone.page.locator("main h3 a", has_text=title[someone.chinese]).first)
    return someone.page.url.removeprefix(someone.url)


def invite(olaf: Person) -> str:
    """One place is left in the evening, and Petra is asked to it."""
    evening = path_of(olaf, EVENING)
    olaf.go(f"{evening}/registration/settings")
    olaf.fill(capacity=str(TAKEN + 1), approver="nobody")
    olaf.press("Save")
    olaf.go(f"{evening}/invitees/lines/new?kind=person&q=Petra+Lindqvist")
    olaf.press("Put on the list")
    olaf.leave(olaf.page.locator("main .head a.btn.primary"))
    olaf.leave(olaf.page.locator("#asked button.primary"))
    return evening


def answer_by_link(olaf: Person, stranger: Person, evening: str, served: Served) -> str:
    """Without signing in. Returns the UID of the calendar entry that comes with the confirmation."""
    mail = served.mail.wait_for("petra@qinglan.example", EVENING[0])  # other gatherings may ask her as well
    link = next(each for each in links_in(mail) if "/answer/" in each)
    stranger.go(link)
    stranger.go(link)
    olaf.go(f"{evening}/registrations")  # looking at the page has changed nothing
    assert olaf.page.locator("main tbody tr").count() == TAKEN
    stranger.go(link)
    stranger.fill(answer="yes")
    stranger.press("Answer")
    olaf.go(f"{evening}/registrations")
    assert PETRA[0] in olaf.text
    assert olaf.page.locator("main tbody tr").count() == TAKEN + 1
    request = entry_in(served.mail.wait_for("petra@qinglan.example", method="REQUEST"), "REQUEST")
    assert "petra@qinglan.example" in str(request["ATTENDEE"]).lower()
    assert request.start > daytime.now().date()  # a whole day, as the evening is entered
    return str(request["UID"])


def entry_in(mail: EmailMessage, method: str) -> Any:
    """The one entry of the calendar that the mail carries, by the rules for invitations."""
    parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(parts[0].get_payload(decode=True))
    assert calendar["METHOD"] == method
    [entry] = calendar.events
    return entry


def look_at_the_evening(petra: Person, evening: str) -> None:
    petra.go(evening)
    assert petra.read("You have a place") in petra.text
    with petra.page.expect_download() as download:
        petra.find("Add to calendar").click()
    entries = Calendar.from_ical(download.value.path().read_bytes()).events
    assert len(entries) >= 5
    petra.go(f"{evening}/programme")
    assert petra.page.locator("main .slot").count() >= 5
    petra.go(f"{evening}/registration/mine")
    card = petra.context.request.get(f"{petra.url}{evening}/registration/mine/card.pdf")
    assert card.body().startswith(b"%PDF")


def wait_in_line(rita: Person, evening: str, served: Served) -> None:
    rita.go(evening)
    rita.press("Join the waiting list")
    rita.press("Join the waiting list")
    assert rita.read("You are on the waiting list") in rita.page.locator("h1").inner_text()
    served.mail.wait_for("rita@qinglan.example", "/registration/mine")


def see_now(olaf: Person, petra: Person) -> None:
    """Something runs at this moment, and the page says so."""
    day = path_of(olaf, KILN_DAY)
    moment = daytime.now().astimezone(daytime.ZONE).replace(second=0, microsecond=0, tzinfo=None)
    ends = moment + timedelta(minutes=30)
    olaf.go(f"{day}/items/new")
    olaf.fill(
        title="The last look before the fire", starts_at=f"{moment:%Y-%m-%dT%H:%M}", ends_at=f"{ends:%Y-%m-%dT%H:%M}"
    )
    olaf.press("Save")
    petra.go(day)
    petra.press("What is on now")
    assert "The last look before the fire" in petra.page.locator("main .slot.now").inner_text()


def sign_a_pledge(petra: Person) -> None:
    petra.go("/my/pledges")
    petra.press("Read and decide")
    petra.come_to_sign()
    petra.fill(password="not this one")
    petra.press("Sign", within="main .decision")
    assert petra.page.locator("main .wrong, main .note.late").count()
    petra.fill(password=PASSWORD)
    petra.press("Sign", within="main .decision")
    assert petra.page.locator("main .slots .hand:not(:empty)").count() == 3
    petra.go("/my/pledges")
    assert petra.page.locator("main a", has_text=petra.read("Read and decide")).count() == 0


def answer_for_a_requirement(petra: Person) -> None:
    petra.go("/my/commitments")
    assignment = petra.page.locator("#accept a.title-link").first.get_attribute("href") or ""
    petra.press("Accept", within="#accept")
    petra.go(assignment)
    petra.press("Report", within="main .head")
    petra.fill(text="The first draft is with the laboratory.", confidence="8")
    petra.leave(petra.page.locator("main form.form button[type=submit]"))
    petra.go(assignment)
    petra.press("Add evidence")
    petra.fill(described_as="The draft", url="https://example.org/draft")
    petra.leave(petra.page.locator("main form.form button[type=submit]"))
    petra.go(assignment)
    petra.press("Add evidence")
    petra.fill(
        described_as="The test sheet", file={"name": "sheet.txt", "mimeType": "text/plain", "buffer": b"It peels off."}
    )
    petra.leave(petra.page.locator("main form.form button[type=submit]"))
    petra.go(assignment)
    for words in ("The first draft is with the laboratory.", "The draft", "The test sheet", "sheet.txt"):
        assert words in petra.text
    with petra.page.expect_download() as download:
        petra.page.locator(
            "main a[download]", has_text="The test sheet"
        ).first.click()  # it stands below each criterion
    assert download.value.path().read_bytes() == b"It peels off."


def withdraw(petra: Person, rita: Person, evening: str, served: Served, uid: str) -> None:
    """The place goes to the first in line at once, and both calendars follow."""
    petra.go(f"{evening}/registration/mine")
    petra.press("I cannot come")
    petra.fill(reason="The furnace needs me.")
    petra.press("Withdraw", context="registration", within="main form.form")
    mail = served.mail.wait_for("petra@qinglan.example", method="CANCEL")
    assert entry_in(mail, "CANCEL")["UID"] == uid
    rita.go(f"{evening}/registration/mine")
    assert rita.read("You have a place") in rita.page.locator("h1").inner_text()
    mail = served.mail.wait_for("rita@qinglan.example", method="REQUEST")
    assert "rita@qinglan.example" in str(entry_in(mail, "REQUEST")["ATTENDEE"]).lower()
