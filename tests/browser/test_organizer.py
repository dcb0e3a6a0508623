"""Organizer: from a gathering's first line to its release, with everybody whose word is needed on the way."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from app.demo.loader import PASSWORD
from tests.browser import daytime
from tests.browser.conftest import DESKTOP, PHONE, Person, Served

LI_WEI, PETRA, TOM, CHEN_YU = (
    ("Li Wei", "李巍"),
    ("Petra Lindqvist", "林佩佳"),
    ("Tom Okafor", "欧汤姆"),
    ("Chen Yu", "陈瑜"),
)
RESEARCH, MANUFACTURING = ("Research and Development", "研发"), ("Manufacturing", "制造")
WORDING = "Every kiln crew writes down what it learned within three days, in words that an apprentice understands."
TODAY = daytime.now().astimezone(daytime.ZONE).date()
DAY = TODAY + timedelta(days=1)  # of the gathering


@pytest.mark.parametrize(
    ("size", "look"),
    [(DESKTOP, {}), (PHONE, {"locale": "zh-CN", "dark": True})],
    ids=["1280-en", "390-zh-dark"],
)
def test_organizer_from_first_line_to_release(
    size: dict[str, int], look: dict[str, Any], person: Callable[..., Person], served: Served
) -> None:
    def enter(name: str) -> Person:
        return person(f"{name}@qinglan.example", size, **look)

    title = "Winter Session" if size is DESKTOP else "Winter Session on a phone"
    olaf = enter("olaf")
    event = create_gathering(olaf, title)
    plan_programme(olaf, event)
    publish_and_invite(olaf, event)
    petra = enter("petra")
    take_places(olaf, petra, event)
    keep_the_door(olaf, petra, event)
    li_wei = enter("liwei")
    record_a_speech(olaf, li_wei, event)
    hand_over(enter("sven"), event)
    pledge = prepare_pledge(olaf, event)
    for signatory in (petra, li_wei):
        sign(signatory, pledge)
    check_pledge(olaf, pledge, person(None, size, **look))
    confer_award(olaf, event)
    write_minutes(olaf, li_wei, event)
    publish_release(olaf, event, person(None, size, **look))


def create_gathering(olaf: Person, title: str) -> str:
    """The path of the new gathering."""
    olaf.go("/events")
    olaf.press("New event")
    olaf.fill(
        title=title,
        kind="annual_gathering",
        starts_on=DAY.isoformat(),
        ends_on=(DAY + timedelta(days=1)).isoformat(),
        city="Foshan",
        audience="internal",
    )
    olaf.press("Create the draft")
    assert title in olaf.page.locator("h1").inner_text()
    return olaf.page.url.removeprefix(olaf.url)


def plan_programme(olaf: Person, event: str) -> None:
    for name, seats in (("Great Hall", "60"), ("Kiln Room", "20")):
        olaf.go(f"{event}/rooms")
        olaf.fill(name=name, seats=seats)
        olaf.press("Add")
    assert "Kiln Room" in olaf.text
    olaf.go(f"{event}/programme")
    olaf.press("Add a session", within="main .head")
    olaf.fill(
        title="Operation Session",
        kind="operation_review",
        covers_year=str(TODAY.year - 1),
        starts_at=f"{DAY}T09:00",
        ends_at=f"{DAY}T12:00",
        room="Great Hall",
        chair=LI_WEI,
    )
    olaf.press("Save")
    session = olaf.page.url
    for item, begins, ends, kind, speaker in (
        ("Address of the President", "09:00", "09:40", "speech", LI_WEI),
        ("Review of the year", "09:30", "10:30", "review", TOM),
    ):
        olaf.go(session)
        olaf.press("Add an item")
        olaf.fill(
            title=item,
            kind=kind,
            starts_at=f"{DAY}T{begins}",
            ends_at=f"{DAY}T{ends}",
            room="Great Hall",
            speakers=[speaker],
        )
        olaf.press("Save")
    # Both stand in the Great Hall at half past nine: said at once, and in the programme until it is mended.
    clashes = olaf.page.locator("#clashes li", has_text="Great Hall")
    assert clashes.count() == 1
    assert "Great Hall" in olaf.page.locator("main .messages").inner_text()
    olaf.leave(olaf.page.locator("main .slot h3 a", has_text="Review of the year"))
    olaf.fill(starts_at=f"{DAY}T09:40")
    olaf.press("Save")
    assert clashes.count() == 0


def publish_and_invite(olaf: Person, event: str) -> None:
    olaf.go(event)
    olaf.press("Publish")
    olaf.press("Open registration")
    olaf.press("Set up registration")
    olaf.fill(is_open=True, capacity="3", has_waiting_list=True)
    olaf.press("Save")
    olaf.press("Invitees", within="main .tabs")
    olaf.press("A department")
    olaf.fill(choice=RESEARCH)
    olaf.press("See what would change")
    assert PETRA[olaf.chinese] in olaf.page.locator("#effect").inner_text()
    olaf.press("Put on the list", within="#effect")
    olaf.leave(olaf.page.locator("main .head a.primary"))
    assert PETRA[olaf.chinese] in olaf.page.locator("#receivers").inner_text()
    olaf.fill(message="Please bring your notebooks.")
    olaf.leave(olaf.page.locator("#asked > .actions button"))
    assert PETRA[olaf.chinese] in olaf.text


def take_places(olaf: Person, petra: Person, event: str) -> None:
    petra.go(event)
    petra.press("Take my place")
    petra.press("Register")
    assert petra.read("You have a place") in petra.text
    olaf.go(f"{event}/registrations/new")
    olaf.fill(person=TOM)
    olaf.press("Register", within="main form.form")
    olaf.go(f"{event}/registrations")
    for name in (PETRA, TOM):
        assert name[olaf.chinese] in olaf.text
    expect(olaf.page.locator("main tbody tr")).to_have_count(2)


def keep_the_door(olaf: Person, petra: Person, event: str) -> None:
    petra.go(f"{event}/registration/mine")
    code = petra.page.locator(".admission figcaption b").inner_text()
    olaf.go(f"{event}/door")
    # By name, taken back, and by the code.
    olaf.page.locator("#door-name").fill(TOM[olaf.chinese])
    olaf.leave(olaf.page.locator("#door-name ~ button"))
    olaf.press("Check in", within="#found")
    assert olaf.page.locator("[data-present]").inner_text() == "1"
    olaf.press("Undo", within="#answer")
    assert olaf.page.locator("[data-present]").inner_text() == "0"
    olaf.fill(code=code)
    olaf.press("Check in", within="#door-code")
    assert PETRA[olaf.chinese] in olaf.page.locator("#answer").inner_text()
    assert olaf.page.locator("[data-present]").inner_text() == "1"
    olaf.go(f"{event}/door/present")
    expect(olaf.page.locator("main tbody tr")).to_have_count(1)


def record_a_speech(olaf: Person, li_wei: Person, event: str) -> None:
    olaf.go(f"{event}/speeches")
    olaf.press("Add a speech", within="main .head")
    olaf.fill(
        speaker_ref=LI_WEI,
        title="What the kiln taught us",
        session_ref="Operation Session",
        item_ref="Address of the President",
        language="en",
        announced_count="1",
    )
    olaf.press("Save")
    speech = olaf.page.url
    olaf.press("Add a passage in full", within="main .head")
    olaf.fill(
        kind="directive",
        verbatim=WORDING,
        number="1",
        heading="Lessons within three days",
        demand=WORDING.rpartition(",")[0],
        addressees="Manufacturing | 制造部",
    )
    olaf.press("Save")
    assert "Lessons within three days" in olaf.page.locator("main .gloss").inner_text()
    # What the leader said, the leader confirms.
    li_wei.go(speech)
    li_wei.press("Confirm the wording")
    li_wei.press("Confirm the wording", within="main form")
    assert li_wei.read("Wording confirmed") in li_wei.text


def hand_over(sven: Person, event: str) -> None:
    """The supervisor decides how it is followed, and asks one person."""
    sven.go(f"{event}/requirements")
    sven.press("Lessons within three days")
    requirement = sven.page.url
    resolve = sven.page.locator("main ul.addressees a")
    if resolve.count():
        sven.leave(resolve.first)
        sven.fill(department_ref=MANUFACTURING)
        sven.leave(sven.page.locator("main form.form button[type=submit]"))
        sven.go(requirement)
    sven.press("Decide how it is followed")
    sven.fill(tracking="assigned")
    sven.leave(sven.page.locator("main form.form button[type=submit]"))
    sven.go(requirement)
    sven.press("Hand to a person")
    sven.fill(
        responsible_ref=TOM,
        deliverable="A notebook at every kiln",
        criteria="Each crew has one\nThe apprentices have read it",
        due_on=(TODAY + timedelta(days=30)).isoformat(),
        verifier_ref=CHEN_YU,
    )
    sven.leave(sven.page.locator("main form.form button[type=submit]"))
    sven.press("Hand over")
    assert TOM[sven.chinese] in sven.text


def prepare_pledge(olaf: Person, event: str) -> str:
    olaf.go(f"{event}/pledges")
    olaf.press("Draft a pledge")
    olaf.fill(
        "main form[method=post]",
        title="Notebooks at every kiln",
        language="en",
        text="We will have a notebook at **every kiln** by the end of the quarter.",
        deadline=(TODAY + timedelta(days=90)).isoformat(),
    )
    olaf.fill(
        **{"target_rows-0-target": "Kilns with a notebook", "target_rows-0-start": "0", "target_rows-0-goal": "7"}
    )
    olaf.press("Save the draft")
    pledge = olaf.page.url
    for who, role in ((PETRA, "pledger"), (LI_WEI, "countersigner")):
        olaf.fill(person_ref=who, role=role)
        olaf.press("Add")
    olaf.press("Open for signature")
    return pledge


def sign(signatory: Person, pledge: str) -> None:
    signatory.go(pledge)
    signatory.press("Read and decide")
    signatory.come_to_sign()
    signatory.fill(password=PASSWORD)
    signatory.press("Sign", within="main .decision")


def check_pledge(olaf: Person, pledge: str, stranger: Person) -> None:
    """In force, with a PDF, and whoever holds it can check it without an account."""
    olaf.wait_for("Complete and unchanged", pledge)
    pdf = olaf.context.request.get(f"{pledge}/document.pdf")
    assert pdf.status == 200
    assert pdf.body().startswith(b"%PDF")
    assert len(pdf.body()) > 10_000
    code = olaf.page.locator("main a[href*='/verify/']").last.get_attribute("href") or ""
    stranger.go(code)
    assert stranger.read("Complete and unchanged") in stranger.text
    stranger.set(
        stranger.page.locator("main input[type=file]"),
        {"name": "pledge.pdf", "mimeType": "application/pdf", "buffer": pdf.body()},
    )
    stranger.press("Compare the fingerprint")
    assert stranger.read("The file that you chose is exactly the one that was issued.") in stranger.text


def confer_award(olaf: Person, event: str) -> None:
    olaf.go(f"{event}/awards")
    olaf.press("Prepare an award")
    olaf.fill(title="Iron Notebook", citation="For writing it down.", recipients_known="named")
    olaf.press("Save")
    olaf.fill(who=TOM)
    olaf.press("Add")
    olaf.press("Confer", within="main .head")
    olaf.fill(on=TODAY.isoformat(), by_ref=LI_WEI, outside="At the table, before the evening.")
    olaf.press("Confer")
    assert TOM[olaf.chinese] in olaf.text
    assert olaf.page.locator('main .head a[href$="/confer"]').count() == 0
    assert olaf.page.locator('main .head a[href$="/certificate.pdf"]').count() == 1


def write_minutes(olaf: Person, li_wei: Person, event: str) -> None:
    olaf.go(f"{event}/minutes")
    olaf.press("Draft minutes")
    olaf.fill(session_ref="Operation Session", language="en")
    olaf.press("Make the draft")
    olaf.go(re.sub(r"/text$", "", olaf.page.url))
    minutes = olaf.page.url
    assert "Lessons within three days" in olaf.text
    olaf.press("Send to review")
    olaf.press("Send to review")  # to nobody but the leader
    # Nobody signs off what they wrote themselves.
    assert olaf.page.locator("main a[href$='/approval']").count() == 0
    assert olaf.context.request.get(f"{minutes}/approval").status == 403
    li_wei.go(minutes)
    li_wei.press("Read and sign off")
    boxes = li_wei.page.locator("#findings [name=keys]").all()
    if boxes:  # what the checks find in so young a gathering may stand
        for box in boxes:
            box.check()
        li_wei.fill("#findings", reason="Looked at, and as it should be.")
        li_wei.press("Let it stand")
        li_wei.go(f"{minutes}/approval")
    li_wei.press("Sign off")
    olaf.go(minutes)
    olaf.press("Publish")
    olaf.fill(participants=True)
    olaf.press("Publish")
    olaf.go(minutes)
    assert olaf.page.locator("main .issue").inner_text().strip()
    assert "Li Wei" in olaf.page.locator("main .signoff").inner_text()


def publish_release(olaf: Person, event: str, stranger: Person) -> None:
    olaf.go(f"{event}/publications")
    olaf.press("Write a release")
    olaf.fill(title="A notebook at every kiln", is_public=True, body="Qinglan writes down **what it learned**.")
    olaf.press("Save")
    olaf.press("Publish")
    olaf.press("The public page")
    stranger.go(olaf.page.url)
    assert stranger.page.locator("main .prose strong").inner_text() == "what it learned"
    # The gathering itself stays inside the house.
    stranger.go(event)
    assert "Winter Session" not in stranger.page.locator("body").inner_text()
