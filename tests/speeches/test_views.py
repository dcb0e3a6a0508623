"""The pages of speeches, as members of the cast find them."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from app.core.db import db, unit_of_work
from app.programme.models import Session
from app.provenance.models import Source
from app.requirements.models import Requirement
from app.speeches.models import Passage, Speech, Statement
from app.speeches.services import add_passage
from tests import cast as the_cast
from tests.factories import make_event, make_session, make_team, save
from tests.factories.requirements import make_assignment, record_requirement, record_speech


@pytest.fixture
def stage(app):
    """`with stage() as cast:` stores what is told inside, in an app context of its own (else it leaks who is in)."""

    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


@pytest.fixture
def look(app):
    return app.app_context


@pytest.fixture
def spoken(stage) -> str:
    """The address of a speech with one requirement, not confirmed."""
    with stage() as cast:
        speech = record_requirement(cast).speech
        return f"/events/{speech.event.ref}/speeches/{speech.ref}"


def version(visitor, page: str) -> str:
    found = re.search(r'name="version"[^>]*value="([^"]*)"', visitor.get(page).get_data(as_text=True))
    assert found
    return found.group(1)


def test_a_speech_is_recorded_and_confirmed_in_the_browser(stage, look, as_):
    with stage() as cast:
        session = make_session(make_event())
        event, session_ref, li_wei = session.event.ref, session.ref, cast.people["li_wei"].ref
    sara, leader = as_("sara"), as_("li_wei")
    for page in ("speeches", "speeches/new", "statements/new"):
        assert sara.get(f"/events/{event}/{page}").status_code == 200
    answer = sara.post(f"/events/{event}/speeches/new", {
        "title": "Where we stand", "title_local": "我们在哪里", "session_ref": session_ref, "speaker_ref": li_wei,
        "language": "en", "announced_count": "1", "announced_words": "one", "held": "2027-01-14T09:00", "item_ref": "",
    })  # fmt: skip
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = answer.location
    sent = {
        "kind": "directive", "verbatim": "I have seen ideas die. Bring me five plans.", "demand": "Bring me five plans.",
        "heading": "Five plans", "number": "1", "addressees": "Institutes | 研究院\nWorks", "topics": "innovation，quality",
        "second_kind": "principle",
    }  # fmt: skip
    answer = sara.post(f"{page}/passages/new", sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    shown = sara.get(page).get_data(as_text=True)
    assert "<mark>Bring me five plans.</mark>" in shown
    assert "1 announced, 1 recorded" in shown
    assert leader.get(f"{page}/confirmation").status_code == 200
    answer = leader.post(f"{page}/confirmation", {"version": version(leader, f"{page}/confirmation")})
    assert answer.status_code == 303
    assert "Wording confirmed" in as_("rita").get(page).get_data(as_text=True)
    with look():
        requirement = db.session.scalar(select(Requirement))
        assert (requirement.state, requirement.verbatim, requirement.topics, requirement.second_kind) == (
            "confirmed", "Bring me five plans.", ["innovation", "quality"], "principle")  # fmt: skip
        assert [(each.words, each.words_local, each.is_resolved) for each in requirement.addressees] == [
            ("Institutes", "研究院", False), ("Works", None, True)]  # fmt: skip


def test_a_captured_passage_is_mended_until_it_is_confirmed(spoken, look, as_):
    sara = as_("sara")
    page = re.search(rf"{spoken}/passages/[0-9a-z]{{16}}/", sara.get(spoken).get_data(as_text=True)).group(0) + "edit"
    shown = sara.get(page).get_data(as_text=True)
    assert "Five plans that can be produced" in shown
    sent = {"verbatim": "Bring me six plans.", "heading": "Six plans", "number": "4", "version": version(sara, page)}
    assert sara.post(page, sent).status_code == 303
    with look():
        requirement = db.session.scalar(select(Requirement))
        assert (requirement.verbatim, requirement.heading, requirement.number) == (
            "Bring me six plans.",
            "Six plans",
            4,
        )
    assert sara.post(page.replace("/edit", "/removal")).status_code == 303
    with look():
        assert db.session.scalars(select(Passage)).all() == []


def test_a_withheld_wording_shows_its_summary_and_its_place_in_the_source(stage, as_):
    with stage() as cast:
        source = save(Source(title="A release", language="en", sha256="0" * 64, length=900, remarks=[]))
        speech = record_speech(cast, event=make_event(source_id=source.id))
        add_passage(speech, actor=cast.sara, kind="context", summary="On the market.", span_start=120, span_end=340)
        page = f"/events/{speech.event.ref}/speeches/{speech.ref}"
    shown = as_("rita").get(page).get_data(as_text=True)
    assert "On the market." in shown
    assert "The wording is in the source, characters 120–340." in shown


CANNOT = [
    ("petra", "/edit"), ("li_wei", "/edit"), ("aude", "/passages/new"), ("sven", "/passages/new"), ("ada", "/passages/new"),
    ("sara", "/confirmation"), ("olaf", "/confirmation"), ("rita", "/confirmation"), ("aude", "/confirmation"),
]  # fmt: skip


def test_what_is_not_yours_to_do_is_forbidden_before_the_form_is_read(spoken, as_):
    visitors = {who: as_(who) for who, _page in CANNOT}
    for who, page in CANNOT:
        assert visitors[who].get(spoken + page).status_code == 403, (who, page)
        assert visitors[who].post(spoken + page, {}).status_code == 403, (who, page)
        assert visitors[who].get(spoken).status_code == 200, who


def test_a_stranger_signs_in_first_and_another_event_does_not_hold_it(spoken, stage, as_):
    assert as_("nobody").get(spoken).status_code == 302
    with stage():
        other = make_event().ref
    assert as_("olaf").get(f"/events/{other}/speeches/{spoken.rsplit('/', 1)[1]}").status_code == 404


BAD = [
    ({"kind": "directive", "verbatim": "Do it.", "heading": ""}, "A requirement needs a heading"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "demand": "Do that."}, "do not stand in the passage"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "number": "1"}, "Number 1 is taken"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "number": "1" * 5000}, "from 1 to 99"),
    ({"kind": "song", "verbatim": "Do it."}, "choice"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x" * 201}, "Please keep this to 200 characters."),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "addressees": "a\n" * 30}, "at most 12"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "addressees": "a" * 201}, "200"),
    ({"kind": "directive", "verbatim": "Do it.", "heading": "x", "topics": "a" * 41}, "40"),
    ({"kind": "directive", "verbatim": "x" * 20_001, "heading": "x"}, "20000"),
]


def test_a_bad_capture_is_refused_in_words_and_keeps_what_was_typed(spoken, look, as_):
    sara = as_("sara")
    for sent, sentence in BAD:
        answer = sara.post(f"{spoken}/passages/new", {**sent, "summary_local": "保留这句"})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422, sentence
        assert sentence in shown
        assert "保留这句" in shown, sentence
    with look():
        assert len(db.session.scalars(select(Passage)).all()) == 1
        assert len(db.session.scalars(select(Requirement)).all()) == 1


def test_a_bad_speech_is_refused(stage, look, as_):
    with stage():
        event = make_session(make_event()).event.ref
    sara = as_("sara")
    bad = ({}, {"session_ref": "x", "speaker_ref": "y", "title": "t"}, {"held": "yesterday", "title": "t"})
    for sent in (*bad, {"title": "\u202e\x00"}):
        assert sara.post(f"/events/{event}/speeches/new", sent).status_code == 422, sent
    with look():
        assert db.session.scalars(select(Speech)).all() == []


def test_a_session_of_another_event_is_no_choice(stage, look, as_):
    with stage() as cast:
        event, foreign = make_event().ref, make_session(make_event()).ref
        li_wei = cast.people["li_wei"].ref
    sent = {"title": "t", "session_ref": foreign, "speaker_ref": li_wei, "language": "en"}
    assert as_("sara").post(f"/events/{event}/speeches/new", sent).status_code == 422
    with look():
        assert db.session.scalars(select(Speech)).all() == []
        assert len(db.session.scalars(select(Session)).all()) == 1


def test_a_press_sent_twice_records_one_passage(spoken, look, as_):
    sara = as_("sara")
    sent = {"kind": "exhortation", "verbatim": "Stay sober.", "intent": "once"}
    first, second = sara.post(f"{spoken}/passages/new", sent), sara.post(f"{spoken}/passages/new", sent)
    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    with look():
        assert len(db.session.scalars(select(Passage)).all()) == 2


def test_a_stale_passage_shows_both_versions(spoken, look, as_):
    sara = as_("sara")
    page = re.search(rf"{spoken}/passages/[0-9a-z]{{16}}/", sara.get(spoken).get_data(as_text=True)).group(0) + "edit"
    opened = version(sara, page)
    assert sara.post(page, {"verbatim": "First.", "heading": "h", "version": opened}).status_code == 303
    answer = sara.post(page, {"verbatim": "Second.", "heading": "h", "version": opened})
    assert answer.status_code == 409
    assert "First." in answer.get_data(as_text=True)
    with look():
        assert db.session.scalar(select(Passage)).verbatim == "First."


def test_hostile_words_are_shown_as_words(spoken, as_):
    sara = as_("sara")
    sent = {"kind": "directive", "verbatim": "<img src=x onerror=alert(1)> {{ 7*7 }}", "heading": "<b>bold</b>",
            "demand": "<img src=x onerror=alert(1)>", "addressees": "<i>x</i>", "topics": "<u>y</u>"}  # fmt: skip
    assert sara.post(f"{spoken}/passages/new", sent).status_code == 303
    shown = sara.get(spoken).get_data(as_text=True)
    for piece in ("<img src=x", "<b>bold", "<i>x", "<u>y"):
        assert piece not in shown
    assert "{{ 7*7 }}" in shown


def test_a_statement_is_added_and_listed(stage, look, as_):
    with stage():
        event, team = make_event().ref, make_team(name="Kiln Seven Team").ref
    answer = as_("sara").post(
        f"/events/{event}/statements/new", {"team_ref": team, "verbatim": "We will hold the heat."}
    )
    assert answer.status_code == 303
    shown = as_("rita").get(f"/events/{event}/speeches").get_data(as_text=True)
    assert "Kiln Seven Team" in shown
    assert "We will hold the heat." in shown
    assert as_("petra").post(f"/events/{event}/statements/new", {}).status_code == 403
    with look():
        assert len(db.session.scalars(select(Statement)).all()) == 1


@pytest.mark.parametrize("rows", [1, 30])
def test_the_speech_and_its_list_ask_few_questions_whatever_their_length(stage, as_, count_statements, rows):
    with stage() as cast:
        speech = record_speech(cast)
        found = [record_requirement(cast, speech, number=n) for n in range(1, rows + 1)]
        confirm(cast, found)
        for each in found:
            make_assignment(cast, "in_progress", each)
        for _each in range(rows):
            record_speech(cast, event=speech.event, session=speech.session)
        event, page = speech.event.ref, f"/events/{speech.event.ref}/speeches/{speech.ref}"
    rita = as_("rita")
    rita.get("/requirements")
    for address, most in ((page, 12), (f"/events/{event}/speeches", 10)):
        with count_statements() as said:
            assert rita.get(address).status_code == 200
        assert len(said) <= most, "\n".join(said)


def confirm(cast, found) -> None:
    from app.requirements import services

    services.confirm_speech(found[0].speech, actor=cast.li_wei)
    for each in found:
        services.set_tracking(each, "assigned", actor=cast.sven)
