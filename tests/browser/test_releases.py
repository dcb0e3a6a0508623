"""The night before: three items change, the programme is released, and an attendee reads on the phone exactly what changed."""

from collections.abc import Callable

from tests.browser.conftest import PHONE, Person, Served, text_of

EVENING = ("Neighbours' evening", "邻里之夜")


def event_of(someone: Person) -> str:
    someone.go("/events")
    someone.leave(someone.page.locator("main h3 a", has_text=EVENING[someone.chinese]).first)
    return someone.page.url.removeprefix(someone.url)


def titles(someone: Person) -> list[str]:
    return someone.page.locator(".changes h3").all_inner_texts()


def test_an_attendee_reads_on_the_phone_what_changed_the_night_before(
    person: Callable[..., Person], served: Served
) -> None:
    olaf = person("olaf@qinglan.example")
    event = event_of(olaf)
    olaf.go(f"{event}/registration/settings")
    olaf.fill(capacity="40", approver="nobody")  # so that who registers is in at once
    olaf.press("Save")
    petra = person("petra@qinglan.example", PHONE, locale="zh-CN")
    petra.go(f"{event}/registration")
    petra.press("Register")

    olaf.go(f"{event}/programme")
    olaf.press("Release the programme")
    olaf.fill(name="First version")
    if olaf.page.locator("main [name=reason]").count():
        olaf.fill(reason="The rooms open into each other")
    olaf.leave(olaf.page.locator("main form button[type=submit].primary"))
    assert olaf.page.url.endswith("/releases/1")
    assert "First version" in text_of(served.mail.wait_for("petra@qinglan.example", "First version"))

    olaf.go(f"{event}/programme")
    links = olaf.page.locator("main .slot:not(.cancelled) h3 a")
    moved, cancelled = links.nth(1), links.nth(2)
    names = [moved.inner_text(), cancelled.inner_text(), "Songs from the works"]
    addresses = [each.get_attribute("href") or "" for each in (moved, cancelled)]
    olaf.go(f"{addresses[0]}/place")
    starts = olaf.page.locator("main [name=starts_at]").input_value()
    olaf.fill(starts_at=starts[:-5] + "07:05")
    olaf.press("Move")
    olaf.go(addresses[1])
    olaf.press("Cancel the item")
    day = starts[:10]
    olaf.go(f"{event}/items/new")
    olaf.fill(title=names[2], starts_at=f"{day}T22:10", ends_at=f"{day}T22:20")
    olaf.press("Save")
    assert "3 changes are not released" in olaf.text

    petra.go(f"{event}/programme")
    assert names[2] not in petra.text
    assert "07:05" not in petra.text

    olaf.press("See and release")
    assert sorted(titles(olaf)) == sorted(names)
    olaf.fill(name="The night before", message="Sorry for the late word.")
    olaf.press("Show this mail")
    assert "Sorry for the late word." in olaf.page.locator("pre.mail-text").inner_text()
    if olaf.page.locator("main [name=reason]").count():
        olaf.fill(reason="The rooms open into each other")
    olaf.leave(olaf.page.locator("main form button[type=submit].primary"))
    assert olaf.page.url.endswith("/releases/2")

    petra.go(f"{event}/programme")
    assert names[2] in petra.text
    petra.leave(petra.page.locator(f"main a[href='{event}/releases']"))
    petra.leave(petra.page.locator("main tbody tr a").first)
    assert len(titles(petra)) == 3
    assert names[2] in titles(petra)
    kinds = [petra.read(each, "programme") for each in ("Moved", "Cancelled", "New")]
    told = petra.page.locator(".changes > li > p:first-child").all_inner_texts()
    assert sorted(each.strip() for each in told) == sorted(kinds)
    assert "07:05" in petra.page.locator(".changes .was-is").inner_text()

    mail = served.mail.wait_for("petra@qinglan.example", "The night before")
    said = [text_of(each) for each in served.mail.mails if "petra@qinglan.example" in str(each["To"])]
    assert len([each for each in said if "The night before" in each]) == 1
    assert "07:05" in text_of(mail)
    assert names[2] in text_of(mail)
    assert "Sorry for the late word." in text_of(mail)
