"""The timetable: one result by mouse, keys and form; two organizers at one item; steps back; what waits beside it."""

from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser import daytime
from tests.browser.conftest import DESKTOP, Person, Served

DAY = (daytime.now().astimezone(daytime.ZONE) + timedelta(days=40)).date()
NEW_ITEM = """async ([title, start, end, room]) => {
  const box = document.getElementById("timetable").dataset;
  const answer = await fetch(`${box.url}/items`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": box.proof },
    body: JSON.stringify({ intent: crypto.randomUUID(), title, kind: "speech", starts_at: start, ends_at: end, room, session: null }),
  });
  return (await answer.json()).item.ref;
}"""
STATE = "async () => (await fetch(document.getElementById('timetable').dataset.url + '/state')).json()"
SAVED = """() => {
  const times = (name) => performance.getEntriesByName(name).map((each) => each.startTime);
  const made = times("move-made");
  return times("move-saved").map((saved) => saved - Math.max(...made.filter((each) => each < saved)));
}"""


class Grid:
    """Somebody's timetable."""

    def __init__(self, someone: Person, url: str) -> None:
        self.someone, self.page, self.url = someone, someone.page, url

    def open(self) -> "Grid":
        self.someone.go(self.url)
        expect(self.page.locator("#timetable .ec-event").first).to_be_visible()
        self.someone.look()
        return self

    def item(self, title: str) -> Locator:
        return self.page.locator(f"#timetable [data-ref]:has(b:text-is('{title}')):not(.ec-ghost, .ec-preview)")

    def stored(self, title: str) -> tuple[Any, ...]:
        """What the server has of an item, as soon as nothing is on its way any more."""
        expect(self.page.locator("#timetable .is-pending")).to_have_count(0)
        item = next(each for each in self.page.evaluate(STATE)["items"] if each["title"] == title)
        at = [item[name] and item[name].partition("T")[2] for name in ("starts_at", "ends_at")]
        return (*at, self.rooms()[item["room"]] if item["room"] else None)

    def rooms(self) -> dict[str, str]:
        return {each["ref"]: each["name"] for each in self.page.evaluate(STATE)["rooms"]}

    def drag(self, item: Locator, *, across: float = 0, down: float = 0, to: Locator | None = None) -> None:
        """By columns and hours, or onto something."""
        box, mouse = item.bounding_box(), self.page.mouse
        column = self.page.locator("#timetable .ec-body .ec-day").first.bounding_box()
        assert box
        assert column
        x, y = box["x"] + 30, box["y"] + 10
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 6, y + 6)
        if to is not None:
            place = to.bounding_box()
            assert place
            mouse.move(place["x"] + 20, place["y"] + 20, steps=4)
        else:
            mouse.move(x + across * column["width"], y + down * 80, steps=4)
        mouse.up()

    def press(self, item: Locator, *keys: str) -> None:
        item.focus()
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def planned(person: Callable[..., Person], served: Served) -> tuple[Person, str]:
    """Olaf, and the timetable of a new gathering with two rooms."""
    olaf = person("olaf@qinglan.example", DESKTOP)
    olaf.go("/events")
    olaf.press("New event")
    olaf.fill(title="Arranged", kind="annual_gathering", starts_on=DAY.isoformat(), city="Foshan", audience="internal")
    olaf.press("Create the draft")
    event = olaf.page.url.removeprefix(olaf.url)
    for name in ("Great Hall", "Kiln Room"):
        olaf.go(f"{event}/rooms")
        olaf.fill(name=name)
        olaf.press("Add")
    return olaf, f"{event}/timetable"


def add(grid: Grid, title: str, start: str | None, end: str | None, room: str | None) -> str:
    refs = {name: ref for ref, name in grid.rooms().items()}
    times = [at and f"{DAY}T{at}" for at in (start, end)]
    return grid.page.evaluate(NEW_ITEM, [title, *times, refs[room] if room else None])


def test_mouse_keys_and_form_give_the_same_result_and_steps_are_taken_back(
    planned: tuple[Person, str], record_property: Callable[[str, str], None]
) -> None:
    olaf, url = planned
    grid = Grid(olaf, url)
    olaf.go(url)
    refs = [add(grid, title, "09:00", "09:30", "Great Hall") for title in ("Dragged", "Typed")]
    refs.append(add(grid, "Filled in", "09:00", "09:30", "Great Hall"))
    add(grid, "Workshop", None, None, None)
    grid.open()
    moves: list[str] = []
    olaf.page.on("request", lambda sent: moves.append(sent.url) if sent.method == "PATCH" else None)

    grid.drag(grid.item("Dragged"), across=1, down=1)
    assert grid.stored("Dragged") == ("10:00", "10:30", "Kiln Room")
    grid.press(grid.item("Typed"), "Shift+ArrowRight", *["ArrowDown"] * 12)
    expect(olaf.page.locator("[data-live]")).to_contain_text("10:00, Kiln Room. Kiln Room is taken twice")
    assert grid.stored("Typed") == ("10:00", "10:30", "Kiln Room")
    assert len(moves) == 2  # the keys were one move
    expect(grid.item("Typed")).to_be_focused()
    expect(olaf.page.locator("[data-detail-clashes]")).to_contain_text("Kiln Room is taken twice")

    olaf.go(f"{url.removesuffix('/timetable')}/items/{refs[2]}/place?from=timetable")
    olaf.fill(starts_at=f"{DAY}T10:00", room="Kiln Room")
    olaf.press("Move")
    assert "/timetable" in olaf.page.url
    grid.open()
    assert grid.stored("Filled in") == ("10:00", "10:30", "Kiln Room")

    # Longer by mouse and by keys, taken back one by one, done again.
    box = grid.item("Typed").bounding_box()
    assert box
    olaf.page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 3)
    olaf.page.mouse.down()
    olaf.page.mouse.move(box["x"] + 20, box["y"] + box["height"] + 37, steps=4)
    olaf.page.mouse.up()
    assert grid.stored("Typed") == ("10:00", "11:00", "Kiln Room")
    grid.press(grid.item("Typed"), "Control+ArrowUp", "Control+ArrowUp", "Escape")
    assert grid.stored("Typed") == ("10:00", "10:50", "Kiln Room")
    live = olaf.page.locator("[data-live]")
    for keys, end in (("Control+z", "11:00"), ("Control+z", "10:30"), ("Control+Shift+z", "11:00")):
        with olaf.page.expect_response(lambda answer: answer.request.method == "POST"):
            olaf.page.keyboard.press(keys)
        expect(live).to_contain_text("10:00, Kiln Room.")
        assert grid.stored("Typed") == ("10:00", end, "Kiln Room")

    # From the tray to the grid and back.
    tray = olaf.page.locator("[data-tray]")
    grid.drag(tray.locator(".tray-item"), to=olaf.page.locator("#timetable .ec-body .ec-day").first)
    expect(tray.locator(".tray-item")).to_have_count(0)
    assert grid.stored("Workshop")[2] == "Great Hall"
    grid.drag(grid.item("Dragged"), to=tray)
    expect(tray.locator(".tray-item")).to_contain_text("Dragged")
    assert grid.stored("Dragged") == (None, None, None)

    # A new one where a range is drawn, and the keys.
    day = olaf.page.locator("#timetable .ec-body .ec-day").last.bounding_box()
    assert day
    olaf.page.mouse.move(day["x"] + 40, 720)
    olaf.page.mouse.down()
    olaf.page.mouse.move(day["x"] + 40, 770, steps=4)
    olaf.page.mouse.up()
    olaf.page.locator("#new-name").fill("Drawn")
    olaf.page.locator("#new-item button.primary").click()
    expect(grid.item("Drawn")).to_be_focused()
    assert grid.stored("Drawn")[2] == "Kiln Room"
    olaf.page.keyboard.press("?")
    expect(olaf.page.locator("#keys")).to_contain_text("Move the item by five minutes")
    olaf.page.keyboard.press("Escape")
    olaf.look()
    times = olaf.page.evaluate(SAVED)
    record_property("journey", f"from the move to “saved”: {median(times):.0f} ms (the median of {len(times)})")


def test_two_organizers_at_one_item_see_both_versions_and_choose(
    planned: tuple[Person, str], person: Callable[..., Person]
) -> None:
    olaf, url = planned
    mine = Grid(olaf, url)
    olaf.go(url)
    add(mine, "Opening", "09:00", "09:30", "Great Hall")
    ada = person("ada@qinglan.example", DESKTOP)
    mine.open()
    theirs = Grid(ada, url).open()
    for choice, key, room in (
        ("Keep theirs", "Shift+ArrowRight", "Kiln Room"),
        ("Put mine", "Shift+ArrowLeft", "Great Hall"),
    ):
        mine.press(mine.item("Opening"), key, "Escape")
        assert mine.stored("Opening") == ("09:00", "09:30", room)
        theirs.press(theirs.item("Opening"), "ArrowDown", "Escape")
        dialog = ada.page.locator("#conflict")
        expect(dialog.locator("[data-theirs]")).to_contain_text(f"09:00–09:30, {room}")
        expect(dialog.locator("[data-mine]")).to_contain_text("09:05–09:35")
        ada.look()
        dialog.get_by_role("button", name=choice).click()
        expect(dialog).to_be_hidden()
        put = choice == "Put mine"  # from where Ada had left it: later, in the Kiln Room
        assert theirs.stored("Opening") == (("09:05", "09:35", "Kiln Room") if put else ("09:00", "09:30", room))
    expect(ada.page.locator("[data-others]")).to_contain_text("is arranging too.")
    # What Ada has moved since is not Olaf's to take back.
    olaf.page.locator("[data-undo] button").click()
    expect(olaf.page.locator("[data-saving]")).to_contain_text("Somebody else has moved “Opening” since.")


def test_a_lost_connection_and_a_refusal_lose_nothing(planned: tuple[Person, str]) -> None:
    olaf, url = planned
    grid = Grid(olaf, url)
    olaf.go(url)
    add(grid, "Opening", "09:00", "09:30", "Great Hall")
    grid.open()
    # Stored, but the answer never comes: sent again by itself, and nothing is done twice.
    olaf.page.route("**/timetable/items/*", lambda route: (route.fetch(), route.abort()), times=1)
    grid.press(grid.item("Opening"), "ArrowDown", "Escape")
    saving = olaf.page.locator("[data-saving]")
    expect(saving).to_contain_text("The connection is gone.")
    assert grid.stored("Opening") == ("09:05", "09:35", "Great Hall")
    expect(saving).to_have_text("Saved.")
    item = next(each for each in olaf.page.evaluate(STATE)["items"] if each["title"] == "Opening")
    assert item["version"] == 2
    # Refused: the sentence stands beside the item, which is back where it was.
    grid.press(grid.item("Opening"), "Enter")
    olaf.page.locator("#place-start").fill("1800-01-01T09:00")
    olaf.look()
    olaf.page.locator("#place-item button.primary").click()
    expect(olaf.page.locator("[data-beside]")).to_have_text("Please choose a day between the years 1900 and 2200.")
    assert grid.stored("Opening") == ("09:05", "09:35", "Great Hall")
    expect(grid.item("Opening")).to_be_visible()
