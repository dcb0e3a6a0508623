"""A requirement is negotiated, reported, returned, verified and closed late, by four people; the figures say so."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from tests.browser.conftest import PHONE, Person, Served, serving, text_of

BINDER = "Specifications that say what we need"
LATER = timedelta(days=60)
REPORT = "Nine of twelve sheets are bound. The tenth waits for a signature."
MISSING = "The sheet for kaolin has no supplier's signature."


@pytest.fixture
def weeks_later(served: Served, tmp_path: Path) -> Iterator[Callable[[], Served]]:
    """The same company on a copy of what the first server left, two months on."""
    with ExitStack() as stack:

        def begin() -> Served:
            left = tmp_path / "left"
            source = served.folder / "instance"
            shutil.copytree(source, left / "instance", ignore=shutil.ignore_patterns("*.db*"))
            with closing(connect(source / "hufu.db")) as before, closing(connect(left / "instance/hufu.db")) as after:
                before.backup(after)
            return stack.enter_context(serving(left, tmp_path / "later", later=LATER))

        (tmp_path / "later").mkdir()
        yield begin


def test_four_people_keep_a_word_too_late_and_everybody_can_see_it(
    person: Callable[..., Person], served: Served, weeks_later: Callable[[], Served], tmp_path: Path
) -> None:
    petra = person("petra@qinglan.example", PHONE)
    assignment = open_commitment(petra)
    due = propose_another_day(petra)
    answer_the_proposal(person("sven@qinglan.example"), assignment, due, served)
    report(petra, assignment)

    second = weeks_later()

    def then(email: str, **more: object) -> Person:
        someone = person(**more)
        someone.url = second.url
        someone.sign_in(email)
        return someone

    petra = then("petra@qinglan.example", size=PHONE)
    sven = then("sven@qinglan.example")
    before = figures(sven)
    prove(petra, assignment, tmp_path, "sheets.txt", "The bound sheets")
    petra.press("Submit for verification")
    ana = then("ana@qinglan.example")
    ana.go(assignment)
    ana.press("Return")
    ana.fill(reason=MISSING)
    ana.press("Return")
    petra.go(assignment)
    assert MISSING in petra.text
    prove(petra, assignment, tmp_path, "kaolin.txt", "The signature of the kaolin supplier")
    petra.press("Submit for verification")
    ana.go(assignment)
    ana.press("Verify")
    ana.press("Verify")
    li_wei = then("liwei@qinglan.example")
    li_wei.go(assignment)
    li_wei.press("Close")
    li_wei.fill(quality="good", note="Late, and complete.")
    li_wei.press("Close")
    assert "Late, and complete." in li_wei.text
    assert "days late" in li_wei.text
    assert figures(sven) != before


def open_commitment(petra: Person) -> str:
    """Its path, from the page of all that is asked of her."""
    petra.go("/my/commitments")
    petra.leave(petra.page.locator("main a[href*='/assignments/']", has_text=BINDER).first)
    return petra.page.url.removeprefix(petra.url)


def propose_another_day(petra: Person) -> date:
    petra.press("Propose something else")
    was = date.fromisoformat(petra.page.locator("[name=due_on]").input_value())
    petra.press("Propose")
    assert "Please offer something else" in petra.text  # the same again is no proposal
    petra.fill(due_on=(was + timedelta(days=14)).isoformat(), words="Two suppliers sign in the new year only.")
    petra.press("Propose")
    return was + timedelta(days=14)


def answer_the_proposal(sven: Person, assignment: str, due: date, served: Served) -> None:
    mail = served.mail.wait_for("sven@qinglan.example", "Two suppliers sign in the new year only.")
    assert assignment in text_of(mail)
    sven.go(assignment)
    sven.press("Answer the proposal")
    sven.press("Agree")
    assert f"{due.day} {due:%b}" in sven.text


def report(petra: Person, assignment: str) -> None:
    petra.go(assignment)
    petra.press("Report")
    petra.fill(text=REPORT, confidence="7")
    petra.press("Report")
    assert REPORT in petra.text


def prove(petra: Person, assignment: str, folder: Path, name: str, described_as: str) -> None:
    file = folder / name
    file.write_text("Twelve sheets, twelve signatures.")
    petra.go(assignment)
    petra.press("Add evidence")
    petra.fill(described_as=described_as, file=str(file))
    petra.leave(petra.page.locator("main form button[type=submit].primary"))


def figures(sven: Person) -> str:
    sven.go("/promises")
    return sven.text
