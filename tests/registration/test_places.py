"""The gate, on both databases: no place is given twice, none is lost."""

from sqlalchemy import select

from app.core.db import unit_of_work
from app.registration import services
from tests import cast as the_cast
from tests.factories import make_event


def test_a_place_is_taken(either_app) -> None:
    with either_app.app_context():
        cast = the_cast.load()
        with unit_of_work():
            event = make_event()
            services.open_registration(event, actor=cast.olaf, capacity=1)
        with unit_of_work():
            one = services.register_person(event, cast.people["petra"], actor=cast.petra)
        with unit_of_work():
            two = services.register_person(event, cast.people["tom"], actor=cast.tom)
        assert (one.state, two.state) == ("confirmed", "waiting")
        with unit_of_work():
            services.withdraw(one, actor=cast.petra)
        assert (one.state, two.state) == ("withdrawn", "confirmed")
