"""Delegations: given by the principal, or entered from a paper; ended by either."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Refused
from app.delegations import queries, services
from app.delegations.errors import NotAPair, PaperMissing
from app.delegations.models import Delegation
from app.events.models import Event
from app.mail.models import MailMessage
from tests.cast import Cast, load
from tests.factories import make_event

PDF = b"%PDF-1.7\nsigned by hand"


@pytest.fixture
def event(cast: Cast) -> Event:
    with unit_of_work():
        return make_event()


def grant(cast: Cast, by: str = "petra", **more: Any) -> Delegation:
    given = {"reason": "Away.", "from_on": clock.today(), "to_on": clock.today() + timedelta(days=7)}
    with unit_of_work():
        return services.grant(
            cast.people[more.pop("principal", "petra")], cast.people[more.pop("deputy", "mei")],
            actor=cast.accounts[by], **{**given, **more},
        )  # fmt: skip


def test_the_principal_gives_and_the_deputy_is_told(cast: Cast, event: Event) -> None:
    delegation = grant(cast)
    mail = db.session.scalar(select(MailMessage).where(MailMessage.kind == "delegation_granted"))
    assert mail.to_address == "mei@hufu.example"
    held = queries.principals_of(cast.accounts["mei"], event, clock.today())
    assert held == {cast.people["petra"].id: delegation}
    assert queries.principals_of(cast.tom, event, clock.today()) == {}


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (7, True), (8, False)])
def test_it_holds_from_its_first_day_until_its_last(cast: Cast, event: Event, days: int, holds: bool) -> None:
    grant(cast)
    day = clock.today() + timedelta(days=days)
    assert bool(queries.principals_of(cast.accounts["mei"], event, day)) is holds


def test_it_counts_for_its_event_alone_where_it_names_one(cast: Cast, event: Event) -> None:
    with unit_of_work():
        other = make_event()
    grant(cast, event=other)
    assert queries.principals_of(cast.accounts["mei"], event, clock.today()) == {}
    assert queries.principals_of(cast.accounts["mei"], other, clock.today()) != {}


def test_nobody_gives_away_what_is_somebody_elses_without_a_paper(cast: Cast, event: Event) -> None:
    with pytest.raises(Forbidden):
        grant(cast, by="tom", event=event)
    with pytest.raises(Forbidden):
        grant(cast, by="olaf")
    with pytest.raises(PaperMissing):
        grant(cast, by="olaf", event=event)
    entered = grant(cast, by="olaf", event=event, paper=(io.BytesIO(PDF), "paper.pdf"))
    assert entered.file.media_type == "application/pdf"
    told = db.session.scalars(select(MailMessage.to_address).where(MailMessage.kind == "delegation_granted")).all()
    assert sorted(told) == ["mei@hufu.example", "petra@hufu.example"]


def test_nobody_enters_a_delegation_to_themselves(cast: Cast, event: Event) -> None:
    with pytest.raises(NotAPair):
        grant(cast, by="olaf", deputy="olaf", event=event, paper=(io.BytesIO(PDF), "paper.pdf"))
    with pytest.raises(NotAPair):
        grant(cast, deputy="petra")
    assert db.session.scalar(select(func.count(Delegation.id))) == 0


def test_days_that_are_over_or_turned_round_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        grant(cast, from_on=date(2020, 1, 1), to_on=date(2020, 1, 2))
    with pytest.raises(Refused):
        grant(cast, to_on=clock.today() - timedelta(days=1))


@pytest.mark.parametrize("name", ["petra", "mei"])
def test_either_of_both_ends_it(cast: Cast, event: Event, name: str) -> None:
    delegation = grant(cast)
    with pytest.raises(Forbidden), unit_of_work():
        services.revoke(delegation, actor=cast.tom)
    with unit_of_work():
        services.revoke(delegation, actor=cast.accounts[name])
    assert queries.principals_of(cast.accounts["mei"], event, clock.today()) == {}


def test_the_pages_give_enter_and_end(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event, people = make_event(), load().people
        here, mei, tom = f"/events/{event.ref}/delegations", people["mei"].ref, people["tom"].ref
    days = {"from_on": clock.today().isoformat(), "to_on": (clock.today() + timedelta(days=7)).isoformat()}
    sent = {"deputy_ref": mei, "event_ref": "", "reason": "Away.", **days}
    petra = as_("petra")
    assert petra.post("/account/delegations", {**sent, "deputy_ref": ""}).status_code == 422
    assert petra.post("/account/delegations", sent).status_code == 303
    assert "Mei Zhao" in petra.get("/account/delegations").get_data(as_text=True)
    ref = newest(app)
    assert as_("tom").post(f"/delegations/{ref}/revocation").status_code == 404
    assert as_("mei").get(f"/delegations/{ref}/paper").status_code == 404
    assert petra.post(f"/delegations/{ref}/revocation").status_code == 303
    assert petra.get(here).status_code == 403
    olaf = as_("olaf")
    paper = {**sent, "principal_ref": tom}
    answer = olaf.post(here, paper)
    assert (answer.status_code, "Attach the paper" in answer.get_data(as_text=True)) == (422, True)
    assert olaf.post(here, {**paper, "file": (io.BytesIO(PDF), "paper.pdf")}).status_code == 303
    ref = newest(app)
    assert as_("aude").get(f"/delegations/{ref}/paper").data == PDF
    assert as_("petra").get(f"/delegations/{ref}/paper").status_code == 404
    assert as_("aude").post(here, paper).status_code == 403


def newest(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(Delegation.ref).order_by(Delegation.id.desc())).first() or ""
