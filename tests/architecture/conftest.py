"""What the tests of this folder share: the walked world, and every form that somebody sees in it."""

import pytest

from tests.architecture.driving import Drive
from tests.architecture.test_access import Walk


@pytest.fixture(scope="session")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Drive:
    return Drive(Walk(tmp_path_factory.mktemp("drive")))
