"""Two at the same moment: one of them confers, and numbers have no twins."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.campaigns import services as campaigns
from app.campaigns.models import Campaign
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Refused
from app.core.roles import SYSTEM
from app.custody.models import CustodyEvent
from app.tallies import services
from app.tallies.models import Tally
from tests.cast import load
from tests.factories import make_event
from tests.factories.campaigns import SCORES, make_campaign


def all_at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[str]:
    """Run each in a thread of its own; how each of them ended."""
    ready = threading.Barrier(len(acts))
    ended: list[str] = []

    def run(act: Callable[[], Any]) -> None:
        with app.app_context():
            ready.wait()
            try:
                with unit_of_work(wait=20):
                    act()
                ended.append("done")
            except Refused as refusal:
                ended.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(each,)) for each in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(ended)


def test_tallies_cast_at_once_have_numbers_without_gap_or_twin_and_one_conferral_wins(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        for name in ("petra", "tom", "mei", "rita"):
            campaign = make_campaign(event, commander=cast.people[name])
            campaigns.assess_campaign(campaign, actor=SYSTEM, assessor=cast.people["sven"], **SCORES)
        refs = list(db.session.scalars(select(Campaign.ref)))
        today = clock.today(event.time_zone)

    def cast_for(ref: str) -> None:
        campaign = db.session.scalars(select(Campaign).where(Campaign.ref == ref)).one()
        services.cast(
            campaign, actor=SYSTEM, inscription="Right with the ruler", scope="Sixty people", valid_from=today,
            valid_to=today + timedelta(days=9),
        )  # fmt: skip

    twice = [lambda ref=ref: cast_for(ref) for ref in [*refs, refs[0]]]
    assert all_at_once(app, twice) == ["CastAlready", *["done"] * 4]

    def confer() -> None:
        first = db.session.scalars(select(Tally).where(Tally.label == "HF-2027-001")).one()
        services.confer(first, actor=SYSTEM, outside="No evening this year.", by=load().people["li_wei"])

    assert all_at_once(app, [confer] * 3) == ["NotPossibleNow", "NotPossibleNow", "done"]
    with app.app_context():
        assert sorted(db.session.scalars(select(Tally.label))) == [f"HF-2027-00{number}" for number in (1, 2, 3, 4)]
        assert len(db.session.scalars(select(CustodyEvent)).all()) == 2
