"""Every page of the directory: who gets it, what it asks of the database, and what bad input does to it."""

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Account
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.people import services
from app.people.errors import AlreadyThere
from app.people.models import Department, Organization, Person, Position, Team, TeamMember
from tests.factories import make_department, make_person, make_team


def person(name: str) -> Person:
    return db.session.scalars(select(Person).where(Person.name == name)).one()


def ref_of(app: Flask, model: type, **by: str) -> str:
    with app.app_context():
        return db.session.scalars(select(model.ref).filter_by(**by)).one()  # type: ignore[attr-defined]


@pytest.fixture
def scene(app: Flask) -> dict[str, str]:
    """Refs of one of each, by what stands in the addresses."""
    with app.app_context(), unit_of_work():
        team = services.add_team(name="Kiln Seven", year=2026, actor=SYSTEM)
        mei = person("Mei Zhao")
        member = services.add_member(team, mei, role="commander", actor=SYSTEM)
        works = db.session.scalars(select(Department).where(Department.code == "WRK")).one()
        return {
            "person": mei.ref,
            "position": mei.positions[0].ref,
            "department": works.ref,
            "team": team.ref,
            "member": member.ref,
        }


READ = ("/people", "/people/{person}", "/departments", "/departments/{department}", "/teams", "/teams/{team}")
KEEP = ("/people/new", "/people/{person}/edit", "/people/{person}/positions/new", "/people/{person}/positions/{position}",
        "/people/{person}/leave", "/departments/new", "/departments/{department}/edit", "/departments/{department}/rename",
        "/departments/{department}/dissolve", "/teams/new", "/teams/{team}/edit", "/people/import")  # fmt: skip
EXPORT = ("/people.csv", "/people.xlsx", "/departments.csv", "/departments.xlsx")
STAFF = ("sara", "sven", "li_wei", "dora", "petra", "mei", "tom", "rita", "xaver")


@pytest.mark.parametrize("who", ["ada", "olaf", "aude", *STAFF, "nobody"])
def test_every_page_is_open_to_whom_it_is_meant_for(as_, scene: dict[str, str], who: str) -> None:
    visitor = as_(who)
    keeps, exports, links = who in ("ada", "olaf"), who in ("ada", "olaf", "aude"), who == "ada"
    expected = {path: 200 for path in READ}
    expected |= {path: 200 if keeps else 403 for path in KEEP}
    expected |= {path: 200 if exports else 403 for path in EXPORT}
    expected["/people/{person}/account"] = 200 if links else 403
    for path, status in expected.items():
        answer = visitor.get(path.format(**scene))
        assert answer.status_code == (302 if who == "nobody" else status), path


@pytest.mark.parametrize("who", ["aude", "sara", "petra", "nobody"])
@pytest.mark.parametrize(
    "path",
    ["/people/{person}/edit", "/people/{person}/positions/new", "/people/{person}/leave", "/people/{person}/back",
     "/departments/{department}/dissolve", "/departments/{department}/rename", "/teams/{team}/members",
     "/teams/{team}/members/{member}/remove", "/people/new", "/departments/new", "/teams/new", "/people/import", "/people/{person}/account"],
)  # fmt: skip
def test_nobody_else_changes_the_directory(app: Flask, as_, scene: dict[str, str], who: str, path: str) -> None:
    sent = {
        "name": "Changed",
        "on": "2026-01-01",
        "title": "Changed",
        "from_on": "2026-01-01",
        "person": scene["person"],
    }
    assert as_(who).post(path.format(**scene), sent).status_code == (401 if who == "nobody" else 403)
    with app.app_context():
        assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "Changed")) == 0
        assert person("Mei Zhao").left_on is None
        assert db.session.scalar(select(func.count(TeamMember.id))) == 1


@pytest.mark.parametrize("path", ["/people/{0}", "/people/{0}/edit", "/departments/{0}", "/departments/{0}/edit", "/teams/{0}", "/teams/{0}/edit",
                                  "/people/imports/{0}"])  # fmt: skip
def test_what_is_not_there_is_not_there(as_, path: str) -> None:
    assert as_("olaf").get(path.format("0" * 16)).status_code == 404


def test_children_are_loaded_through_their_parent(app: Flask, as_, scene: dict[str, str]) -> None:
    with app.app_context(), unit_of_work():
        other = make_team()
        tom = person("Tom Okafor").ref
    olaf = as_("olaf")
    assert olaf.post(f"/teams/{other.ref}/members/{scene['member']}/remove").status_code == 404
    assert olaf.get(f"/people/{tom}/positions/{scene['position']}").status_code == 404


def test_the_list_shows_own_people_who_are_here_and_nobody_else(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        other = services.add_organization(name="Brunp", actor=SYSTEM)
        stranger = services.add_person(name="Somebody Elsewhere", organization=other, actor=SYSTEM)
        gone = make_person(name="Gone Long Ago", left_on=date(2020, 1, 31))
    petra = as_("petra")
    page = petra.get("/people").get_data(as_text=True)
    assert "Mei Zhao" in page
    assert "Somebody Elsewhere" not in page
    assert "Gone Long Ago" not in page
    assert "Gone Long Ago" in petra.get("/people?state=left").get_data(as_text=True)
    assert "Brunp" in petra.get(f"/people/{stranger.ref}").get_data(as_text=True)
    assert "31 Jan 2020" in petra.get(f"/people/{gone.ref}").get_data(as_text=True)


@pytest.mark.parametrize("words", ["novak", "Novák", "NOVÁK sara", "sara@", "secretary"])
def test_somebody_is_found_by_name_address_or_title(as_, words: str, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        services.change_person(person("Sara Novák"), actor=SYSTEM, phone="1")
    page = as_("petra").get("/people", query_string={"q": words}).get_data(as_text=True)
    assert "Sara Novák" in page
    assert "Tom Okafor" not in page


@pytest.mark.parametrize("words", ["李薇", "薇", "liwei", "wei li"])
def test_chinese_names_are_found_by_sign_and_by_sound(app: Flask, as_, words: str) -> None:
    with app.app_context(), unit_of_work():
        services.change_person(person("Li Wei"), actor=SYSTEM, phone="1")
    page = as_("petra").get("/people", query_string={"q": words}).get_data(as_text=True)
    assert "李薇" in page
    assert "Tom Okafor" not in page


def test_a_department_shows_also_whom_those_below_it_hold(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        works = db.session.scalars(select(Department).where(Department.code == "WRK")).one()
        below = services.add_department(name="Kilns", parent=works, actor=SYSTEM)
        make_person(name="Kiln Keeper", department=below)
        above = works.ref
    page = as_("petra").get(f"/people?department={above}").get_data(as_text=True)
    assert "Kiln Keeper" in page
    assert "Mei Zhao" in page
    assert "Olaf Brandt" not in page


def test_phone_and_number_are_for_those_who_keep_the_directory(app: Flask, as_, scene: dict[str, str]) -> None:
    with app.app_context(), unit_of_work():
        services.change_person(person("Mei Zhao"), actor=SYSTEM, phone="+86 573 555", employee_no="QL-7")
    address = f"/people/{scene['person']}"
    for who, sees in (("petra", False), ("olaf", True), ("aude", True)):
        page = as_(who).get(address).get_data(as_text=True)
        assert ("+86 573 555" in page, "QL-7" in page) == (sees, sees), who
        assert "mei@hufu.example" in page


@pytest.mark.parametrize(
    ("path", "row"), [("/people?per_page=100", "<tr>"), ("/departments", "Department "), ("/teams", "<tr>")]
)
def test_lists_ask_as_much_for_few_as_for_hundreds(app: Flask, as_, count_statements, path: str, row: str) -> None:
    with app.app_context(), unit_of_work():
        services.add_member(make_team(), person("Mei Zhao"), actor=SYSTEM)
    olaf = as_("olaf")
    with count_statements() as few:
        assert olaf.get(path).status_code == 200
    with app.app_context(), unit_of_work():
        own = db.session.scalar(select(Organization).where(Organization.is_own))
        for number in range(300):
            department = make_department(organization=own) if number % 10 == 0 else None
            made = make_person(department=department)
            db.session.add(Position(person=made, title=f"Title {number}"))
            if department:
                department.head = made
                db.session.add(TeamMember(team=make_team(), person=made, role="commander"))
    with count_statements() as many:
        page = olaf.get(path).get_data(as_text=True)
    assert page.count(row) > 25
    assert len(few) == len(many) <= 10, many


def test_a_person_is_added_with_a_position(app: Flask, as_) -> None:
    department = ref_of(app, Department, code="WRK")
    manager = ref_of(app, Person, name="Mei Zhao")
    sent = {"name": "Wen Ting", "name_local": "文婷", "email": "Wen@hufu.example", "employee_no": "", "phone": "", "language": "zh_Hans_CN",
            "department": department, "manager": manager, "title": "Technician", "title_local": "技术员", "from_on": "2026-03-01"}  # fmt: skip
    answer = as_("olaf").post("/people/new", sent)
    assert answer.status_code == 303
    with app.app_context():
        wen = person("Wen Ting")
        assert answer.location == f"/people/{wen.ref}"
        assert (wen.email_key, wen.employee_no, wen.organization.is_own) == ("wen@hufu.example", None, True)
        assert (wen.department.code, wen.manager.name) == ("WRK", "Mei Zhao")
        assert [(each.title, each.from_on, each.to_on) for each in wen.positions] == [
            ("Technician", date(2026, 3, 1), None)
        ]


def test_pressing_twice_adds_one_person(app: Flask, as_) -> None:
    olaf = as_("olaf")
    sent = {"name": "Once Only", "language": "en", "intent": "the-same-press", "csrf_token": olaf.token()}
    answers = [olaf.client.post("/people/new", data=sent) for _press in range(2)]
    assert [each.location for each in answers] == [answers[0].location] * 2
    with app.app_context():
        assert db.session.scalar(select(func.count(Person.id)).where(Person.name == "Once Only")) == 1


def test_a_taken_address_is_said_beside_the_field_and_nothing_is_lost(app: Flask, as_) -> None:
    answer = as_("olaf").post("/people/new", {"name": "Second Mei", "email": "MEI@hufu.example", "language": "en"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Somebody in the directory has this address already." in page
    assert 'value="Second Mei"' in page


def test_a_stale_page_shows_both_versions(app: Flask, as_, scene: dict[str, str]) -> None:
    olaf, path = as_("olaf"), f"/people/{scene['person']}/edit"
    page = olaf.get(path).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)
    department = ref_of(app, Department, code="OFF")
    with app.app_context(), unit_of_work():
        services.change_person(person("Mei Zhao"), actor=SYSTEM, phone="theirs 123")
    sent = {"name": "Mei Zhao", "name_local": "赵梅", "email": "mei@hufu.example", "phone": "mine 456", "language": "en", "department": department,
            "manager": "", "employee_no": "", "version": version}  # fmt: skip
    answer = olaf.post(path, sent)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "theirs 123" in told
    assert "mine 456" in told
    assert "Works" in told
    assert "<Department" not in told
    version = re.search(r'name="version"[^>]*value="(\d+)"', told).group(1)
    assert olaf.post(path, {**sent, "version": version}).status_code == 303
    with app.app_context():
        assert person("Mei Zhao").phone == "mine 456"


HOSTILE = (
    "",
    "x" * 5000,
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "a\r\nBcc: x@y",
    "../../etc/passwd",
    "\u202egnp",
    "\x00",
    "💥" * 150,
)


@pytest.mark.parametrize("path", ["/people/new", "/people/{person}/edit", "/people/{person}/positions/new", "/people/{person}/positions/{position}",
                                  "/people/{person}/leave", "/departments/new", "/departments/{department}/edit", "/departments/{department}/rename",
                                  "/departments/{department}/dissolve", "/teams/new", "/teams/{team}/edit", "/teams/{team}/members"])  # fmt: skip
def test_no_form_breaks_on_hostile_text(as_, scene: dict[str, str], path: str) -> None:
    olaf = as_("olaf")
    token = olaf.token()
    names = ("name", "name_local", "title", "title_local", "email", "employee_no", "phone", "code", "place", "year", "on", "from_on", "to_on",
             "department", "manager", "parent", "head", "person", "role", "language", "version", "valid_from")  # fmt: skip
    where = path.format(**scene)
    for number, text in enumerate(HOSTILE):
        sent = {**dict.fromkeys(names, text), "csrf_token": token, "intent": f"all-{number}"}
        answer = olaf.client.post(where, data=sent)
        assert answer.status_code in (303, 409, 422), text
        assert "<script>alert" not in answer.get_data(as_text=True)
        right = {"on": "2026-05-01", "from_on": "2026-05-01", "language": "en", "version": "1", "csrf_token": token}
        answer = olaf.client.post(where, data={"name": text, "title": text, "intent": f"one-{number}", **right})
        assert answer.status_code in (303, 409, 422), text


def test_a_loop_of_managers_is_refused(app: Flask, as_, scene: dict[str, str]) -> None:
    petra = ref_of(app, Person, name="Petra Lindqvist")
    answer = as_("olaf").post(
        f"/people/{scene['person']}/edit", {"name": "Mei Zhao", "language": "en", "manager": petra, "version": "1"}
    )
    assert answer.status_code == 422
    assert "own manager" in answer.get_data(as_text=True)


def test_a_new_position_closes_the_old_one_the_day_before(app: Flask, as_, scene: dict[str, str]) -> None:
    path = f"/people/{scene['person']}/positions/new"
    assert as_("olaf").post(path, {"title": "Head of everything", "from_on": "2026-07-01"}).status_code == 303
    with app.app_context():
        held = [(each.title, each.from_on, each.to_on) for each in person("Mei Zhao").positions]
    assert held == [("Head of works", None, date(2026, 6, 30)), ("Head of everything", date(2026, 7, 1), None)]


def test_leaving_keeps_the_person_and_ends_what_was_held(app: Flask, as_, scene: dict[str, str]) -> None:
    olaf, path = as_("olaf"), f"/people/{scene['person']}"
    assert olaf.post(f"{path}/leave", {"on": "not a day"}).status_code == 422
    assert olaf.post(f"{path}/leave", {"on": "2026-10-31"}).status_code == 303
    assert olaf.post(f"{path}/leave", {"on": "2026-11-30"}).status_code == 422
    assert "31 Oct 2026" in olaf.get(path).get_data(as_text=True)
    with app.app_context():
        assert person("Mei Zhao").positions[0].to_on == date(2026, 10, 31)
    assert olaf.post(f"{path}/back").status_code == 303
    with app.app_context():
        assert person("Mei Zhao").left_on is None


def test_a_department_with_people_is_not_dissolved(app: Flask, as_, scene: dict[str, str]) -> None:
    answer = as_("olaf").post(f"/departments/{scene['department']}/dissolve", {"on": "2026-10-31"})
    assert answer.status_code == 422
    assert "People still work in this department." in answer.get_data(as_text=True)


def test_a_dissolved_department_is_shown_as_such(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        old = services.add_department(name="Purchasing", code="PUR", actor=SYSTEM, valid_from=date(2005, 1, 1))
    assert as_("olaf").post(f"/departments/{old.ref}/dissolve", {"on": "2025-10-31"}).status_code == 303
    petra = as_("petra")
    assert "dissolved Fri 31 Oct 2025" in petra.get("/departments").get_data(as_text=True)
    assert "Dissolved on Fri 31 Oct 2025" in petra.get(f"/departments/{old.ref}").get_data(as_text=True)


def test_renaming_keeps_the_old_department_for_what_was_before(app: Flask, as_, scene: dict[str, str]) -> None:
    with app.app_context(), unit_of_work():
        mei, works = person("Mei Zhao"), db.session.scalars(select(Department).where(Department.code == "WRK")).one()
        services.change_position(mei.positions[0], actor=SYSTEM, department_id=works.id)
        services.change_department(works, actor=SYSTEM, head=mei)
    answer = as_("olaf").post(
        f"/departments/{scene['department']}/rename", {"name": "Manufacturing", "on": "2026-09-01"}
    )
    assert answer.status_code == 303
    with app.app_context():
        old, new = (
            db.session.scalars(select(Department).where(Department.name == name)).one()
            for name in ("Works", "Manufacturing")
        )
        assert (old.code, old.valid_to, new.code, new.valid_from) == (None, date(2026, 8, 31), "WRK", date(2026, 9, 1))
        mei = person("Mei Zhao")
        assert (mei.department.name, new.head.name) == ("Manufacturing", "Mei Zhao")
        assert mei.positions[0].department_id == old.id


def test_a_department_cannot_stand_below_itself(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        top = services.add_department(name="Top", actor=SYSTEM)
        low = services.add_department(name="Low", parent=top, actor=SYSTEM)
    answer = as_("olaf").post(f"/departments/{top.ref}/edit", {"name": "Top", "parent": low.ref, "version": "1"})
    assert answer.status_code == 422
    assert "cannot stand below itself" in answer.get_data(as_text=True)


def test_members_come_and_go(app: Flask, as_, scene: dict[str, str]) -> None:
    olaf, path = as_("olaf"), f"/teams/{scene['team']}"
    tom = ref_of(app, Person, name="Tom Okafor")
    assert olaf.post(f"{path}/members", {"person": "", "role": "member"}).status_code == 422
    assert olaf.post(f"{path}/members", {"person": tom, "role": "emperor"}).status_code == 422
    assert olaf.post(f"{path}/members", {"person": tom, "role": "deputy"}).status_code == 303
    assert olaf.post(f"{path}/members", {"person": tom, "role": "member"}).status_code == 303
    page = as_("petra").get(path).get_data(as_text=True)
    assert "Tom Okafor" in page
    assert olaf.post(f"{path}/members/{scene['member']}/remove").status_code == 303
    with app.app_context():
        team = db.session.scalars(select(Team).where(Team.ref == scene["team"])).one()
        assert [(each.person.name, each.role) for each in team.members] == [("Tom Okafor", "member")]


def test_an_account_belongs_to_one_person(app: Flask, as_, scene: dict[str, str]) -> None:
    with app.app_context(), unit_of_work():
        lonely = make_person(name="No Account")
        tom = person("Tom Okafor")
        account = db.session.get(Account, tom.account_id)
        with pytest.raises(AlreadyThere):
            services.link_account(lonely, account, actor=SYSTEM)


def test_every_deed_is_written_down(app: Flask, as_, scene: dict[str, str]) -> None:
    with app.app_context():
        deeds = set(db.session.scalars(select(AuditEntry.action)))
    assert {"team.added", "team.member_added"} <= deeds


def test_a_chosen_name_is_safe_in_every_page(app: Flask, as_) -> None:
    with app.app_context(), unit_of_work():
        bad = services.add_person(
            name="<img src=x onerror=alert(1)>", name_local="\u674e", email="x@hufu.example", actor=SYSTEM
        )
    for path in ("/people", f"/people/{bad.ref}", "/departments", "/teams"):
        assert "<img src=x" not in as_("petra").get(path).get_data(as_text=True)
