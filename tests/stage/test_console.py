"""The console's pages: who gets in, what a press does with and without a script, what a lost line leaves behind."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.awards.models import Award
from app.ceremonies.models import CeremonyKind
from app.ceremonies.queries import find_held
from app.core.db import db, unit_of_work
from app.pledges import services as pledges
from app.pledges.models import Pledge
from app.shows.models import Cue, CueStatus, Show
from app.stage.models import CueMark, Reveal, Stage
from tests.cast import load
from tests.factories import make_event, make_session
from tests.factories.campaigns import make_campaign
from tests.factories.pledges import make_trio
from tests.factories.rites import make_award, make_ceremony
from tests.factories.shows import make_cue, make_show
from tests.factories.stages import begin
from tests.factories.tallies import make_tally

JSON = {"Accept": "application/json"}


@pytest.fixture
def place(app: Flask) -> dict[str, str]:
    """The console's address, with those of a speech, a signing and a reveal of its table."""
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        show = make_show(event, title="The evening")
        pledge = make_trio(event, cast, title="Less scrap")
        award = make_award(event, title="Kiln prize", recipients=[cast.people["tom"]])
        cues = {
            "speech": make_cue(show, kind="speech", title="A speech"),
            "signing": make_cue(show, kind="signing", title="They sign", pledge=pledge),
            "reveal": make_cue(show, kind="reveal", title="Tom wins", award=award),
        }
        begin(show)
        console = f"/events/{event.ref}/shows/{show.ref}/console"
        return {"console": console, **{name: f"{console}/cues/{cue.ref}" for name, cue in cues.items()}}


def find(app: Flask, model: Any) -> Any:
    with app.app_context():
        return db.session.scalars(select(model).order_by(model.id)).all()


def test_who_calls_the_cues_gets_in_and_the_auditor_looks_on(as_: Any, place: dict[str, str]) -> None:
    pages = {name: as_(name) for name in ("olaf", "sara", "ada", "aude", "petra", "li_wei", "sven", "nobody")}
    for name, status in (("olaf", 200), ("sara", 200), ("ada", 200), ("aude", 200), ("petra", 403), ("li_wei", 403), ("sven", 403), ("nobody", 302)):  # fmt: skip
        for path in ("", "/state", "/marks"):
            assert pages[name].get(f"{place['console']}{path}").status_code == status, (name, path)
    assert 'value="called"' in pages["olaf"].get(place["console"]).get_data(as_text=True)
    assert 'value="called"' not in pages["aude"].get(place["console"]).get_data(as_text=True)
    for name in ("aude", "petra", "li_wei"):
        assert pages[name].post(place["speech"], {"kind": "called"}).status_code == 403
        assert pages[name].post(f"{place['console']}/screen/blanking").status_code == 403


def test_a_winner_is_masked_for_an_operator_who_may_not_know(as_: Any, place: dict[str, str]) -> None:
    for name, knows in (("olaf", True), ("ada", False)):
        for path in (place["console"], f"{place['console']}/state", place["reveal"]):
            page = as_(name).get(path).get_data(as_text=True)
            assert ("Tom wins" in page) is knows, (name, path)
            assert knows or "Tom Okafor" not in page.replace("Witness: Tom Okafor", ""), (name, path)


def test_marks_are_made_without_a_script(app: Flask, as_: Any, place: dict[str, str]) -> None:
    sara = as_("sara")
    for sent in ({"kind": "called"}, {"kind": "done"}):
        assert sara.post(place["speech"], sent).status_code == 303
    assert sara.post(place["signing"], {"kind": "skipped", "reason": "Has left"}).status_code == 303
    sent = {"kind": "corrected", "title": "Another speech", "on_stage": "", "pronunciation": "ree-TAH"}
    assert sara.post(place["speech"], sent).status_code == 303
    speech, signing, _reveal = find(app, Cue)
    assert (speech.status, speech.title, speech.pronunciation, speech.on_stage) == ("done", "Another speech", "ree-TAH", None)  # fmt: skip
    assert (signing.status, signing.skip_reason) == ("skipped", "Has left")
    page = sara.get(place["console"]).get_data(as_text=True)
    assert "Has left" in page
    assert sara.get(f"{place['console']}/marks").get_data(as_text=True).count("<tr><td") == 4


def test_a_declined_pledge_is_told_to_the_console_and_not_offered_to_the_screen_again(
    app: Flask, as_: Any, place: dict[str, str]
) -> None:
    sara = as_("sara")
    again = f"{place['signing']}/showing"
    for name in ("signing", "speech"):  # the screen has gone on to the speech
        sara.post(place[name], {"kind": "called"})
    assert again in sara.get(place["console"]).get_data(as_text=True)
    with app.app_context(), unit_of_work():
        pledge = db.session.scalars(select(Pledge)).one()
        pledges.decline(
            next(each for each in pledge.slots if each.person.name == "Petra Lindqvist"), actor=load().petra
        )
    page = sara.get(place["console"]).get_data(as_text=True)
    assert again not in page
    assert "Refused" in page


@pytest.mark.parametrize(
    "sent",
    [{"kind": ""}, {"kind": "parade"}, {"kind": "called", "entry": "<b>"}, {"kind": "called", "run": "one"}, {"kind": "corrected", "title": "x" * 201}],
)  # fmt: skip
def test_bad_marks_get_a_sentence_and_change_nothing(app: Flask, as_: Any, place: dict[str, str], sent: Any) -> None:
    sara = as_("sara")
    assert sara.post(place["speech"], sent).status_code == 422
    answer = sara.post(place["speech"], sent, headers=JSON)
    assert answer.status_code == 422
    assert answer.json["sentence"]
    assert find(app, CueMark) == []
    assert sara.get(place["speech"][:-16] + "0" * 16).status_code == 404


def test_a_script_sends_what_it_kept_and_sent_again_it_counts_once(app: Flask, as_: Any, place: dict[str, str]) -> None:
    sara, olaf = as_("sara"), as_("olaf")
    (stage,) = find(app, Stage)
    sent = {"kind": "called", "entry": "abcdef0123456789", "intent": "abcdef0123456789", "run": stage.run}
    late = {"at": "1000000", "sent": "1600000"}  # by its own clock, ten minutes ago
    for each in (sara, sara, olaf):  # its answer was lost once; then somebody else signs in on the same computer
        assert each.post(place["speech"], {**sent, **late}, headers=JSON).json == {"taken": True}
    (mark,) = find(app, CueMark)
    assert 599 < (mark.created_at - mark.at).total_seconds() < 640
    (cue, *_more) = find(app, Cue)
    assert cue.began_at == mark.at
    other = sara.post(place["signing"], {**sent, "entry": "abcdef012345678a", "run": "12"}, headers=JSON)
    assert other.status_code == 422


@pytest.mark.parametrize(("at", "sent"), [("0", "9" * 14), ("0", "9" * 30), ("9" * 14, "0"), ("", "x")])
def test_a_console_whose_clock_is_beyond_belief_is_believed_for_half_a_day(
    app: Flask, as_: Any, place: dict[str, str], at: str, sent: str
) -> None:
    answer = as_("sara").post(place["speech"], {"kind": "called", "at": at, "sent": sent}, headers=JSON)
    assert answer.json == {"taken": True}
    (mark,) = find(app, CueMark)
    kept = 12 * 3600 if (at, sent) == ("0", "9" * 14) else 0
    assert abs((mark.created_at - mark.at).total_seconds() - kept) < 30


def test_what_makes_sense_only_now_is_done_at_once_or_refused_with_a_sentence(
    app: Flask, as_: Any, place: dict[str, str]
) -> None:
    sara = as_("sara")
    assert sara.post(f"{place['console']}/screen/blanking", headers=JSON).json == {"taken": True}
    assert find(app, Stage)[0].is_blank
    assert sara.post(f"{place['console']}/screen/resting").status_code == 303
    refused = sara.post(f"{place['speech']}/showing", headers=JSON)
    assert (refused.status_code, refused.json["sentence"]) == (422, "This cue has not been called. Call it first.")
    assert sara.post(f"{place['speech']}/tally", headers=JSON).status_code == 422
    assert sara.post(f"{place['console']}/ending").status_code == 303
    assert sara.post(f"{place['console']}/screen/blanking", headers=JSON).status_code == 422
    assert sara.post(f"{place['console']}/rehearsal").status_code == 303
    assert sara.post(f"{place['console']}/beginning", headers=JSON).status_code == 422
    assert "Rehearsal" in sara.get(place["console"]).get_data(as_text=True)


def test_two_operators_reveal_by_their_pages(app: Flask, as_: Any, place: dict[str, str]) -> None:
    olaf, sara, ada = as_("olaf"), as_("sara"), as_("ada")
    assert ada.post(f"{place['reveal']}/reveal").status_code == 403
    assert olaf.post(f"{place['reveal']}/reveal").status_code == 303
    (asked,) = find(app, Reveal)
    confirm = f"{place['console']}/reveals/{asked.ref}/confirmation"
    assert "Confirm: show it now" not in olaf.get(place["console"]).get_data(as_text=True)
    assert "Confirm: show it now" in sara.get(place["console"]).get_data(as_text=True)
    assert olaf.post(confirm, headers=JSON).status_code == 422
    assert not find(app, Award)[0].is_conferred
    assert sara.post(confirm, headers=JSON).json == {"taken": True}
    assert find(app, Award)[0].is_conferred
    assert sara.post(f"{place['console']}/reveals/{asked.ref}/dropping", headers=JSON).status_code == 422


def test_the_state_is_drawn_anew_only_when_something_has_changed(as_: Any, place: dict[str, str]) -> None:
    sara, olaf = as_("sara"), as_("olaf")
    state = f"{place['console']}/state"
    tag = sara.get(state).headers["ETag"]
    assert sara.get(state, headers={"If-None-Match": tag}).status_code == 304
    olaf.post(place["speech"], {"kind": "called"})
    answer = sara.get(state, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert 'data-status="called"' in answer.get_data(as_text=True)


def test_the_console_asks_the_same_of_the_database_for_one_cue_and_for_sixty(
    app: Flask, as_: Any, place: dict[str, str], count_statements: Any
) -> None:
    sara = as_("sara")
    sara.get(place["console"])
    with count_statements() as few:
        sara.get(f"{place['console']}/state")
    with app.app_context(), unit_of_work():
        cast = load()
        show = db.session.scalars(select(Show)).one()
        for number in range(30):
            make_cue(show, kind="speech")
            award = make_award(show.event, recipients=[cast.people["tom"]])
            make_cue(show, kind="reveal", award=award)
            if number < 5:
                make_cue(show, kind="signing", pledge=make_trio(show.event, cast))
    with count_statements() as many:
        sara.get(f"{place['console']}/state")
    assert len(many) == len(few)
    assert len(few) <= 20, "\n".join(few)


def test_the_link_is_made_shown_and_ended(app: Flask, as_: Any, place: dict[str, str]) -> None:
    olaf = as_("olaf")
    page = f"{place['console']}/link"
    assert "There is no link yet." in olaf.get(page).get_data(as_text=True)
    assert olaf.post(page).status_code == 303
    told = olaf.get(page).get_data(as_text=True)
    address = told.split("<code>")[1].split("</code>")[0]
    assert as_("nobody").get(address.removeprefix("http://localhost:8000")).status_code == 200
    assert as_("aude").get(page).status_code == 403
    assert olaf.post(f"{page}/ending").status_code == 303
    assert as_("nobody").get(address.removeprefix("http://localhost:8000")).status_code == 404


def test_a_table_without_an_evening_offers_to_begin(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        event = make_event()
        show = make_show(event)
        cue = make_cue(show)
        console = f"/events/{event.ref}/shows/{show.ref}/console"
        path = f"{console}/cues/{cue.ref}"
    olaf = as_("olaf")
    assert "It has not begun." in olaf.get(console).get_data(as_text=True)
    assert olaf.post(path, {"kind": "called"}).status_code == 404
    assert olaf.post(f"{console}/beginning").status_code == 303
    assert olaf.post(path, {"kind": "called"}).status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Cue.id)).where(Cue.status == CueStatus.CALLED)) == 1


def test_what_its_cue_confers_stands_under_the_ceremony_of_its_kind(app: Flask, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        cast = load()
        event = make_event()
        held = {kind: make_ceremony(event, kind=kind).ref for kind in ("tally_conferral", "awarding", "pledge_signing")}
        tally = make_tally(make_campaign(event, commander=cast.people["tom"]))
        award = make_award(event, title="Kiln prize", recipients=[cast.people["tom"]])
        show = make_show(event)
        cues = [make_cue(show, kind="tally", tally=tally), make_cue(show, kind="reveal", award=award)]
        begin(show)
        console = f"/events/{event.ref}/shows/{show.ref}/console"
        handing, revealing = (f"{console}/cues/{each.ref}" for each in cues)
        number, pages = tally.label, {kind: f"/events/{event.ref}/ceremonies/{ref}" for kind, ref in held.items()}
    as_("olaf").post(f"{handing}/tally")
    as_("olaf").post(f"{revealing}/reveal")
    as_("sara").post(f"{console}/reveals/{find(app, Reveal)[0].ref}/confirmation")
    told = {kind: as_("petra").get(url).text for kind, url in pages.items()}
    assert {kind: (number in page, "Kiln prize" in page) for kind, page in told.items()} == {
        "tally_conferral": (True, False), "awarding": (False, True), "pledge_signing": (False, False),
    }  # fmt: skip


def test_where_two_ceremonies_could_be_meant_nobody_guesses_but_by_the_session(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        event = make_event()
        morning, evening = make_session(event), make_session(event)
        first = make_ceremony(event, session=morning)
        second = make_ceremony(event, session=evening)
        make_ceremony(make_event())
        for session, meant in ((morning, first), (evening, second), (None, None)):
            assert find_held(event, CeremonyKind.AWARDING, session.id if session else None) is meant
        assert find_held(event, CeremonyKind.TALLY_CONFERRAL, None) is None
