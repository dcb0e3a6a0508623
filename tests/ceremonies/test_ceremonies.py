"""Ceremonies: their place in the programme, and what belongs to them as far as each may see it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.awards import services as awards
from app.ceremonies import services
from app.ceremonies.errors import EventIsCancelled, ItemTaken, NotOfThisEvent
from app.ceremonies.models import Ceremony
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.core.roles import SYSTEM
from app.events.models import Status
from tests.cast import Cast, load
from tests.factories import make_event, make_item, make_session
from tests.factories.pledges import make_in_force, make_round, make_trio
from tests.factories.rites import make_award, make_ceremony


def test_those_who_record_the_event_place_ceremonies(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
    for name in ("petra", "li_wei", "ada", "sven", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.add_ceremony(event, actor=cast.accounts[name], kind="awarding", title="Mine")
    with unit_of_work():
        first = services.add_ceremony(event, actor=cast.sara, kind="awarding", title="Awards")
        second = services.add_ceremony(event, actor=cast.olaf, kind="pledge_signing", title="Signing")
    assert [each.position for each in (first, second)] == [1, 2]


def test_what_belongs_to_another_event_is_refused(cast: Cast) -> None:
    with unit_of_work():
        event, other = make_event(), make_event()
        foreign = {"session": make_session(other), "item": make_item(other), "round": make_round(other)}
        ceremony = make_ceremony(event)
    for name, record in foreign.items():
        with pytest.raises(NotOfThisEvent), unit_of_work():
            services.add_ceremony(event, actor=cast.olaf, kind="awarding", title="Astray", **{name: record})
        with pytest.raises(NotOfThisEvent), unit_of_work():
            services.edit_ceremony(ceremony, actor=cast.olaf, **{name: record})
    assert db.session.scalar(select(func.count(Ceremony.id))) == 1


def test_an_agenda_item_holds_one_ceremony(cast: Cast) -> None:
    with unit_of_work():
        event = make_event()
        item = make_item(event, kind="ceremony")
        first, second = make_ceremony(event, item=item), make_ceremony(event)
    with pytest.raises(ItemTaken), unit_of_work():
        services.add_ceremony(event, actor=cast.olaf, kind="awarding", title="There too", item=item)
    with pytest.raises(ItemTaken), unit_of_work():
        services.edit_ceremony(second, actor=cast.olaf, item=item)
    with unit_of_work():
        services.edit_ceremony(first, actor=cast.olaf, item=item, title="Awards of the year")
    assert first.title == "Awards of the year"


def test_a_cancelled_event_takes_none_and_a_stale_page_is_told(cast: Cast) -> None:
    with unit_of_work():
        cancelled = make_event(status=Status.CANCELLED)
        ceremony = make_ceremony(make_event(), title="Awards")
    with pytest.raises(EventIsCancelled), unit_of_work():
        services.add_ceremony(cancelled, actor=cast.olaf, kind="awarding", title="Too late")
    opened_on = ceremony.version
    with unit_of_work():
        services.edit_ceremony(ceremony, actor=cast.olaf, version=opened_on, title="The awards")
    with pytest.raises(Stale), unit_of_work():
        services.edit_ceremony(ceremony, actor=cast.sara, version=opened_on, title="Our awards")


@pytest.fixture
def place(app: Flask) -> dict[str, str]:
    """A signing with a pledge in force and an open one; an awarding with a conferred award and a secret one."""
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        round_ = make_round(event)
        make_in_force(event, cast, title="Word in force", round=round_)
        make_trio(event, cast, title="Word still open", round=round_)
        signing = make_ceremony(event, kind="pledge_signing", title="The signing", round=round_)
        awarding = make_ceremony(event, title="The awarding", account_of="They **rose**.")
        given = make_award(event, title="Given prize", recipients=[cast.people["rita"]], ceremony=awarding)
        awards.confer(given, actor=SYSTEM, on=date(2026, 1, 15))
        make_award(event, title="Secret prize", recipients=[cast.people["tom"]], ceremony=awarding)
        base = f"/events/{event.ref}/ceremonies"
        return {"list": base, "signing": f"{base}/{signing.ref}", "awarding": f"{base}/{awarding.ref}"}


def test_a_ceremony_shows_what_each_may_see(as_: Any, place: dict[str, str]) -> None:
    for name, sees_all in (("rita", False), ("olaf", True), ("aude", True)):
        signing = as_(name).get(place["signing"]).get_data(as_text=True)
        awarding = as_(name).get(place["awarding"]).get_data(as_text=True)
        assert "Word in force" in signing
        assert ("Word still open" in signing) is sees_all, name
        assert "Given prize" in awarding
        assert ("Secret prize" in awarding) is sees_all, name
        assert "They <strong>rose</strong>." in awarding


def test_nobody_reads_it_without_signing_in(as_: Any, place: dict[str, str]) -> None:
    assert as_("nobody").get(place["list"]).status_code == 302
    assert as_("rita").post(f"{place['list']}/new", {"kind": "awarding", "title": "Mine"}).status_code == 403


def test_an_organizer_adds_and_edits_one(app: Flask, as_: Any, place: dict[str, str]) -> None:
    olaf = as_("olaf")
    sent = {
        "kind": "tally_conferral", "title": "Award of the tallies", "session_ref": "", "item_ref": "", "place_in_programme": "closing",
        "round_ref": "",
    }  # fmt: skip
    answer = olaf.post(f"{place['list']}/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = olaf.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Conferral of tallies" in page
    assert "At the closing" in page
    edited = olaf.post(f"{answer.headers['Location']}/edit", {**sent, "title": "Tallies", "version": "1"})
    assert edited.status_code == 303
    stale = olaf.post(f"{answer.headers['Location']}/edit", {**sent, "title": "Others", "version": "1"})
    assert stale.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("kind", "parade"),
        ("session_ref", "0" * 16),
        ("place_in_programme", "never"),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_is_stored(
    app: Flask, as_: Any, place: dict[str, str], field: str, value: str
) -> None:
    sent = {
        "kind": "awarding",
        "title": "Third",
        "session_ref": "",
        "item_ref": "",
        "place_in_programme": "",
        "round_ref": "",
    }
    answer = as_("olaf").post(f"{place['list']}/new", {**sent, "account_of": "They <i>rose</i>.", field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "They &lt;i&gt;rose&lt;/i&gt;." in page
    with app.app_context():
        assert db.session.scalar(select(func.count(Ceremony.id))) == 2


def test_the_list_takes_the_same_statements_for_two_and_for_thirty(
    app: Flask, as_: Any, count_statements: Callable[[], Any], place: dict[str, str]
) -> None:
    rita = as_("rita")
    with count_statements() as few:
        rita.get(place["list"])
    with app.app_context(), unit_of_work():
        event = db.session.scalar(select(Ceremony)).event
        for _n in range(28):
            make_ceremony(event, session=make_session(event), item=make_item(event, kind="ceremony"))
    with count_statements() as many:
        assert rita.get(place["list"]).get_data(as_text=True).count("title-link") == 30
    assert len(many) == len(few) <= 10
