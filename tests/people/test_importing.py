"""Taking people and departments over from tables: the dry run says what applying does, and applying does all or nothing."""

import io
import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.i18n import force_locale
from app.core.roles import SYSTEM
from app.people import importing, services
from app.people.models import Department, Import, Person
from app.sheets.writing import write_csv, write_xlsx
from tests.conftest import Visitor

HEADING = ["Employee number", "Name", "Chinese name", "E-mail", "Department", "Title", "Since", "Manager"]


def upload(visitor: Visitor, data: bytes, name: str = "people.csv", kind: str = "people"):
    return visitor.post(
        "/people/import", {"kind": kind, "file": (io.BytesIO(data), name)}, content_type="multipart/form-data"
    )


def table(*rows: list, heading: list[str] = HEADING) -> bytes:
    return write_csv(heading, rows)


def dry_run(visitor: Visitor, data: bytes, name: str = "people.csv", kind: str = "people") -> str:
    answer = upload(visitor, data, name, kind)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def verdicts(app: Flask, path: str) -> list[tuple[int, str, str]]:
    with app.app_context():
        opened = db.session.scalars(select(Import).where(Import.ref == path.rsplit("/", 1)[1])).one()
        return [(row.number, row.verdict, row.sentence) for row in importing.make_plan(opened, actor=SYSTEM).rows]


def press_apply(visitor: Visitor, path: str, **more: str):
    page = visitor.get(path).get_data(as_text=True)
    digest = re.search(r'name="digest" value="(\w+)"', page).group(1)
    return visitor.post(f"{path}/apply", {"digest": digest, **more})


def everything(app: Flask) -> tuple:
    with app.app_context():
        people = db.session.execute(
            select(Person.name, Person.email, Person.employee_no, Person.department_id).order_by(Person.id)
        ).all()
        return people, db.session.scalar(select(func.count(Department.id)))


GOOD = (
    ["Q1", "Wen Ting", "文婷", "wen@hufu.example", "WRK", "Technician", date(2026, 3, 1), "Q2"],
    ["Q2", "Guo Qiang", "郭强", "guo@hufu.example", "Works", "Kiln master", "", "mei@hufu.example"],
    ["", "Mei Zhao", "赵梅", "mei@hufu.example", "制造部", "Head of works and kilns", date(2026, 7, 1), ""],
    ["", "Tom Okafor", "", "tom@hufu.example", "OFF", "Head of purchasing", "", ""],
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_dry_run_gives_each_row_its_verdict_and_changes_nothing(app: Flask, as_, kind: str) -> None:
    before = everything(app)
    data = write_csv(HEADING, GOOD) if kind == "csv" else write_xlsx(HEADING, GOOD, title="People")
    olaf = as_("olaf")
    path = dry_run(olaf, data, f"people.{kind}")
    assert verdicts(app, path) == [(2, "new", ""), (3, "new", ""), (4, "changed", ""), (5, "same", "")]
    assert olaf.get(path).status_code == 200
    assert everything(app) == before


def test_applying_does_what_the_dry_run_said_in_one_go(app: Flask, as_) -> None:
    olaf = as_("olaf")
    path = dry_run(olaf, table(*GOOD))
    assert press_apply(olaf, path).status_code == 303
    with app.app_context():
        wen, guo, mei = (
            db.session.scalars(select(Person).where(Person.name == name)).one()
            for name in ("Wen Ting", "Guo Qiang", "Mei Zhao")
        )
        assert (wen.manager.name, guo.manager.name, wen.department.code) == ("Guo Qiang", "Mei Zhao", "WRK")
        assert [(each.title, each.from_on) for each in wen.positions] == [("Technician", date(2026, 3, 1))]
        assert [(each.title, each.from_on, each.to_on) for each in mei.positions] == [
            ("Head of works", None, date(2026, 6, 30)),
            ("Head of works and kilns", date(2026, 7, 1), None),
        ]
        applied = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.applied")).one()
        assert applied.details == {"new": 2, "changed": 1, "same": 1, "error": 0}
        assert db.session.scalars(select(Import)).one().rows == []
    assert olaf.post(f"{path}/apply", {"digest": "x"}).status_code == 303
    assert "applied already" in olaf.get(path).get_data(as_text=True)


def test_the_same_table_again_changes_nothing(app: Flask, as_) -> None:
    olaf = as_("olaf")
    press_apply(olaf, dry_run(olaf, table(*GOOD)))
    path = dry_run(olaf, table(*GOOD))
    assert {verdict for _row, verdict, _why in verdicts(app, path)} == {"same"}
    assert "There is nothing to do" in olaf.get(path).get_data(as_text=True)


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_exports_come_back_without_a_change(app: Flask, as_, kind: str, language: str) -> None:
    olaf = as_("olaf")
    with app.app_context(), unit_of_work():
        services.add_person(
            name="=1+1",
            name_local="'-quoted",
            email="odd@hufu.example",
            phone="+86 573 1",
            employee_no="007",
            actor=SYSTEM,
        )
    press_apply(olaf, dry_run(olaf, table(*GOOD)))
    olaf.post("/language", {"language": language})
    for what in ("people", "departments"):
        answer = olaf.get(f"/{what}.{kind}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{what}.{kind}"'
        path = dry_run(olaf, answer.get_data(), f"{what}.{kind}", what)
        found = verdicts(app, path)
        assert {verdict for _row, verdict, _why in found} == {"same"}, found


def test_formulas_leave_as_text_in_the_export(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        services.add_person(name="=HYPERLINK(1)", email="odd@hufu.example", phone="+86 573 1", actor=SYSTEM)
    text = as_("olaf").get("/people.csv?q=hyperlink").get_data(as_text=True)
    assert '"\'=HYPERLINK(1)"' in text
    assert '"\'+86 573 1"' in text


def test_chinese_headings_are_understood() -> None:
    assert importing.guess("people", ["工号", "姓名", "英文名", "邮箱", "部门", "职务", "直接上级"]) == {
        "employee_no": 0, "name": 1, "email": 3, "department": 4, "title": 5, "manager": 6,
    }  # fmt: skip
    assert importing.guess("departments", ["部门编码", "部门名称", "上级部门", "负责人"]) == {
        "code": 0,
        "name": 1,
        "parent": 2,
        "head": 3,
    }
    assert importing.guess("people", ["E-Mail Address", "  NAME ", "Job-Title", "Shoe size"]) == {
        "name": 1,
        "email": 0,
        "title": 2,
    }


@pytest.mark.parametrize("kind", ["people", "departments"])
def test_our_own_headings_are_understood_in_either_language(app: Flask, kind: str) -> None:
    with app.test_request_context():
        for language in ("en", "zh_Hans_CN"):
            with force_locale(language):
                headings = [str(label) for label in importing.FIELDS[kind].values()]
            found = importing.guess(kind, headings)
            assert list(found) == list(importing.FIELDS[kind]), (language, headings)
            assert list(found.values()) == list(range(len(headings)))


def test_the_columns_can_be_corrected(app: Flask, as_) -> None:
    olaf = as_("olaf")
    path = dry_run(olaf, table(["Wen Ting", "wen@hufu.example"], heading=["Who", "Where to"]))
    assert verdicts(app, path) == [(2, "error", "There is no name.")]
    assert olaf.post(f"{path}/columns", {"name": "0", "email": "0"}).status_code == 303
    assert verdicts(app, path)[0][1] == "error"
    assert olaf.post(f"{path}/columns", {"name": "0", "email": "1", "title": "99", "phone": "x"}).status_code == 303
    assert verdicts(app, path) == [(2, "new", "")]
    assert press_apply(olaf, path).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Person.email).where(Person.name == "Wen Ting")).one() == "wen@hufu.example"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["", "", "", "a@hufu.example", "", "", "", ""], "There is no name."),
        (["", "Wen", "", "not mail", "", "", "", ""], "“not mail” is not an e-mail address."),
        (["", "Wen", "", "", "Nowhere", "", "", ""], "There is no department “Nowhere”. Import or add it first."),
        (["", "Wen", "", "", "", "T", "31.13.2026", ""], "“31.13.2026” is not a day. Write it as 2027-01-14."),
        (["", "Wen", "", "", "", "T", "0001-01-01", ""], "Please choose a day between the years 1900 and 2200."),
        (["", "Wen", "", "", "", "", "", "Nobody"], "There is nobody called “Nobody” to be the manager."),
        (["Q9", "Wen", "", "", "", "", "", "Q9"], "Nobody can be their own manager."),
        (["", "W" * 201, "", "", "", "", "", ""], "“" + "W" * 30 + " …” is too long. There is no name."),
        (
            ["E7", "Wen", "", "tom@hufu.example", "", "", "", ""],
            "The number and the address belong to two different people.",
        ),
    ],
)
def test_a_wrong_row_says_why(app: Flask, as_, row: list[str], sentence: str) -> None:
    with app.app_context(), unit_of_work():
        services.change_person(
            db.session.scalars(select(Person).where(Person.name == "Mei Zhao")).one(), employee_no="E7", actor=SYSTEM
        )
    assert verdicts(app, dry_run(as_("olaf"), table(row))) == [(2, "error", sentence)]


def test_two_rows_about_one_person_are_one_too_many(app: Flask, as_) -> None:
    rows = (["", "Wen", "", "w@hufu.example", "", "", "", ""], ["", "Wen T.", "", "W@HUFU.example", "", "", "", ""])
    assert verdicts(app, dry_run(as_("olaf"), table(*rows)))[1] == (3, "error", "Row 2 is about the same person.")


def test_wrong_rows_stop_everything_unless_they_are_left_out(app: Flask, as_) -> None:
    olaf, before = as_("olaf"), everything(app)
    path = dry_run(olaf, table(GOOD[1], ["", "Wen", "", "not mail", "", "", "", ""]))
    assert press_apply(olaf, path, leave_out_errors="").status_code == 303
    assert everything(app) == before
    assert press_apply(olaf, path, leave_out_errors="yes").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "Guo Qiang")) == 1
        assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "Wen")) == 0


def test_a_failure_in_the_last_row_takes_the_first_back(app: Flask, as_) -> None:
    """A loop of managers shows only while it is applied: nothing of the table may stay."""
    before = everything(app)
    rows = (["Q1", "One", "", "", "", "", "", "Q2"], ["Q2", "Two", "", "", "", "", "", "Q1"])
    olaf = as_("olaf")
    path = dry_run(olaf, table(*rows))
    press_apply(olaf, path)
    assert "Row 3: Nobody can be their own manager" in olaf.get(path).get_data(as_text=True)
    assert everything(app) == before


def test_a_directory_that_changed_meanwhile_asks_for_another_look(app: Flask, as_) -> None:
    olaf = as_("olaf")
    path = dry_run(olaf, table(GOOD[1]))
    page = olaf.get(path).get_data(as_text=True)
    digest = re.search(r'name="digest" value="(\w+)"', page).group(1)
    with app.app_context(), unit_of_work():
        services.add_person(name="Guo Qiang", email="guo@hufu.example", actor=SYSTEM)
    olaf.post(f"{path}/apply", {"digest": digest})
    assert "has changed since this dry run" in olaf.get(path).get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "Guo Qiang")) == 1


def test_departments_come_as_a_tree_in_any_order(app: Flask, as_) -> None:
    heading = ["代码", "部门名称", "上级部门", "负责人", "成立日期"]
    rows = (
        ["KILN", "窑炉厂", "MFG", "mei@hufu.example", "2006-12-01"],
        ["MFG", "制造中心", "OFF", "", ""],
        ["WRK", "Works", "", "", ""],
    )
    olaf = as_("olaf")
    path = dry_run(olaf, table(*rows, heading=heading), kind="departments")
    assert [verdict for _row, verdict, _why in verdicts(app, path)] == ["new", "new", "same"]
    press_apply(olaf, path)
    with app.app_context():
        kiln = db.session.scalars(select(Department).where(Department.code == "KILN")).one()
        assert (kiln.parent.code, kiln.parent.parent.code, kiln.head.name, kiln.valid_from) == (
            "MFG",
            "OFF",
            "Mei Zhao",
            date(2006, 12, 1),
        )


def test_a_loop_of_departments_is_refused(app: Flask, as_) -> None:
    olaf, before = as_("olaf"), everything(app)
    path = dry_run(
        olaf, table(["A", "A", "B"], ["B", "B", "A"], heading=["Code", "Name", "Belongs to"]), kind="departments"
    )
    press_apply(olaf, path)
    assert everything(app) == before


def test_an_import_is_seen_by_its_maker_only(app: Flask, as_) -> None:
    path = dry_run(as_("olaf"), table(*GOOD))
    for who, status in (("ada", 404), ("petra", 403), ("aude", 403), ("nobody", 302)):
        assert as_(who).get(path).status_code == status, who
    assert as_("ada").post(f"{path}/drop").status_code == 404
    assert as_("olaf").post(f"{path}/drop").status_code == 303
    assert as_("olaf").get(path).status_code == 404


def test_what_is_no_table_is_refused_with_a_reason(as_) -> None:
    olaf = as_("olaf")
    for name, data in (
        ("people.pdf", b"%PDF-1.7"), ("people.csv", b""), ("people.xlsx", b"PK\x03\x04broken"), ("people.csv", b"Name\n"), ("../../x.csv", b"\xff\x00\x01"),
        ("people.csv", b"Name\n" + b"x\n" * 5001),
    ):  # fmt: skip
        answer = upload(olaf, data, name)
        assert answer.status_code == 422, name
        assert 'class="wrong"' in answer.get_data(as_text=True), name
    assert olaf.post("/people/import", {"kind": "people"}).status_code == 422


def test_hostile_cells_are_kept_as_text(app: Flask, as_) -> None:
    olaf = as_("olaf")
    rows = [
        ["", text, "", "", "", text, "", ""]
        for text in (
            "<script>alert(1)</script>",
            "=cmd|'/c calc'!A1",
            "\u202egnp",
            "💥",
            "Robert'); DROP TABLE person;--",
        )
    ]
    path = dry_run(olaf, table(*rows))
    page = olaf.get(path).get_data(as_text=True)
    assert "<script>alert" not in page
    assert press_apply(olaf, path).status_code == 303
    with app.app_context():
        names = set(db.session.scalars(select(Person.name)))
    assert {"<script>alert(1)</script>", "=cmd|'/c calc'!A1", "gnp", "💥"} <= names


def test_a_large_table_is_read_in_a_handful_of_statements(app: Flask, as_, count_statements) -> None:
    olaf = as_("olaf")
    small = dry_run(olaf, table(*GOOD))
    with count_statements() as few:
        assert olaf.get(small).status_code == 200
    rows = [
        [f"N{n}", f"Person {n}", "", f"n{n}@hufu.example", "WRK", "Operator", "", f"N{max(1, n - 1)}" if n > 1 else ""]
        for n in range(1, 1001)
    ]
    large = dry_run(olaf, table(*rows))
    with count_statements() as many:
        assert olaf.get(large).status_code == 200
    assert len(many) <= len(few) <= 12
