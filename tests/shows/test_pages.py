"""The pages of the run of show, as a planner, an operator and an owner use them."""

import re
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.shows import queries, services
from app.shows.blocks import add_signing_block
from app.shows.models import Cue, Show
from tests.cast import load
from tests.factories import make_event, make_person, make_session
from tests.factories.pledges import make_open, make_round, make_trio
from tests.factories.rites import make_ceremony
from tests.factories.shows import make_cue, make_show, minutes


@pytest.fixture
def evening(app: Flask) -> str:
    """An evening of three cues, given out once; the second is Petra's own and must begin on the minute."""
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        show = make_show(event, title="Gala evening", ends_at=None)
        make_cue(show, title="Doors", sound="Music low", minutes=10)
        make_cue(show, title="Welcome", owner=cast.people["petra"], fixed_at=show.starts_at + minutes(10))
        make_cue(show, title="Photograph", block=2, kind="photograph", can_be_cut=True)
        services.publish(show, actor=cast.olaf)
        return f"/events/{event.ref}/shows/{show.ref}"


def cues(app: Flask) -> list[Cue]:
    with app.app_context():
        return list(queries.list_cues(db.session.query(Show).one()))


def test_a_planner_opens_the_evening_and_works_in_its_rows(app: Flask, as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    page = olaf.get(evening).get_data(as_text=True)
    for words in ("Gala evening", "Version 1", "19:30", "19:40", "Music low", "Block 2", "Asia/Shanghai"):
        assert words in page
    second = cues(app)[1]
    opened = olaf.get(f"{evening}?edit={second.ref}").get_data(as_text=True)
    assert "Cue 102 at 19:40" in opened
    sent = {
        "version": second.version, "title": "Welcome words", "kind": "speech", "minutes": "7", "block": "1",
        "fixed_at": "2026-02-30T25:00", "on_stage": "Petra", "sound": "Microphone 2",
    }  # fmt: skip
    answer = olaf.post(f"{evening}/cues/{second.ref}", sent)
    assert answer.status_code == 422
    assert "Microphone 2" in answer.get_data(as_text=True)
    answer = olaf.post(f"{evening}/cues/{second.ref}", {**sent, "fixed_at": ""})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert (cues(app)[1].title, cues(app)[1].minutes, cues(app)[1].fixed_at) == ("Welcome words", 7, None)
    stale = olaf.post(f"{evening}/cues/{second.ref}", {**sent, "fixed_at": "", "title": "Old page"})
    assert stale.status_code == 409
    assert "Welcome words" in stale.get_data(as_text=True)
    added = olaf.post(f"{evening}/cues?after={second.ref}", {"title": "Anthem", "kind": "other", "minutes": "3"})
    assert added.status_code == 303, added.get_data(as_text=True)
    olaf.post(f"{evening}/cues/{cues(app)[2].ref}/move", {"to": "up"})
    assert [each.title for each in cues(app)] == ["Doors", "Anthem", "Welcome words", "Photograph"]
    olaf.post(f"{evening}/cues/{cues(app)[1].ref}/removal")
    assert [each.number for each in cues(app)] == ["101", "102", "201"]
    assert "The table has changed since version 1" in olaf.get(evening).get_data(as_text=True)


def test_who_is_called_out_of_their_turn_is_so_by_a_reason_beside_the_arrows(
    app: Flask, as_: Any, evening: str
) -> None:
    with app.app_context(), unit_of_work():
        show = db.session.query(Show).one()
        lower = make_person(name="An Lower", manager=load().people["petra"])
        pledge = make_open(show.event, {load().people["petra"]: "pledger", lower: "pledger"})
        calls = [each.ref for each in add_signing_block(show, actor=SYSTEM, pledges=[pledge]) if each.kind == "call"]
    olaf, move = as_("olaf"), f"{evening}/cues/{calls[1]}/move"
    assert 'name="reason"' in olaf.get(f"{evening}?edit={calls[1]}").text
    for _each in range(3):
        answer = olaf.post(move, {"to": "up"})
    assert "This is not the order of precedence." in olaf.get(answer.location).text
    assert [each.ref for each in cues(app) if each.kind == "call"] == calls
    olaf.post(move, {"to": "up", "reason": "A train to catch"})
    assert [each.ref for each in cues(app) if each.kind == "call"] == calls[::-1]


def test_a_photograph_stands_for_its_ceremony(app: Flask, as_: Any, evening: str) -> None:
    with app.app_context(), unit_of_work():
        event = db.session.query(Show).one().event
        held, other = make_ceremony(event, title="The oath"), make_ceremony(make_event())
        held_id, refs = held.id, (held.ref, other.ref)
    olaf, cue = as_("olaf"), cues(app)[0]
    sent = {"version": cue.version, "title": "All together", "kind": "photograph", "minutes": "1"}
    assert olaf.post(f"{evening}/cues/{cue.ref}", {**sent, "about": refs[1]}).status_code == 422
    assert olaf.post(f"{evening}/cues/{cue.ref}", {**sent, "about": refs[0]}).status_code == 303
    assert cues(app)[0].ceremony_id == held_id
    page = olaf.get(f"{evening}?edit={cue.ref}").text
    assert re.search(rf'<option[^>]* value="{refs[0]}"[^>]*>Ceremony: The oath<', page)
    assert re.search(rf'<option selected value="{refs[0]}"', page)


def test_an_evening_is_planned_given_out_and_compared(as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    shows = evening.rsplit("/", 1)[0]
    sent = {"title": "Second evening", "starts_at": "2026-12-30T19:00", "ends_at": "2026-12-30T18:00", "precedence": "own_right_first"}  # fmt: skip
    refused = olaf.post(f"{shows}/new", sent)
    assert refused.status_code == 422
    assert "own left" in refused.get_data(as_text=True)
    source = evening.rsplit("/", 1)[1]
    answer = olaf.post(f"{shows}/new", {**sent, "ends_at": "", "source_ref": source})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    made = answer.headers["Location"]
    page = olaf.get(made).get_data(as_text=True)
    assert "Doors" in page
    assert "not given out" in page
    assert olaf.post(f"{made}/versions", {"note": ""}).status_code == 303
    assert olaf.post(f"{made}/versions", {"note": ""}).status_code == 422  # nothing is different
    olaf.post(f"{made}/cues", {"title": "Fireworks", "kind": "other", "minutes": "4"})
    assert olaf.post(f"{made}/versions", {"note": ""}).status_code == 422
    assert olaf.post(f"{made}/versions", {"note": "Fireworks came in"}).status_code == 303
    compared = olaf.get(f"{made}/comparison?from=1&to=2").get_data(as_text=True)
    assert "Fireworks" in compared
    assert "Doors" not in compared
    assert olaf.get(f"{made}/versions/1").status_code == 200
    assert olaf.get(f"{made}/versions/3").status_code == 404
    assert olaf.post(f"{made}/removal").headers["Location"].endswith(made)  # it was given out, so it stays
    assert "Second evening" in olaf.get(shows).get_data(as_text=True)


def test_who_reads_the_table_and_who_does_not(as_: Any, evening: str) -> None:
    shows = evening.rsplit("/", 1)[0]
    for name in ("olaf", "sara", "ada", "li_wei", "aude"):
        assert as_(name).get(evening).status_code == 200, name
    for name in ("tom", "rita", "sven", "dora"):
        assert as_(name).get(evening).status_code == 404, name
        assert as_(name).get(shows).status_code == 403, name
        assert as_(name).post(f"{evening}/numbers").status_code == 403, name
    assert as_("nobody").get(evening).status_code == 302
    petra = as_("petra")  # a cue is hers
    assert "Version 1" in petra.get(evening).get_data(as_text=True)
    assert petra.get(f"{evening}/versions/1").status_code == 200
    assert petra.get(f"{evening}/comparison").status_code == 403
    assert petra.get(f"{evening}/print").status_code == 200
    assert petra.get(f"{evening}/print?version=working").status_code == 403
    assert petra.post(f"{evening}/versions", {"note": "Mine"}).status_code == 403


def test_rehearsal_ticks_are_set_by_operators(app: Flask, as_: Any, evening: str) -> None:
    ada = as_("ada")
    first = cues(app)[0]
    assert "Rehearsed" in ada.get(f"{evening}?rehearse=1").get_data(as_text=True)
    ada.post(f"{evening}/cues/{first.ref}/rehearsal", {"done": "yes"})
    assert cues(app)[0].rehearsed_by_name
    ada.post(f"{evening}/cues/{first.ref}/rehearsal", {"done": "no"})
    assert cues(app)[0].rehearsed_at is None
    assert (
        ada.get(f"{evening}?edit={first.ref}").get_data(as_text=True).count("cue-form") == 0
    )  # she plans nothing here


def test_the_pages_ask_as_little_for_thirty_cues_as_for_three(
    app: Flask, as_: Any, evening: str, count_statements: Any
) -> None:
    olaf = as_("olaf")
    olaf.get(evening)
    with count_statements() as few:
        olaf.get(evening)
    with app.app_context(), unit_of_work():
        show = db.session.query(Show).one()
        pledge = make_trio(show.event, load(), round=make_round(show.event))
        for number in range(30):
            make_cue(show, title=f"Row {number}", slot=pledge.slots[number % 3], pledge=pledge)
    with count_statements() as many:
        olaf.get(evening)
    assert len(many) <= len(few) + 1
    assert len(many) <= 14


def test_hostile_addresses_find_nothing_and_break_nothing(as_: Any, evening: str) -> None:
    olaf = as_("olaf")
    for tail in (
        "?edit=%00",
        "?add=zzzz",
        "/comparison?from=99999999999999999999&to=x",
        "/print?version=99999&department=x",
    ):
        assert olaf.get(evening + tail).status_code in (200, 404), tail
    assert olaf.get(f"{evening}/versions/99999999999999999999").status_code == 404
    assert olaf.get(f"{evening}/unknown.pdf").status_code == 404
    answer = olaf.post(f"{evening}/cues", {"title": "Long", "kind": "other", "minutes": "999999999", "block": "-3"})
    assert answer.status_code == 422


def test_sessions_are_offered_in_the_language_of_the_reader(app: Flask, as_: Any, evening: str) -> None:
    with app.app_context(), unit_of_work():
        make_session(db.session.query(Show).one().event, title="Signing and awards", title_local="签署与颁奖")
    olaf = as_("olaf")
    assert ">Signing and awards</option>" in olaf.get(f"{evening}/edit").get_data(as_text=True)
    olaf.post("/language", {"language": "zh_Hans_CN", "next": evening})
    assert ">签署与颁奖</option>" in olaf.get(f"{evening}/edit").get_data(as_text=True)
