"""The pages of questions: who opens them, what they show, what a press does."""

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.core import clock
from app.core.db import db, unit_of_work
from app.core.roles import SYSTEM
from app.events.models import Event
from app.questions import queries, services
from app.questions.models import AnswerFile, AnswerSheet, ChangeRequest, FormVersion
from app.registration.models import Registration, RegistrationPlan
from tests import cast as the_cast
from tests.factories.questions import ask, form_of, publish
from tests.factories.registration import make_open_event, make_people

HOSTILE = "<script>alert(1)</script>{{7*7}} %(x)s \u202e'\""


@dataclass(frozen=True)
class Scene:
    """Refs alone, so that no app context stays open while browsers visit."""

    event: str
    tom: str

    def url(self, path: str) -> str:
        return f"/events/{self.event}/{path}"


QUESTIONS = (
    ask("dinner", "choice", choices=[("vegan", 1), ("meat", 50)], required=True),
    ask("bus", "yes_no", label="Do you come by bus?", label_local="您坐班车来吗？"),
    ask("stop", required=True, show_if={"question": "bus", "is": "=", "value": True}),
    ask("eats", "diet"),
    ask("paper", "file"),
)


@pytest.fixture
def scene(app: Flask) -> Scene:
    """A form of five questions; Tom has taken the one vegan dinner."""
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=30, title="Annual gathering")
        publish(event, *QUESTIONS)
        with unit_of_work():
            tom = services.register(
                event, cast.people["tom"], actor=SYSTEM, values={"dinner": "vegan", "eats": {"choices": ["nuts"], "text": ""}},
                uploads={"paper": (io.BytesIO(b"%PDF-1.7"), "plan.pdf")},
            )  # fmt: skip
        return Scene(event.ref, tom.ref)


def find_event(scene: Scene) -> Event:
    return db.session.scalars(select(Event).where(Event.ref == scene.event)).one()


def sheet_of(app: Flask, scene: Scene, who: str) -> dict[str, Any] | None:
    with app.app_context():
        person = the_cast.load().people[who]
        sheet = db.session.scalar(select(AnswerSheet).join(Registration).where(Registration.person_id == person.id))
        return sheet.values if sheet else None


WHO = ("ada", "olaf", "sara", "sven", "li_wei", "dora", "petra", "rita", "aude", "xaver")
PLANNERS = {"ada", "olaf"}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("form", PLANNERS),
        ("form/preview", PLANNERS),
        ("form/versions/1", PLANNERS),
        ("form/publication", PLANNERS),
        ("form/questions/new", PLANNERS),
        ("form/questions/dinner", PLANNERS),
        ("form/sections/new", PLANNERS),
        ("form/sections/all", PLANNERS),
        ("answers", PLANNERS | {"aude"}),
        ("answers.csv", PLANNERS | {"aude"}),
        ("answers/{tom}", PLANNERS),
        ("changes", PLANNERS | {"aude"}),
    ],
)
def test_who_may_open_what(scene: Scene, as_: Any, path: str, allowed: set[str]) -> None:
    url = scene.url(path.format(tom=scene.tom))
    got = {who: as_(who).get(url).status_code for who in WHO}
    assert got == {who: 200 if who in allowed else 403 for who in WHO}
    assert as_("nobody").get(url).status_code == 302


def test_registering_asks_and_keeps_the_answers(app: Flask, scene: Scene, as_: Any) -> None:
    petra = as_("petra")
    page = petra.get(scene.url("registration")).get_data(as_text=True)
    assert "Vegan (full)" in page
    assert re.search(r'<input disabled id="q_dinner-\d" name="q_dinner" type="radio" value="vegan">', page)
    assert "Meat (50 places left)" in page
    assert "data-questions=" in page
    sent = {"form_number": "1", "q_dinner": "meat", "q_bus": "yes", "w_eats": "no cumin"}
    refused = petra.post(scene.url("registration"), sent)
    assert refused.status_code == 422
    words = refused.get_data(as_text=True)
    assert 'id="q_stop-wrong"' in words
    assert "Please answer this." in words
    assert 'value="no cumin"' in words
    assert sheet_of(app, scene, "petra") is None
    answer = petra.post(
        scene.url("registration"),
        {**sent, "q_stop": HOSTILE, "q_paper": (io.BytesIO(b"%PDF-1.4"), "my plan.pdf")},
        content_type="multipart/form-data",
    )
    assert (answer.status_code, answer.location) == (303, scene.url("registration/mine"))
    kept = sheet_of(app, scene, "petra")
    assert kept is not None
    assert kept["stop"] == HOSTILE.replace("\u202e", "")
    assert kept["eats"] == {"choices": [], "text": "no cumin"}
    mine = petra.get(scene.url("registration/mine")).get_data(as_text=True)
    assert "Everything is answered." in mine
    listed = as_("olaf").get(scene.url("answers")).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in listed
    assert "<script>alert(1)" not in listed


def test_a_choice_that_fills_up_meanwhile_is_said_beside_it(app: Flask, scene: Scene, as_: Any) -> None:
    petra = as_("petra")
    answer = petra.post(scene.url("registration"), {"form_number": "1", "q_dinner": "vegan", "q_bus": "no"})
    assert answer.status_code == 422
    words = answer.get_data(as_text=True)
    assert 'id="q_dinner-wrong"' in words
    assert "“Vegan” is full. Please choose something else." in words
    with app.app_context():
        assert len(db.session.scalars(select(Registration)).all()) == 1


def test_a_form_that_changed_while_somebody_answered_loses_nothing(app: Flask, scene: Scene, as_: Any) -> None:
    petra = as_("petra")
    petra.get(scene.url("registration"))
    with app.app_context():
        publish(find_event(scene), ask("stop", label="Where do you get on?"), ask("hat", "yes_no", required=True))
    sent = {"form_number": "1", "q_dinner": "meat", "q_bus": "yes", "q_stop": "Old harbour", "note": "See you"}
    answer = petra.post(scene.url("registration"), sent)
    assert answer.status_code == 409
    words = answer.get_data(as_text=True)
    assert "The questions changed while you were answering." in words
    assert 'value="Old harbour"' in words
    assert 'value="See you"' in words
    assert "These questions are asked no more" in words
    assert re.search(r"<dt>Dinner</dt><dd[^>]*>Meat</dd>", words)
    assert 'name="form_number" type="hidden" value="2"' in words
    assert sheet_of(app, scene, "petra") is None
    again = petra.post(scene.url("registration"), {**sent, "form_number": "2", "q_hat": "no"})
    assert again.status_code == 303
    assert sheet_of(app, scene, "petra") == {"stop": "Old harbour", "hat": False}


def test_who_registered_without_answers_finds_them_open(app: Flask, scene: Scene, as_: Any) -> None:
    petra = as_("petra")
    assert petra.post(scene.url("registration"), {}).status_code == 303
    mine = petra.get(scene.url("registration/mine")).get_data(as_text=True)
    assert "4 questions are open." in mine
    page = petra.get(scene.url("registration/mine/answers"))
    assert page.status_code == 200
    sent = {"form_number": "1", "q_dinner": "meat", "q_bus": "no"}
    assert petra.post(scene.url("registration/mine/answers"), sent).status_code == 303
    assert sheet_of(app, scene, "petra") == {"dinner": "meat", "bus": False}
    assert as_("mei").get(scene.url("registration/mine/answers")).status_code == 404


def test_a_stale_page_of_answers_is_told(app: Flask, scene: Scene, as_: Any) -> None:
    tom, olaf = as_("tom"), as_("olaf")
    page = tom.get(scene.url("registration/mine/answers")).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)  # type: ignore[union-attr]
    sent = {"form_number": "1", "q_dinner": "vegan", "version": version}
    assert olaf.post(scene.url(f"answers/{scene.tom}"), {**sent, "q_bus": "no"}).status_code == 303
    answer = tom.post(scene.url("registration/mine/answers"), {**sent, "q_bus": "yes", "q_stop": "Harbour"})
    assert answer.status_code == 409
    assert "Harbour" in answer.get_data(as_text=True)
    assert sheet_of(app, scene, "tom")["bus"] is False  # type: ignore[index]


def test_a_file_is_for_its_person_and_the_organizer(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        ref = db.session.scalars(select(AnswerFile.ref)).one()
    url = scene.url(f"answers/{scene.tom}/files/{ref}")
    got = {who: as_(who).get(url) for who in ("tom", "olaf", "petra", "dora", "aude", "xaver")}
    assert {who: each.status_code for who, each in got.items()} == {
        "tom": 200, "olaf": 200, "petra": 403, "dora": 403, "aude": 403, "xaver": 403,
    }  # fmt: skip
    assert got["tom"].data == b"%PDF-1.7"
    assert got["tom"].headers["Content-Disposition"].startswith("attachment;")
    with app.app_context():
        other = make_open_event()
    assert as_("olaf").get(f"/events/{other.ref}/answers/{scene.tom}/files/{ref}").status_code == 404
    assert as_("olaf").get(f"/events/{other.ref}/answers/{scene.tom}").status_code == 404


def test_what_somebody_cannot_eat_is_for_the_organizer_alone(scene: Scene, as_: Any) -> None:
    assert "Allergic to nuts" in as_("olaf").get(scene.url("answers")).get_data(as_text=True)
    auditor = as_("aude")
    for path in ("answers", "answers.csv", "answers?question=eats&choice=nuts"):
        words = auditor.get(scene.url(path)).get_data(as_text=True)
        assert "Tom Okafor" in words
        assert "Allergic" not in words


def test_the_list_filters_by_choice_and_every_total_is_a_link(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context():
        event = find_event(scene)
        for person in make_people(2):
            with unit_of_work():
                services.register(event, person, actor=SYSTEM, values={"dinner": "meat"})
    olaf = as_("olaf")
    page = olaf.get(scene.url("answers")).get_data(as_text=True)
    links = dict(re.findall(r'<li><a href="([^"]+)"[^>]*><span>[^<]*</span><b class="num">(\d+)</b>', page))
    for link, number in links.items():
        shown = olaf.get(link.replace("&amp;", "&")).get_data(as_text=True)
        assert len(re.findall(r'data-label="State"', shown)) == int(number), link
    assert any("choice=meat" in link and number == "2" for link, number in links.items())
    rows = list(csv.reader(io.StringIO(olaf.get(scene.url("answers.csv?question=dinner&choice=meat")).get_data(as_text=True)[1:])))  # fmt: skip
    assert rows[0] == [
        "Name",
        "Department",
        "E-mail",
        "State",
        "Answered on",
        "Dinner",
        "Do you come by bus?",
        "Stop",
        "Eats",
        "Paper",
    ]
    assert [row[5] for row in rows[1:]] == ["Meat", "Meat"]


def test_where_nothing_is_asked_nobodys_answers_are_edited(app: Flask, as_: Any) -> None:
    with app.app_context():
        cast = the_cast.load()
        event = make_open_event(capacity=30)
        with unit_of_work():
            services.register(event, cast.people["tom"], actor=SYSTEM)
    page = as_("olaf").get(f"/events/{event.ref}/answers").get_data(as_text=True)
    assert "Tom Okafor" in page
    assert re.findall(r"/answers/\w{16}", page) == []


def test_the_export_is_no_formula(app: Flask, scene: Scene, as_: Any) -> None:
    formula = '=HYPERLINK("http://evil.example")'
    petra = as_("petra")
    sent = {"form_number": "1", "q_dinner": "meat", "q_bus": "yes", "q_stop": formula}
    assert petra.post(scene.url("registration"), sent).status_code == 303
    olaf = as_("olaf")
    assert f"'{formula.replace(chr(34), chr(34) * 2)}" in olaf.get(scene.url("answers.csv")).get_data(as_text=True)
    book = load_workbook(io.BytesIO(olaf.get(scene.url("answers.xlsx")).data))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value == formula]  # type: ignore[union-attr]
    assert [cell.data_type for cell in cells] == ["s"]


def test_a_list_of_many_costs_no_more_statements(app: Flask, as_: Any, count_statements: Any) -> None:
    with app.app_context():
        event = make_open_event()
        publish(event, *QUESTIONS, ask("host", "person"), ask("unit", "department"))
        host = the_cast.load().people["tom"].ref
        ref = event.ref
    olaf, said = as_("olaf"), []
    for more in (1, 29):
        with app.app_context():
            event = db.session.scalars(select(Event).where(Event.ref == ref)).one()
            for person in make_people(more):
                with unit_of_work():
                    services.register(event, person, actor=SYSTEM, values={"dinner": "meat", "host": host})
        olaf.get(f"/events/{ref}/answers")
        with count_statements() as statements:
            assert olaf.get(f"/events/{ref}/answers").status_code == 200
        said.append(len(statements))
    assert said[0] == said[1] <= 12


# --- after the deadline


def test_a_late_change_is_asked_for_decided_and_told(app: Flask, scene: Scene, as_: Any) -> None:
    with app.app_context(), unit_of_work():
        plan = db.session.scalars(select(RegistrationPlan)).one()
        plan.changes_until = clock.now() - timedelta(minutes=1)
    tom, olaf = as_("tom"), as_("olaf")
    url = scene.url("registration/mine/answers")
    page = tom.get(url).get_data(as_text=True)
    assert "The time to change answers has passed." in page
    sent = {"form_number": "1", "q_dinner": "meat", "q_eats": "nuts", "version": "1"}
    assert "Please fill this in." in tom.post(url, sent).get_data(as_text=True)
    first = tom.post(url, {**sent, "reason": "I eat meat after all", "intent": "once"})
    assert (
        first.status_code,
        tom.post(url, {**sent, "reason": "I eat meat after all", "intent": "once"}).status_code,
    ) == (303, 303)
    assert "You asked for a change" in tom.get(url).get_data(as_text=True)
    with app.app_context():
        asked = db.session.scalars(select(ChangeRequest)).one().ref
    listed = olaf.get(scene.url("changes")).get_data(as_text=True)
    assert "I eat meat after all" in listed
    decision = olaf.get(scene.url(f"changes/{asked}")).get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', decision).group(1)  # type: ignore[union-attr]
    assert re.search(r"Vegan</td><td[^>]*>Meat", decision)
    assert tom.get(scene.url(f"changes/{asked}")).status_code == 403
    assert "Please say why" in olaf.post(scene.url(f"changes/{asked}"), {"decision": "refuse", "version": version}).get_data(as_text=True)  # fmt: skip
    accepted = olaf.post(scene.url(f"changes/{asked}"), {"decision": "accept", "version": version})
    assert accepted.status_code == 303
    late = as_("ada").post(scene.url(f"changes/{asked}"), {"decision": "refuse", "comment": "No", "version": version})
    assert late.status_code == 409
    assert "Somebody was faster" in late.get_data(as_text=True)
    assert sheet_of(app, scene, "tom")["dinner"] == "meat"  # type: ignore[index]


# --- the builder


def test_a_form_is_built_previewed_and_published_by_plain_forms(app: Flask, as_: Any) -> None:
    with app.app_context():
        ref = make_open_event(capacity=9).ref
    olaf, url = as_("olaf"), f"/events/{ref}/form"
    assert "Nothing is asked yet" in olaf.get(url).get_data(as_text=True)
    blank = {"choices-0-position": "", "conditions-0-question": ""}
    first = {
        **blank, "kind": "choice", "title": HOSTILE, "title_local": "晚餐", "key": "dinner", "needed": "y",
        "choices-0-title": "Meat", "choices-0-position": "2", "choices-1-title": "Vegan", "choices-1-title_local": "纯素",
        "choices-1-places": "3", "choices-1-position": "1",
    }  # fmt: skip
    assert olaf.post(f"{url}/questions/new", first).status_code == 303
    assert olaf.post(f"{url}/questions/new", first).status_code == 422  # the short name is taken
    second = {
        **blank, "kind": "text", "title": "Which spices?", "conditions-0-question": "dinner",
        "conditions-0-word": "=", "conditions-0-value": "Beans",
    }  # fmt: skip
    wrong = olaf.post(f"{url}/questions/new", second)
    assert wrong.status_code == 422
    assert "“Beans” is not one of the choices of" in wrong.get_data(as_text=True)
    assert 'id="conditions-wrong"' in wrong.get_data(as_text=True)
    assert 'value="Beans"' in wrong.get_data(as_text=True)
    assert olaf.post(f"{url}/questions/new", {**second, "conditions-0-value": "纯素"}).status_code == 303
    built = olaf.get(url).get_data(as_text=True)
    assert "<script>alert(1)" not in built
    assert "49 %(x)s" not in built
    with app.app_context():
        (form,) = db.session.scalars(select(queries.QuestionForm))
        dinner, spices = form.schema["sections"][0]["questions"]
    assert [(each["key"], each["label"], each["places"]) for each in dinner["choices"]] == [
        ("choice_1", "Vegan", 3), ("choice_2", "Meat", None),
    ]  # fmt: skip
    assert spices["show_if"] == {"question": "dinner", "is": "=", "value": "choice_1"}
    assert "Which spices?" in olaf.get(f"{url}/preview").get_data(as_text=True)
    assert olaf.post(f"{url}/questions/dinner/removal").status_code == 303
    assert "which is no question of this form" in olaf.get(url).get_data(as_text=True)
    edited = olaf.get(f"{url}/questions/{spices['key']}").get_data(as_text=True)
    assert re.search(r'<option selected value="dinner">', edited)
    page = olaf.get(f"{url}/publication").get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', page).group(1)  # type: ignore[union-attr]
    assert olaf.post(f"{url}/publication", {"version": version}).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(FormVersion)).one().number == 1
    again = olaf.post(f"{url}/publication", {"version": version})
    assert again.status_code == 422
    assert "Nothing has changed since version 1." in again.get_data(as_text=True)
    for path in ("questions/dinner/down", "questions/dinner/up", f"questions/{spices['key']}/removal"):
        assert olaf.post(f"{url}/{path}").status_code == 303
    assert as_("petra").post(f"{url}/questions/new", first).status_code == 403


def test_two_hundred_questions_of_huge_words_are_shown_and_answered(app: Flask, as_: Any) -> None:
    many = [ask(f"q{number}", label=f"{number} " + "词" * 290, help="h" * 1000) for number in range(200)]
    many[0] = ask("q0", "long_text")
    with app.app_context():
        event = make_open_event()
        publish(event, *many)
        ref = event.ref
    petra = as_("petra")
    page = petra.get(f"/events/{ref}/registration")
    assert page.get_data(as_text=True).count("data-question=") == 200
    huge = "字" * 10_001
    sent = {"form_number": "1", **{f"q_q{number}": f"answer {number}" for number in range(1, 200)}}
    refused = petra.post(f"/events/{ref}/registration", {**sent, "q_q0": huge})
    assert refused.status_code == 422
    assert huge in refused.get_data(as_text=True)
    assert 'value="answer 199"' in refused.get_data(as_text=True)
    assert petra.post(f"/events/{ref}/registration", {**sent, "q_q0": huge[:-1]}).status_code == 303
    assert as_("olaf").get(f"/events/{ref}/answers").status_code == 200


def test_the_page_carries_no_more_than_conditions_need(app: Flask, scene: Scene, as_: Any) -> None:
    page = as_("petra").get(scene.url("registration")).get_data(as_text=True)
    carried = json.loads(re.search(r'data-questions="([^"]+)"', page).group(1).replace("&#34;", '"'))  # type: ignore[union-attr]
    assert {key for each in carried for key in each} == {"key", "kind", "show_if"}
    assert form_of()["sections"][0]["questions"] == []
