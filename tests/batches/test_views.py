"""The pages of groups and tables, walked as people walk them."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db, unit_of_work
from app.registration.models import Registration
from app.sheets.writing import write_xlsx
from tests import cast as the_cast
from tests.factories.registration import make_open_event


@pytest.fixture
def here(app: Flask) -> str:
    with app.app_context():
        event = make_open_event(capacity=2, title="Annual gathering")
        with unit_of_work():
            known = the_cast.load()
            known.people["petra"].department.head = known.people["mei"]
        return f"/events/{event.ref}/registration/groups"


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Registration.id))) or 0


def digest(page: str) -> str:
    found = re.search(r'name="digest" value="(\w+)"', page)
    assert found
    return found.group(1)


def send_file(browser: Any, url: str, name: str, data: bytes):
    return browser.post(url, {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def test_an_organizer_imports_a_table_mends_the_columns_and_takes_it_back(app: Flask, as_, here: str) -> None:
    olaf = as_("olaf")
    assert "No group and no table yet" in olaf.get(here).text
    sheet = write_xlsx(["Wer"], [["Petra Lindqvist"], ["=cmd|'/c calc'!A0"], ["<b>Somebody</b>"]], title="People")
    answer = send_file(olaf, f"{here}/import", "people.xlsx", sheet)
    assert answer.status_code == 303
    batch = answer.location
    page = olaf.get(batch).text
    assert "neither a number nor an address nor a name" in page
    assert olaf.post(f"{batch}/columns", {"column_name": "0"}).status_code == 303
    page = olaf.get(batch).text
    assert page.count("The directory knows nobody like this.") == 2
    assert "&lt;b&gt;Somebody&lt;/b&gt;" in page
    assert "2 rows cannot be registered" in page
    olaf.post(f"{batch}/apply", {"digest": digest(page)})
    assert "Rows 3, 4 cannot be registered, so nobody was" in olaf.get(batch).text
    assert count(app) == 0
    exported = olaf.get(f"{batch}/export.csv").text
    assert "\"'=cmd|'/c calc'!A0\"" in exported
    olaf.post(f"{batch}/apply", {"digest": digest(page), "as_fits": "yes"})
    page = olaf.get(batch).text
    assert "1 person was registered." in page
    assert "2 rows were left out" in page
    assert count(app) == 1
    olaf.post(f"{batch}/undo")
    assert "1 registration was taken back." in olaf.get(batch).text
    assert "Taken back" in olaf.get(here).text


def test_a_group_is_found_by_department_search_and_pasted_lines(app: Flask, as_, here: str) -> None:
    olaf = as_("olaf")
    found = olaf.post(f"{here}/new", {"do": "search", "q": "petra", "lines": "Tom Okafor"}).text
    assert "Petra Lindqvist" in found
    assert "Tom Okafor" in found, "what was pasted stays"
    ref = re.search(r'name="person" value="(\w+)"', found)
    assert ref
    again = olaf.post(f"{here}/new", {"do": "search", "q": "nobody has this name", "person": ref.group(1)}).text
    assert "1 person chosen" in again
    assert "Nobody else is found" in again
    answer = olaf.post(
        f"{here}/new", {"do": "look", "person": ref.group(1), "lines": "Tom Okafor\n\nRita Sommer", "name": "The board"}
    )
    page = olaf.get(answer.location).text
    assert "For 1 row no place is left: that person would wait." in page
    olaf.post(f"{answer.location}/apply", {"digest": digest(page)})
    assert "There is room for 2 of these 3 people. Nobody was registered." in olaf.get(answer.location).text
    assert count(app) == 0
    assert olaf.post(f"{answer.location}/drop").location.endswith(here)
    assert olaf.get(answer.location).status_code == 404


def test_a_head_sees_their_own_groups_and_people_and_no_import(app: Flask, as_, here: str) -> None:
    mei = as_("mei")
    page = mei.post(f"{here}/new", {"do": "all"}).text
    assert "Xaver Huber" in page
    assert "Tom Okafor" not in page
    refs = re.findall(r'name="person" value="(\w+)"', page)
    answer = mei.post(f"{here}/new", {"do": "look", "person": refs[:1]})
    assert mei.get(answer.location).status_code == 200
    assert mei.get(here).status_code == 200
    assert mei.get(f"{here}/import").status_code == 403
    for name, status in (("petra", 404), ("aude", 200), ("olaf", 200)):
        assert as_(name).get(answer.location).status_code == status
    assert as_("aude").post(f"{answer.location}/apply").status_code == 403
    assert as_("petra").get(here).status_code == 403
    assert as_("petra").get(f"{here}/new").status_code == 403
    assert count(app) == 0


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.pdf", b"%PDF-1.7", "XLSX or CSV file"),
        ("a.xlsx", b"PK\x03\x04 not a workbook", "cannot be read"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"Name\n", "heading but no rows"),
        ("a.csv", b"Name\n" + b"x\n" * 2001, "more than 2000 rows"),
    ],
    ids=["pdf", "broken", "empty", "heading", "long"],
)
def test_what_is_no_table_is_refused_beside_the_field(as_, here: str, name: str, data: bytes, sentence: str) -> None:
    answer = send_file(as_("olaf"), f"{here}/import", name, data)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_list_asks_as_much_for_one_as_for_thirty(app: Flask, as_, here: str, count_statements) -> None:
    from app.batches.models import Batch
    from app.events.models import Event

    olaf = as_("olaf")
    said = {}
    for number in (1, 30):
        with app.app_context(), unit_of_work():
            event = db.session.scalars(select(Event)).one()
            for each in range(number):
                db.session.add(Batch(event=event, kind="group", name=f"Group {each}", by_name="Olaf"))
        olaf.get(here)
        with count_statements() as statements:
            assert olaf.get(here).status_code == 200
        said[number] = len(statements)
    assert said[1] == said[30] <= 12


def test_the_head_of_a_department_is_led_to_their_people_from_the_event(app: Flask, as_) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event()
        with unit_of_work():
            cast.people["petra"].department.head = cast.people["mei"]
        here, groups, board = (
            f"/events/{event.ref}",
            f"/events/{event.ref}/registration/groups",
            "Answers of my department",
        )
    page = as_("mei").get(here).get_data(as_text=True)
    assert groups in page
    assert board in page
    assert as_("mei").get(groups).status_code == 200
    assert groups not in as_("petra").get(here).get_data(as_text=True)
    assert board not in as_("aude").get(here).get_data(as_text=True)
