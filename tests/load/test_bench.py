"""The harness itself: a floor that shows less than it should would flatter nobody, but a bench that lies would."""

from pathlib import Path
from typing import Any

import pytest

from tests.load import floor
from tests.load.bench import AIMS, bench
from tests.load.sides import SIDES

pytestmark = pytest.mark.load


def test_the_floor_shows_every_row(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'floor.db'}"
    first, *_others = floor.fill(url, events=[1000, 1])
    app = floor.make_floor(url)
    client = app.test_client()
    client.set_cookie("visit", floor.visit_of(7))
    home = client.get(f"/events/{first}").text
    assert home.count("<time>") == 60
    assert home.count("<h4>Item ") == 60
    assert home.count("Room ") == 60
    assert "You have registered" in home
    assert client.get(f"/events/{first}/programme").text.count("<time>") == 60
    assert client.get(f"/events/{first}/programme.ics").text.count("BEGIN:VEVENT") == 60
    assert client.get(f"/events/{first}/registrations").text.count("@example.org") == 500
    assert "500 of 1000 places are taken" in client.get(f"/events/{first}").text
    client.set_cookie("visit", floor.visit_of(700))
    answer = client.post(f"/events/{first}/register", data={"remark": "Aisle"}, follow_redirects=True)
    assert "Person 700 李伟 has a place" in answer.text
    assert "501 of 1000 places are taken" in client.get(f"/events/{first}").text
    app.extensions["close"]()


def test_every_side_can_be_measured(tmp_path: Path) -> None:
    figures: Any = bench(
        "sqlite", list(SIDES.values()), only=list(AIMS), requests=16, rounds=1, workers=1, folder=tmp_path, events=3, newcomers=4,
    )  # fmt: skip
    for name in SIDES:
        measured = figures["measured"][name]
        assert list(measured) == list(AIMS)
        assert all(each["processor_ms"][0] >= 0 and each["compressed_bytes"] > 100 for each in measured.values())
        assert figures["memory_mb"][name] > 10
