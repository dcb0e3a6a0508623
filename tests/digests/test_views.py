"""The plan of reminders, and what one's own daily mail says."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.digests.models import UrgingPlan
from app.extensions import services as extensions
from app.negotiations import services as negotiations
from app.people.models import Person
from app.requirements import services as requirements
from tests import cast as the_cast
from tests.factories import make_event
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech

DAYS = {"days_before": "3", "repeat_after": "4", "head_after": "2", "supervisor_after": "8"}


@pytest.fixture
def stage(app):
    """`with stage() as cast:` stores what is told inside, in an app context of its own."""

    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def test_the_supervisor_sets_the_plan_and_a_wrong_number_is_told_beside_its_field(app, as_, stage):
    with stage():
        url = f"/events/{make_event().ref}/urging"
    assert as_("petra").get(url).status_code == 403
    sven = as_("sven")
    assert "Nothing was decided for this event yet" in sven.get(url).text
    refused = sven.post(url, {**DAYS, "supervisor_after": "1"})
    assert refused.status_code == 422
    assert "The head of the department hears of it first" in refused.text
    for wrong in ("0", "61", "99999999999999999999", "a"):
        assert sven.post(url, {**DAYS, "repeat_after": wrong}).status_code == 422
    assert sven.post(url, DAYS).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(UrgingPlan.repeat_after)) == 4
    assert sven.post(url, {**DAYS, "days_before": "9", "version": "0"}).status_code == 409
    assert sven.get("/events/0000000000000000/urging").status_code == 404


def test_my_mail_shows_the_next_one_and_turns_news_off(app, as_, stage):
    with stage() as cast:
        ref = make_assignment(cast, "assigned").ref
    petra = as_("petra")
    page = petra.get("/my/mail")
    assert "Please accept it or hand it back." in page.text
    assert f"/assignments/{ref}" in page.text
    assert "Nothing to say" in as_("rita").get("/my/mail").text
    wanted = select(Person.wants_news).where(Person.name == "Petra Lindqvist")
    with app.app_context():
        assert db.session.scalar(wanted)
    assert petra.post("/my/mail", {}).status_code == 303
    with app.app_context():
        assert not db.session.scalar(wanted)


def test_my_mail_asks_as_much_for_one_thing_as_for_many(as_, stage, count_statements):
    """Of what one carries, and of what one decides."""

    def fill(times: int) -> None:
        with stage() as cast:
            for _each in range(times):
                make_assignment(cast, "assigned")
                make_assignment(cast, "verified")
                extensions.ask(
                    late := make_assignment(cast, "accepted"), actor=cast.petra, reason="Longer.",
                    new_due_on=late.due_on + timedelta(days=9),
                )  # fmt: skip

    def statements() -> list[int]:
        counted = []
        for visitor in visitors:
            with count_statements() as asked:
                visitor.get("/my/mail")
            counted.append(len(asked))
        return counted

    visitors = [as_("petra"), as_("sven")]
    fill(1)
    statements()
    few = statements()
    fill(8)
    assert statements() == few
    assert max(few) <= 16


def test_my_mail_shows_a_head_and_a_supervisor_what_is_late_and_nobody_else(as_, stage):
    with stage() as cast:
        assignment = make_assignment(cast, "accepted")
        assignment.due_on -= timedelta(days=90)
        ref = assignment.ref
    for name, sees in {"mei": True, "sven": True, "olaf": False, "rita": False, "petra": True}.items():
        assert (ref in as_(name).get("/my/mail").text) == sees, name


def test_a_supervisor_finds_the_plan_of_reminders_and_what_waits_for_their_decision(as_, stage):
    """Sven organizes nothing: the register's sides lead him there, and his home page names what he decides."""
    with stage() as cast:
        event = make_event()
        requirement = confirmed_requirement(cast, record_speech(cast, event=event))
        back, countered, late = (make_assignment(cast, "assigned", requirement) for _n in range(3))
        requirements.hand_back(back, actor=cast.petra, reason="Not mine.")
        make_assignment(cast, "verified", requirement)
        negotiations.propose_otherwise(
            countered, actor=cast.petra, deliverable="Three", criteria="Three", due_on=countered.due_on
        )
        requirements.accept(late, actor=cast.petra)
        extensions.ask(late, actor=cast.petra, new_due_on=late.due_on + timedelta(days=9), reason="Longer.")
        ref = event.ref
    link = f'href="/events/{ref}/urging"'
    assert link in as_("sven").get(f"/events/{ref}/requirements").text
    assert link not in as_("petra").get(f"/events/{ref}/requirements").text
    told = {
        "Close what is done": ("sven", "olaf", "li_wei"),
        "Hand over anew what came back": ("sven", "olaf"),
        "Decide what was proposed or asked for": ("sven", "olaf", "li_wei"),
    }
    for name in ("sven", "olaf", "li_wei", "petra", "tom", "sara"):
        page = as_(name).get("/").text
        for words, people in told.items():
            assert (words in page) == (name in people), (words, name)
    assert "2 decisions wait" in as_("sven").get("/").text
