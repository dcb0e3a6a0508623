"""Killed processes lose nothing, double nothing and leave nothing half done, at the size that the suite can afford."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from tests.load.kills import Kills, examine, run
from tests.load.product import Product

pytestmark = pytest.mark.load


def test_what_was_acknowledged_is_there_once_and_whole(load_database: str, tmp_path: Path) -> None:
    seen = run(load_database, tmp_path, kills=3)
    assert seen.faults == []
    assert seen.killed == 3
    assert len(seen.acknowledged) > 3


def test_the_examination_sees_what_is_lost_and_what_is_half_done(tmp_path: Path) -> None:
    """The control: without it a blind examination would pass everything."""
    from app.core.db import db, unit_of_work
    from app.mail.models import MailMessage
    from app.registration.models import Registration

    database = f"sqlite:///{tmp_path / 'kills.db'}"
    seen = run(database, tmp_path, kills=1)
    assert seen.faults == []
    side = Product(database=database, folder=tmp_path / "hufu")
    with side.app().app_context():
        kept = db.session.scalars(select(Registration).order_by(Registration.id.desc()).limit(1)).one()
        side.events = ["", kept.event.ref]
        scope = kept.event.ref
        with unit_of_work():
            newest = db.session.scalars(select(MailMessage.id).where(MailMessage.scope == scope).limit(1)).one()
            db.session.execute(delete(MailMessage).where(MailMessage.id == newest))
        db.session.remove()
        db.engine.dispose()
    half = Kills()
    examine(side, half)
    assert [fault.split(":")[0] for fault in half.faults] == ["half done"]
    lost = Kills(acknowledged={1199})
    examine(side, lost)
    assert "acknowledged and not there: [1199]" in lost.faults
