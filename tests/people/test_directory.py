"""Finding the person that a list of others means."""

from datetime import date

import pytest

from app.core.db import db, unit_of_work
from app.people import queries
from app.people.directory import Directory, still_here
from tests.cast import Cast
from tests.factories import make_person


@pytest.fixture
def known(cast: Cast) -> dict[str, object]:
    with unit_of_work():
        made = make_person(name="Ann Berg")
        other = make_person(name="Ann Berg")
        numbered = make_person(name="Lena Falk")
        numbered.employee_no = "10234"
        other.left_on = date(2020, 1, 1)
    return {"ann": made, "other": other, "lena": numbered, **cast.people}


@pytest.mark.parametrize(
    "line",
    [
        "10234", "Lena Falk", "lena  FALK", "10234; Lena Falk", "Lena Falk\t10234", "Lena Falk (10234)", "x,10234",
        "Falk, Lena, Lena Falk",
    ],
)  # fmt: skip
def test_a_pasted_line_means_one_person_however_it_is_written(known, line: str) -> None:
    assert Directory().in_line(line) == [known["lena"]]


def test_addresses_and_chinese_names_are_found_too(known) -> None:
    directory = Directory()
    assert directory.in_line("Li Wei <Li.Wei@hufu.example>") == [known["li_wei"]]
    assert directory.in_line("李薇；总裁") == [known["li_wei"]]
    assert directory.in_line("Somebody Else") == directory.in_line("") == []


def test_two_of_one_name_are_two_and_who_has_left_can_be_told_apart(known) -> None:
    found = Directory().in_line("Ann Berg")
    assert found == [known["ann"], known["other"]]
    assert still_here(found, date(2026, 5, 4)) == [known["ann"]]


def test_a_name_counts_only_without_a_number_and_an_address(known) -> None:
    directory = Directory()
    assert directory.meant(number="10234", name="Petra Lindqvist") == [known["lena"]]
    assert directory.meant(number="99", name="Petra Lindqvist") == []
    assert directory.meant(name="Petra Lindqvist") == [known["petra"]]
    assert directory.meant(number="10234", email="petra@hufu.example") == [known["lena"], known["petra"]]


def test_the_directory_is_read_in_as_many_statements_for_few_as_for_many(known, count_statements) -> None:
    with count_statements() as said:
        directory = Directory()
        for line in ["Ann Berg"] * 50:
            directory.in_line(line)
    assert len(said) == 2


def test_a_number_and_an_address_of_two_people_mean_both(known) -> None:
    assert Directory().in_line("10234\tMei Zhao\tmei@hufu.example") == [known["lena"], known["mei"]]


def test_who_somebody_is_is_asked_once_and_told_anew_after_a_change(cast: Cast, count_statements) -> None:
    with count_statements() as said:
        found = [queries.person_of(cast.petra), queries.person_of(cast.petra), queries.person_of(cast.tom)]
    assert [each.name for each in found if each] == ["Petra Lindqvist", "Petra Lindqvist", "Tom Okafor"]
    assert len(said) == 2
    petra, tom = cast.people["petra"], cast.people["tom"]
    petra.account_id = None
    assert queries.person_of(cast.petra) is None
    db.session.flush()
    tom.account_id = cast.petra.id
    assert queries.person_of(cast.petra) is tom
    db.session.rollback()
    assert queries.person_of(cast.petra) is petra
