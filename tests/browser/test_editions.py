"""Organizer: next year's gathering out of this year's, and an empty one, in few presses."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser import daytime
from tests.browser.conftest import DESKTOP, PHONE, Person

FEW = 20
TODAY = daytime.now().astimezone(daytime.ZONE).date()
EARLIER = ("Annual Gathering 2026", "2026 年度大会")


def test_next_years_gathering_is_planned_from_a_clone_in_under_twenty_presses(person: Callable[..., Person]) -> None:
    olaf = person("olaf@qinglan.example")
    olaf.presses = 0
    olaf.go("/events")
    olaf.press("New event")
    olaf.press("From an earlier one")
    olaf.leave(olaf.page.locator("main .rows a", has_text=EARLIER[0]).first)
    # The same weekday of the season is proposed, and what would fall where is seen before anything is made.
    proposed = olaf.page.locator("[name='starts_on']").input_value()
    assert proposed > TODAY.isoformat()
    foreseen = olaf.page.locator("#foreseen li")
    count = foreseen.count()
    assert count > 3
    olaf.fill(title="Annual Gathering, the next one", starts_on=str(daytime.now().year + 2) + "-03-10", roles=False)
    olaf.press("Look at the days")
    assert str(daytime.now().year + 2) in foreseen.first.inner_text()
    expect(foreseen).to_have_count(count)
    olaf.press("Make the draft")
    # What is still missing, and the one field that mends it.
    assert olaf.page.url.endswith("/readiness")
    assert "Nothing keeps it from being published." in olaf.text
    olaf.press("Publish")
    assert "The event is published" in olaf.text
    line = olaf.page.locator("main .editions-line")
    expect(line.locator("[aria-current=page]")).to_have_text(str(daytime.now().year + 2))
    assert olaf.presses < FEW, f"{olaf.presses} presses"
    # Nobody has come along.
    olaf.go(f"{olaf.page.url.removeprefix(olaf.url)}/registrations")
    expect(olaf.page.locator("main tbody tr")).to_have_count(0)


def test_a_new_gathering_takes_six_fields_and_what_it_lacks_is_one_press_away(person: Callable[..., Person]) -> None:
    olaf = person("olaf@qinglan.example", PHONE, locale="zh-CN", dark=True)
    olaf.presses = 0
    olaf.go("/events/new")
    expect(olaf.page.locator("main form.form :is(input, select, textarea):not([type=hidden])")).to_have_count(6)
    olaf.fill(
        title="春季交流会",
        kind="other",
        starts_on=(TODAY + timedelta(days=40)).isoformat(),
        ends_on="",
        city="佛山",
        audience="internal",
    )
    olaf.press("Create the draft")
    olaf.press("Readiness")
    olaf.leave(olaf.page.locator("main .findings a[href$='#description']"))
    field = olaf.page.locator("#description")
    expect(field).to_be_in_viewport()
    olaf.fill(description="大家见一见。")
    olaf.press("Save")
    olaf.press("Readiness")
    expect(olaf.page.locator("main .findings a[href$='#description']")).to_have_count(0)
    assert olaf.presses < FEW


def test_a_rehearsal_is_begun_tried_and_taken_away(person: Callable[..., Person]) -> None:
    olaf = person("olaf@qinglan.example", DESKTOP)
    olaf.go("/templates/town-hall")
    olaf.fill(title="Rehearsed", starts_on=(TODAY + timedelta(days=50)).isoformat(), audience="restricted")
    olaf.press("Make the draft")
    event = olaf.page.url.removesuffix("/readiness")
    olaf.go(f"{event}/settings")
    olaf.press("Rehearse this event")
    olaf.press("Begin the rehearsal")
    assert "Rehearsal: no mail leaves" in olaf.text
    olaf.go(f"{event}/readiness")
    olaf.press("Publish")
    olaf.go(f"{event}/registrations/new")
    olaf.fill(person=("Tom Okafor", "欧汤姆"))
    olaf.press("Register", within="main form.form")
    olaf.go(f"{event}/mail")
    assert "Held: rehearsal" in olaf.text
    olaf.go(f"{event}/rehearsal")
    olaf.press("End the rehearsal")
    assert "Rehearsal: no mail leaves" not in olaf.text
    olaf.go(f"{event}/registrations")
    expect(olaf.page.locator("main tbody tr")).to_have_count(0)
    olaf.go(f"{event}/mail")
    assert "Held: rehearsal" not in olaf.text
