"""The storms of storm.py at the size that the suite can afford."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.load.processes import Postgres, postgres
from tests.load.sides import SIDES, Floor
from tests.load.storm import SMALL, blow, contest, crowd

pytestmark = pytest.mark.load


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres() as running:
            yield running
    except FileNotFoundError as missing:
        require_or_skip("postgres", str(missing))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'storm.db'}"
    return request.getfixturevalue("server").create(f"storm_{tmp_path.name}".replace("-", "_").lower())


def test_a_gate_that_counts_and_then_inserts_gives_out_too_many(database: str, tmp_path: Path) -> None:
    storms = (contest, crowd)
    outcomes = blow(Floor("naive"), database, folder=tmp_path, size=SMALL, workers=2, storms=storms)
    assert sum(len(each.faults) for each in outcomes) > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_no_place_is_given_twice_and_nobody_is_lost(workers: int, database: str, tmp_path: Path) -> None:
    outcomes = blow(SIDES["hufu"], database, folder=tmp_path, size=SMALL, workers=workers)
    assert [each.faults for each in outcomes] == [[], [], []]
    assert [each.failures for each in outcomes] == [0, 0, 0]
