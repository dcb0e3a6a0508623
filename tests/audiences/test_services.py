"""Lists of people: whom a line means, what a pasted list says line by line, saved groups."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audiences import lists, meanings, queries, services
from app.audiences.choosing import LeftOut, left_out
from app.audiences.errors import GroupRefused, LineRefused, ListRefused
from app.audiences.lists import Fit
from app.audiences.models import GroupMember, InviteeRule, PersonGroup
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.people.models import Position, TeamMember
from app.sheets.reading import read_table
from tests.cast import Cast
from tests.factories import make_department, make_event, make_person, make_team, save


def test_each_kind_of_line_means_its_people_in_two_statements(cast: Cast, count_statements) -> None:
    day = clock.today() + timedelta(days=30)
    with unit_of_work():
        top = make_department()
        low = make_department(parent=top)
        one, two = make_person(department=top), make_person(department=low)
        gone = make_person(department=low, left_on=day - timedelta(days=1))
        team = make_team()
        save(TeamMember(team=team, person=gone))
        group = services.add_group("Works council", actor=cast.olaf)
        services.add_members(group, [one, two, one], actor=cast.olaf)
        save(Position(person=two, title="Foreman", to_on=day - timedelta(days=1)))
        save(Position(person=one, title="Foreman"))
        save(Position(person=gone, title="Foreman"))
    asked = [
        meanings.of_department(top),
        meanings.of_department(top, below=False),
        meanings.of_department(low),
        meanings.of_position("Foreman"),
        meanings.of_team(team),
        meanings.of_group(group),
        meanings.of_person(gone),
        meanings.of_list("list.csv", [one, gone]),
    ]
    with count_statements() as said:
        found = queries.resolve_all(asked, on=day)
    assert found == [
        {one.id, two.id}, {one.id}, {two.id}, {one.id}, {gone.id}, {one.id, two.id}, {gone.id}, {one.id, gone.id},
    ]  # fmt: skip
    assert len(said) == 2
    assert [each.id for each in queries.resolve(asked[0], on=day)] == [one.id, two.id]


def test_who_cannot_be_written_to_is_left_out_with_the_first_reason_that_holds(cast: Cast) -> None:
    day = clock.today()
    with unit_of_work():
        left = make_person(left_on=day - timedelta(days=1), email=None)
        silent = make_person(email=None)
    tom, mei, petra, sara = (cast.people[each] for each in ("tom", "mei", "petra", "sara"))
    assert left_out(
        [left, silent, tom, mei, petra, sara],
        on=day, registered={tom.id}, declined={mei.id}, invited={petra.id, mei.id, tom.id},
    ) == {
        left.id: LeftOut.LEFT,
        silent.id: LeftOut.NO_ADDRESS,
        tom.id: LeftOut.REGISTERED,
        mei.id: LeftOut.DECLINED,
        petra.id: LeftOut.INVITED,
    }  # fmt: skip


def test_a_pasted_list_of_two_thousand_lines_shows_its_bad_ones_with_their_numbers(
    cast: Cast, count_statements
) -> None:
    with unit_of_work():
        people = [make_person(employee_no=f"N{number}") for number in range(1, 1998)]
        make_person(name="Ann Berg")
        make_person(name="Ann Berg")
        left = make_person(name="Old Hand", left_on=clock.today() - timedelta(days=3))
    lines = [f"{each.employee_no}\t{each.name}" for each in people]
    lines[99:99] = ["Ann Berg"]
    lines[999:999] = ["somebody@elsewhere.example"]
    lines[1999:] = [left.name, *lines[1999:]]
    with count_statements() as said:
        read = lists.read_list("\n".join(["Employee number\tName", *lines]), on=clock.today())
    assert [(each.number, each.fit, each.text) for each in read.bad] == [
        (101, Fit.SEVERAL, "Ann Berg"),
        (1001, Fit.UNKNOWN, "somebody@elsewhere.example"),
        (2001, Fit.LEFT, "Old Hand"),
    ]
    assert len(read.people) == 1997
    assert len(said) == 2


def test_a_line_is_judged_by_number_then_address_then_a_name_that_one_has(cast: Cast) -> None:
    with unit_of_work():
        numbered = make_person(name="Lena Falk", employee_no="10234")
        silent = make_person(name="Quiet One", email=None, email_key=None)
    text = "\n".join(
        ["10234", "PETRA@hufu.example", "", "Tom Okafor; Executive Office", "李薇", "Quiet One", "lena falk",
         "10234; Mei Zhao <mei@hufu.example>", "Nobody Ever"]
    )  # fmt: skip
    read = lists.read_list(text, on=clock.today())
    assert [(each.number, each.fit) for each in read.lines] == [
        (1, Fit.FOUND), (2, Fit.FOUND), (4, Fit.FOUND), (5, Fit.FOUND), (6, Fit.NO_ADDRESS), (7, Fit.AGAIN),
        (8, Fit.SEVERAL), (9, Fit.UNKNOWN),
    ]  # fmt: skip
    assert read.people == [
        numbered, cast.people["petra"], cast.people["tom"], cast.people["li_wei"], silent,
    ]  # fmt: skip


def test_a_list_that_is_too_long_is_refused(cast: Cast) -> None:
    with pytest.raises(ListRefused, match="more than 5000 lines"):
        lists.read_list("x\n" * 5001, on=clock.today())


def test_a_table_becomes_a_text_whose_lines_have_the_numbers_of_its_rows(cast: Cast) -> None:
    table = read_table(
        "guests.csv", "部门,姓名,邮箱\n制造部,赵梅,mei@hufu.example\n\n制造部,Tom,nobody@hufu.example\n".encode()
    )
    assert lists.text_of(table) == "邮箱\t姓名\nmei@hufu.example\t赵梅\n\nnobody@hufu.example\tTom"
    read = lists.read_list(lists.text_of(table), on=clock.today())
    assert [(each.number, each.fit) for each in read.lines] == [(2, Fit.FOUND), (4, Fit.UNKNOWN)]
    bare = read_table("guests.csv", b"Mei Zhao\nTom Okafor\n")
    assert lists.read_list(lists.text_of(bare), on=clock.today()).people == [cast.people["mei"], cast.people["tom"]]


def test_a_line_stands_on_a_list_once_and_only_organizers_put_it_there(cast: Cast) -> None:
    with unit_of_work():
        event, cancelled = make_event(), make_event(status="cancelled")
        over = make_event(starts_on=clock.today() - timedelta(days=9), ends_on=clock.today() - timedelta(days=8))
        department = make_department()
    line = meanings.of_department(department)
    for who in ("petra", "sara", "aude", "dora"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_line(event, line, actor=cast.accounts[who])
    with unit_of_work():
        services.add_line(event, line, actor=cast.olaf)
        services.add_line(event, meanings.of_department(department, below=False), actor=cast.olaf)
    for there, sentence in [(event, "stands on the list already"), (cancelled, "is cancelled"), (over, "is over")]:
        with pytest.raises(LineRefused, match=sentence), unit_of_work():
            services.add_line(there, line, actor=cast.olaf)
    assert [each.event for each in db.session.scalars(select(InviteeRule))] == [event, event]


def test_a_group_is_kept_by_organizers_and_goes_only_when_no_list_waits_for_it(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        group = services.add_group("Directors", actor=cast.ada, note="Quarterly")
    for act in (
        lambda: services.add_group("Others", actor=cast.petra),
        lambda: services.add_members(group, [cast.people["tom"]], actor=cast.aude),
        lambda: services.remove_group(group, actor=cast.sara),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            act()
    with pytest.raises(GroupRefused, match="of this name"), unit_of_work():
        services.add_group("directors", actor=cast.olaf)
    with unit_of_work():
        assert services.add_members(group, [cast.people["tom"], cast.people["mei"]], actor=cast.olaf) == 2
        assert services.add_members(group, [cast.people["tom"]], actor=cast.olaf) == 0
        line = services.add_line(event, meanings.of_group(group), actor=cast.olaf)
    assert [each.person for each in queries.list_members(group)] == [cast.people["mei"], cast.people["tom"]]
    with pytest.raises(GroupRefused, match="names this group"), unit_of_work():
        services.remove_group(group, actor=cast.olaf)
    with unit_of_work():
        services.remove_member(queries.list_members(group)[0], actor=cast.olaf)
        services.remove_line(line, actor=cast.olaf)
    with unit_of_work():
        services.remove_group(group, actor=cast.olaf)
    assert db.session.scalars(select(PersonGroup)).all() == []
    assert db.session.scalars(select(GroupMember)).all() == []
