"""Who stands where: the two rules, odd and even, and ranks instead of the alphabet."""

import pytest
from flask import Flask

from app.core.db import unit_of_work
from app.shows import queries
from app.shows.places import place_words
from app.shows.precedence import depths, places_of, row_of
from tests.cast import Cast
from tests.factories import make_event, make_part, make_person

OWN_LEFT, OWN_RIGHT = "own_left_first", "own_right_first"


@pytest.mark.parametrize(
    ("count", "rule", "row"),
    [
        (0, OWN_LEFT, []),
        (1, OWN_LEFT, [1]),
        (3, OWN_LEFT, [3, 1, 2]),  # the second at the principal's own left: the hall's right
        (3, OWN_RIGHT, [2, 1, 3]),
        (5, OWN_LEFT, [5, 3, 1, 2, 4]),
        (4, OWN_LEFT, [3, 1, 2, 4]),  # two share the middle, the second on the first's own left
        (4, OWN_RIGHT, [4, 2, 1, 3]),
    ],
)
def test_the_row_as_the_hall_reads_it_from_its_left(count: int, rule: str, row: list[int]) -> None:
    assert row_of(count, rule) == row


def test_a_place_always_says_whose_left_it_is(app: Flask) -> None:
    with app.app_context():
        words = [place_words(each) for each in places_of(3, OWN_LEFT)]
    assert words == [
        "mark 2, middle / 2 号位，居中",
        "mark 3, own left 1 = hall right / 3 号位，本人左侧第 1 位 = 台下右侧",
        "mark 1, own right 1 = hall left / 1 号位，本人右侧第 1 位 = 台下左侧",
    ]
    assert [each.own_side for each in places_of(2, OWN_RIGHT)] == ["own_left", "own_right"]


def test_depth_counts_those_above_and_survives_a_circle() -> None:
    assert depths({1: None, 2: 1, 3: 2, 4: 99}) == {1: 0, 2: 1, 3: 2, 4: 0}
    assert set(depths({1: 2, 2: 1, 3: 1})) == {1, 2, 3}


def test_rule_34_rank_decides_and_never_the_alphabet(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        president = make_person(name="Zhou President")
        head = make_person(name="Yang Head", manager=president)
        clerk = make_person(name="An Clerk", manager=head)
        guest = make_person(name="Bai Chair", manager=clerk)
        make_part(event, guest, "presiding_leader")
    ranked = queries.in_rank(event, [clerk, guest, head, president])
    assert [each.name for each in ranked] == ["Bai Chair", "Zhou President", "Yang Head", "An Clerk"]
