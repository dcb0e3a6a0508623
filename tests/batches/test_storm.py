"""T10: a table of more people than places is applied while the web is open. Full size stands in `make bench`."""

import multiprocessing
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from app.batches import services
from app.batches.verdicts import make_plan
from app.core import audit
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.registration.errors import NoPlaceLeft
from app.registration.models import State
from app.sheets.reading import Row, Table
from tests.factories.registration import make_open_event, make_people
from tests.registration import crowd
from tests.registration.invariants import assert_sound, count_mails, count_rows

PROCESSES, EACH, IN_TABLE, PLACES = 2, 8, 20, 15
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.registration.crowd"])

pytestmark = pytest.mark.load


@pytest.mark.parametrize("as_fits", [True, False], ids=["as many as fit", "all or none"])
def test_an_import_beside_the_open_web_takes_no_place_twice(either_app: Flask, tmp_path: Path, as_fits: bool) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=PLACES)
        listed, web = make_people(IN_TABLE), [each.id for each in make_people(PROCESSES * EACH)]
        rows = tuple(Row(number, (each.email or "",)) for number, each in enumerate(listed, start=2))
        with unit_of_work():
            batch = services.open_table(event, "people.csv", Table(("E-mail",), rows), actor=SYSTEM)
        start, answers = CHILDREN.Barrier(PROCESSES + 1), CHILDREN.Queue()
        url = either_app.config["SQLALCHEMY_DATABASE_URI"]
        crowds = [
            CHILDREN.Process(
                target=crowd.press,
                args=(tmp_path / "crowd", url, "guarded", event.id, web[number::PROCESSES], start, answers),
            )
            for number in range(PROCESSES)
        ]
        for each in crowds:
            each.start()
        start.wait(60)
        made: Counter[str] = Counter()
        digest = make_plan(batch, actor=SYSTEM).digest
        try:
            with unit_of_work():
                placed = services.apply(batch, digest=digest, actor=SYSTEM, as_fits=as_fits)
            made.update(str(each.registration.state) for each in placed if each.registration)
        except NoPlaceLeft:
            assert not as_fits
        told: Counter[str] = Counter()
        for _each in crowds:
            told.update(answers.get(timeout=90))
        for each in crowds:
            each.join(30)
            assert each.exitcode == 0
        event = db.session.get_one(Event, event.id)
        assert_sound(event, full=True)
        assert (
            made["confirmed"] + told["confirmed"] == count_rows(event, State.CONFIRMED) == count_mails(event) == PLACES
        )
        assert sum(told.values()) == len(web)
        assert sum(made.values()) == (IN_TABLE if as_fits else 0), (
            "twenty people for fifteen places: all or none is none"
        )
        assert audit.verify().broken_at is None
