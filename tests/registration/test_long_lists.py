"""Lists of thousands: a page asks as many questions for 10,000 people as for 1,000, and shows one page of them."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.core.roles import SYSTEM
from app.events.queries import find_visible
from app.registration import places
from app.registration.models import Registration
from tests.factories.registration import make_crowd, make_open_event

MANY = 10_000
PAGES = (
    "/events/{event}/registrations",
    "/events/{event}/registrations?sort=name&page=9&per_page=100",
    "/events/{event}/registrations?q=crowd",
    "/people",
    "/people?q=crowd&page=3",
    "/events/{event}/door?q=crowd",
)


def test_a_page_of_10000_people_costs_as_many_statements_as_one_of_1000(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    with app.app_context():
        event = make_open_event(capacity=20_000)
        pages = [each.format(event=event.ref) for each in PAGES]
        make_crowd(event, 1_000)
    olaf = as_("olaf")

    def look() -> list[int]:
        asked = []
        for page in pages:
            with count_statements() as said:
                answer = olaf.get(page)
            assert answer.status_code == 200, page
            assert 10 < answer.text.count("Crowd ") < 1_000, page
            asked.append(len(said))
        return asked

    few = look()
    with app.app_context():
        make_crowd(find_visible(SYSTEM, event.ref) or event, MANY - 1_000)
        assert places.reconcile() == []
        assert db.session.scalar(select(func.count(Registration.id))) == MANY
    assert look() == few
    assert max(few) <= 12
