"""Support: asked, promised, delivered, confirmed; a refusal goes to the leader and is never the end."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.campaigns import services
from app.campaigns.errors import DayPassed, NotPossibleNow, OutOfReach, ReasonMissing
from app.campaigns.models import Campaign, SupportRequest, SupportState
from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden
from app.events.models import Event
from app.figures import numbers
from app.figures.numbers import Gathering, Period, Rate, Support
from app.mail.models import MailMessage
from app.people.models import Department
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.campaigns import make_campaign, make_review, make_running

NO = "All our people are at the furnace."


def works_under_mei(cast: Cast) -> Department:
    found = db.session.scalar(select(Department).where(Department.code == "WRK"))
    assert found is not None
    found.head = cast.people["mei"]
    return found


def in_days(days: int) -> date:
    return clock.today("Asia/Shanghai") + timedelta(days=days)


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """Tom's, with Rita as his deputy."""
    with unit_of_work():
        works_under_mei(cast)
        return make_campaign(make_event(), commander=cast.people["tom"], deputy=cast.people["rita"])


@pytest.fixture
def asked(campaign: Campaign, cast: Cast) -> SupportRequest:
    """Ten people of Mei's department, in ten days."""
    with unit_of_work():
        return services.ask_support(
            campaign, actor=cast.tom, to_department=works_under_mei(cast), what="Ten people", needed_by=in_days(10)
        )


def mailed(news: str) -> list[str]:
    found = select(MailMessage.to_name).where(MailMessage.kind == f"support.{news}").order_by(MailMessage.to_name)
    return list(db.session.scalars(found))


# --- the acts -----------------------------------------------------------------------------------------------------


def test_support_is_asked_promised_delivered_and_confirmed(asked: SupportRequest, cast: Cast) -> None:
    assert mailed("asked") == ["Mei Zhao"]
    with unit_of_work():
        services.acknowledge(asked, actor=cast.mei, committed_for=in_days(12))
    assert (asked.state, asked.committed_for) == (SupportState.ACKNOWLEDGED, in_days(12))
    first = asked.acknowledged_at
    with unit_of_work():
        services.acknowledge(asked, actor=cast.mei, committed_for=in_days(11))
        assert asked.acknowledged_at == first
        services.deliver(asked, actor=cast.mei)
    with unit_of_work():
        services.confirm_delivery(asked, actor=cast.rita)
    assert (asked.state, asked.confirmed_by_name) == (SupportState.CONFIRMED, "Rita Sommer")
    assert asked.delivered_at is not None
    assert (mailed("acknowledged"), mailed("delivered")) == (["Tom Okafor", "Tom Okafor"], ["Tom Okafor"])
    assert asked.needed_by == in_days(10)


def test_only_the_head_answers_and_only_those_who_asked_confirm(asked: SupportRequest, cast: Cast) -> None:
    for name in ("tom", "petra", "olaf", "sven", "li_wei", "aude"):
        actor = cast.accounts[name]
        for act in (
            lambda actor=actor: services.acknowledge(asked, actor=actor, committed_for=in_days(3)),
            lambda actor=actor: services.deliver(asked, actor=actor),
            lambda actor=actor: services.refuse(asked, actor=actor, reason=NO),
        ):
            with pytest.raises(Forbidden), unit_of_work():
                act()
    with unit_of_work():
        services.deliver(asked, actor=cast.mei)
    for name in ("mei", "petra", "sven", "li_wei"):
        with pytest.raises(Forbidden), unit_of_work():
            services.confirm_delivery(asked, actor=cast.accounts[name])
    for name in ("mei", "petra", "sven"):
        with pytest.raises(Forbidden), unit_of_work():
            services.ask_support(
                asked.campaign, actor=cast.accounts[name], to_department=asked.to_department, what="More",
                needed_by=in_days(3),
            )  # fmt: skip


def test_a_refusal_goes_to_the_leader_who_insists_or_lets_it_stand(asked: SupportRequest, cast: Cast) -> None:
    with pytest.raises(ReasonMissing), unit_of_work():
        services.refuse(asked, actor=cast.mei, reason=None)
    with unit_of_work():
        services.refuse(asked, actor=cast.mei, reason=NO)
    assert (asked.state, asked.refusal) == (SupportState.REFUSED, NO)
    assert asked.escalated_at is not None
    assert mailed("refused") == ["Li Wei", "Tom Okafor"]
    for name in ("mei", "tom", "olaf", "sven"):
        with pytest.raises(Forbidden), unit_of_work():
            services.decide_refusal(asked, actor=cast.accounts[name], insists=True, reason="We need them.")
    with unit_of_work():
        services.decide_refusal(asked, actor=cast.li_wei, insists=True, reason="We need them.")
    assert (asked.state, asked.decision, asked.ended_at) == (SupportState.ASKED, "We need them.", None)
    with unit_of_work():
        services.refuse(asked, actor=cast.mei, reason="Still not.")
        services.decide_refusal(asked, actor=cast.li_wei, insists=False, reason="Then without.")
    assert asked.state == SupportState.WITHDRAWN
    assert asked.ended_at is not None
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.deliver(asked, actor=cast.mei)


def test_what_is_not_what_was_asked_for_goes_back_and_is_not_delivered(asked: SupportRequest, cast: Cast) -> None:
    with unit_of_work():
        services.deliver(asked, actor=cast.mei)
    with pytest.raises(ReasonMissing), unit_of_work():
        services.send_back(asked, actor=cast.tom, reason="")
    with unit_of_work():
        services.send_back(asked, actor=cast.tom, reason="Six came.")
    assert (asked.state, asked.delivered_at) == (SupportState.ACKNOWLEDGED, None)
    text = db.session.scalar(select(MailMessage.text).where(MailMessage.kind == "support.sent_back"))
    assert "Six came." in text


def test_days_that_have_passed_are_refused_beside_their_field(asked: SupportRequest, cast: Cast) -> None:
    with pytest.raises(DayPassed) as caught, unit_of_work():
        services.ask_support(
            asked.campaign, actor=cast.tom, to_department=asked.to_department, what="More", needed_by=in_days(-1)
        )
    assert caught.value.field == "needed_by"
    with pytest.raises(DayPassed) as caught, unit_of_work():
        services.acknowledge(asked, actor=cast.mei, committed_for=in_days(-1))
    assert caught.value.field == "committed_for"


def test_steps_lead_only_onward(asked: SupportRequest, cast: Cast) -> None:
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.confirm_delivery(asked, actor=cast.tom)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.decide_refusal(asked, actor=cast.li_wei, insists=True, reason="Why not.")
    with unit_of_work():
        services.deliver(asked, actor=cast.mei)
    for act in (
        lambda: services.deliver(asked, actor=cast.mei),
        lambda: services.refuse(asked, actor=cast.mei, reason=NO),
        lambda: services.acknowledge(asked, actor=cast.mei, committed_for=in_days(3)),
        lambda: services.withdraw(asked, actor=cast.tom, reason="No."),
    ):
        with pytest.raises(NotPossibleNow), unit_of_work():
            act()


def test_where_a_department_has_no_head_who_records_answers_and_a_head_who_sees_nothing_is_not_asked(
    campaign: Campaign, cast: Cast
) -> None:
    with unit_of_work():
        office = db.session.scalar(select(Department).where(Department.code == "OFF"))
        request = services.ask_support(
            campaign, actor=cast.tom, to_department=office, what="A room", needed_by=in_days(3)
        )
        services.acknowledge(request, actor=cast.sara, committed_for=in_days(3))
        campaign.event.audience = "restricted"
    with pytest.raises(OutOfReach) as caught, unit_of_work():
        services.ask_support(
            campaign, actor=cast.tom, to_department=works_under_mei(cast), what="More", needed_by=in_days(3)
        )
    assert caught.value.field == "to_department_ref"


def test_a_campaign_that_was_fought_asks_for_nothing(cast: Cast) -> None:
    with unit_of_work():
        fought = make_running(make_event(), cast.people["mei"], commander=cast.people["tom"])
        make_review(fought)
    with pytest.raises(NotPossibleNow), unit_of_work():
        services.ask_support(
            fought, actor=cast.tom, to_department=works_under_mei(cast), what="More", needed_by=in_days(3)
        )


# --- punctuality --------------------------------------------------------------------------------------------------

HERE = Gathering("e", "Winter", None, "Asia/Shanghai", date(2027, 5, 10))


def support(needed: int, delivered: int | None = None, ended: int | None = None) -> Support:
    """Needed, delivered and ended on days of May; it is the tenth."""
    days = [date(2027, 5, day) if day else None for day in (needed, delivered, ended)]
    return Support("s", "c", "Ten people", HERE, "Works", None, "asked", *days)


def test_punctual_is_delivered_on_or_before_the_day_of_all_that_is_delivered_or_overdue() -> None:
    told = [
        support(5, delivered=5), support(5, delivered=4),  # in time
        support(5, delivered=6), support(9),  # too late, overdue
        support(10), support(20),  # not due yet
        support(20, delivered=8),  # in time, before its day
        support(5, ended=5),  # taken back before it was overdue
        support(5, ended=6),  # taken back after: it was not there on its day
    ]  # fmt: skip
    assert numbers.support_punctuality(told) == Rate(3, 6)
    assert numbers.support_punctuality(told).percent == 50
    assert numbers.support_punctuality(told, Period(date(2027, 5, 6))) == Rate(1, 2)
    assert numbers.support_punctuality(told[4:6]) == Rate(0, 0)


def test_no_act_after_the_day_raises_the_punctuality(asked: SupportRequest, cast: Cast) -> None:
    def rate() -> Rate:
        from app.campaigns import figures
        from app.figures.queries import gatherings_within

        db.session.expire_all()
        within = Event.id == asked.event.id
        return numbers.support_punctuality(figures.list_support(within, gatherings_within(within)))

    with clock.at(clock.now() + timedelta(days=10)):
        assert rate() == Rate(0, 0)
    with clock.at(clock.now() + timedelta(days=11)):
        assert rate() == Rate(0, 1)
        with unit_of_work():
            services.acknowledge(asked, actor=cast.mei, committed_for=in_days(20))
        assert rate() == Rate(0, 1)
        with unit_of_work():
            services.deliver(asked, actor=cast.mei)
        assert rate() == Rate(0, 1)
        with unit_of_work():
            services.send_back(asked, actor=cast.tom, reason="Six came.")
            services.refuse(asked, actor=cast.mei, reason=NO)
        assert rate() == Rate(0, 1)
        with unit_of_work():
            services.withdraw(asked, actor=cast.tom, reason="Over.")
        assert rate() == Rate(0, 1)


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_way_of_a_request_through_the_pages(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        department = works_under_mei(cast).ref
        event = make_event()
        campaign = make_campaign(event, commander=cast.people["tom"])
        url, base = f"/events/{event.ref}/campaigns/{campaign.ref}", f"/events/{event.ref}"
    tom, mei, li_wei, rita = (as_(name) for name in ("tom", "mei", "li_wei", "rita"))
    sent = {
        "to_department_ref": department, "what": "Ten people", "needed_by": in_days(10).isoformat(),
        "priority": "urgent",
    }  # fmt: skip
    assert rita.post(f"{url}/support/new", sent).status_code == 403
    for wrong in ({"to_department_ref": ""}, {"needed_by": in_days(-1).isoformat()}, {"what": ""}, {"priority": "no"}):
        refused = tom.post(f"{url}/support/new", {**sent, **wrong})
        assert refused.status_code == 422, wrong
        assert "Ten people" in refused.text or "what" in wrong
    answer = tom.post(f"{url}/support/new", sent)
    assert answer.status_code == 303
    request = answer.headers["Location"]
    assert "Answer a request for support" in mei.get("/").text
    assert "Answer a request for support" not in rita.get("/").text
    assert "Promise it for a day" in mei.get(request).text
    assert "Promise it for a day" not in rita.get(request).text
    refused = mei.post(f"{request}/promise", {"committed_for": ""})
    assert refused.status_code == 422
    assert '<details class="in-place" open>' in refused.text
    assert mei.post(f"{request}/promise", {"committed_for": in_days(12).isoformat()}).status_code == 303
    assert mei.post(f"{request}/refusal", {"reason": NO}).status_code == 303
    assert NO in rita.get(request).text
    assert "Decide about a refusal" in li_wei.get("/").text
    assert "Decide about a refusal" not in mei.get("/").text
    assert li_wei.post(f"{request}/decision", {"insists": "yes", "reason": "We need them."}).status_code == 303
    assert mei.post(f"{request}/delivery").status_code == 303
    assert "Confirm what was delivered" in tom.get("/").text
    assert tom.post(f"{request}/return", {"reason": "Six came."}).status_code == 303
    assert mei.post(f"{request}/delivery").status_code == 303
    assert mei.post(f"{request}/confirmation").status_code == 403
    assert tom.post(f"{request}/confirmation").status_code == 303
    late = tom.post(f"{request}/withdrawal", {"reason": "Nobody came, so no."})
    assert late.status_code == 422
    assert "This request has moved on meanwhile." in late.text
    assert "Nobody came, so no." in late.text
    page = rita.get(url).text
    assert "Delivery confirmed" in page
    assert "Delivered in time: 1 of 1" in page
    assert "1 of 1" in as_("sven").get(f"{base}/promises").text
    assert "Ten people" in as_("sven").get(f"{base}/promises/list?of=support").text
    assert "0 rows" in as_("sven").get(f"{base}/promises/list?of=support_late").text
    assert rita.get(f"{url}/support/{'0' * 16}").status_code == 404


def test_a_campaign_asks_the_same_of_the_database_for_one_request_and_for_many(
    app: Flask, as_: Any, count_statements: Any
) -> None:
    def fill(times: int) -> str:
        with app.app_context(), unit_of_work():
            cast = load()
            campaign = db.session.scalar(select(Campaign)) or make_campaign(make_event(), commander=cast.people["tom"])
            for number in range(times):
                services.ask_support(
                    campaign,
                    actor=cast.tom,
                    to_department=works_under_mei(cast),
                    what=f"{number}",
                    needed_by=in_days(9),
                )
                services.add_task(campaign, actor=cast.tom, name="T", responsible=cast.people["petra"])
                services.add_risk(campaign, actor=cast.tom, name="R", owner=cast.people["mei"])
            return f"/events/{campaign.event.ref}/campaigns/{campaign.ref}"

    url = fill(1)
    rita = as_("rita")
    rita.get(url)
    with count_statements() as few:
        rita.get(url)
    fill(12)
    with count_statements() as many:
        assert rita.get(url).status_code == 200
    assert len(many) == len(few) <= 24
