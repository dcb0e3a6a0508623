"""Finding people by what is typed at a door."""

import pytest

from app.door.names import best, words_of

PEOPLE = [
    ("Petra Lindqvist", None), ("Tom Weber", None), ("Mei Zhao", "赵梅"), ("Zhang Wei", "张伟"), ("曾国安", "曾国安"),
    ("Åsa Öberg", None), ("Li Wei", "李巍"), ("Jean-Luc Moreau", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lindqvist", ["Petra Lindqvist"]),
        ("LIND pet", ["Petra Lindqvist"]),
        ("qvist", ["Petra Lindqvist"]),
        ("Lindkvist", ["Petra Lindqvist"]),  # another letter
        ("petar", ["Petra Lindqvist"]),  # two changed places
        ("weeber", ["Tom Weber"]),  # one too many
        ("moraeu jean", ["Jean-Luc Moreau"]),
        ("asa oberg", ["Åsa Öberg"]),
        ("赵", ["Mei Zhao"]),
        ("zhaomei", ["Mei Zhao"]),
        ("meizhao", ["Mei Zhao"]),
        ("zm", ["Mei Zhao"]),
        ("zeng", ["曾国安"]),  # a family name with two readings
        ("ceng guo", ["曾国安"]),
        ("zga", ["曾国安"]),
        ("guoan", ["曾国安"]),
        ("zhangwie", ["Zhang Wei"]),
        ("wei", ["Li Wei", "Zhang Wei"]),
        ("nobody", []),
        ("", []),
        ("%", []),
    ],
)
def test_a_name_is_found_by(typed: str, found: list[str]) -> None:
    rows = best(PEOPLE, typed, lambda row: row, most=20)
    assert [name for name, _local in rows][: max(1, len(found))] == found


def test_short_words_are_not_taken_for_one_another() -> None:
    for typed in ("lu", "tim", "pe", "webet tom x"):
        assert best([("Li Wu", None), ("Tom Weber", None)], typed, lambda row: row, most=20) == []


def test_thousands_of_names_are_looked_through_in_a_moment() -> None:
    import time

    crowd = [
        (f"Person{number} Family{number % 700}", f"{chr(0x4E00 + number)}{chr(0x5E00 + number % 90)}")
        for number in range(5000)
    ]
    for name in crowd:
        words_of(*name)
    begun = time.process_time()
    assert best([*crowd, PEOPLE[0]], "lindkvist", lambda row: row, most=20) == [PEOPLE[0]]
    assert time.process_time() - begun < 20  # each pair compared takes minutes
