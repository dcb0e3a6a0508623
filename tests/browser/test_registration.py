"""Registration: an organizer asks departments and a pasted list; somebody answers on a phone and sends a colleague."""

import re
from collections.abc import Callable
from typing import Any

from icalendar import Calendar
from playwright.sync_api import Locator

from tests.browser.conftest import PHONE, Person, Served, links_in

EVENING = "Neighbours' evening"
PETRA, WEI_JING = ("Petra Lindqvist", "林佩佳"), ("Wei Jing", "魏静")
WORD = "There is soup, so tell us what you eat."
QUESTION = ("What do you eat?", "您的饮食")
PLACES, TAKEN, HELD = 40, 11, 2  # in the evening at the neighbours'; some of them are held until a manager agrees
# Mo Qiu has a place and is of a department that is asked; nobody is called Anna Nowhere.
PASTED = "petra@qinglan.example\nRita Bianchi\nMo Qiu\nAnna Nowhere"
FINANCE, PEOPLE = 8, 6


def test_an_organizer_invites_and_the_invited_answers_and_sends_a_colleague(
    person: Callable[..., Person], served: Served
) -> None:
    def on_phone(email: str | None = None) -> Person:
        return person(email, PHONE, locale="zh-CN")

    olaf = person("olaf@qinglan.example")
    evening = open_the_evening(olaf)
    ask_what_they_eat(olaf, evening)
    choose_whom_to_ask(olaf, evening)
    look_and_send(olaf)
    uid = say_yes_by_mail(on_phone(), olaf, evening, served)
    petra = on_phone("petra@qinglan.example")
    tell_what_she_eats(petra, evening)
    ask_a_colleague(petra)
    come_instead(on_phone(), olaf, evening, served, uid)
    assert petra.context.request.get(f"{petra.url}{evening}/registration/mine/card.pdf").status == 404
    see_the_board(olaf, evening)
    see_the_record(olaf, evening)


def open_the_evening(olaf: Person) -> str:
    """Its path. Whoever is asked has a place at once."""
    olaf.go("/events")
    olaf.leave(olaf.page.locator("main h3 a", has_text=EVENING).first)
    evening = olaf.page.url.removeprefix(olaf.url)
    olaf.go(f"{evening}/registration/settings")
    olaf.fill(approver="nobody", substitutes="department")
    olaf.press("Save")
    return evening


def ask_what_they_eat(olaf: Person, evening: str) -> None:
    olaf.go(f"{evening}/registrations")
    olaf.press("Form", within="main .tabs")
    olaf.press("Add a question")
    olaf.fill(kind="diet", title=QUESTION[0], title_local=QUESTION[1], needed=True, key="food")
    olaf.press("Save")
    olaf.press("Publish the form", within="main .head")
    olaf.press("Publish the form", within="main form.form")


def choose_whom_to_ask(olaf: Person, evening: str) -> None:
    olaf.go(f"{evening}/registrations")
    olaf.press("Invitees", within="main .tabs")
    for department, number in (("Finance and Systems", FINANCE), ("People and Culture", PEOPLE)):
        olaf.press("A department")
        olaf.fill(choice=department)
        olaf.press("See what would change")
        assert f"{number} people" in olaf.page.locator("#effect").inner_text()
        olaf.press("Put on the list", within="#effect")
    olaf.press("A pasted list or a table")
    olaf.fill(text=PASTED)
    olaf.press("Look whom it means")
    assert "3 people found" in olaf.page.locator("#read h2").inner_text()
    assert "Anna Nowhere" in olaf.page.locator("main table").inner_text()
    before, after = FINANCE + PEOPLE, FINANCE + PEOPLE + 2
    assert f"{before}, then {after}" in olaf.page.locator("#effect").inner_text()
    olaf.press("Put 3 people on the list")
    # Everybody counts once; Mo Qiu has a place already and is not asked.
    assert figures(olaf.page.locator("main .stats b")) == [after, after - 1, 0]
    assert "Registered already 1" in olaf.page.locator("#left-out h3").inner_text()


def figures(cells: Locator) -> list[int]:
    return [int(words) for words in cells.all_inner_texts()]


def look_and_send(olaf: Person) -> None:
    number = FINANCE + PEOPLE + 1
    olaf.press(f"Look and send to {number} people")
    assert figures(olaf.page.locator("#receivers header .num")) == [number]
    assert "Mo Qiu" in olaf.page.locator("#left-out").inner_text()
    assert "Mo Qiu" not in olaf.page.locator("#receivers").inner_text()
    olaf.fill(message=WORD)
    olaf.press(f"Send {number} invitations")
    assert f"Invitations sent: {number}." in olaf.page.locator("main .messages").inner_text()


def say_yes_by_mail(stranger: Person, olaf: Person, evening: str, served: Served) -> str:
    """Without signing in, with one tap. Returns the UID of the entry in the calendar."""
    link = link_in(served, "petra@qinglan.example", WORD, "/answer/")
    for _visit in range(2):  # a mail program looks first, and changes nothing
        stranger.go(link)
    assert taken(olaf, evening) == TAKEN
    assert stranger.page.locator("[name=answer][value=yes]").is_checked()
    stranger.press("Answer")
    assert taken(olaf, evening) == TAKEN + 1
    return uid_of(served, "petra@qinglan.example", "REQUEST")


def link_in(served: Served, address: str, words: str, path: str) -> str:
    return next(each for each in links_in(served.mail.wait_for(address, words)) if path in each)


def taken(olaf: Person, evening: str) -> int:
    olaf.go(f"{evening}/registrations")
    found = re.search(rf"(\d+) of {PLACES} places are taken", olaf.text)
    assert found, olaf.text
    return int(found[1])


def uid_of(served: Served, address: str, method: str) -> str:
    """Of the one entry that the newest mail of this method carries for this person."""
    mail = served.mail.wait_for(address, method=method)
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    content: Any = part.get_payload(decode=True)
    [entry] = Calendar.from_ical(content).events
    assert address in str(entry["ATTENDEE"]).lower()
    return str(entry["UID"])


def tell_what_she_eats(petra: Person, evening: str) -> None:
    petra.go(f"{evening}/registration/mine")
    petra.press("Answer the questions")
    assert QUESTION[1] in petra.text
    petra.page.locator("[name=q_food][value=vegetarian]").check()
    petra.press("Save the answers")
    assert petra.read("Everything is answered.") in petra.text


def ask_a_colleague(petra: Person) -> None:
    """The place stays hers until the colleague has answered."""
    petra.press("Send somebody else")
    petra.fill(within="main [role=search]", q=WEI_JING[1])
    petra.leave(petra.page.locator("main [role=search] button"))
    petra.page.get_by_role("radio", name=WEI_JING[1]).check()
    petra.fill(within="main form.form", reason="窑炉等着我。")
    petra.press("Ask")
    assert petra.read("You have a place") in petra.page.locator("h1").inner_text()
    assert WEI_JING[1] in petra.page.locator("main .note.risk").inner_text()


def come_instead(colleague: Person, olaf: Person, evening: str, served: Served, uid: str) -> None:
    """By the mail, without an account; the place changes hands and is free at no moment."""
    link = link_in(served, "weijing@qinglan.example", "/instead/", "/instead/")
    for _visit in range(2):
        colleague.go(link)
    assert taken(olaf, evening) == TAKEN + 1
    assert WEI_JING[0] not in olaf.text
    colleague.fill(answer="yes")
    colleague.press("Answer")
    assert PETRA[1] in colleague.page.locator("main .note.kept").inner_text()
    assert uid_of(served, "petra@qinglan.example", "CANCEL") == uid
    assert uid_of(served, "weijing@qinglan.example", "REQUEST")
    assert taken(olaf, evening) == TAKEN + 1
    assert WEI_JING[0] in olaf.text


def see_the_board(olaf: Person, evening: str) -> None:
    """By department, each counted with those below it: whom Petra sends in her place is not an answer of yes."""
    olaf.go(f"{evening}/registrations")
    olaf.press("Answers", within="main .tabs")
    number = FINANCE + PEOPLE + 1
    assert f"1 of {number} have answered" in olaf.page.locator("main .head").inner_text()
    invited, yes, no, maybe, instead, silent = range(6)
    for department, asked, answered in (
        ("Executive Office", number, 1),
        ("Finance and Systems", FINANCE, 0),
        ("People and Culture", PEOPLE - 1, 0),
        ("Manufacturing", 1, 0),
        ("Research and Development", 1, 1),
    ):
        row = figures(row_of(olaf, department).locator("td.num").filter(has_not_text="%"))
        assert [row[each] for each in (invited, yes, no, maybe)] == [asked, 0, 0, 0], department
        assert [row[instead], row[silent]] == [answered, asked - answered], department


def row_of(olaf: Person, name: str) -> Locator:
    """The row of the first table that begins with this name."""
    rows = olaf.page.locator("main table").first.locator("tbody tr")
    return rows.filter(has=olaf.page.get_by_role("rowheader").get_by_text(name, exact=True))


def see_the_record(olaf: Person, evening: str) -> None:
    """It stands by itself: who came instead of whom is there before anybody has come."""
    olaf.go(f"{evening}/attendance")
    assert olaf.page.locator("main table.attendance tbody tr").count() == TAKEN - HELD + 2
    assert "Substituted" in row_of(olaf, PETRA[0]).inner_text()
    assert f"for {PETRA[0]}" in row_of(olaf, WEI_JING[0]).inner_text()
    assert "not known yet" in row_of(olaf, WEI_JING[0]).inner_text()
