"""The feed of due dates: one day each, as agreed; what has ended is taken out; whoever may not see it reads nothing."""

import re
from contextlib import contextmanager
from datetime import timedelta

import icalendar
import pytest

from app.core import clock
from app.core.db import db, unit_of_work
from app.events.models import Audience
from app.extensions import services as extensions
from app.requirements import services
from app.requirements.models import Assignment
from tests import cast as the_cast
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def read(visitor, address: str) -> dict[str, icalendar.Event]:
    answer = visitor.get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = icalendar.Calendar.from_ical(answer.get_data()).events
    return {str(each["UID"]): each for each in found}


@pytest.fixture
def address(as_) -> str:
    petra = as_("petra")
    assert petra.post("/my/calendar").status_code == 303
    page = petra.get("/my/calendar").get_data(as_text=True)
    found = re.search(r'value="http://localhost:8000(/feeds/[^"]+\?due=1)"', page)
    assert found
    return found.group(1)


def test_due_dates_stand_as_agreed_and_move_with_what_is_granted(stage, as_, address):
    with stage() as cast:
        made = {
            state: make_assignment(cast, state, confirmed_requirement(cast, heading=state), due_on=in_days(20))
            for state in ("proposed", "assigned", "in_progress", "closed")
        }
        ids = {state: each.id for state, each in made.items()}
        uids = {state: f"assignment-{each.ref}@hufu.invalid" for state, each in made.items()}
        due = in_days(20)
    stranger = as_("nobody")
    before = read(stranger, address)
    assert {uid: (str(e["SUMMARY"]), str(e["STATUS"]), e["DTSTART"].dt) for uid, e in before.items()} == {
        uids["assigned"]: ("Due: assigned", "TENTATIVE", due),
        uids["in_progress"]: ("Due: in_progress", "CONFIRMED", due),
        uids["closed"]: ("Due: closed", "CANCELLED", due),
    }
    one = before[uids["in_progress"]]
    assert one["DTEND"].dt == due + timedelta(days=1)
    assert str(one["TRANSP"]) == "TRANSPARENT"
    assert one["DTSTAMP"].dt
    assert read(stranger, address)[uids["in_progress"]].to_ical() == one.to_ical()  # unchanged: not a sign differs
    with stage() as cast:
        asked = extensions.ask(
            db.session.get(Assignment, ids["in_progress"]), actor=cast.petra, new_due_on=in_days(40), reason="Steel."
        )
        extensions.grant(asked, actor=cast.sven)
        services.hand_back(db.session.get(Assignment, ids["assigned"]), actor=cast.petra, reason="Not ours.")
    after = read(stranger, address)
    moved = after[uids["in_progress"]]
    assert (moved["DTSTART"].dt, moved["SEQUENCE"] > one["SEQUENCE"]) == (due + timedelta(days=20), True)
    assert str(after[uids["assigned"]]["STATUS"]) == "CANCELLED"


def test_what_one_may_not_see_any_more_and_what_is_anothers_stands_in_no_feed(stage, as_, address, count_statements):
    with stage() as cast:
        make_assignment(cast, "accepted")
        hidden = make_assignment(cast, "accepted", confirmed_requirement(cast))
        hidden.requirement.event.audience = Audience.RESTRICTED
        tried = make_assignment(cast, "accepted", confirmed_requirement(cast))
        tried.requirement.event.is_rehearsal = True
        make_assignment(
            cast, "assigned", confirmed_requirement(cast), responsible=cast.people["tom"], verifier=cast.people["mei"]
        )
    stranger = as_("nobody")
    read(stranger, address)  # the first reading of an hour is noted
    with count_statements() as one:
        assert len(read(stranger, address)) == 1
    with stage() as cast:
        for number in range(10):
            make_assignment(cast, "accepted", confirmed_requirement(cast, heading=str(number)))
    with count_statements() as many:
        assert len(read(stranger, address)) == 11
    assert len(one) == len(many)
    assert as_("petra").post("/my/calendar/end").status_code == 303
    assert stranger.get(address).status_code == 404


def test_what_was_due_long_ago_is_dropped(stage, as_, address):
    with stage() as cast, clock.at(clock.now() - timedelta(days=500)):
        make_assignment(cast, "accepted", due_on=clock.today() + timedelta(days=20))
    assert read(as_("nobody"), address) == {}
