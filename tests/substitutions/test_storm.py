"""T9: a place that is handed on by several processes at once has one holder at every moment, and one code."""

import multiprocessing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import audit
from app.core.db import db
from app.events.models import Event
from app.mail.models import MailMessage
from app.registration import places
from app.registration.models import EndedCode, PlaceCounter, Registration, State
from tests.factories.registration import make_open_event, make_people, register
from tests.substitutions import crowd

HANDS = 2
EACH = 8
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.substitutions.crowd"])

pytestmark = pytest.mark.load


def test_a_place_handed_on_in_a_storm_is_never_free_and_never_double(either_app: Flask, tmp_path: Path) -> None:
    with either_app.app_context():
        event = make_open_event(capacity=1)
        event_id, event_ref = event.id, event.ref
        people = [each.id for each in make_people(1 + (HANDS + 1) * EACH)]
        register(event, db.session.get_one(crowd.Person, people[0]))
    url = either_app.config["SQLALCHEMY_DATABASE_URI"]
    start, over = CHILDREN.Barrier(HANDS + 2), CHILDREN.Event()
    handed, lined, watched = CHILDREN.Queue(), CHILDREN.Queue(), CHILDREN.Queue()
    shares = [people[1 + at * EACH : 1 + (at + 1) * EACH] for at in range(HANDS + 1)]
    folder = tmp_path / "crowd"
    hands = [
        CHILDREN.Process(target=crowd.hand_on, args=(folder, url, event_id, share, start, handed))
        for share in shares[:HANDS]
    ]
    line = CHILDREN.Process(target=crowd.line_up, args=(folder, url, event_id, shares[HANDS], start, lined))
    eyes = CHILDREN.Process(target=crowd.watch, args=(folder, url, event_id, start, over, watched))
    for each in (*hands, line, eyes):
        each.start()
    told = [handed.get(timeout=90) for _each in hands]
    waited = lined.get(timeout=90)
    over.set()
    seen, looks = watched.get(timeout=30)
    for each in (*hands, line, eyes):
        each.join(30)
        assert each.exitcode == 0
    done = sum(each[0] for each in told)
    assert done + sum(each[1] for each in told) == HANDS * EACH
    assert done >= EACH // 2
    assert waited == ["waiting"] * EACH, "somebody of the waiting list got a place that was never free"
    assert looks > 10
    assert seen == {(1, 0)}, "(holders, working codes that have ended) at some moment"
    with either_app.app_context():
        event = db.session.get_one(Event, event_id)
        assert places.reconcile(event) == []
        own = db.session.scalars(select(PlaceCounter).where(PlaceCounter.event_id == event_id)).one()
        states = dict(
            db.session.execute(
                select(Registration.state, func.count()).where(Registration.event_id == event_id).group_by("state")
            ).all()
        )
        assert (own.taken, states[State.CONFIRMED], states[State.REPLACED]) == (1, 1, done)
        ended = db.session.scalars(select(EndedCode).where(EndedCode.replaced_by_id.is_not(None))).all()
        assert len(ended) == len({each.code for each in ended}) == done
        for kind in ("registration_replaced", "registration_instead"):
            mails = select(func.count()).where(MailMessage.scope == event_ref, MailMessage.kind == kind)
            assert db.session.scalar(mails) == done, "who was told is who it happened to"
        assert audit.verify().broken_at is None
