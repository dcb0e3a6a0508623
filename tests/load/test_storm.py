"""The storms of storm.py at the size that the suite can afford."""

from pathlib import Path

import pytest

from tests.load.sides import SIDES, Floor
from tests.load.storm import SMALL, blow, contest, crowd

pytestmark = pytest.mark.load


def test_a_gate_that_counts_and_then_inserts_gives_out_too_many(load_database: str, tmp_path: Path) -> None:
    storms = (contest, crowd)
    outcomes = blow(Floor("naive"), load_database, folder=tmp_path, size=SMALL, workers=2, storms=storms)
    assert sum(len(each.faults) for each in outcomes) > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_no_place_is_given_twice_and_nobody_is_lost(workers: int, load_database: str, tmp_path: Path) -> None:
    outcomes = blow(SIDES["hufu"], load_database, folder=tmp_path, size=SMALL, workers=workers)
    assert [each.faults for each in outcomes] == [[]] * 5
    assert [each.failures for each in outcomes] == [0] * 5
