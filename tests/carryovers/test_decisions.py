"""What is still open of the last edition: on the agenda of the next, or left out with a reason."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.campaigns.models import Campaign, CampaignState
from app.carryovers import queries, services
from app.carryovers.errors import DecidedAlready, NoReason, NoSession, NothingChosen
from app.carryovers.models import CarryOver, CarryState
from app.core import clock
from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Audience, Event, Status
from app.programme import services as programme
from app.programme.models import AgendaItem, Session
from app.requirements.models import Assignment
from app.workflows.readiness import look_at
from tests import cast as the_cast
from tests.cast import Cast
from tests.factories import make_event, make_session, save
from tests.factories.requirements import confirmed_requirement, make_assignment, record_speech


def tell(cast: Cast, **values: object) -> tuple[Event, Event, Session]:
    """Last year's event with one closed assignment, one open, a principle and a campaign in review; this year's."""
    today = clock.today("Asia/Shanghai")
    last = make_event(title="Last year", starts_on=today - timedelta(days=20), **values)
    event = make_event(title="This year", previous=last)
    speech = record_speech(cast, event=last)
    principle = confirmed_requirement(cast, speech, tracking="")
    for state in ("closed", "in_progress"):
        make_assignment(cast, state, confirmed_requirement(cast, record_speech(cast, event=last)))
    principle.state, principle.review_due_on = "periodic", today
    save(Campaign(event=last, year=2026, ordinal=1, name="Zero waste", state=CampaignState.IN_REVIEW))
    save(Campaign(event=last, year=2026, ordinal=2, name="Running on", state=CampaignState.RUNNING))
    return last, event, make_session(event)


def undecided(event: Event, cast: Cast) -> list[queries.Matter]:
    return [each for each in queries.list_matters(event, cast.olaf) if not each.is_decided]


def kinds(event: Event, cast: Cast) -> list[str]:
    found = undecided(event, cast)
    assert queries.count_undecided(event) == len(found)
    return [each.kind for each in found]


def test_every_open_assignment_unreviewed_principle_and_campaign_in_review_is_proposed(cast: Cast) -> None:
    with unit_of_work():
        last, event, _session = tell(cast)
    assert kinds(event, cast) == ["assignment", "requirement", "campaign"]
    assert kinds(last, cast) == []
    assert [each.age for each in undecided(event, cast)] == [1, 1, 1]


def test_what_is_taken_becomes_an_agenda_item_and_crosses_one_more_session(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
    with unit_of_work():
        assert services.take(event, None, session=session, actor=cast.olaf) == 3
    assert kinds(event, cast) == []
    row = db.session.scalar(select(CarryOver).where(CarryOver.assignment_id.is_not(None)))
    assert (row.state, row.age, row.item.session_id, row.decided_by_name) == ("taken", 1, session.id, "Olaf Brandt")
    assert row.item.title.startswith(row.assignment.requirement.label)
    assert row.assignment.carry_count == 1
    assert row.assignment.state == "in_progress"  # carrying over changes no state
    deeds = select(func.count(AuditEntry.seq)).where(AuditEntry.action == "assignment.carried_over")
    assert db.session.scalar(deeds) == 1
    with pytest.raises(DecidedAlready), unit_of_work():
        services.take(event, None, session=session, actor=cast.olaf)
    assert db.session.scalar(select(func.count(AgendaItem.id)).where(AgendaItem.event_id == event.id)) == 3


def test_leaving_out_asks_for_a_reason_that_stays_and_can_be_reconsidered(cast: Cast) -> None:
    with unit_of_work():
        _last, event, _session = tell(cast)
    key = undecided(event, cast)[0].key
    with pytest.raises(NoReason), unit_of_work():
        services.leave_out(event, [key], reason=None, actor=cast.olaf)
    with pytest.raises(NothingChosen), unit_of_work():
        services.leave_out(event, [], reason="Later", actor=cast.olaf)
    with unit_of_work():
        services.leave_out(event, [key], reason="The plant is sold.", actor=cast.olaf)
    assert kinds(event, cast) == ["requirement", "campaign"]
    (row,) = queries.list_rows(event)
    assert (row.state, row.reason) == ("left_out", "The plant is sold.")
    assert row.assignment.carry_count == 0
    with unit_of_work():
        services.reconsider(row, actor=cast.olaf)
    assert kinds(event, cast) == ["assignment", "requirement", "campaign"]
    with pytest.raises(DecidedAlready), unit_of_work():
        services.reconsider(row, actor=cast.olaf)


def test_an_item_that_was_removed_brings_the_matter_back_without_counting_twice(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
    with unit_of_work():
        services.take(event, None, session=session, actor=cast.olaf)
    row = db.session.scalar(select(CarryOver).where(CarryOver.assignment_id.is_not(None)))
    with unit_of_work():
        programme.cancel_item(db.session.get(AgendaItem, row.item_id), actor=cast.olaf)
    assert kinds(event, cast) == ["assignment"]
    with unit_of_work():
        services.take(event, None, session=session, actor=cast.olaf)
    assert db.session.scalar(select(Assignment.carry_count).where(Assignment.state == "in_progress")) == 1
    with unit_of_work():
        event.status = Status.DRAFT
        programme.remove_item(db.session.get(AgendaItem, row.item_id), actor=cast.olaf)
    db.session.expire_all()
    assert kinds(event, cast) == ["assignment"]


def test_an_item_that_crosses_two_sessions_is_older_than_one_that_crosses_one(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
        services.take(event, None, session=session, actor=cast.olaf)
        following = make_event(title="Next year", previous=event, starts_on=event.starts_on + timedelta(days=360))
        fresh = record_speech(cast, event=event)
        make_assignment(cast, "assigned", confirmed_requirement(cast, fresh))
    ages = [(each.kind, each.age, each.is_old) for each in undecided(following, cast)]
    assert ages == [("assignment", 2, True), ("requirement", 2, True), ("campaign", 2, True), ("assignment", 1, False)]


def test_readiness_tells_of_what_nobody_has_decided(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
    (found,) = [each for each in look_at(event, cast.olaf) if each.code == "carry_over"]
    assert (found.is_error, found.url) == (False, f"/events/{event.ref}/carry-over")
    assert (
        found.text
        == "3 things of the last editions are still open, and nobody has decided whether this one treats them."
    )
    with unit_of_work():
        services.take(event, None, session=session, actor=cast.olaf)
    assert not [each for each in look_at(event, cast.olaf) if each.code == "carry_over"]


def test_only_planners_decide_and_a_session_is_needed(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
    for name in ("petra", "sven", "sara", "li_wei"):
        with pytest.raises(Forbidden), unit_of_work():
            services.take(event, None, session=session, actor=cast.accounts[name])
    with pytest.raises(NoSession), unit_of_work():
        services.take(event, None, session=None, actor=cast.olaf)
    assert queries.list_rows(event) == []


def test_what_fewer_may_see_is_an_internal_item_and_what_one_may_not_see_is_counted(cast: Cast) -> None:
    with unit_of_work():
        last, event, session = tell(cast)
        last.audience = Audience.RESTRICTED
    assert queries.list_matters(event, cast.olaf) == []
    assert queries.count_undecided(event) == 3
    with unit_of_work():
        last.audience, event.audience = Audience.INTERNAL, Audience.PUBLIC
    with unit_of_work():
        services.take(event, None, session=session, actor=cast.olaf)
    assert all(db.session.scalars(select(AgendaItem.is_internal).where(AgendaItem.event_id == event.id)))


def test_of_two_who_take_all_at_once_one_makes_the_items(cast: Cast, app: Flask) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
    event_id, session_id = event.id, session.id
    db.session.rollback()
    barrier, refused = threading.Barrier(2), []

    def work() -> None:
        with app.app_context():
            mine, there = db.session.get(Event, event_id), db.session.get(Session, session_id)
            olaf = the_cast.load().olaf
            barrier.wait()
            try:
                with unit_of_work():
                    services.take(mine, None, session=there, actor=olaf)
            except DecidedAlready as refusal:
                refused.append(refusal)
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert len(refused) == 1
    assert db.session.scalar(select(func.count(AgendaItem.id)).where(AgendaItem.event_id == event_id)) == 3
    assert db.session.scalar(select(func.max(Assignment.carry_count))) == 1


def test_what_became_of_the_last_sessions_requirements_is_counted(cast: Cast) -> None:
    with unit_of_work():
        _last, event, session = tell(cast)
        services.take(event, None, session=session, actor=cast.olaf)
    became = queries.became_of_last(event, cast.olaf)
    assert (became.all, became.closed, became.open, became.late, became.carried) == (2, 1, 1, 0, 1)


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


def test_the_page_takes_what_is_chosen_and_keeps_the_choice_when_it_is_refused(app, as_, stage):
    with stage() as cast:
        _last, event, session = tell(cast)
        url, where = f"/events/{event.ref}/carry-over", session.ref
        keys = [each.key for each in queries.list_matters(event, cast.olaf)]
    olaf = as_("olaf")
    page = olaf.get(url).text
    assert all(key in page for key in keys)
    assert "What became of the last session" in page
    refused = olaf.post(url, {"chosen": keys[:1], "act": "leave_out", "session": where})
    assert refused.status_code == 422
    assert f'value="{keys[0]}" aria-label="Choose Five plans that can be produced" checked' in refused.text
    assert "Please say why this is left out." in refused.text
    assert (
        olaf.post(url, {"chosen": keys[:1], "act": "leave_out", "session": where, "reason": "Sold."}).status_code == 303
    )
    assert olaf.post(url, {"chosen": keys[1:2], "act": "take", "session": where}).status_code == 303
    shown = olaf.get(url).text
    assert "Left out: Sold." in shown
    assert olaf.post(url, {"chosen": ["assignment-nonsense"], "act": "take", "session": where}).status_code == 422
    assert olaf.post(url, {"act": "take_all", "session": "nonsense"}).status_code == 422
    assert olaf.post(url, {"act": "take_all", "session": where}).status_code == 303
    assert "Everything is decided." in olaf.get(url).text
    with app.app_context():
        states = db.session.scalars(select(CarryOver.state)).all()
        assert sorted(states) == [CarryState.LEFT_OUT, CarryState.TAKEN, CarryState.TAKEN]
        ref = db.session.scalar(select(CarryOver.ref).where(CarryOver.state == CarryState.LEFT_OUT))
    assert as_("sven").post(f"{url}/{ref}/reconsideration").status_code == 403
    assert olaf.post(f"{url}/{ref}/reconsideration").status_code == 303


def test_who_follows_reads_the_page_and_who_does_not_is_refused(as_, stage):
    with stage() as cast:
        _last, event, _session = tell(cast)
        url = f"/events/{event.ref}/carry-over"
        empty = f"/events/{make_event().ref}/carry-over"
    assert as_("petra").get(url).status_code == 403
    for name in ("sven", "aude"):
        page = as_(name).get(url)
        assert page.status_code == 200
        assert "Take all" not in page.text
    assert as_("sven").post(url, {"act": "take_all"}).status_code == 403
    assert "No edition before this one" in as_("olaf").get(empty).text
    assert as_("olaf").get("/events/0000000000000000/carry-over").status_code == 404


def test_the_page_asks_as_much_for_one_thing_as_for_many(as_, stage, count_statements):
    with stage() as cast:
        last, event, _session = tell(cast)
        url, last_ref = f"/events/{event.ref}/carry-over", last.ref
    olaf = as_("olaf")
    olaf.get(url)
    with count_statements() as one:
        olaf.get(url)
    with stage() as cast:
        last = db.session.scalar(select(Event).where(Event.ref == last_ref))
        for _each in range(8):
            make_assignment(cast, "assigned", confirmed_requirement(cast, record_speech(cast, event=last)))
    with count_statements() as many:
        olaf.get(url)
    assert len(one) == len(many) <= 14


def test_the_next_sessions_page_tells_those_who_follow_what_became_of_the_last_requirements(as_, stage):
    with stage() as cast:
        _last, event, session = tell(cast)
        url, link = f"/events/{event.ref}/sessions/{session.ref}", f"/events/{event.ref}/carry-over"
    page = as_("sven").get(url).text
    assert "of 2 assignments, 1 closed, 1 open" in page
    assert f'href="{link}"' in page
    assert "What became of the last session" not in as_("rita").get(url).text
