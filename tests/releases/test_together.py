"""Several people at once, on both databases."""

import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.events.models import Event
from app.programme import services as programme
from app.programme.models import AgendaItem
from app.releases import services
from app.releases.errors import NothingChanged
from app.releases.models import ProgrammeRelease
from tests.cast import load
from tests.factories import make_event, make_item
from tests.factories.releases import mails_of, make_release


def together(app: Flask, *acts: Any) -> None:
    """Each act in a thread and an app context of its own, all at the same moment."""
    start, troubles = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        with app.app_context():
            try:
                start.wait(20)
                act()
            except Exception as trouble:
                troubles.append(trouble)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert troubles == []


def test_of_several_who_release_the_same_at_once_one_tells_it_and_the_others_hear_that_nothing_is_left(
    either_app: Flask,
) -> None:
    with either_app.app_context(), unit_of_work():
        event = make_event()
        make_item(event, speakers=[load().people["petra"]])
        event_id = event.id
    said: list[str] = []

    def release() -> None:
        try:
            with unit_of_work():
                said.append(str(services.release(db.session.get_one(Event, event_id), actor=SYSTEM, name="Now").number))
        except Refused as refused:
            said.append(type(refused).__name__)

    together(either_app, *[release] * 4)
    assert Counter(said) == {"1": 1, "NothingChanged": 3}
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        assert event.release_number == 1
        assert len(mails_of(event)) == 1


def test_a_release_holds_one_picture_while_somebody_else_moves_items(either_app: Flask) -> None:
    rounds = 8
    with either_app.app_context(), unit_of_work():
        event = make_event()
        pair = [make_item(event), make_item(event)]
        make_release(event)
        event_id, start = event.id, pair[0].starts_at
        ids = [each.id for each in pair]

    def move() -> None:
        for n in range(1, rounds + 1):
            with unit_of_work():  # both at once: nobody may ever read the one without the other
                for each in ids:
                    item = db.session.get_one(AgendaItem, each)
                    programme.move_item(
                        item, actor=SYSTEM, version=None, starts_at=start + n * timedelta(minutes=5), room=None
                    )

    def release() -> None:
        for _round in range(rounds):
            with suppress(NothingChanged), unit_of_work():
                make_release(db.session.get_one(Event, event_id))

    together(either_app, move, release, release)
    with either_app.app_context():
        rows = db.session.scalars(
            select(ProgrammeRelease).where(ProgrammeRelease.event_id == event_id).order_by(ProgrammeRelease.number)
        ).all()
        assert [each.number for each in rows] == list(range(1, len(rows) + 1))
        assert [len({item["starts_at"] for item in each.content["items"]}) for each in rows] == [1] * len(rows)
