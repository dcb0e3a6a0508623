"""One page of everything that is asked of one person, with the acts in place."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.assistants import services as assistants
from app.core import clock
from app.core.db import db, unit_of_work
from app.extensions import services as extensions
from app.negotiations import services as negotiations
from app.requirements import services
from app.requirements.models import Assignment, Report
from tests import cast as the_cast
from tests.factories.requirements import confirmed_requirement, in_days, make_assignment, record_speech

PAGE = "/my/commitments"


@pytest.fixture
def stage(app):
    @contextmanager
    def telling():
        with app.app_context(), unit_of_work():
            yield the_cast.load()

    return telling


@pytest.fixture
def given(stage):
    def make(state: str, **values) -> str:
        with stage() as cast:
            return make_assignment(cast, state, **values).ref

    return make


def stored(app, ref: str) -> Assignment:
    with app.app_context():
        return db.session.scalars(select(Assignment).where(Assignment.ref == ref)).one()


def text_of(visitor, page: str = PAGE) -> str:
    return visitor.get(page).get_data(as_text=True)


def groups(page: str) -> list[str]:
    return re.findall(r'<section class="panel" id="([a-z]+)"', page)


def test_accepting_reporting_and_submitting_happen_on_the_page(given, app, as_):
    ref = given("assigned")
    petra, tom = as_("petra"), as_("tom")
    assert groups(text_of(petra)) == ["accept"]
    answer = petra.post(f"{PAGE}/{ref}/acceptance")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}#a-{ref}")
    assert groups(text_of(petra)) == ["carry"]
    assert f"{PAGE}/{ref}/submission" not in text_of(petra)  # nothing proves it yet
    answer = petra.post(f"{PAGE}/{ref}/report", {"text": "Two are drawn.", "confidence": "8", "percent": "40"})
    assert answer.status_code == 303
    assert "Two are drawn.</textarea>" in text_of(petra)  # the next one begins with it
    with app.app_context(), unit_of_work():
        assignment = db.session.scalars(select(Assignment)).one()
        cast = the_cast.load()
        services.add_link(assignment, actor=cast.petra, url="https://wiki.hufu.example/plans", described_as="The plans")
    assert f"{PAGE}/{ref}/submission" in text_of(petra)
    assert petra.post(f"{PAGE}/{ref}/submission").status_code == 303
    assert groups(text_of(petra)) == ["wait"]
    assert groups(text_of(tom)) == ["verify"]
    assert tom.post(f"{PAGE}/{ref}/rejection", {"reason": "Only two."}).status_code == 303
    assert petra.post(f"{PAGE}/{ref}/submission").status_code == 303
    assert tom.post(f"{PAGE}/{ref}/verification", {"reason": ""}).status_code == 303
    assert groups(text_of(petra)) == groups(text_of(tom)) == ["done"]
    assert stored(app, ref).state == "verified"


def test_what_is_refused_stays_typed_in_its_row_with_the_error_beside_the_field(given, app, as_):
    ref, other = given("in_progress"), given("in_progress")
    petra = as_("petra")
    answer = petra.post(
        f"{PAGE}/{ref}/report", {"text": "The steel is late.", "confidence": "11", "help_needed": "A crane"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The steel is late.</textarea>" in page
    assert 'value="A crane"' in page
    assert f'id="confidence-{ref}-report-wrong"' in page
    assert f'id="confidence-{other}-report-wrong"' not in page
    assert page.count('<details class="in-place" name="' + ref + '" open>') == 1
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    with app.app_context():
        assert len(db.session.scalars(select(Report)).all()) == 2  # those of the set-up
    wrong = petra.post(f"{PAGE}/{ref}/refusal", {"reason": "x"})
    assert wrong.status_code == 422
    assert "This is not waiting for your answer." in wrong.get_data(as_text=True)


def test_a_hand_back_needs_a_reason_and_an_ended_row_says_why_nothing_happens(given, app, as_):
    ref = given("assigned")
    petra = as_("petra")
    answer = petra.post(f"{PAGE}/{ref}/refusal", {"reason": " "})
    assert answer.status_code == 422
    assert "Please fill this in." in answer.get_data(as_text=True)
    assert stored(app, ref).state == "assigned"
    assert petra.post(f"{PAGE}/{ref}/refusal", {"reason": "Not ours."}).status_code == 303
    late = petra.post(f"{PAGE}/{ref}/acceptance")
    assert late.status_code == 422
    assert "This is not waiting for your answer." in late.get_data(as_text=True)


def test_another_persons_rows_are_not_there_and_what_is_not_mine_to_do_is_forbidden(given, as_):
    ref = given("submitted")
    for who in ("rita", "sven", "aude", "xaver"):
        assert as_(who).post(f"{PAGE}/{ref}/report", {"text": "x", "confidence": "5"}).status_code == 404, who
    petra, tom = as_("petra"), as_("tom")
    for visitor, act in (
        (petra, "verification"),
        (petra, "rejection"),
        (tom, "report"),
        (tom, "submission"),
        (tom, "refusal"),
    ):
        assert visitor.get(f"{PAGE}/{ref}/{act}").status_code == 403, act
        assert visitor.post(f"{PAGE}/{ref}/{act}", {"reason": "x"}).status_code == 403, act
    assert petra.post(f"{PAGE}/{'0' * 16}/report").status_code == 404
    assert petra.get(f"{PAGE}/{ref}/nonsense").status_code == 404
    assert "Nothing is asked of you" in text_of(as_("rita"))


def test_what_others_did_since_the_last_visit_stands_beside_its_row(given, stage, as_):
    ref = given("assigned")
    petra, tom = as_("petra"), as_("tom")
    now = clock.now()
    assert "Handed over · Sven" in text_of(petra)
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        assert "Handed over · Sven" not in text_of(petra)
        petra.post(f"{PAGE}/{ref}/acceptance")
        assert '<p class="small news">' not in text_of(petra)  # one's own deeds are no news
    with time_machine.travel(now + timedelta(hours=4), tick=False):
        assert "Accepted · Petra" in text_of(tom)
        assert "Accepted · Petra" in text_of(tom)  # of one visit


def test_what_waits_for_a_decision_stands_there_for_those_who_decide(stage, as_):
    with stage() as cast:
        speech = record_speech(cast)
        one = confirmed_requirement(cast, speech, heading="Other words")
        negotiations_of = make_assignment(cast, "assigned", one)
        terms = {"deliverable": "Four plans", "criteria": "Four plans", "due_on": in_days(40), "resources": None}
        negotiations.propose_otherwise(negotiations_of, actor=cast.petra, words="Five is too much.", **terms)
        two = make_assignment(cast, "in_progress", confirmed_requirement(cast, heading="More time"))
        extensions.ask(two, actor=cast.petra, new_due_on=in_days(60), reason="Steel.")
    sven = text_of(as_("sven"))
    assert groups(sven) == ["decide"]
    assert "Other words" in sven
    assert "More time" in sven
    petra = text_of(as_("petra"))
    assert "decide" not in groups(petra)
    assert "talk" in groups(petra)


def test_an_assistant_answers_in_the_principals_name_and_is_told_so(given, stage, app, as_):
    ref = given("assigned")
    with stage() as cast:
        assistants.name_assistant(cast.people["petra"], cast.people["rita"], actor=cast.petra)
    rita = as_("rita")
    page = text_of(rita)
    assert groups(page) == ["for"]
    assert "for whom you act" in page
    assert rita.post(f"{PAGE}/{ref}/acceptance").status_code == 303
    assert stored(app, ref).state == "accepted"
    assert rita.post(f"{PAGE}/{ref}/report", {"text": "x", "confidence": "5"}).status_code == 404


def test_the_page_asks_the_same_number_of_statements_for_one_row_and_for_thirty(stage, as_, count_statements):
    petra = as_("petra")
    numbers = []
    for more in (1, 29):
        with stage() as cast:
            speech = record_speech(cast)
            for number in range(more):
                requirement = confirmed_requirement(cast, speech if not number else None, heading=f"Number {number}")
                make_assignment(cast, ("assigned", "in_progress", "submitted")[number % 3], requirement)
        petra.get(PAGE)
        with count_statements() as statements:
            assert petra.get(PAGE).status_code == 200
        numbers.append(len(statements))
    assert numbers[1] <= numbers[0] + 2 <= 18  # evidence and reports are asked for where there are any
