"""What is remembered of a ceremony: what was signed, conferred and said there, its pictures, and what it brings in time."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.ceremonies import photographs, queries
from app.ceremonies.errors import NoPhotograph, TooManyPhotographs
from app.ceremonies.models import Ceremony, Photograph
from app.ceremonies.views import anniversaries
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.core.roles import SYSTEM
from app.files import services as files
from app.files.models import StoredFile
from tests.cast import Cast, load
from tests.factories import make_event, make_session
from tests.factories.pledges import make_in_force, make_round, make_trio
from tests.factories.rites import make_ceremony
from tests.factories.speakers import PDF, make_png, upload


def add(ceremony: Ceremony, width: int = 3, **values: Any) -> Photograph:
    given = {"actor": SYSTEM, **values}
    return photographs.add_photograph(ceremony, io.BytesIO(make_png(width)), "IMG_1.png", **given)


def test_photographs_stand_in_an_order_and_carry_no_place(cast: Cast) -> None:
    with unit_of_work():
        ceremony = make_ceremony(make_event())
        first = photographs.add_photograph(
            ceremony, io.BytesIO(make_png(note="secret place")), "IMG_0.png", actor=cast.sara, caption="They sign"
        )
        second, third = add(ceremony, 4), add(ceremony, 5)
    assert b"secret place" not in files.read(first.file)
    with unit_of_work():
        photographs.move_photograph(third, actor=cast.sara)
        photographs.move_photograph(first, actor=cast.sara)  # the first stays the first
    assert list(queries.list_photographs(ceremony)) == [first, third, second]
    assert queries.find_newest_photograph(ceremony.id) is second
    with unit_of_work():
        photographs.remove_photograph(first, actor=cast.sara)
    assert [each.position for each in queries.list_photographs(ceremony)] == [1, 2]
    assert db.session.scalar(select(func.count(StoredFile.id))) == 2


def test_what_is_no_photograph_is_refused_and_leaves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work():
        ceremony = make_ceremony(make_event())
    for data, name in (
        (PDF, "a.pdf"),
        (PDF, "a.png"),
        (b"", "a.jpg"),
        (make_png()[:-6], "a.png"),
        (make_png(), "a.svg"),
    ):
        with pytest.raises(Refused), unit_of_work():
            photographs.add_photograph(ceremony, io.BytesIO(data), name, actor=cast.sara)
    for name in ("petra", "li_wei", "aude", "sven"):
        with pytest.raises(Forbidden), unit_of_work():
            add(ceremony, actor=cast.accounts[name])
    monkeypatch.setattr(photographs, "MOST", 0)
    with pytest.raises(TooManyPhotographs), unit_of_work():
        add(ceremony)
    assert not issubclass(NoPhotograph, TooManyPhotographs)
    assert db.session.scalar(select(func.count(StoredFile.id))) == 0


def test_the_day_that_brings_each_assessment_is_told(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        round_ = make_round(event)
        later = make_in_force(event, cast, title="Without a deadline", round=round_)
        sooner = make_in_force(event, cast, title="With one", round=round_, deadline=date(2200, 1, 1))
        make_trio(event, cast, title="Still open", round=round_)
    sooner.deadline = date(2026, 1, 1)
    told = anniversaries(event, [later, sooner])
    assert [(each.pledge.title, each.is_due) for each in told] == [("With one", True), ("Without a deadline", False)]
    assert told[0].on == date(2026, 1, 2)
    assert told[1].on is not None
    assert later.in_force_at is not None
    assert told[1].on.year == event.day_at(later.in_force_at).year + 1
    later.verdict = "kept"
    assert [each.is_assessed for each in anniversaries(event, [later, sooner])] == [False, True]
    db.session.rollback()


@pytest.fixture
def place(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        round_ = make_round(event)
        make_in_force(event, cast, title="Word in force", round=round_)
        ceremony = make_ceremony(event, kind="pledge_signing", round=round_, session=make_session(event))
        add(ceremony, caption="They sign", caption_local="签署现场")
        return f"/events/{event.ref}/ceremonies/{ceremony.ref}"


def test_the_page_tells_what_is_remembered_to_whoever_sees_the_ceremony(as_: Any, place: str) -> None:
    page = as_("rita").get(place).get_data(as_text=True)
    for words in ("Word in force", "They sign", "anniversary on"):
        assert words in page
    assert "Add and arrange" not in page
    assert as_("nobody").get(place).status_code == 302


def test_photographs_are_added_described_moved_and_removed_by_those_who_record(as_: Any, place: str) -> None:
    sara, pages = as_("sara"), f"{place}/photographs"
    sent = {"files": [upload(make_png(4), "a.png"), upload(make_png(5), "b.png")], "caption": "The hall"}
    assert sara.post(pages, sent, content_type="multipart/form-data").status_code == 303
    page = sara.get(pages).get_data(as_text=True)
    assert page.count("<figure>") == 3
    one = page.split("/photographs/")[1][:16]
    image = as_("rita").get(f"{pages}/{one}")
    assert (image.status_code, image.mimetype) == (200, "image/png")
    assert sara.post(f"{pages}/{one}/caption", {"caption": "The first", "version": "1"}).status_code == 303
    assert sara.post(f"{pages}/{one}/caption", {"caption": "Others", "version": "1"}).status_code == 409
    assert sara.post(f"{pages}/{one}/later").status_code == 303
    assert sara.post(f"{pages}/{one}/removal").status_code == 303
    assert sara.get(f"{pages}/{one}").status_code == 404
    for name, status in (("rita", 403), ("aude", 403), ("nobody", 302)):
        assert as_(name).get(pages).status_code == status
    refused = sara.post(pages, {"files": [upload(PDF, "a.pdf")], "caption": "Kept"}, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "Kept" in refused.get_data(as_text=True)
    assert sara.post(pages, {"caption": "Nothing"}, content_type="multipart/form-data").status_code == 422


def test_the_page_asks_the_same_of_the_database_for_one_and_for_thirty(
    app: Flask, as_: Any, place: str, count_statements: Any
) -> None:
    rita = as_("rita")
    rita.get(place)
    with count_statements() as few:
        rita.get(place)
    with app.app_context(), unit_of_work():
        ceremony = db.session.scalars(select(Ceremony)).one()
        cast = load()
        for number in range(29):
            add(ceremony, number + 10)
            if number < 8:
                make_in_force(ceremony.event, cast, round=ceremony.round)
    with count_statements() as many:
        rita.get(place)
    assert len(many) == len(few)
    assert len(few) <= 20
