"""Writing down what is said while it is said: marks, numbers, parts, order; a line that comes twice is kept once."""

import json
import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.db import db, unit_of_work
from app.core.errors import Forbidden, Stale
from app.requirements import queries, services
from app.requirements.errors import NotInThePassage, NumberTaken, WrongMoment
from app.requirements.models import Requirement
from app.requirements.services.capturing import in_order
from app.speeches import lines
from app.speeches.errors import NothingSaid, NotPartOfThis, WordingIsConfirmed
from app.speeches.models import Passage, Speech
from tests import cast as the_cast
from tests.factories.requirements import record_requirement, record_speech

READ = [
    ("Bring me five plans.", ("Bring me five plans.", None, None, "", False, None)),
    ("p: Whoever stops falls behind.", ("Whoever stops falls behind.", "principle", None, "", False, None)),
    ("M： No dogma.", ("No dogma.", "method_rule", None, "", False, None)),
    ("勉：保持清醒。", ("保持清醒。", "exhortation", None, "", False, None)),
    ("4. Bring me five plans.", ("Bring me five plans.", None, 4, "", False, None)),
    ("3.5 percent more", ("3.5 percent more", None, None, "", False, None)),
    ("- Research first.", ("Research first.", None, None, "", True, None)),
    ("  Research first.", ("Research first.", None, None, "", True, None)),
    ("b) Research first.", ("Research first.", None, None, "b", True, None)),
    ("2b) Research first.", ("Research first.", None, 2, "b", True, None)),
    ("- p: Research first.", ("Research first.", "principle", None, "", True, None)),
    ("-5 degrees at night", ("-5 degrees at night", None, None, "", False, None)),
    ("Bring me five plans. # Five plans", ("Bring me five plans.", None, None, "", False, "Five plans")),
    ("p:", ("", "principle", None, "", False, None)),
]


def test_a_line_says_what_it_is_by_short_marks_and_the_words_stay_as_they_are():
    for typed, wanted in READ:
        line = lines.read(typed)
        got = (line.words, line.kind and str(line.kind), line.number, line.sub, line.is_part, line.heading)
        assert got == wanted, typed


def test_a_heading_for_want_of_one_is_the_beginning_of_the_words():
    assert lines.heading_of("Bring me five plans. And by March.") == "Bring me five plans"
    assert lines.heading_of("Rise by 3.5 percent!") == "Rise by 3.5 percent"
    assert lines.heading_of("不进则退。大家要学习。") == "不进则退"
    long = lines.heading_of("Research, supply and manufacturing need one plan, with one owner, by the end of March")
    assert long == "Research, supply and manufacturing need one plan, with one owner, by…"
    assert len(lines.heading_of("x" * 500)) <= 71


def said(cast, speech, *typed: str) -> list[Passage]:
    return [services.capture_line(speech, lines.read(each), actor=cast.sara) for each in typed]


def numbers(speech: Speech) -> list[tuple[str, str]]:
    return [(each.display_number, each.heading) for each in queries.list_of_speech(speech)]


def test_rule_5_numbers_are_proposed_and_restart_with_each_speech(cast):
    with unit_of_work():
        speech = record_speech(cast, announced_count=3)
        said(cast, speech, "c: Good morning.", "Bring five plans.", "- Research first.", "b) Then supply.",
             "p: Keep learning.", "e: Stay sober.", "7. Close the gap.", "2c) And the works. # Works")  # fmt: skip
        other = record_speech(cast, event=speech.event, session=speech.session)
        said(cast, other, "Begin again.")
    assert numbers(speech) == [
        ("1", "Bring five plans"), ("1a", "Research first"), ("1b", "Then supply"), ("2", "Keep learning"),
        ("2c", "Works"), ("7", "Close the gap"),
    ]  # fmt: skip
    assert numbers(other) == [("1", "Begin again")]
    assert queries.count_recorded(speech) == 3  # parts and exhortations do not count
    assert [each.kind for each in speech.passages] == [
        "context", "directive", "directive", "directive", "principle", "exhortation", "directive", "principle",
    ]  # fmt: skip
    assert [each.verbatim for each in speech.passages[:3]] == ["Good morning.", "Bring five plans.", "Research first."]


def test_a_line_that_comes_again_is_kept_once_also_after_the_confirmation(cast):
    with unit_of_work():
        speech = record_speech(cast)
    line, name = lines.read("Bring five plans."), str(uuid4())
    for _time in range(3):
        with unit_of_work():
            services.capture_line(speech, line, actor=cast.sara, line_id=name)
    with unit_of_work():
        services.confirm_speech(speech, actor=cast.li_wei)
        again = services.capture_line(speech, line, actor=cast.sara, line_id=name)
    assert [again] == speech.passages
    assert numbers(speech) == [("1", "Bring five plans")]
    with pytest.raises(WordingIsConfirmed), unit_of_work():
        services.capture_line(speech, line, actor=cast.sara, line_id=str(uuid4()))


def test_a_line_that_cannot_stand_is_refused_and_changes_nothing(cast):
    with unit_of_work():
        speech = record_speech(cast)
    for typed, refusal in (("- A part of nothing.", NotPartOfThis), ("p:", NothingSaid)):
        with pytest.raises(refusal), unit_of_work():
            said(cast, speech, typed)
    with unit_of_work():
        said(cast, speech, "One.")
    for typed, refusal in (("1. Again one.", NumberTaken), ("9a) Of nothing.", NotPartOfThis)):
        with pytest.raises(refusal), unit_of_work():
            said(cast, speech, typed)
    for who in ("petra", "sven", "li_wei", "aude"):
        with pytest.raises(Forbidden), unit_of_work():
            services.capture_line(speech, lines.read("x"), actor=cast.accounts[who])
    db.session.rollback()
    assert [each.verbatim for each in speech.passages] == ["One."]


def test_lines_are_moved_and_numbered_anew_while_the_wording_is_open(cast):
    with unit_of_work():
        speech = record_speech(cast)
        first, _part, second, _third = said(cast, speech, "One.", "- A part.", "Two.", "Three.")
    with unit_of_work():
        services.move_passage(second, actor=cast.sara, by=-1)
        services.move_passage(second, actor=cast.sara, by=-1)
    assert [each.verbatim for each in speech.passages] == ["Two.", "One.", "A part.", "Three."]
    assert [number for number, _heading in numbers(speech)] == ["1", "1a", "2", "3"]  # numbers wait
    with pytest.raises(WrongMoment), unit_of_work():
        services.move_passage(second, actor=cast.sara, by=-1)
    with unit_of_work():
        services.renumber(speech, actor=cast.sara)
    assert numbers(speech) == [("1", "Two"), ("2", "One"), ("2a", "A part"), ("3", "Three")]
    assert all((each.number, each.sub) == place for each, place in in_order(queries.list_of_speech(speech)))
    with unit_of_work():
        services.confirm_speech(speech, actor=cast.li_wei)
    for act in (
        lambda: services.move_passage(first, actor=cast.sara, by=1),
        lambda: services.renumber(speech, actor=cast.sara),
        lambda: services.mend_line(first, actor=cast.sara, kind="directive", verbatim="Other words."),
    ):
        with pytest.raises(WordingIsConfirmed), unit_of_work():
            act()


def test_a_captured_line_is_mended_in_its_place(cast):
    with unit_of_work():
        speech = record_speech(cast)
        first, wish = said(cast, speech, "Bring fife plans. Soon.", "c: Keep learning.")
    with unit_of_work():
        services.mend_line(first, actor=cast.sara, kind="directive", verbatim="Bring five plans. Soon.", number=4)
        services.mend_line(wish, actor=cast.sara, kind="principle", verbatim="Keep learning.", heading="Learn")
    assert numbers(speech) == [("4", "Bring five plans"), ("5", "Learn")]  # ours followed the words
    with unit_of_work():
        services.mend_line(first, actor=cast.sara, kind="exhortation", verbatim="Bring five plans. Soon.")
    assert numbers(speech) == [("5", "Learn")]
    seen = wish.version
    with unit_of_work():
        services.mend_line(wish, actor=cast.olaf, kind="principle", verbatim="Keep learning!", number=5, version=seen)
    with pytest.raises(Stale), unit_of_work():
        services.mend_line(wish, actor=cast.sara, kind="principle", verbatim="Never stop.", version=seen)
    assert wish.verbatim == "Keep learning!"


def test_mending_a_line_keeps_a_demand_that_is_marked_in_it(cast):
    with unit_of_work():
        speech = record_speech(cast)
        passage = services.capture(
            speech, actor=cast.sara, kind="directive", verbatim="Ideas die. Bring five plans.", heading="Five plans",
            demand="Bring five plans.", summary="On plans.", translation="带来五个方案。",
        )  # fmt: skip
    with pytest.raises(NotInThePassage), unit_of_work():
        services.mend_line(passage, actor=cast.sara, kind="directive", verbatim="Ideas die. Bring six.")
    with unit_of_work():
        services.mend_line(passage, actor=cast.sara, kind="directive", verbatim="Too many ideas die. Bring five plans.")
    requirement = queries.find_captured(passage)
    assert (requirement.verbatim, requirement.heading) == ("Bring five plans.", "Five plans")
    assert (passage.summary, passage.translation) == ("On plans.", "带来五个方案。")


def test_a_whole_is_not_discarded_over_the_heads_of_parts_said_elsewhere(cast):
    with unit_of_work():
        speech = record_speech(cast)
        whole, part = said(cast, speech, "One.", "- A part.")
    for act in (
        lambda: services.discard(whole, actor=cast.sara),
        lambda: services.mend_line(whole, actor=cast.sara, kind="context", verbatim="One."),
    ):
        with pytest.raises(WrongMoment), unit_of_work():
            act()
    with unit_of_work():
        services.discard(part, actor=cast.sara)
        services.discard(whole, actor=cast.sara)
    assert db.session.scalars(select(Requirement)).all() == []


# --- in the browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def page(app) -> str:
    """The address of a speech of which seven requirements were announced, with one recorded."""
    with app.app_context(), unit_of_work():
        cast = the_cast.load()
        speech = record_requirement(cast, record_speech(cast, announced_count=7)).speech
        return f"/events/{speech.event.ref}/speeches/{speech.ref}"


JSON = {"Accept": "application/json"}


def test_the_line_is_a_plain_form_and_answers_a_script_with_the_line_as_it_stands(page, as_, app):
    sara = as_("sara")
    shown = sara.get(page).get_data(as_text=True)
    assert "7 announced, 1 recorded" in shown
    name = re.search(r'name="line_id"[^>]*value="([^"]+)"', shown).group(1)
    for _time in range(2):
        answer = sara.post(f"{page}/lines", {"line": "p: Keep learning.", "kind": "directive", "line_id": name})
        assert (answer.status_code, answer.location) == (303, f"{page}#capture")
    answer = sara.post(
        f"{page}/lines", {"line": "  Every day.", "kind": "directive", "line_id": uuid4().hex}, headers=JSON
    )
    told = json.loads(answer.get_data(as_text=True))
    assert "Every day." in told["html"]
    assert "2a" in told["html"]
    assert "2a" in told["gloss"]  # the whole shows its new part
    assert "7 announced, 2 recorded" in told["count"]
    for sent in (
        {"line": "- x", "line_id": "<script>"},
        {"line": "9a) x"},
        {"line": ""},
        {"line": "x" * 5001},
        {"line": "x", "kind": "song"},
    ):
        refused = sara.post(f"{page}/lines", {"kind": "directive", **sent}, headers=JSON)
        assert refused.status_code == 422, sent
        assert json.loads(refused.get_data(as_text=True))["sentence"], sent
    refused = sara.post(f"{page}/lines", {"line": "9a) Not lost", "kind": "directive"})
    assert refused.status_code == 422
    assert "9a) Not lost" in refused.get_data(as_text=True)
    assert "There is no requirement 9" in refused.get_data(as_text=True)
    assert "csrf" in json.loads(sara.get(f"{page}/lines", headers=JSON).get_data(as_text=True))
    assert sara.get(f"{page}/lines").status_code == 200
    for who in ("petra", "sven", "li_wei"):
        assert as_(who).post(f"{page}/lines", {"line": "x"}).status_code == 403
    with app.app_context():
        assert [each.verbatim for each in db.session.scalars(select(Passage).order_by(Passage.position))][1:] == [
            "Keep learning.", "Every day.",
        ]  # fmt: skip


def test_a_line_is_edited_moved_and_numbered_on_the_page_itself(page, as_, app):
    sara = as_("sara")
    sara.post(f"{page}/lines", {"line": "Two.", "kind": "directive"})
    first, second = re.findall(rf"{page}/passages/([0-9a-z]{{16}})/line", sara.get(page).get_data(as_text=True))
    shown = sara.get(f"{page}/passages/{second}/line").get_data(as_text=True)
    assert 'name="verbatim"' in shown
    assert 'name="line_id"' not in shown  # one thing at a time
    version = re.search(r'name="version"[^>]*value="(\d+)"', shown).group(1)
    sent = {"verbatim": "Two!", "kind": "principle", "number": "1", "heading": "", "version": version}
    refused = sara.post(f"{page}/passages/{second}/line", sent)
    assert refused.status_code == 422
    assert "Number 1 is taken" in refused.get_data(as_text=True)
    assert "Two!" in refused.get_data(as_text=True)
    assert sara.post(f"{page}/passages/{second}/line", {**sent, "number": "2"}).status_code == 303
    assert sara.post(f"{page}/passages/{second}/place", {"way": "up"}).status_code == 303
    shown = sara.get(page).get_data(as_text=True)
    assert shown.index(f"p-{second}") < shown.index(f"p-{first}")
    assert "Number them in this order" in shown
    assert sara.post(f"{page}/numbers").status_code == 303
    assert "Number them in this order" not in sara.get(page).get_data(as_text=True)
    stale = sara.post(f"{page}/passages/{second}/line", {**sent, "number": "1"})
    assert stale.status_code == 409
    for way in ("/line", "/place"):
        assert as_("petra").post(f"{page}/passages/{second}{way}").status_code == 403
    assert as_("petra").post(f"{page}/numbers").status_code == 403
    with app.app_context():
        found = [
            (each.number, each.heading) for each in db.session.scalars(select(Requirement).order_by(Requirement.number))
        ]
        assert found == [(1, "Two"), (2, "Five plans that can be produced")]
        assert db.session.scalar(select(AuditEntry).where(AuditEntry.action == "passage.moved")) is not None
