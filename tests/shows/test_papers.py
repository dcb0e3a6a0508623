"""Paper by department: each page names version and department, and each sheet holds its own column."""

import io
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.core.db import db, unit_of_work
from app.shows import services
from app.shows.models import Show
from tests.cast import load
from tests.factories import make_event
from tests.factories.shows import make_cue, make_show


@pytest.fixture
def evening(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        cast = load()
        show = make_show(make_event(), title="Gala evening")
        for number in range(60):
            owner = cast.people["petra" if number % 2 else "tom"]
            make_cue(
                show, title=f"Item {number}", sound=f"Tune {number}", light=f"Lamp {number}", owner=owner, minutes=1
            )
        services.publish(show, actor=cast.olaf)
        return f"/events/{show.event.ref}/shows/{show.ref}"


def pages(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return [re.sub(r"\s+", " ", each.extract_text()) for each in PdfReader(io.BytesIO(answer.data)).pages]


def test_every_page_names_department_and_version(app: Flask, as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    sound = pages(olaf.get(f"{evening}/sound.pdf"))
    assert len(sound) > 1
    assert all("Sound · Version 1 of" in each for each in sound)
    assert "Tune 59" in " ".join(sound)
    assert "Lamp" not in " ".join(sound)
    with app.app_context(), unit_of_work():
        make_cue(db.session.query(Show).one(), title="Late idea")
    assert "Late idea" not in " ".join(pages(olaf.get(f"{evening}/whole.pdf")))
    working = pages(olaf.get(f"{evening}/whole.pdf?version=working"))
    assert "Late idea" in " ".join(working)
    assert all("Working copy of" in each for each in working)


def test_an_owner_takes_their_own_sheet_from_the_page_of_the_version(app: Flask, as_: Any, evening: str) -> None:
    with app.app_context():
        name = load().people["petra"].name
    petra = as_("petra")
    link = unescape(re.search(r'href="([^"]+owner\.pdf\?[^"]+owner=[^"]+)"', petra.get(evening).text)[1])
    sheet = " ".join(pages(petra.get(link)))
    assert "Item 1 " in sheet
    assert "Item 2 " not in sheet
    assert name in sheet
    assert petra.get(f"{evening}/whole.pdf?version=working").status_code == 403
    assert petra.get(f"{evening}/whole.pdf?version=7").status_code == 403
    assert as_("olaf").get(f"{evening}/whole.pdf?version=7").status_code == 404
    assert as_("rita").get(f"{evening}/sound.pdf").status_code == 404


def test_the_browser_print_repeats_the_version_on_each_page_and_speaks_chinese(as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    page = olaf.get(f"{evening}/print?department=sound").get_data(as_text=True)
    head = page.split("<thead>")[1].split("</thead>")[0]
    assert "Sound · Version 1 of" in head
    olaf.post("/language", {"language": "zh_Hans_CN", "next": evening})
    sheet = " ".join(pages(olaf.get(f"{evening}/sound.pdf")))
    assert "第 1 版" in sheet
    assert "音响" in sheet
