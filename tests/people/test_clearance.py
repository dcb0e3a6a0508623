"""Up to which level somebody reads minutes: said by administrators, shown to them and to the person alone."""

import pytest
from flask import Flask

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.people import importing, services
from app.people.models import Clearance, Import, Person
from tests.cast import load
from tests.people.test_importing import dry_run, press_apply, table

SHOWN = "Reads minutes up to"


def ref_of(app: Flask, name: str) -> str:
    with app.app_context():
        return load().people[name].ref


def clearance_of(app: Flask, name: str) -> int:
    with app.app_context():
        return load().people[name].clearance


def test_administrators_alone_say_it_and_the_person_reads_it(app: Flask, as_) -> None:
    petra = ref_of(app, "petra")
    url = f"/people/{petra}/clearance"
    for name in ("olaf", "sara", "li_wei", "aude", "petra", "mei"):
        visitor = as_(name)
        assert visitor.get(url).status_code == 403, name
        assert visitor.post(url, {"clearance": "3", "version": "1"}).status_code == 403, name
    ada = as_("ada")
    assert ada.get(url).status_code == 200
    assert ada.post(url, {"clearance": "9", "version": "1"}).status_code == 422
    assert ada.post(url, {"clearance": "2", "version": "0"}).status_code == 409
    assert clearance_of(app, "petra") == Clearance.INTERNAL
    assert ada.post(url, {"clearance": "2", "version": "1"}).status_code == 303
    assert clearance_of(app, "petra") == Clearance.RESTRICTED
    shown = {name: SHOWN in as_(name).get(f"/people/{petra}").text for name in ("ada", "petra", "olaf", "aude", "mei")}
    assert shown == {"ada": True, "petra": True, "olaf": False, "aude": False, "mei": False}
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="person.clearance_set").one()
        assert entry.details == {"changed": {"clearance": [1, 2]}}


def test_the_form_of_a_person_cannot_smuggle_it_in(app: Flask, as_) -> None:
    xaver = ref_of(app, "xaver")
    sent = {"name": "Xaver Huber", "email": "xaver@hufu.example", "language": "en", "version": "1", "clearance": "3"}
    assert as_("olaf").post(f"/people/{xaver}/edit", sent).status_code == 303
    assert clearance_of(app, "xaver") == Clearance.INTERNAL
    with app.app_context():
        cast = load()
        with pytest.raises(Exception) as refused, unit_of_work():
            services.change_person(cast.people["xaver"], actor=cast.ada, clearance=3)
        assert type(refused.value).__name__ == "Forbidden"


HEADING = ["Name", "E-mail", "Clearance"]
ROWS = (["Tom Okafor", "tom@hufu.example", "Secret"], ["Wen Ting", "wen@hufu.example", "秘密"])


def test_an_administrators_table_may_say_it(app: Flask, as_) -> None:
    ada = as_("ada")
    path = dry_run(ada, table(*ROWS, heading=HEADING))
    page = ada.get(path).text
    assert "<ins>Secret</ins>" in page
    assert press_apply(ada, path).status_code == 303
    assert clearance_of(app, "tom") == Clearance.SECRET
    with app.app_context():
        assert db.session.query(Person).filter_by(name="Wen Ting").one().clearance == Clearance.RESTRICTED
    path = dry_run(ada, table(["Tom Okafor", "tom@hufu.example", "cosmic"], heading=HEADING))
    assert "is not one of our levels" in ada.get(path).text
    for kind in ("csv", "xlsx"):
        again = dry_run(ada, ada.get(f"/people.{kind}").get_data(), f"people.{kind}")
        assert "There is nothing to do" in ada.get(again).text


def test_an_organizers_table_neither_reads_nor_tells_it(app: Flask, as_) -> None:
    olaf = as_("olaf")
    path = dry_run(olaf, table(*ROWS, heading=HEADING))
    page = olaf.get(path).text
    assert "Reads up to" not in page
    assert "<ins>Secret</ins>" not in page
    olaf.post(f"{path}/columns", {"name": "0", "email": "1", "clearance": "2"})
    with app.app_context():
        opened = db.session.query(Import).one()
        assert set(opened.mapping) == {"name", "email"}
        opened.mapping = {**opened.mapping, "clearance": 2}  # as if an administrator had lost the role meanwhile
        plan = importing.make_plan(opened, actor=load().olaf)
        assert all("clearance" not in row.changes for row in plan.rows)
        db.session.rollback()
    press_apply(olaf, path)
    assert clearance_of(app, "tom") == Clearance.INTERNAL
    for name in ("olaf", "aude"):
        text = as_(name).get("/people.csv").get_data(as_text=True)
        assert "Reads up to" not in text
        assert "Internal" not in text
    assert "Reads up to" in as_("ada").get("/people.csv").get_data(as_text=True)
