"""Deputies are asked where their principals are: on their pages and by mail, as long as the delegation counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.jobs import run_now
from app.delegations import services as delegations
from app.delegations.models import Delegation
from app.events.models import Audience, Event, Participation
from app.mail.models import MailMessage
from app.pledges import queries, services
from app.pledges.models import Pledge
from tests.cast import Cast, load
from tests.factories import make_event
from tests.factories.pledges import make_trio, sign_by
from tests.factories.signing import agree, presence, read, sign_in_room, slot_of


def delegated(cast: Cast, deputy: str = "mei", principal: str = "petra", **more: Any) -> Delegation:
    given = {"from_on": clock.today() - timedelta(days=1), "to_on": clock.today() + timedelta(days=20), **more}
    with unit_of_work():
        return delegations.grant(
            cast.people[principal], cast.people[deputy], actor=cast.accounts[principal], reason="Away.", **given
        )


def opened(cast: Cast, **values: Any) -> Pledge:
    with unit_of_work():
        return make_trio(make_event(), cast, title="Clear Water", **values)


def needs(cast: Cast, name: str = "mei") -> list[str]:
    return [each.role for each in queries.needs_of(cast.accounts[name])]


def mails(kind: str) -> list[MailMessage]:
    return list(db.session.scalars(select(MailMessage).where(MailMessage.kind == kind).order_by(MailMessage.id)))


def test_a_deputy_is_asked_while_nobody_has_decided(cast: Cast) -> None:
    pledge = opened(cast)
    assert needs(cast) == []
    delegated(cast)
    assert needs(cast) == ["pledger"]
    assert needs(cast, "petra") == ["pledger"]
    assert needs(cast, "rita") == []
    with unit_of_work():
        sign_by(pledge, cast, "petra")
    assert needs(cast) == []


@pytest.mark.parametrize("why", ["ended", "over", "not yet", "elsewhere", "left", "has a role"])
def test_nobody_is_asked_who_could_not_sign(cast: Cast, why: str) -> None:
    deputy = "tom" if why == "has a role" else "mei"
    delegation = delegated(cast, deputy)
    with unit_of_work():
        if why == "ended":
            delegations.revoke(delegation, actor=cast.petra)
        elif why == "elsewhere":
            delegation.event = make_event()
        elif why == "left":
            cast.people["mei"].left_on = clock.today()
        elif why != "has a role":
            days = timedelta(days=-60 if why == "over" else 60)
            delegation.from_on, delegation.to_on = delegation.from_on + days, delegation.to_on + days
    opened(cast)
    assert needs(cast, deputy) == (["witness"] if why == "has a role" else [])
    assert [each.to_name for each in mails("pledge_to_sign")] == ["Petra Lindqvist", "Tom Okafor", "Li Wei"]


def test_whoever_has_signed_for_one_is_not_asked_for_another_in_the_same_pledge(cast: Cast) -> None:
    delegated(cast)
    delegated(cast, principal="li_wei")
    pledge = opened(cast, sign_by=clock.today("Asia/Shanghai") + timedelta(days=8))
    assert needs(cast) == ["pledger", "countersigner"]
    sign_as_deputy(pledge, cast)
    assert needs(cast) == []
    with clock.at(clock.now() + timedelta(days=2)):
        run_now("remind_signatories")
    assert [each.to_name for each in mails("pledge_reminder")] == ["Tom Okafor", "Li Wei"]


def sign_as_deputy(pledge: Pledge, cast: Cast) -> None:
    slot = slot_of(pledge, cast, "petra")
    agree(cast, "mei")
    read(slot, cast, "mei")
    with unit_of_work():
        services.sign(slot, actor=cast.mei, shown_hash=pledge.content_hash or "", presence=presence())


def test_a_deputy_hears_of_it_by_mail_when_it_is_opened_and_before_the_last_day(cast: Cast) -> None:
    delegated(cast)
    pledge = opened(cast, sign_by=clock.today("Asia/Shanghai") + timedelta(days=8))
    asked = [each for each in mails("pledge_to_sign") if each.to_name == "Mei Zhao"]
    assert len(asked) == 1
    text = " ".join(asked[0].text.split())
    assert "you may sign in the place of Petra Lindqvist, who is named as Pledger in the pledge “Clear Water”" in text
    assert "You would sign as deputy, under your own name." in text
    assert f"/pledges/{pledge.ref}/sign?place={slot_of(pledge, cast, 'petra').ref}" in text
    for _minute in range(2):
        with clock.at(clock.now() + timedelta(days=2)):
            run_now("remind_signatories")
    reminded = mails("pledge_reminder")
    assert [each.to_name for each in reminded] == ["Petra Lindqvist", "Tom Okafor", "Li Wei", "Mei Zhao"]
    told = " ".join(reminded[-1].text.split())
    assert "waits for the decision of Petra Lindqvist as Pledger, in whose place you may decide as deputy" in told
    sign_in_room(pledge, cast, "petra")
    with clock.at(clock.now() + timedelta(days=7)):
        run_now("remind_signatories")
    assert [each.to_name for each in mails("pledge_reminder")][4:] == ["Tom Okafor", "Li Wei"]


def test_a_restricted_gathering_is_opened_to_the_deputies_that_its_organizers_know(cast: Cast) -> None:
    delegated(cast)
    with unit_of_work():
        event = make_event(audience=Audience.RESTRICTED)
        make_trio(event, cast)
    assert "Mei Zhao" in guests(event)
    with unit_of_work():
        other = make_event(audience=Audience.RESTRICTED)
        make_trio(other, cast)
        for each in db.session.scalars(select(Participation).where(Participation.event_id == other.id)):
            if each.person_id == cast.people["mei"].id:
                db.session.delete(each)
    delegated(cast, event=other)
    assert "Mei Zhao" not in guests(other), "a signatory lets nobody in"


def guests(event: Event) -> set[str]:
    return {
        each.person.name for each in db.session.scalars(select(Participation).where(Participation.event_id == event.id))
    }


def test_the_pages_ask_a_deputy_in_few_statements(app: Flask, as_: Any, count_statements: Callable[[], Any]) -> None:
    with app.app_context():
        cast = load()
        pledge = opened(cast)
        place, there = slot_of(pledge, cast, "petra").ref, f"/events/{pledge.event.ref}/pledges/{pledge.ref}"
    mei = as_("mei")
    mei.get("/")
    with count_statements() as before:
        mei.get("/")
    with app.app_context():
        delegated(load())
    with count_statements() as said:
        home = mei.get("/").text
    assert "Read a pledge; sign or decline in the place of Petra Lindqvist" in home
    assert len(said) <= len(before) + 3, (len(before), len(said))
    mine = mei.get("/my/pledges").text
    assert "You may decide as deputy" in mine
    assert "in the place of Petra Lindqvist, Pledger" in mine
    assert f'href="{there}/sign?place={place}"' in mine
    assert "in the place of Petra Lindqvist, Pledger" in mei.get("/my/commitments").text
    assert "You are asked to sign" in as_("petra").get("/my/pledges").text


def test_whoever_may_read_delegations_and_consents_finds_them(app: Flask, as_: Any) -> None:
    with app.app_context():
        pledge = opened(load())
        there = f"/events/{pledge.event.ref}"
    for name, sees in (("olaf", True), ("aude", True), ("petra", False)):
        assert (f'href="{there}/delegations"' in as_(name).get(f"{there}/pledges").text) is sees, name
    for name, sees in (("ada", True), ("aude", True), ("petra", False)):
        assert ('href="/consents"' in as_(name).get("/account/consent").text) is sees, name
    assert 'href="/consents"' in as_("ada").get("/admin/accounts").text
