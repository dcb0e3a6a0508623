"""An empty database of either kind, for the tests that start real servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import require_or_skip
from tests.load.processes import Postgres, postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    try:
        with postgres() as running:
            yield running
    except FileNotFoundError as missing:
        require_or_skip("postgres", str(missing))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def load_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'storm.db'}"
    return request.getfixturevalue("server").create(f"storm_{tmp_path.name}".replace("-", "_").lower())
