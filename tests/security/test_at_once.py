"""Two people at one agenda at the same moment (R6)."""

import threading

from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.programme import services
from app.programme.models import AgendaItem, Session
from tests.cast import load
from tests.factories import make_event, make_item, make_session


def in_threads(app: Flask, *acts: object) -> list[BaseException]:
    """Begin together, each with a connection of its own; what went wrong in them."""
    start, troubles = threading.Barrier(len(acts)), []

    def run(act) -> None:
        with app.app_context():
            try:
                start.wait(20)
                act()
            except BaseException as trouble:
                troubles.append(trouble)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    return troubles


def test_two_who_reorder_one_agenda_at_once_leave_one_order(either_app: Flask) -> None:
    """Items and sessions, up and down, twelve times each: everyone stands once, on a place of their own."""
    with either_app.app_context():
        with unit_of_work():
            event = make_event()
            sessions = [make_session(event, position=number) for number in range(4)]
            items = [make_item(event, session=sessions[0], starts_at=None, ends_at=None, position=n) for n in range(6)]
        event_id, item_ids, session_ids = event.id, [each.id for each in items], [each.id for each in sessions]
        db.session.remove()

    def shuffle(seed: int):
        def act() -> None:
            olaf = load().olaf
            for turn in range(12):
                with unit_of_work():
                    item = db.session.get_one(AgendaItem, item_ids[(turn * (seed + 1) + seed) % 6])
                    services.reorder_item(item, actor=olaf, up=(turn + seed) % 2 == 0)
                with unit_of_work():
                    session = db.session.get_one(Session, session_ids[(turn + seed * 3) % 4])
                    services.move_session(session, actor=olaf, up=turn % 3 != seed)

        return act

    assert in_threads(either_app, shuffle(0), shuffle(1)) == []
    with either_app.app_context():
        for table, ids in ((AgendaItem, item_ids), (Session, session_ids)):
            found = db.session.execute(
                select(table.id, table.position).where(table.event_id == event_id).order_by(table.position)
            ).all()
            assert sorted(each.id for each in found) == sorted(ids)
            assert len({each.position for each in found}) == len(ids), f"two on one place: {found}"
        moves = db.session.query(AuditEntry).filter(AuditEntry.action.in_(("item.moved", "session.moved"))).count()
        assert moves == 2 * 12 * 2
        db.session.remove()
