"""How many questions a release asks, whatever its size."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.db import unit_of_work
from app.core.roles import SYSTEM
from app.programme import services as programme
from app.registration import services as registration
from tests.cast import Cast
from tests.factories import make_event, make_item, make_person, make_room
from tests.factories.releases import mails_of, make_release

READS = 20


@pytest.mark.parametrize("number", [3, 30])
def test_a_release_reads_as_often_for_thirty_items_and_people_as_for_three(
    cast: Cast, count_statements, number: int
) -> None:
    with unit_of_work():
        event = make_event(starts_on=clock.today() + timedelta(days=30))
        starts = clock.now() + timedelta(days=30)
        people = [make_person() for _each in range(number)]
        items = [
            make_item(
                event, room=make_room(event), speakers=[each], starts_at=starts, ends_at=starts + timedelta(hours=1)
            )
            for each in people
        ]
        registration.open_registration(event, actor=SYSTEM)
        for each in people:
            registration.register_person(event, each, actor=SYSTEM)
        make_release(event, reason="A trial")
        for each in items:
            programme.move_item(each, actor=SYSTEM, version=None, starts_at=starts + timedelta(hours=3), room=each.room)
    with count_statements() as said, unit_of_work():
        make_release(event, reason="A trial")
    reads = [each for each in said if each.startswith("SELECT")]
    assert len(mails_of(event)) == 2 * number
    assert len(reads) <= READS, "\n".join(reads)
    others = [each for each in said if not each.startswith(("SELECT", "INSERT"))]
    assert len(others) <= 4, "\n".join(others)
